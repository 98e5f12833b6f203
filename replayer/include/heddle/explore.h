// SPDX-License-Identifier: MIT
//
// Explore: looks through many schedules of a body for one that fails.
//
//   TEST_CASE("no interleaving charges twice") {
//     heddle::Explore([]() -> heddle::Task<void> {
//       Shop shop;
//       co_await heddle::All(shop.Charge(order), shop.Refund(order));
//       REQUIRE(shop.charges() == 1);
//     });
//   }
//
// A schedule fails when it throws, is stuck, meets a limit or abandons a task, and when a check of
// the test framework fails in it, a CHECK as well as a REQUIRE. The failing one is run again with
// everything recorded and must fail in the same way; the recording is written below
// heddle-failures/, and the report says what happened and how to come back. However often the
// schedule was run until then, Catch2 reports its checks once, with the values of the recording.
//
// A schedule that failed once can be kept: `heddle keep FILE` writes it as a tape (tape.h) into the
// folder heddle-kept beside the test's source file. From then on Explore runs it before all others.
//
// What it looks through is a pure function of its options: the same strategy and seed find the
// same failure in the same schedule, everywhere, and however many schedules were asked for.
// Some schedules that pass are run twice, to see whether the body is deterministic.
//
// Environment:
//   HEDDLE_REPLAY=FILE      runs this recording instead of looking
//   HEDDLE_KEPT=FOLDER      where kept schedules are; =0: there are none
//   HEDDLE_SCHEDULES=N      overrides ExploreOptions::schedules
//   HEDDLE_BUDGET=N         so many schedules; =30s, =5m, =1h: as many as there is time for;
//                           =quick: a tenth of those of the options; =nightly: a hundred times
//   HEDDLE_SEED=N           overrides ExploreOptions::seed
//   HEDDLE_SHRINK=0         keeps a schedule that fails as it was found: ExploreOptions::shrink
//   HEDDLE_STRATEGY=NAME    overrides ExploreOptions::strategy, and a chooser of your own
//   HEDDLE_SHARD=I/N        runs one of N parts of the schedules; =auto: which one, Bazel or a
//                           Slurm array says; =auto/N: or a Kubernetes indexed job
//   HEDDLE_REPORT=FOLDER    writes there what `heddle merge` joins with the other shards' reports
//   HEDDLE_WORKERS=N        overrides ExploreOptions::workers; =auto: one for each processor
//   HEDDLE_VERBOSE=1        says what was covered, also where standard error is no terminal; =full:
//                           with all orders of conflicting steps
#ifndef HEDDLE_EXPLORE_H_
#define HEDDLE_EXPLORE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <vector>

#include "heddle/coverage.h"
#include "heddle/orders.h"
#include "heddle/replay.h"
#include "heddle/run.h"
#include "heddle/shrink.h"
#include "heddle/test_framework.h"

