// SPDX-License-Identifier: MIT
//
// What must hold of every crawl, in any order of its steps: judged by what the web has seen of it,
// and by a walk over the same web that does one thing at a time and waits for nothing.
#ifndef HEDDLE_EXAMPLES_CRAWLER_CHECKS_H_
#define HEDDLE_EXAMPLES_CRAWLER_CHECKS_H_

#include <heddle/heddle.h>

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "politeness.h"
#include "report.h"
#include "url.h"
#include "web.h"

namespace crawler {

inline Url At(std::string_view text) { return ParseUrl(text).value(); }

inline const Url kStart = At("http://a.test/");

[[noreturn]] inline void Fail(const std::string& what) { throw std::runtime_error(what); }

inline void CheckPoliteness(const Web& web, const PolitenessOptions& options) {
  std::map<std::string, heddle::TimePoint> last;
  for (const Web::Request& request : web.requests()) {
    const auto [before, is_first] = last.try_emplace(request.url.host, request.at);
    if (is_first && request.url.path != "/robots.txt") Fail(request.url.host + ": no robots first");
    if (!is_first && request.at - before->second < options.interval) {
      Fail(request.url.host + " was asked too soon");
    }
    before->second = request.at;
    if (static_cast<std::size_t>(request.open_at_host) > options.connections_of_host ||
        static_cast<std::size_t>(request.open_in_all) > options.connections_in_all) {
      Fail("too many connections for " + ToString(request.url));
    }
  }
  if (web.open_connections() != 0) Fail("a connection was left open");
}

inline void CheckOnce(const Web& web) {
  for (const auto& [url, answers] : web.answers()) {
    if (answers > 1) Fail(ToString(url) + " was loaded twice");
  }
}

// Of a web without robots rules.
inline std::set<Url> Reachable(const Web& web) {
  std::set<Url> reached = {kStart};
  std::vector<Url> left = {kStart};
  while (!left.empty()) {
    const Url page = left.back();
    left.pop_back();
    std::vector<std::string> links = web.Find(page)->links;
    if (!web.Find(page)->location.empty()) links.push_back(web.Find(page)->location);
    for (const std::string& link : links) {
      const std::optional<Url> url = ResolveUrl(page, link);
      if (url && web.Find(*url) != nullptr && reached.insert(*url).second) left.push_back(*url);
    }
  }
  return reached;
}

inline void CheckComplete(const Web& web, const Report& report) {
  for (const Url& url : Reachable(web)) {
    const bool is_page = web.Find(url)->status == 200;
    if (is_page && !report.pages.contains(url)) Fail(ToString(url) + " was not visited");
  }
}

}  // namespace crawler

#endif  // HEDDLE_EXAMPLES_CRAWLER_CHECKS_H_
