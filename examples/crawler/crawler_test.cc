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

// First in, first out all is well; a search finds a schedule that fails.
heddle::Failure FailureOf(WebMaker make_web, const CrawlOptions& options) {
  const auto body = WholeCrawl(make_web, options);
  CHECK(heddle::Run(body).ok());
  heddle::ExploreResult result = heddle::FindFailure(body, {.directory = {}});
  REQUIRE_FALSE(result.ok());
  CHECK_FALSE(result.failure->divergence);
  return std::move(*result.failure);
}

TEST_CASE("a link that is claimed after the wait for the rules is loaded twice") {
  const heddle::RunResult run =
      FailureOf(TwoPagesWithOneLink, {.claiming = Claiming::kWhenAllowed}).run;
  CHECK(run.message == "http://b.test/ was loaded twice");
  // Both pages were visited before the rules, and with them the claim, had come.
  CHECK_THAT(run.trace, InOrder("visited{url: \"http://a.test/shop\"}", "Learn#1"));
  CHECK_THAT(run.trace, HasStep("visited{url: \"http://b.test/\"}", Times(2)));
}

TEST_CASE("a link that is settled before its pause is lost when it was the last") {
  const heddle::RunResult run = FailureOf(LastPageResets, {.pausing = Pausing::kSettled}).run;
  CHECK(run.message == "http://a.test/last was not visited");
  CHECK_THAT(run.trace, InOrder("over", "PutBack"));  // the pause begins when all is over
  CHECK_THAT(run.trace, Never("visited{url: \"http://a.test/last\"}"));
}

CrawlOptions LeavesAfterTheAnswer() {
  return {.politeness = {.connections_of_host = 1}, .load = {.leaving = Leaving::kAfterTheAnswer}};
}

TEST_CASE("a gate that is left after the answer only is shut for good when none came") {
  const heddle::RunResult run = FailureOf(SlowPages, LeavesAfterTheAnswer()).run;
  CHECK(run.ending == heddle::Ending::kStuck);
  const std::string verdict = heddle::Describe(run);
  CAPTURE(verdict);
  CHECK(verdict.find("Nobody") != std::string::npos);
  CHECK(verdict.find("Semaphore connections of a.test") != std::string::npos);
  CHECK_THAT(run.trace, InOrder("slow http://a.test/1", "TimeOut"));
}

TEST_CASE("no schedule of the second version fails: two pages with one link") {
  heddle::Explore(WholeCrawl(TwoPagesWithOneLink, {}));
}

TEST_CASE("no schedule of the second version fails: the last page is reset") {
  heddle::Explore(WholeCrawl(LastPageResets, {.attempts_max = 20}));
}

TEST_CASE("no schedule of the second version fails: pages that are too slow") {
  heddle::Explore(
      WholeCrawl(SlowPages, {.attempts_max = 20, .politeness = {.connections_of_host = 1}}));
}

// --- small enough to be looked through to the end -----------------------------------------

Task<> Drain(Frontier& frontier, int& taken) {
  while (const std::optional<Link> link = co_await frontier.Take()) {
    ++taken;
    if (link->depth == 0) {
      frontier.Open();
      frontier.Push({.url = At("http://a.test/child"), .depth = 1});
    }
    co_await heddle::Yield();
    frontier.Settle();
  }
}

TEST_CASE("a frontier gives each link once, and ends, in every interleaving of two workers") {
  const heddle::ExploreResult result = heddle::Explore([]() -> Task<> {
    Frontier frontier;
    int taken = 0;
    frontier.Open();
    frontier.Push({.url = kStart});
    co_await heddle::All(Drain(frontier, taken), Drain(frontier, taken));
    REQUIRE(taken == 2);
  });
  CHECK(result.coverage.complete);
}

Task<> Stay(HostGate& gate, int& inside, heddle::TimePoint& last) {
  co_await gate.Enter();
  const heddle::TimePoint now = heddle::VirtualClock::now();
  if (++inside > 2 || now - last < 10ms) Fail("not polite");
  last = now;
  co_await heddle::SleepFor(15ms);
  --inside;
  gate.Leave();
}

TEST_CASE("a gate lets two in, and one every 10ms, in every interleaving of three visitors") {
  const heddle::ExploreResult result = heddle::Explore([]() -> Task<> {
    heddle::Semaphore all(2, "all connections");
    HostGate gate("a.test", {.interval = 10ms, .connections_of_host = 2}, all);
    int inside = 0;
    heddle::TimePoint last(-10ms);
    co_await heddle::All(Stay(gate, inside, last), Stay(gate, inside, last),
                         Stay(gate, inside, last));
    REQUIRE(heddle::VirtualClock::now().time_since_epoch() == 35ms);
  });
  CHECK(result.coverage.complete);
}

// --- what the crawler does ----------------------------------------------------------------

TEST_CASE("two ways to write one address are one") {
  CHECK(ToString(At("HTTP://A.Test:80/x/./y/../z?q=1#end")) == "http://a.test/x/z?q=1");
  CHECK(ToString(At("https://a.test")) == "https://a.test/");
  CHECK(ToString(At("http://a.test:8080/../..")) == "http://a.test:8080/");
  for (const char* text : {"", "/x", "ftp://a.test/", "http:/x", "http://", "http://me@a.test/"}) {
    CHECK_FALSE(ParseUrl(text));
  }
}

TEST_CASE("a reference is resolved against the page that has it") {
  const Url base = At("http://a.test/one/two?q=1");
  const std::map<std::string, std::string> expected = {
      {"", "/one/two?q=1"},       {"#top", "/one/two?q=1"},  {"?p=2", "/one/two?p=2"},
      {"three", "/one/three"},    {"./", "/one/"},           {"../up", "/up"},
      {"/root", "/root"},         {"a/../b/.", "/one/b/"},   {"../../../far", "/far"},
      {"//a.test/x?//", "/x?//"}, {"http://a.test/y", "/y"}, {"x:y/z", ""}};
  for (const auto& [reference, path] : expected) {
    CAPTURE(reference);
    const std::optional<Url> url = ResolveUrl(base, reference);
    CHECK((url ? url->path : "") == path);
  }
}

TEST_CASE(
    "the longest rule of a robots.txt decides, and of two equally long ones that which allows") {
  const RobotsRules rules = RobotsRules::Parse(
      "User-Agent: other\nDisallow: /\n\n"
      "User-agent: one\nUser-agent: * # and all others\r\nDisallow: /private\r\n"
      "Allow: /private/open\nDisallow: /same\nallow: /same\nDisallow:\nCrawl-delay: "
      "0.25\nnonsense");
  CHECK(rules.Allows("/"));
  CHECK_FALSE(rules.Allows("/private/x"));
  CHECK(rules.Allows("/private/open/x"));
  CHECK(rules.Allows("/same"));
  CHECK(rules.crawl_delay() == 250ms);
  CHECK_FALSE(RobotsRules::ForbidAll().Allows("/"));
}

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
  CHECK(ToText(report) == "");
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
  CHECK(outcome.report.pages.size() == 4);
  CHECK(outcome.report.unvisited == 5);
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
    const CrawlOptions options = {.politeness = {.connections_in_all = 3}};
    const Report report = co_await CrawlWeb(web, kStart, options);
    CheckPoliteness(web, options.politeness);
    CheckOnce(web);
    CheckComplete(web, report);
  });
}

}  // namespace
}  // namespace crawler
