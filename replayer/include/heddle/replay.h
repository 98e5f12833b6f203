// SPDX-License-Identifier: MIT
//
// Replay: runs a body again with the choices of a recording, and says whether the same thing
// happened.
//
//   heddle::ReplayResult replay = heddle::Replay(trace, body);
//   REQUIRE(replay.reproduced());   // or: Describe(*replay.divergence)
//
// A tape is followed without comparing: what it does not say is first-in-first-out.
#ifndef HEDDLE_REPLAY_H_
#define HEDDLE_REPLAY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "heddle/chooser.h"
#include "heddle/divergence.h"
#include "heddle/run.h"
#include "heddle/tape.h"
#include "heddle/trace.h"

namespace heddle {

// Makes the choices of a recording. Stops the run at the first that cannot be made.
class ReplayChooser final : public Chooser {
 public:
  // Keeps a pointer to `trace`, and goes by its name, seed and schedule.
  explicit ReplayChooser(const Trace& trace) : trace_(&trace) {}

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override;
  std::uint32_t ChooseValue(std::uint32_t alternatives) override;
  std::string_view name() const override { return trace_->header.chooser; }
  std::uint64_t seed() const override { return trace_->header.seed; }

  // What the run wanted to be decided.
  struct Offer {
    bool draw = false;
    std::uint32_t alternatives = 0;
    std::vector<TaskId> tasks;  // the candidates, unless it was a draw
  };
  // The decision for which the recording has no answer; null while it has been followed.
  const Offer* refused() const { return diverged_ ? &offered_ : nullptr; }
  // How many choices were followed.
  std::size_t followed() const { return next_; }

 private:
  const Choice* NextChoice(ChoiceKind kind, std::size_t alternatives);
  void Diverge(const ReadySet& ready);

  const Trace* trace_;
  std::size_t next_ = 0;
  bool diverged_ = false;
  Offer offered_;
};

// Makes the choices of a tape, and first-in-first-out ones elsewhere.
class TapeChooser final : public Chooser {
 public:
  explicit TapeChooser(Tape tape) : tape_(std::move(tape)) {}

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override;
  std::uint32_t ChooseValue(std::uint32_t alternatives) override;
  std::string_view name() const override { return "tape"; }

  // How many entries asked for a task that was not ready, or a value out of range; there
  // the run went on first in, first out.
  std::size_t lost() const { return lost_; }

 private:
  const TapeEntry* NextEntry(ChoiceKind kind);

  Tape tape_;
  std::uint64_t choice_ = 0;
  std::size_t entry_ = 0;
  std::size_t lost_ = 0;
};

// What a run ends with in which a check of the test framework failed, as a CHECK or a REQUIRE of
// Catch2, where heddle looks through schedules (Explore, FindFailure, Property) or follows one
// (Replay, Shrink). Which check, and of which values, is what() says.
class FailedCheck : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct ReplayResult {
  RunResult run;
  std::optional<Divergence> divergence;

  bool reproduced() const { return !divergence.has_value(); }
};

namespace internal {

// The first does without holding checks (held_checks.h), for a caller that does.
ReplayResult Follow(const Trace& trace, BodyRef body, RunOptions options);
ReplayResult Replay(const Trace& trace, BodyRef body, const RunOptions& options);
RunResult FollowTape(const Tape& tape, BodyRef body, RunOptions options);

}  // namespace internal

// Of `options` the chooser and the schedule are not used, and a recording that met its step
// limit is stopped at the same step. One that met a task limit needs the same tasks_max.
// Throws only UsageError. A check that fails is part of the result, and is not reported.
template <class Body>
[[nodiscard]] ReplayResult Replay(const Trace& trace, Body&& body, const RunOptions& options = {}) {
  internal::BodyRunner<std::remove_reference_t<Body>> runner(body);
  return internal::Replay(trace, runner.ref(), options);
}

template <class Body>
[[nodiscard]] RunResult Replay(const Tape& tape, Body&& body, const RunOptions& options = {}) {
  internal::BodyRunner<std::remove_reference_t<Body>> runner(body);
  return internal::FollowTape(tape, runner.ref(), options);
}

}  // namespace heddle

#endif  // HEDDLE_REPLAY_H_
