// SPDX-License-Identifier: MIT
//
// Fetcher: a link followed to what is behind it, through any redirects. Each address on the way is
// loaded only if the robots rules of its host allow it.
#ifndef HEDDLE_EXAMPLES_CRAWLER_FETCHER_H_
#define HEDDLE_EXAMPLES_CRAWLER_FETCHER_H_

#include <heddle/heddle.h>

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "loader.h"
#include "robots_cache.h"
#include "url.h"
#include "web.h"

namespace crawler {

enum class Fate { kLoaded, kDead, kForbidden };

struct Fetched {
  Url url;  // the last address on the way
  Fate fate = Fate::kLoaded;
  std::string why = {};  // of a dead one
  Response response = {};
};

class Fetcher {
 public:
  Fetcher(Loader& loader, RobotsCache& robots, std::size_t redirects_max)
      : loader_(loader), robots_(robots), redirects_max_(redirects_max) {}

  // Throws TryAgain.
  heddle::Task<Fetched> Fetch(Url url) {
    std::set<Url> seen;
    Response response;
    while (seen.insert(url).second) {
      if (seen.size() > redirects_max_ + 1) co_return Dead(url, "too many redirects", response);
      const bool allowed = co_await robots_.Allow(url);
      if (!allowed) co_return Fetched{.url = url, .fate = Fate::kForbidden};
      response = co_await loader_.Load(url);
      if (response.status / 100 != 3) co_return EndAt(url, std::move(response));
      const std::optional<Url> target = ResolveUrl(url, response.location);
      if (!target) co_return Dead(url, "redirect to no address", response);
      url = *target;
    }
    co_return Dead(url, "redirect loop", response);
  }

 private:
  static Fetched Dead(const Url& url, std::string why, const Response& response) {
    return {.url = url, .fate = Fate::kDead, .why = std::move(why), .response = response};
  }
  static Fetched EndAt(const Url& url, Response response) {
    if (response.status >= 400) {
      return Dead(url, "status " + std::to_string(response.status), response);
    }
    return {.url = url, .response = std::move(response)};
  }

  Loader& loader_;
  RobotsCache& robots_;
  std::size_t redirects_max_;
};

}  // namespace crawler

#endif  // HEDDLE_EXAMPLES_CRAWLER_FETCHER_H_
