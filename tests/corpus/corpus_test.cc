// SPDX-License-Identifier: MIT
//
// The programs of the corpus are what they are meant to be, and we find what is in them. The
// figures that take longer: ./dev corpus.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "corpus/measure.h"
#include "corpus/model.h"
#include "corpus/program.h"
#include "corpus/programs.h"
#include "corpus/references.h"
#include "heddle/choosers/surw.h"
#include "heddle/choosers/urw.h"
#include "heddle/explore.h"
#include "support/catch.h"

namespace heddle::corpus {
namespace {

std::string Format(const char* format, double number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, number);
  return text.data();
}

TEST_CASE("each program has the exact figures of an independent enumerator") {
  constexpr std::uint64_t kMax = 10'000;
  const std::vector<Entry> programs = BugPrograms();
  REQUIRE(programs.size() == BugReferences().size());
  std::size_t compared = 0;
  for (std::size_t i = 0; i < programs.size(); ++i) {
    const Reference& reference = BugReferences()[i];
    INFO(programs[i].name);
    REQUIRE(programs[i].name == reference.name);
    if (reference.interleavings == 0 || reference.interleavings > kMax) continue;
    const Exact exact = Enumerate(programs[i], StartMode::kAllAtOnce, kMax);
    REQUIRE(exact.complete);
    CHECK(exact.longest == reference.longest);
    CHECK(exact.interleavings == reference.interleavings);
    CHECK(exact.failing == reference.failing);
    CHECK(exact.preemptions == reference.preemptions);
    CHECK(Format("%.4g", exact.walk_fails) == reference.walk_fails);
    ++compared;

    const Exact one_by_one = Enumerate(programs[i], StartMode::kOneByOne, kMax);
    if (!one_by_one.complete) continue;
    CHECK(Format("%.4g", one_by_one.walk_fails) == reference.walk_fails_one_by_one);
  }
  CHECK(compared == 15);
}

TEST_CASE(
    "each real bug has the exact figures of an independent enumerator, and its fix fails "
    "in no schedule") {
  constexpr std::uint64_t kMax = 1000;
  const std::vector<RealBug> gallery = Gallery();
  REQUIRE(gallery.size() == RealBugReferences().size());
  for (std::size_t i = 0; i < gallery.size(); ++i) {
    const RealBugReference& reference = RealBugReferences()[i];
    INFO(reference.name);
    REQUIRE(gallery[i].buggy.name == reference.name);
    const Exact buggy = Enumerate(gallery[i].buggy, StartMode::kAllAtOnce, kMax);
    CHECK(buggy.complete);
    CHECK(buggy.longest == reference.longest);
    CHECK(buggy.interleavings == reference.interleavings);
    CHECK(buggy.failing == reference.failing);
    CHECK(buggy.preemptions == reference.preemptions);
    CHECK(Format("%.4f", buggy.walk_fails) == reference.walk_fails);
    const Exact fixed = Enumerate(gallery[i].fixed, StartMode::kAllAtOnce, kMax);
    CHECK(fixed.complete);
    CHECK(fixed.interleavings == reference.fixed_interleavings);
    CHECK(fixed.failing == 0);
  }
}

TEST_CASE("exploring by default finds each real bug, and the failing schedule fails again") {
  for (const RealBug& bug : Gallery()) {
    INFO(bug.buggy.name);
    ProgramBody body(bug.buggy, StartMode::kAllAtOnce);
    const ExploreResult result = FindFailure(body, {.directory = ""});
    REQUIRE_FALSE(result.ok());
    CHECK_FALSE(result.failure->divergence);
  }
}

TEST_CASE("exploring every schedule passes each fix") {
  for (const RealBug& bug : Gallery()) {
    INFO(bug.fixed.name);
    ProgramBody body(bug.fixed, StartMode::kAllAtOnce);
    const ExploreResult result =
        FindFailure(body, {.schedules = 200'000, .strategy = "exhaustive", .directory = ""});
    CHECK(result.ok());
    CHECK(result.coverage.complete);
  }
}

TEST_CASE("exploring by default finds the bug of each program but one") {
  for (const Entry& entry : BugPrograms()) {
    INFO(entry.name);
    ProgramBody body(entry, StartMode::kOneByOne);
    const ExploreResult result = FindFailure(body, {.directory = ""});
    // One schedule in three hundred of the best strategy known.
    if (entry.name != "B09 reorder_100") CHECK_FALSE(result.ok());
  }
}

TEST_CASE("a random walk fails as often as its exact probability says") {
  const std::vector<Entry> programs = BugPrograms();
  for (std::size_t i = 0; i < programs.size(); ++i) {
    const std::string exact(BugReferences()[i].walk_fails_one_by_one);
    const double probability = exact.empty() ? 0 : std::stod(exact);
    if (probability < 0.02) continue;
    INFO(programs[i].name);
    const Sample sample =
        TakeSample(programs[i], StartMode::kOneByOne, 10'000,
                   [](std::uint64_t seed) { return MakeChooser(Strategy::kWalk, seed); });
    const double expected = probability * static_cast<double>(sample.schedules);
    CHECK(std::abs(static_cast<double>(sample.failures) - expected) <= 4 * std::sqrt(expected));
  }
}

TEST_CASE("a long task hides a short one from a random walk, and not from the uniform one") {
  const Exact exact = Enumerate(LongAgainstShort(), StartMode::kAllAtOnce, 100);
  CHECK(exact.interleavings == 26);
  CHECK(exact.walk_fails == std::ldexp(1.0, -25));
  const auto sample = [](Strategy strategy) {
    return TakeSample(LongAgainstShort(), StartMode::kAllAtOnce, 10'000,
                      [=](std::uint64_t seed) { return MakeChooser(strategy, seed); });
  };
  CHECK(sample(Strategy::kWalk).failures == 0);
  const double uniform = sample(Strategy::kUrw).SchedulesToBug();
  CHECK(uniform > 20);
  CHECK(uniform < 34);
}

// Where one task is through before the other begins, the profile says little of what they share.
TEST_CASE("surw learns from a run in which tasks meet, and not from any") {
  for (const Entry& entry : BugPrograms()) {
    if (entry.name != "B14 CVE-2013-1792") continue;
    const Sample sample = TakeSample(entry, StartMode::kOneByOne, 10'000, [](std::uint64_t seed) {
      return MakeChooser(Strategy::kSurw, seed);
    });
    CHECK(sample.failures > 0);
    CHECK(sample.SchedulesToBug() < 40);  // 58 by the first profile that comes; the reference: 25
  }
}

// B19. Two tasks of five steps each: the value that is left names the interleaving.
class Interleaving final : public Program {
 public:
  explicit Interleaving(int& result) : result_(&result) {
    for (int digit = 0; digit < 2; ++digit) Add([this, digit] { return Append(digit); });
  }
  void AtEnd() override { *result_ = x_.Get(); }

 private:
  Task<> Append(int digit) {
    for (int i = 0; i < 5; ++i) co_await x_.Update([=](int x) { return 2 * x + digit; });
  }

  int* result_;
  Var x_{0, "x"};
};

// How far the interleavings of B19 are from being equally likely.
double ChiSquare(Chooser& chooser) {
  constexpr int kRuns = 10'000;
  constexpr double kInterleavings = 252;
  int result = 0;
  const Entry entry = {"B19", [&] { return std::make_unique<Interleaving>(result); }};
  ProgramRunner runner(entry, StartMode::kAllAtOnce, chooser);
  std::array<int, 1024> counts{};
  for (int schedule = 1; schedule <= kRuns; ++schedule) {
    runner.Fails(static_cast<std::uint64_t>(schedule));
    ++counts.at(static_cast<std::size_t>(result));
  }
  const double expected = kRuns / kInterleavings;
  double seen = 0;
  double sum = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    ++seen;
    sum += (count - expected) * (count - expected) / expected;
  }
  return sum + (kInterleavings - seen) * expected;
}

TEST_CASE("the uniform walks pass the test of uniformity, and a random walk does not") {
  // Of a uniform walk more than this comes up once in a thousand times (251 degrees of freedom).
  constexpr double kLimit = 325;
  UrwChooser uniform(1);
  CHECK(ChiSquare(uniform) < kLimit);
  SurwChooser selective(1);
  CHECK(ChiSquare(selective) < kLimit);
  RandomChooser walk(1);
  CHECK(ChiSquare(walk) > 2 * kLimit);
}

TEST_CASE("the report of a deadlock names the task that can never go on, and where it waits") {
  for (const Entry& entry : BugPrograms()) {
    if (entry.name != "B08 sync01") continue;
    ProgramBody body(entry, StartMode::kAllAtOnce);
    const ExploreResult result = FindFailure(body, {.directory = ""});
    REQUIRE_FALSE(result.ok());
    CHECK(result.failure->run.ending == Ending::kStuck);
    CHECK_THAT(result.failure->report, ContainsText("Produce"));
  }
}

}  // namespace
}  // namespace heddle::corpus
