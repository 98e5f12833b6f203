// SPDX-License-Identifier: MIT
//
// RobotsCache: may a page be loaded? The rules of a host are loaded once, by whoever asks first,
// and all others who ask meanwhile wait for them: so no page is loaded before the rules are known.
#ifndef HEDDLE_EXAMPLES_CRAWLER_ROBOTS_CACHE_H_
#define HEDDLE_EXAMPLES_CRAWLER_ROBOTS_CACHE_H_

#include <heddle/heddle.h>

#include <map>
#include <string>

#include "loader.h"
#include "politeness.h"
#include "robots.h"
#include "url.h"

namespace crawler {

class RobotsCache {
 public:
  RobotsCache(Loader& loader, Politeness& politeness, heddle::RetryPolicy retries)
      : loader_(loader), politeness_(politeness), retries_(retries) {}

  heddle::Task<bool> Allow(Url url) {
    Host& host = hosts_.try_emplace(url.host, url.host).first->second;
    co_await host.known.Call([&] { return Learn(url, host); });
    co_return host.rules.Allows(url.path);
  }

 private:
  struct Host {
    explicit Host(const std::string& name) : known("robots of " + name) {}

    heddle::Once known;
    RobotsRules rules;
  };

  heddle::Task<> Learn(Url url, Host& host) {
    const Url address = {.scheme = url.scheme, .host = url.host, .path = "/robots.txt"};
    host.rules = co_await LoadRules(address);
    politeness_.Gate(url.host).SlowDownTo(host.rules.crawl_delay());
    heddle::Mark("rules known", {{"host", url.host}});
  }

  // A host without a robots.txt allows everything; of one that does not answer we know nothing,
  // and load nothing.
  heddle::Task<RobotsRules> LoadRules(Url url) {
    try {
      const Response response = co_await heddle::Retry(retries_, [&] { return loader_.Load(url); });
      co_return response.status == 200 ? RobotsRules::Parse(response.text) : RobotsRules();
    } catch (const TryAgain&) {
      co_return RobotsRules::ForbidAll();
    }
  }

  Loader& loader_;
  Politeness& politeness_;
  heddle::RetryPolicy retries_;
  std::map<std::string, Host> hosts_;
};

}  // namespace crawler

#endif  // HEDDLE_EXAMPLES_CRAWLER_ROBOTS_CACHE_H_