namespace heddle {

// Makes the chooser of an exploration.
using ChooserFactory = std::function<std::unique_ptr<Chooser>(std::uint64_t seed)>;

inline constexpr std::uint64_t kDefaultSchedules = 1000;

struct ExploreOptions {
  // What the recording is called and HEDDLE_REPLAY is checked against. Empty: the current
  // test case, where heddle/catch.h is included.
  std::string name = {};
  std::uint64_t seed = 42;
  // How many schedules are run, unless fewer are all there are.
  std::uint64_t schedules = kDefaultSchedules;
  // Where the strategy is "auto" and it seems that some thousand schedules more (up to 25 000) are
  // all there are, it goes on to the end, for so long at most (and for `time_max` in all): then a
  // body that has no failure is proved to have none. Only where no fewer schedules than the default
  // were asked for. Zero: never.
  std::chrono::nanoseconds search_to_end_max = std::chrono::seconds(5);
  // Who chooses: "auto" (automatic.h: every interleaving of a small body, else a portfolio),
  // "portfolio", "random", "pos", "pct2" to "pct4", "surw", "selective", "urw", "sticky",
  // "exhaustive", "dpor", "preemption-bounded", "delay-bounded", "feedback", "fifo", "round-robin".
  // Each has its header in heddle/choosers/; dpor.h says what it sees.
  std::string strategy = "auto";
  // A chooser of your own; `strategy` is then not looked at.
  ChooserFactory chooser = nullptr;
  // Whether some of the schedules that pass are run twice and compared: the first, the tenth, the
  // hundredth and so on.
  bool check_determinism = true;
  // Whether to find out which of two conflicting steps came first, and how often (orders.h). It
  // makes schedules slower.
  bool count_orders = false;
  // For how long, at most; zero: as long as it takes. The clock decides only how far it gets.
  std::chrono::nanoseconds time_max{0};
  // Whether a schedule that fails is made simple (shrink.h), in a process of its own. What is
  // recorded and reported is then the simplest one that was found to fail in the same way. Left out
  // where the process has other threads.
  bool shrink = true;
  // Of so many processes that share the schedules this is the shard-th, from 1. They are dealt in
  // blocks of 1 024, and what is in a block does not depend on the number of shards.
  std::uint64_t shard = 1;
  std::uint64_t shards = 1;
  // How many processes on this machine share the work, 64 at most; 1: this one does it alone. What
  // is found and reported is the same for every number. Worth it beyond some thousand schedules:
  // the first 1 024 are one worker's. A search ("exhaustive", "dpor") and a chooser of your own are
  // one worker's all the time. With workers a body that crashes is reported like any failure.
  std::uint64_t workers = 1;
  std::uint64_t steps_max = RunOptions().steps_max;
  std::size_t tasks_max = RunOptions().tasks_max;
  // Where recordings of failures go; made when it is needed. Empty: nothing is written.
  std::string directory = "heddle-failures";
  // The source file of the test, beside which schedules are kept (`heddle keep`). Empty: the file
  // that calls Explore.
  std::string source = {};
  // A property's input, which goes into the recording: bytes for the machine, text for people.
  std::string input = {};
  std::string input_text = {};
};

struct Failure {
  RunResult run;          // recorded in full
  std::string recording;  // the path of the file; empty when none was written
  std::string report;     // what a person is shown
  // How the schedule was made simple, but for the run itself, which is the one above.
  std::optional<ShrinkResult> shrunk;
  std::optional<Divergence> divergence;  // the second run of the same choices went otherwise
  // The first schedule, run again after this one with the choices that it had passed with, went
  // otherwise: the body keeps something from one run to the next.
  std::optional<Divergence> state;
  // The checks of the test framework that failed in `run`, where that is how it ended. They have
  // not been reported.
  std::vector<HeldCheck> checks;
  // How the schedule ended its process, where it did: "signal 11 (Segmentation fault)". `run` then
  // holds the choices up to there, and nothing else.
  std::string crash;
};

struct ExploreResult {
  std::uint64_t schedules = 0;  // how many were run, the failing one included
  std::optional<Failure> failure;
  Coverage coverage;
  // Of an exploration that passed and is not complete, where they were asked for.
  std::vector<OrderSeen> orders;
  std::uint64_t workers = 1;  // that took part: one where the process has other threads

  bool ok() const { return !failure.has_value(); }
};

// Thrown by Explore for a failure that is not itself an exception. what() is one line; the
// report went to standard error.
class ExplorationFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Thrown when HEDDLE_REPLAY was followed and something else happened. what() is one line; the
// divergence went to standard error.
class ReplayDiverged : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace internal {

// HEDDLE_REPLAY: whether it is set, the recording that it names, which must be one of the
// test `name` (throws UsageError), and following it: says on standard error whether it was
// reproduced, and throws what the run ended with, or ReplayDiverged. What was run is written
// to HEDDLE_REPLAY_OUT, if that is set.
bool ReplayIsAskedFor();
Trace RecordingFromEnvironment(const std::string& name);
void ReplayRecording(const Trace& recorded, BodyRef body, const RunOptions& options);

// A body as something that can be run, for the half of Explore that is not a template.
class ExploredBody {
 public:
  virtual ~ExploredBody() = default;
  virtual BodyRef ref() = 0;
};

ExploreResult FindFailure(ExploredBody& body, const ExploreOptions& options);
// `source`: the file of the call.
ExploreResult Explore(ExploredBody& body, const ExploreOptions& options, const char* source);

template <class Body>
class ExploredBodyOf final : public ExploredBody {
 public:
  explicit ExploredBodyOf(Body& body) : runner_(body) {}
  BodyRef ref() override { return runner_.ref(); }

 private:
  BodyRunner<Body> runner_;
};

}  // namespace internal

// Runs schedules until one fails or all have passed. Prints nothing and reads no environment.
// Throws only UsageError. A check of the test framework that fails is part of the result, and is
// not reported.
template <class Body>
[[nodiscard]] ExploreResult FindFailure(Body&& body, const ExploreOptions& options = {}) {
  internal::ExploredBodyOf<std::remove_reference_t<Body>> explored(body);
  return internal::FindFailure(explored, options);
}

// The same for a test: a failure is reported on standard error and then thrown, the body's
// own exception as it was, anything else as ExplorationFailed; one of a check ends the test as a
// REQUIRE does. Where all pass, it says what was
// covered on a terminal only.
//
// The second exploration of a test case is called "<test> (exploration 2)", and so on, unless
// ExploreOptions::name gives it a name: each has a recording of its own. HEDDLE_REPLAY skips the
// others of the test.
template <class Body>
ExploreResult Explore(Body&& body, const ExploreOptions& options = {},
                      const std::source_location& site = std::source_location::current()) {
  internal::ExploredBodyOf<std::remove_reference_t<Body>> explored(body);
  return internal::Explore(explored, options, site.file_name());
}

}  // namespace heddle

#endif  // HEDDLE_EXPLORE_H_
