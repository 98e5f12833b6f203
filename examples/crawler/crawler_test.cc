// SPDX-License-Identifier: MIT
//
// The crawler's own promises, and its first version's three mistakes: a search through the
// schedules finds each of them, and none in the second version. What must hold of every crawl is in
// checks.h.
#include <heddle/catch.h>
#include <heddle/heddle.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "checks.h"
#include "crawl.h"
#include "report.h"
#include "url.h"
#include "web.h"

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>  // Catch2 v3
#else
#include <catch2/catch.hpp>  // Catch2 v2
#endif

namespace crawler {
namespace {

using heddle::HappensBefore;
using heddle::HasStep;
using heddle::InOrder;
using heddle::Never;
using heddle::Task;
using heddle::Times;
using std::chrono_literals::operator""ms;

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

// Two pages have the same link to a host whose rules nobody knows yet. The rules, and the second
// of the pages, come in the same instant.
Web TwoPagesWithOneLink() {
  Web web;
  web.Add("http://a.test/", {.links = {"news", "shop"}});
  web.Add("http://a.test/news", {.links = {"//b.test/"}}, {.takes = 10ms});
  web.Add("http://a.test/shop", {.status = 301, .location = "shop/"}, {.takes = 5ms});
  web.Add("http://a.test/shop/", {.links = {"//b.test/"}}, {.takes = 10ms});
  web.Add("http://b.test/robots.txt", {}, {.takes = 20ms});
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

// First in, first out all is well; a search finds a schedule that fails.
heddle::Failure FailureOf(WebMaker make_web, const CrawlOptions& options) {
  const auto body = WholeCrawl(make_web, options);
  CHECK(heddle::Run(body).ok());
  heddle::ExploreResult result = heddle::FindFailure(body, {.directory = {}});
  REQUIRE_FALSE(result.ok());
  CHECK_FALSE(result.failure->divergence);
  return std::move(*result.failure);
}

TEST_CASE("a link that is claimed after the wait for the rules is visited twice") {
  const heddle::RunResult run =
      FailureOf(TwoPagesWithOneLink, {.claiming = Claiming::kWhenAllowed}).run;
  CHECK(run.message == "http://b.test/ was visited twice");
  // Both pages were visited before the rules had come, and with them the first claim.
  CHECK_THAT(run.trace,
             InOrder("visited{url: \"http://a.test/news\"}", "rules known{host: \"b.test\"}"));
  CHECK_THAT(run.trace,
             InOrder("visited{url: \"http://a.test/shop/\"}", "rules known{host: \"b.test\"}"));
  CHECK_THAT(run.trace, HasStep("Visit", Times(5)));  // of four pages
}

TEST_CASE("a link that is settled before its pause is lost when it was the last") {
  const heddle::RunResult run = FailureOf(LastPageResets, {.pausing = Pausing::kSettled}).run;
  CHECK(run.message == "http://a.test/last came when the crawl was over");
  CHECK_THAT(run.trace, InOrder("tries later", "over", "PutBack"));
  CHECK_THAT(run.trace, Never("visited{url: \"http://a.test/last\"}"));
}

CrawlOptions LeavesAfterTheAnswer() {
  return {.politeness = {.connections_of_host = 1}, .load = {.leaving = Leaving::kAfterTheAnswer}};
}

TEST_CASE("a gate that is left after the answer only is shut for good when none came") {
  const heddle::RunResult run = FailureOf(SlowPages, LeavesAfterTheAnswer()).run;
  CHECK(run.ending == heddle::Ending::kStuck);
  CHECK(std::any_of(run.waiting.begin(), run.waiting.end(), [](const heddle::WaitingTask& task) {
    return task.object == "Semaphore connections of a.test";
  }));
  CHECK_THAT(run.trace, InOrder("tries later{why: \"no answer in time from a.test\"}", "Enter"));
}

TEST_CASE("the second version has none of the three") {
  heddle::Explore(WholeCrawl(TwoPagesWithOneLink, {}));
  heddle::Explore(WholeCrawl(LastPageResets, {}));
  heddle::Explore(WholeCrawl(SlowPages, {.politeness = {.connections_of_host = 1}}));
}

// --- what the crawler does ----------------------------------------------------------------

struct Outcome {
  heddle::RunResult run;
  Report report;
};

Outcome CrawlFifo(Web& web, const CrawlOptions& options = {}) {
  Outcome outcome;
  outcome.run =
      heddle::Run([&]() -> Task<> { outcome.report = co_await CrawlWeb(web, kStart, options); });
  REQUIRE(outcome.run.ok());
  CHECK(web.open_connections() == 0);
  return outcome;
}

TEST_CASE("a report has the pages by status, the time of each host, and who has a dead link") {
  Web web;
  web.Add("http://a.test/robots.txt", {.text = "User-agent: *\nDisallow: /private"});
  web.Add("http://a.test/", {.links = {"old", "private", "loop", "gone", "far/0", "mailto:me"}});
  web.Add("http://a.test/old", {.status = 301, .location = "new"});
  web.Add("http://a.test/new", {.links = {"gone", "//b.test/"}, .bytes = 500});
  web.Add("http://a.test/loop", {.status = 302, .location = "/pool"});
  web.Add("http://a.test/pool", {.status = 302, .location = "/loop"});
  web.Add("http://a.test/gone", {.status = 410});
  for (int i = 0; i < 7; ++i) {
    web.Add("http://a.test/far/" + std::to_string(i),
            {.status = 302, .location = std::to_string(i + 1)});
  }
  web.Add("http://b.test/", {.status = 500});
  const Report report = CrawlFifo(web).report;
  CHECK(report.forbidden == std::set<Url>{At("http://a.test/private")});
  CHECK(ToText(report) ==
        "2 pages, 1500 bytes, 0 links not visited\n"
        "status 200: 2\n"
        "status 302: 2\n"
        "status 410: 1\n"
        "a.test: 13 requests in 260ms, the longest 20ms\n"
        "b.test: 4 requests in 80ms, the longest 20ms\n"
        "http://a.test/ -> http://a.test/far/0: too many redirects\n"
        "http://a.test/ -> http://a.test/gone: status 410\n"
        "http://a.test/new -> http://a.test/gone: status 410\n"
        "http://a.test/ -> http://a.test/loop: redirect loop\n"
        "http://a.test/new -> http://b.test/: status 500\n");
}

TEST_CASE("a host's rules are known before its first page is loaded, and its delay is kept") {
  Web web;
  web.Add("http://a.test/robots.txt", {.text = "User-agent: *\nCrawl-delay: 0.5"});
  web.Add("http://a.test/", {.links = {"1", "2"}});
  web.Add("http://a.test/1", {});
  web.Add("http://a.test/2", {});
  const CrawlOptions options = {.politeness = {.interval = 500ms}};
  const Outcome outcome = CrawlFifo(web);
  CHECK_NOTHROW(CheckPoliteness(web, options.politeness));
  CHECK(outcome.run.elapsed == 1520ms);
  CHECK_THAT(outcome.run.trace, HappensBefore("Learn", "Fetch"));
  CHECK_THAT(outcome.run.trace, HasStep("Learn", Times(1)));
}

TEST_CASE("a host whose rules do not come is left alone") {
  Web web;
  web.Add("http://a.test/robots.txt", {.status = 503});
  web.Add("http://a.test/", {});
  const Report report = CrawlFifo(web).report;
  CHECK(report.pages.empty());
  CHECK(report.forbidden.contains(kStart));
  CHECK(web.requests().size() == 3);
}

TEST_CASE("a page that does not answer is tried again after growing pauses, and then given up") {
  Web web;
  web.Add("http://a.test/", {}, {.takes = 1000ms});
  const Report report = CrawlFifo(web, {.load = {.time_max = 100ms}}).report;
  REQUIRE(web.requests().size() == 4);  // the first is robots.txt
  CHECK(web.requests()[2].at - web.requests()[1].at == 150ms);
  CHECK(web.requests()[3].at - web.requests()[2].at == 200ms);
  CHECK(report.dead.at(kStart) == "no answer in time from a.test");
}

Web Endless() {
  Web web;
  for (int i = 0; i < 40; ++i) {
    const std::string left = std::to_string(2 * i + 1);
    const std::string right = std::to_string(2 * i + 2);
    web.Add("http://a.test/" + (i == 0 ? "" : std::to_string(i)), {.links = {left, right}});
  }
  return web;
}

TEST_CASE("pages are visited by their depth, and not below the last one asked for") {
  Web web = Endless();
  const Outcome outcome = CrawlFifo(web, {.workers = 1, .depth_max = 2});
  CHECK(outcome.report.pages.size() == 7);
  CHECK_THAT(outcome.run.trace,
             InOrder("visited{url: \"http://a.test/2\"}", "visited{url: \"http://a.test/3\"}"));
}

TEST_CASE("no schedule loads more pages than asked for, or leaves one behind when it stops") {
  heddle::Explore([]() -> Task<> {
    Web web = Endless();
    const Report report = co_await CrawlWeb(web, kStart, {.pages_max = 4});
    REQUIRE(report.pages.size() == 4);
    REQUIRE(web.open_connections() == 0);
  });
}

TEST_CASE("a crawl ends at its deadline, with what it has until then") {
  Web web = Endless();
  const Outcome outcome = CrawlFifo(web, {.time_max = 95ms});
  CHECK(outcome.run.elapsed == 95ms);
  CHECK(outcome.report.pages.size() == 5);
  CHECK(outcome.report.unvisited == 6);
}

// Some forty pages on three hosts, with any links.
Web RandomWeb(std::uint64_t seed) {
  heddle::Random random(seed);
  const auto any = [&random] {
    std::string url = "//";
    url += "abc"[random.Below(3)];
    const std::uint32_t page = random.Below(12);
    return url + ".test/" + (page == 0 ? "" : std::to_string(page));
  };
  Web web;
  web.Add("http://a.test/", {.links = {any(), any(), any(), any()}});
  for (int i = 0; i < 40; ++i) {
    web.Add("http:" + any(), {.links = {any(), any(), any()}}, {.takes = 10ms, .or_takes = 25ms});
  }
  return web;
}

TEST_CASE("every page of a random web is loaded once, in any order of steps") {
  heddle::Explore([]() -> Task<> {
    Web web = RandomWeb(heddle::Input<std::uint64_t>("web", 0, 99));
    const CrawlOptions options = {.depth_max = 100, .politeness = {.connections_in_all = 3}};
    const Report report = co_await CrawlWeb(web, kStart, options);
    CheckPoliteness(web, options.politeness);
    CheckOnce(web);
    CheckComplete(web, report);
  });
}

}  // namespace
}  // namespace crawler
