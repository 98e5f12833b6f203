// SPDX-License-Identifier: MIT
//
// What others measured on the programs of the corpus. Exact figures and those by simulation come
// from an independent enumerator of the same models; published ones are of the original programs,
// whose steps are finer (SURW artifact: zhaohuanqdcn/SURW, commit 2a4c5de1, ASPLOS 2025).
#ifndef HEDDLE_TESTS_CORPUS_REFERENCES_H_
#define HEDDLE_TESTS_CORPUS_REFERENCES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace heddle::corpus {

// The columns of the tables, in this order.
enum class Strategy : std::uint8_t { kWalk, kPct3, kPos, kUrw, kSurw };
inline constexpr std::size_t kStrategies = 5;
std::string_view Name(Strategy strategy);

// Mean number of schedules up to the first failure. 0: nobody says. Negative: none was found, and
// it is more than that many, with a probability of 95 %.
using SchedulesToBug = std::array<double, kStrategies>;

// How many runs there are that differ in more than the order of steps that do not depend on each
// other. Failing runs end at their failure; an optimal search may run fewer of them.
struct Traces {
  std::uint64_t passing = 0;
  std::uint64_t failing = 0;
};

struct Reference {
  std::string_view name;
  // Mode A. Empty or 0: too large to be enumerated.
  std::uint64_t longest = 0;
  std::uint64_t interleavings = 0;
  std::uint64_t failing = 0;
  std::uint64_t preemptions = 0;
  Traces traces;
  std::string_view walk_fails;  // to four digits
  // Mode B.
  std::string_view walk_fails_one_by_one;
  SchedulesToBug simulated;
  SchedulesToBug published;
};

// In the order of BugPrograms().
std::span<const Reference> BugReferences();

// A real bug, mode A.
struct RealBugReference {
  std::string_view name;
  std::uint64_t longest;
  std::uint64_t interleavings;
  std::uint64_t failing;
  std::string_view walk_fails;  // to four decimals
  std::uint64_t preemptions;
  std::uint64_t fixed_interleavings;  // none of them fails
};

// In the order of Gallery().
std::span<const RealBugReference> RealBugReferences();

}  // namespace heddle::corpus

#endif  // HEDDLE_TESTS_CORPUS_REFERENCES_H_
