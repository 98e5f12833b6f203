// SPDX-License-Identifier: MIT
//
// DeepeningChooser: what it meets first, and that it meets everything.
#include "heddle/choosers/deepening.h"

#include <set>
#include <string>

#include "harness/choosers/letters.h"
#include "heddle/choosers/exhaustive.h"
#include "support/catch.h"

namespace heddle {
namespace {

using Cost = DeepeningChooser::Cost;

// How often another letter comes although the last one is not used up.
std::uint32_t Preemptions(const std::string& log) {
  std::uint32_t preemptions = 0;
  for (std::size_t i = 1; i < log.size(); ++i) {
    if (log[i] != log[i - 1] && log.find(log[i - 1], i) != std::string::npos) ++preemptions;
  }
  return preemptions;
}

TEST_CASE("a deepening search meets every interleaving and counts them") {
  for (const Cost cost : {Cost::kPreemptions, Cost::kDelays}) {
    Letters letters({3, 2, 2});
    DeepeningChooser chooser(cost);
    std::set<std::string> logs;
    for (std::uint64_t n = 1; !chooser.exhausted(); ++n) {
      REQUIRE(Run(letters, {.chooser = &chooser, .schedule = n}).ok());
      logs.insert(letters.log());
    }
    CHECK(logs.size() == 210);
    CHECK(chooser.interleavings() == 210);
  }
}

TEST_CASE("no run has more preemptions than the bound, and each bound is searched to its end") {
  Letters letters({3, 3});
  DeepeningChooser chooser(Cost::kPreemptions);
  std::set<std::string> seen;
  std::uint32_t bound = 0;
  for (std::uint64_t n = 1; !chooser.exhausted(); ++n) {
    if (chooser.bound() != bound) {
      ExhaustiveChooser search({.preemptions_max = bound});
      while (!search.exhausted()) {
        Run(letters, {.chooser = &search});
        CHECK(seen.count(letters.log()) == 1);
      }
      bound = chooser.bound();
    }
    Run(letters, {.chooser = &chooser, .schedule = n});
    seen.insert(letters.log());
    CHECK(Preemptions(letters.log()) <= bound);
  }
  CHECK(bound == 4);  // abab..: as many as there are places to go to and fro
}

TEST_CASE("without a delay there is one run, and it is the plain schedule") {
  Letters letters({2, 2, 2});
  DeepeningChooser chooser(Cost::kDelays);
  Run(letters, {.chooser = &chooser, .schedule = 1});
  CHECK(letters.log() == "aabbcc");
  CHECK(chooser.bound() == 1);
}

TEST_CASE("an exploration that begins anew begins with the bound 0") {
  Letters letters({3, 3});
  DeepeningChooser chooser(Cost::kDelays);
  for (std::uint64_t n = 1; n <= 10; ++n) Run(letters, {.chooser = &chooser, .schedule = n});
  CHECK(chooser.bound() > 0);
  chooser.BeginRun(1);
  CHECK(chooser.bound() == 0);
  CHECK(chooser.name() == "delay-bounded");
}

}  // namespace
}  // namespace heddle
