// SPDX-License-Identifier: MIT
//
// DeepeningChooser: what it meets first, and that it meets everything.
#include "heddle/choosers/deepening.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "harness/choosers/letters.h"
#include "heddle/choosers/exhaustive.h"
#include "support/catch.h"
#include "support/law.h"

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

// How often a strand whose turn it is is passed over: from the last one, around the circle of those
// that are not used up.
std::uint32_t Delays(const std::string& log, std::vector<int> left) {
  std::uint32_t delays = 0;
  std::size_t turn = 0;
  for (const char letter : log) {
    const auto picked = static_cast<std::size_t>(letter - 'a');
    for (; turn != picked; turn = (turn + 1) % left.size()) delays += left[turn] > 0 ? 1 : 0;
    --left[turn];
  }
  return delays;
}

// All interleavings of these letters.
std::vector<std::string> AllOf(const std::vector<int>& counts) {
  std::string letters;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    letters.append(static_cast<std::size_t>(counts[i]), static_cast<char>('a' + i));
  }
  std::vector<std::string> all;
  do {
    all.push_back(letters);
  } while (std::next_permutation(letters.begin(), letters.end()));
  return all;
}

// Those within the bound, each once, and no others.
template <class CostOf>
void CheckBoundedSearch(const std::vector<int>& counts, const SearchBound& bound,
                        std::uint32_t most, CostOf cost_of) {
  std::vector<std::string> expected;
  for (const std::string& log : AllOf(counts)) {
    if (cost_of(log) <= most) expected.push_back(log);
  }
  Letters letters(counts);
  ExhaustiveChooser search(bound);
  std::vector<std::string> made;
  while (!search.exhausted()) {
    RC_ASSERT(Run(letters, {.chooser = &search}).ok());
    made.push_back(letters.log());
  }
  std::sort(made.begin(), made.end());
  RC_ASSERT(made == expected);
  RC_ASSERT(search.left_out() == (expected.size() < AllOf(counts).size()));
}

TEST_CASE("law: a bounded search makes exactly the interleavings within its bound, each once") {
  CheckLaw([] {
    const auto counts = *rc::gen::mapcat(rc::gen::inRange<std::size_t>(1, 4), [](std::size_t n) {
      return rc::gen::container<std::vector<int>>(n, rc::gen::inRange(1, 4));
    });
    const auto most = *rc::gen::inRange(0u, 5u);
    CheckBoundedSearch(counts, {.preemptions_max = most}, most, &Preemptions);
    CheckBoundedSearch(counts, {.delays_max = most}, most,
                       [&](const std::string& log) { return Delays(log, counts); });
  });
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
