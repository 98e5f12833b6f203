// SPDX-License-Identifier: MIT
//
// A crawler that follows the links of a small web in memory, a few pages at a time and not too
// many a second. Twice: the first version asks whether a page is known, waits for its turn, and
// then notes it, so two tasks may load the same page; a search through the schedules finds it.
#include <heddle/catch.h>
#include <heddle/heddle.h>

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>  // Catch2 v3
#else
#include <catch2/catch.hpp>  // Catch2 v2
#endif

namespace {

using heddle::Task;
using std::chrono_literals::operator""ms;

using Links = std::vector<std::string>;

// A web: pages and their links. Some pages refuse at first.
class Web {
 public:
  Task<Links> Load(std::string url) {
    if (++in_flight_ > kInFlightMax) throw std::logic_error("too many loads at a time");
    co_await heddle::SleepFor(5ms);
    --in_flight_;
    if (heddle::Buggify("refused: " + url, 0.1) && refused_.insert(url).second) {
      throw std::runtime_error(url + " refused");
    }
    ++loads_[url];
    co_return links_.at(url);
  }

  const std::map<std::string, int>& loads() const { return loads_; }
  std::size_t pages() const { return links_.size(); }

  static constexpr int kInFlightMax = 2;

 private:
  std::map<std::string, Links> links_ = {
      {"/", {"/news", "/shop", "/about"}},
      {"/news", {"/", "/shop"}},
      {"/shop", {"/", "/cart"}},
      {"/about", {"/news"}},
      {"/cart", {"/shop"}},
  };
  std::map<std::string, int> loads_;
  std::set<std::string> refused_;
  int in_flight_ = 0;
};

// One turn every 2ms, however many ask.
class RateLimit {
 public:
  Task<> Turn() {
    const heddle::MutexGuard guard = co_await mutex_.Lock();
    co_await heddle::SleepUntil(next_);
    next_ = heddle::VirtualClock::now() + 2ms;
  }

 private:
  heddle::Mutex mutex_{"rate limit"};
  heddle::TimePoint next_;
};

class Crawler {
 public:
  explicit Crawler(Web& web) : web_(web) {}
  virtual ~Crawler() = default;

  Task<> Crawl() {
    group_.Spawn(Visit("/"));
    co_await group_.Join();
  }

 protected:
  virtual Task<> Visit(std::string url) = 0;

  bool IsNew(const std::string& url) const { return !known_.contains(url); }
  void Note(const std::string& url) { known_.insert(url); }
  Task<> LoadAndFollow(std::string url) {
    std::optional<heddle::Permit> permit = co_await slots_.Acquire();
    const Links links =
        co_await heddle::Retry({.attempts_max = 2, .delay = 10ms}, [&] { return web_.Load(url); });
    permit.reset();
    for (const std::string& link : links) {
      if (IsNew(link)) group_.Spawn(Visit(link));
    }
  }

  RateLimit limit_;

 private:
  Web& web_;
  heddle::Semaphore slots_{Web::kInFlightMax, "slots"};
  std::set<std::string> known_;
  heddle::TaskGroup group_{"visits"};
};

// Between the question whether a page is new and the note that it is known lies an await.
class FirstCrawler final : public Crawler {
 public:
  using Crawler::Crawler;

 private:
  Task<> Visit(std::string url) override {
    co_await limit_.Turn();
    if (!IsNew(url)) co_return;
    co_await LoadAndFollow(url);
    Note(url);
  }
};

class SecondCrawler final : public Crawler {
 public:
  using Crawler::Crawler;

 private:
  Task<> Visit(std::string url) override {
    if (!IsNew(url)) co_return;
    Note(url);
    co_await limit_.Turn();
    co_await LoadAndFollow(url);
  }
};

template <class AnyCrawler>
Task<> CrawlAll() {
  Web web;
  AnyCrawler crawler(web);
  co_await crawler.Crawl();
  if (web.loads().size() != web.pages()) throw std::runtime_error("a page was not loaded");
  for (const auto& [url, count] : web.loads()) {
    if (count > 1) throw std::runtime_error(url + " was loaded twice");
  }
}

TEST_CASE("the first crawler loads a page twice: a search finds it") {
  const heddle::ExploreResult result =
      heddle::FindFailure(CrawlAll<FirstCrawler>, {.directory = {}});
  REQUIRE_FALSE(result.ok());
  CHECK(result.failure->run.message.find("was loaded twice") != std::string::npos);
}

TEST_CASE("the second crawler loads every page once: no schedule fails") {
  heddle::Explore(CrawlAll<SecondCrawler>);
}

}  // namespace
