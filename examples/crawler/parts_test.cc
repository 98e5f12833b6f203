// SPDX-License-Identifier: MIT
//
// The parts of the crawler by themselves: addresses and robots rules, which wait for nothing, and
// the frontier and the gate of a host, which are small enough for every order of their steps.
#include <heddle/catch.h>
#include <heddle/heddle.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "checks.h"
#include "frontier.h"
#include "politeness.h"
#include "robots.h"
#include "url.h"

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>  // Catch2 v3
#else
#include <catch2/catch.hpp>  // Catch2 v2
#endif

namespace crawler {
namespace {

using heddle::Task;
using std::chrono_literals::operator""ms;

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

}  // namespace
}  // namespace crawler
