// SPDX-License-Identifier: MIT
//
// Shrink: the simplest schedule with the same failure, and which two steps' order decides it.
//
//   const heddle::Failure& failure = *heddle::FindFailure(body).failure;
//   const heddle::ShrinkResult simple = heddle::Shrink(failure.run.trace, body);
//   // simple.steps: the steps that have to come in this order; all else is first in, first out
//
// A schedule is taken as the order of all its steps. Tasks, and then single steps, are taken out of
// the order, many at a time, as long as the rest of it, with everything else first in, first out,
// still fails in the same way: Zeller and Hildebrandt's ddmin ("Simplifying and isolating
// failure-inducing input", IEEE Transactions on Software Engineering, 2002), on the order of steps
// in the place of the lines of an input. Draws that did not give 0 are taken out in the same way,
// before the steps and behind them, and what is left of them becomes small. Where an order is left
// only because a certain task has to draw, another task draws in its place, first in, first out.
// Where more than two steps are left, it is tried whether the order of any two of these tasks'
// steps is enough.
//
// Then two neighbours in what is left are exchanged. Where that makes the failure go away, both
// orders are tried beside schedules that are otherwise random, which shows how much they decide.
//
// Where first in, first out fails already, no order is left. Then the pair is looked for among the
// steps of that run, and of runs that pass.
//
// Explore does this with what it finds (ExploreOptions::shrink).
#ifndef HEDDLE_SHRINK_H_
#define HEDDLE_SHRINK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "heddle/run.h"
#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle {

struct ShrinkOptions {
  // How many schedules are tried at most, and how many steps they may have together.
  // Where there are many, 750 are kept for looking at other schedules.
  std::uint64_t runs_max = 1550;
  std::uint64_t steps_max = 5'000'000;
  // Of each run: as in RunOptions. A run that met its step limit keeps that limit, but is tried
  // with a lower one where first in, first out comes to its end.
  std::uint64_t run_steps_max = RunOptions().steps_max;
  std::size_t run_tasks_max = RunOptions().tasks_max;
};

// A step that has to come at a certain place.
struct OrderedStep {
  TaskId task = kNoTask;
  // Its kStart or kResume, as an index into Trace::events. kNoEvent: the task was to make it next,
  // and did not come to it.
  std::size_t event = kNoEvent;
};

// Two steps of ShrinkResult::steps whose order decides: in some schedules one came first, in some
// the other.
struct DecidingPair {
  std::size_t step = 0;  // index of the first into ShrinkResult::steps
  std::uint64_t in_order = 0;
  std::uint64_t in_order_failed = 0;
  std::uint64_t reversed = 0;
  std::uint64_t reversed_failed = 0;
  // Whether the schedule passes with the two exchanged, and everything else as it is. False only
  // where first in, first out fails: another order may bring the failure about there, too.
  bool passes_reversed = true;
  // Where that takes more: how many other steps are in an order that lets it pass, in both cases.
  std::size_t others_in_order = 0;
  std::size_t distance = 1;  // so many places behind the first is the second
  // Nothing was exchanged: schedules were drawn at random, and the order of these two told more of
  // how they ended than any other. `others_in_order` are then those that all of them kept.
  bool observed = false;

  // How much more often schedules failed in this order than in the other, from -1 to 1; 0 where
  // one of the two did not come up.
  double contrast() const {
    if (in_order == 0 || reversed == 0) return 0;
    return static_cast<double>(in_order_failed) / static_cast<double>(in_order) -
           static_cast<double>(reversed_failed) / static_cast<double>(reversed);
  }
};

// What became of other schedules, where first in, first out fails already: of those that were
// tried, each counted once.
struct OtherSchedules {
  std::uint64_t tried = 0;
  std::uint64_t passed = 0;
  std::uint64_t failed_otherwise = 0;  // in another way
  bool cut_short = false;              // a limit was met: there was more to try
};

struct ShrinkResult {
  // The simplest schedule, recorded in full. Its header says "..., shrunk" behind the chooser of
  // the schedule that was found.
  RunResult run;
  // The steps that have to come in this order. Where first in, first out fails too: the two of its
  // steps whose order decides; empty: none were found.
  std::vector<OrderedStep> steps;
  std::vector<DecidingPair> pairs;
  // Where first in, first out fails too, but for draws.
  bool fails_plain = false;
  // Where that takes the draws of `run` that are not 0: whether it passes with any one of them at
  // 0.
  bool draws_decide = false;
  OtherSchedules others;
  // The exception's text as the failure was found, where that is another one: numbers in it do not
  // make it another failure.
  std::string found_message;
  std::uint64_t runs = 0;  // how many schedules were tried
  // Whether none of the steps can be spared. False: a limit was met before that was known.
  bool minimal = false;
  // False: the choices of the trace did not lead to its failure, and nothing was made simpler;
  // `run` is then what they led to.
  bool reproduced = false;
};

namespace internal {

// Stands in a header behind the chooser of the schedule that was made simple.
inline constexpr std::string_view kShrunkMark = ", shrunk";

ShrinkResult Shrink(const Trace& trace, BodyRef body, const ShrinkOptions& options);

}  // namespace internal

// `trace`: a run of the body that did not finish. Only its header and choices are needed. Two runs
// fail in the same way where their endings are the same; so are, apart from numbers in it, the
// exception's text, and no task is left waiting at another place than in the first. A check of the
// test framework that fails is part of the result, and is not reported.
template <class Body>
[[nodiscard]] ShrinkResult Shrink(const Trace& trace, Body&& body,
                                  const ShrinkOptions& options = {}) {
  internal::BodyRunner<std::remove_reference_t<Body>> runner(body);
  return internal::Shrink(trace, runner.ref(), options);
}

}  // namespace heddle

#endif  // HEDDLE_SHRINK_H_
