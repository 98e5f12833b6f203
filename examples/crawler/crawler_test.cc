// SPDX-License-Identifier: MIT
//
// The crawler's own promises, and its first version's three mistakes: a search through the
// schedules finds each of them, and none in the second version. Every crawl is judged by what the
// web has seen of it, and by a crawl that does one thing at a time and waits for nothing.
#include <heddle/catch.h>
#include <heddle/heddle.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "crawl.h"
#include "frontier.h"
#include "politeness.h"
#include "report.h"
#include "robots.h"
#include "url.h"
#include "web.h"

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>  // Catch2 v3
#else
#include <catch2/catch.hpp>  // Catch2 v2
#endif

namespace crawler {
namespace {

using heddle::Before;
using heddle::HappensBefore;
using heddle::HasStep;
using heddle::InOrder;
using heddle::Never;
using heddle::Task;
using heddle::Times;
using std::chrono_literals::operator""ms;

Url At(std::string_view text) { return ParseUrl(text).value(); }

const Url kStart = At("http://a.test/");

// --- what must hold of every crawl --------------------------------------------------------

[[noreturn]] void Fail(const std::string& what) { throw std::runtime_error(what); }

void CheckPoliteness(const Web& web, const PolitenessOptions& options) {
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

void CheckOnce(const Web& web) {
  for (const auto& [url, answers] : web.answers()) {
    if (answers > 1) Fail(ToString(url) + " was loaded twice");
  }
}

// Of a web without robots rules and redirects.
std::set<Url> Reachable(const Web& web) {
  std::set<Url> reached = {kStart};
  std::vector<Url> left = {kStart};
  while (!left.empty()) {
    const Url page = left.back();
    left.pop_back();
    for (const std::string& link : web.Find(page)->links) {
      const std::optional<Url> url = ResolveUrl(page, link);
      if (url && web.Find(*url) != nullptr && reached.insert(*url).second) left.push_back(*url);
    }
  }
  return reached;
}

void CheckComplete(const Web& web, const Report& report) {
  for (const Url& url : Reachable(web)) {
    if (!report.pages.contains(url)) Fail(ToString(url) + " was not visited");
  }
}

using WebMaker = Web (*)();

auto WholeCrawl(WebMaker make_web, CrawlOptions options) {
  return [make_web, options]() -> Task<> {
    Web web = make_web();
    const Report report = co_await CrawlWeb(web, kStart, options);
    CheckPoliteness(web, options.politeness);
    CheckOnce(web);
    CheckComplete(web, report);
  };
}

// --- the three mistakes -------------------------------------------------------------------

// Two pages have the same link to a host whose rules nobody knows yet.
Web TwoPagesWithOneLink() {
  Web web;
  web.Add("http://a.test/", {.links = {"news", "shop"}});
  web.Add("http://a.test/news", {.links = {"//b.test/"}}, {.takes = 20ms, .or_takes = 30ms});
  web.Add("http://a.test/shop", {.links = {"//b.test/"}});
  web.Add("http://b.test/robots.txt", {}, {.takes = 5ms});
  web.Add("http://b.test/", {});
  return web;
}

// The last page, and nobody else is at work, refuses now and then.
Web LastPageResets() {
  Web web;
  web.Add("http://a.test/", {.links = {"last"}});
  web.Add("http://a.test/last", {}, {.resets = 0.25});
  return web;
}

// Some pages take longer than anybody waits, now and then.
Web SlowPages() {
  Web web;
  web.Add("http://a.test/", {.links = {"1", "2"}});
  web.Add("http://a.test/1", {}, {.takes = 20ms, .or_takes = 200ms});
  web.Add("http://a.test/2", {}, {.takes = 20ms, .or_takes = 200ms});
  return web;
}

heddle::RunResult FailureOf(WebMaker web, const CrawlOptions& options) {
  const auto body = WholeCrawl(web, options);
  CHECK(heddle::Run(body).ok());  // first in, first out all is well
  heddle::ExploreResult result = heddle::FindFailure(body, {.directory = {}});
  REQUIRE_FALSE(result.ok());
  REQUIRE_FALSE(result.failure->divergence);
  UNSCOPED_INFO(result.schedules);
  return result.failure->run;
}

TEST_CASE("a link that is claimed after the wait for robots rules is loaded twice") {
  const heddle::RunResult run =
      FailureOf(TwoPagesWithOneLink, {.claiming = Claiming::kWhenAllowed});
  CHECK(run.message == "http://b.test/ was loaded twice");
}

TEST_CASE("a crawl that settles a link before the pause ends without it") {
  const heddle::RunResult run = FailureOf(LastPageResets, {.pausing = Pausing::kSettled});
  CHECK(run.message == "http://a.test/last was not visited");
}

TEST_CASE("a gate that is left after the answer only is shut when no answer came") {
  const heddle::RunResult run = FailureOf(
      SlowPages,
      {.politeness = {.connections_of_host = 1}, .load = {.leaving = Leaving::kAfterTheAnswer}});
  CHECK(run.ending == heddle::Ending::kStuck);
}

}  // namespace
}  // namespace crawler
