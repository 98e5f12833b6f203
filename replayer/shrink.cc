// SPDX-License-Identifier: MIT
//
// From the bottom: when two failures are the same, then the three parts of a Shrinker: the order is
// made shorter, neighbours are exchanged, the result is run once more and recorded.
#include "heddle/shrink.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "heddle/conflict.h"
#include "heddle/executor.h"
#include "heddle/internal/held_checks.h"
#include "order_chooser.h"
#include "shrinker.h"
#include "step_order.h"
#include "subject.h"

namespace heddle::internal {
namespace {

// "balance 79645" and "balance 84305" say the same.
std::string WithoutNumbers(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit) {
      result += c;
    } else if (result.empty() || result.back() != '0') {
      result += '0';
    }
  }
  return result;
}

std::set<std::string> PlacesOf(const std::vector<WaitingTask>& waiting) {
  std::set<std::string> places;
  for (const WaitingTask& task : waiting) {
    places.insert(std::string(Name(task.operation)) + " " + task.site);
  }
  return places;
}

}  // namespace

// --- the same failure ---------------------------------------------------------------------

FailureKind::FailureKind(const TraceHeader& header)
    : ending_(header.ending),
      message_(WithoutNumbers(header.message)),
      places_(PlacesOf(header.waiting)) {}

bool FailureKind::Includes(const TraceHeader& header) const {
  if (header.ending != ending_) return false;
  if (WithoutNumbers(header.message) != message_) return false;
  const std::set<std::string> places = PlacesOf(header.waiting);
  return std::ranges::includes(places_, places);
}

// --- runs ---------------------------------------------------------------------------------

Shrinker::Shrinker(const Trace& trace, BodyRef body, const ShrinkOptions& options)
    : trace_(&trace), body_(body), options_(&options), kind_(trace.header) {
  run_options_.steps_max =
      trace.header.ending == Ending::kStepLimit ? trace.header.steps : options.run_steps_max;
  run_options_.tasks_max = options.run_tasks_max;
  run_options_.record = RecordMode::kChoices;
}

bool Shrinker::MayRun() {
  if (runs_ < options_->runs_max && steps_ < options_->steps_max) return true;
  limit_met_ = true;
  return false;
}

bool Shrinker::RunFails(OrderChooser& chooser, std::uint64_t schedule) {
  ++runs_;
  run_options_.chooser = &chooser;
  run_options_.schedule = schedule;
  const Ending ending = executor_.Execute(body_, run_options_);
  steps_ += executor_.steps();
  if (ending != kind_.ending()) return false;
  return kind_.Includes(ResultOf(executor_, run_options_).trace.header);
}

bool Shrinker::Fails(const StepOrder& order) {
  if (!MayRun()) return false;
  OrderChooser chooser(order);
  return RunFails(chooser, 0);
}

// The steps of `order` at these places, which ascend.
StepOrder Shrinker::Part(const StepOrder& order, const std::vector<std::size_t>& places) {
  StepOrder part;
  part.draws = order.draws;
  for (const std::size_t place : places) {
    part.steps.push_back(order.steps[place]);
    if (place < order.in_order) ++part.in_order;
  }
  return part;
}

// --- a shorter order ----------------------------------------------------------------------

bool Shrinker::Reduce() {
  order_ = StepOrderOf(*trace_, body_, run_options_);
  if (!Fails(order_)) return false;
  const StepOrder all = order_;
  ReduceStrands();
  ReduceSteps();
  if (!order_.draws.empty()) {
    ReduceDraws();
    LowerDraws();
    ReduceSteps();
  }
  FindTwo(all);
  return true;
}

void Shrinker::ReduceStrands() {
  std::vector<std::uint64_t> strands;
  absl::flat_hash_set<std::uint64_t> seen;
  for (const StepName& step : order_.steps) {
    if (seen.insert(step.strand).second) strands.push_back(step.strand);
  }
  const StepOrder whole = order_;
  Reduce(std::move(strands), [&](const std::vector<std::uint64_t>& some) {
    const absl::flat_hash_set<std::uint64_t> kept(some.begin(), some.end());
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < whole.steps.size(); ++i) {
      if (kept.contains(whole.steps[i].strand)) places.push_back(i);
    }
    return Part(whole, places);
  });
}

void Shrinker::ReduceSteps() {
  const StepOrder whole = order_;
  std::vector<std::size_t> places(whole.steps.size());
  std::iota(places.begin(), places.end(), 0);
  Reduce(std::move(places),
         [&](const std::vector<std::size_t>& some) { return Part(whole, some); });
}

void Shrinker::ReduceDraws() {
  const StepOrder whole = order_;
  Reduce(whole.draws, [&](const std::vector<PlannedDraw>& draws) {
    return StepOrder{.in_order = whole.in_order, .steps = whole.steps, .draws = draws};
  });
}

// Takes out of `units` what can be spared of them. `make` makes an order of those that are left.
template <class Unit, class Make>
void Shrinker::Reduce(std::vector<Unit> units, const Make& make) {
  std::size_t size = units.size();
  while (size > 0 && !limit_met_) {
    const bool removed = RemovePieces(units, make, size);
    if (size > 1) {
      size = std::min((size + 1) / 2, units.size());
    } else if (!removed) {
      break;
    }
  }
}

// Pieces of that size, from the end to the beginning: what comes late matters least.
template <class Unit, class Make>
bool Shrinker::RemovePieces(std::vector<Unit>& units, const Make& make, std::size_t size) {
  bool removed = false;
  std::size_t end = units.size();
  while (end > 0 && !limit_met_) {
    const std::size_t begin = end > size ? end - size : 0;
    std::vector<Unit> fewer = units;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(begin),
                fewer.begin() + static_cast<std::ptrdiff_t>(end));
    StepOrder order = make(fewer);
    if (Fails(order)) {
      order_ = std::move(order);
      units = std::move(fewer);
      removed = true;
    }
    end = begin;
  }
  return removed;
}

// Taking out what can be spared may end with more steps than it needs. Two steps that are near to
// each other are tried first.
void Shrinker::FindTwo(const StepOrder& all) {
  if (order_.steps.size() <= 2) return;
  absl::flat_hash_set<std::uint64_t> strands;
  for (const StepName& step : order_.steps) strands.insert(step.strand);
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < all.steps.size(); ++i) {
    if (strands.contains(all.steps[i].strand)) places.push_back(i);
  }
  std::uint64_t tries = 0;
  for (std::size_t distance = 1; distance < places.size(); ++distance) {
    for (std::size_t i = 0; i + distance < places.size(); ++i) {
      StepOrder two = Part(all, {places[i], places[i + distance]});
      if (two.in_order == 0 || two.steps[0].strand == two.steps[1].strand) continue;
      if (tries++ == kTwoTriesMax || limit_met_) return;
      two.draws = order_.draws;
      if (Fails(two)) {
        order_ = std::move(two);
        return;
      }
    }
  }
}

// Each to the lowest of the powers of two below it that still fails.
void Shrinker::LowerDraws() {
  for (std::size_t i = 0; i < order_.draws.size(); ++i) {
    for (std::uint32_t value = 1; value < order_.draws[i].value; value *= 2) {
      StepOrder lower = order_;
      lower.draws[i].value = value;
      if (Fails(lower)) order_ = std::move(lower);
    }
  }
}

// --- which order decides ------------------------------------------------------------------

namespace {

// What a step did to objects that tasks share.
struct Touch {
  std::uint32_t object = 0;
  bool reads_only = false;
};
struct SeenStep {
  StepName name;
  std::vector<Touch> touches;
};

bool IsTouch(const Recorder::EventView& event) {
  switch (event.kind) {
    case EventKind::kResume:
    case EventKind::kAccess:
      return TouchesObject(event.operation) && event.object != 0;
    case EventKind::kSend:
    case EventKind::kReceive:
    case EventKind::kAcquire:
    case EventKind::kRelease:
      return true;
    default:
      return false;
  }
}

// `names`: of the steps that the events are of.
std::vector<SeenStep> SeenSteps(const Recorder& recorder, const std::vector<StepName>& names) {
  std::vector<SeenStep> steps;
  steps.reserve(names.size());
  recorder.VisitEvents([&](const Recorder::EventView& event) {
    if (event.begins_step() && steps.size() < names.size()) {
      steps.push_back({.name = names[steps.size()], .touches = {}});
    }
    if (steps.empty() || !IsTouch(event)) return;
    steps.back().touches.push_back(
        {.object = event.object, .reads_only = event.operation == Operation::kRead});
  });
  return steps;
}

bool InConflict(const SeenStep& a, const SeenStep& b) {
  if (a.name.strand == b.name.strand) return false;
  return std::ranges::any_of(a.touches, [&](const Touch& x) {
    return std::ranges::any_of(b.touches, [&](const Touch& y) {
      return x.object == y.object && !(x.reads_only && y.reads_only);
    });
  });
}

}  // namespace

// Where first in, first out does the rest, steps far from the conflict may be enough to bring it
// about. Two steps that touch the same object say more, if their order decides at least as much.
void Shrinker::FindConflict() {
  if (order_.steps.empty()) return;
  double best = 0;
  if (order_.steps.size() == 2) {
    const DecidingPair pair = Sample(0, kSmallSample);
    best = Contrast(pair);
  }
  for (StepOrder& order : Conflicts()) {
    if (limit_met_) return;
    if (!Fails(order) || !PassesInOrder(Reversed(order, 0))) continue;
    std::swap(order_, order);
    const double contrast = Contrast(Sample(0, kSmallSample));
    if (contrast < best || limit_met_) {
      std::swap(order_, order);
    } else {
      best = contrast;
      if (best >= 1) return;
    }
  }
}

// Of the simple schedule: pairs of steps, one of them in the strand that failed, or in one that
// matters. Those near to the failure come first.
std::vector<StepOrder> Shrinker::Conflicts() {
  if (!MayRun()) return {};
  OrderChooser chooser(order_);
  run_options_.record = RecordMode::kEvents;
  RunFails(chooser, 0);
  run_options_.record = RecordMode::kChoices;
  const std::vector<SeenStep> steps = SeenSteps(executor_.recorder(), chooser.log());
  absl::flat_hash_set<std::uint64_t> strands;
  if (!steps.empty() && kind_.ending() == Ending::kThrew) strands.insert(steps.back().name.strand);
  for (const StepName& step : order_.steps) strands.insert(step.strand);
  std::vector<StepOrder> orders;
  for (std::size_t second = steps.size(); second-- > 0;) {
    if (steps[second].touches.empty()) continue;
    for (std::size_t first = second; first-- > 0;) {
      const bool matters =
          strands.contains(steps[first].name.strand) || strands.contains(steps[second].name.strand);
      if (!matters || !InConflict(steps[first], steps[second])) continue;
      orders.push_back(
          {.in_order = 2, .steps = {steps[first].name, steps[second].name}, .draws = order_.draws});
      if (orders.size() == kConflictsMax) return orders;
      break;
    }
  }
  return orders;
}

double Shrinker::Contrast(const DecidingPair& pair) {
  if (pair.in_order == 0 || pair.reversed == 0) return 0;
  return static_cast<double>(pair.in_order_failed) / static_cast<double>(pair.in_order) -
         static_cast<double>(pair.reversed_failed) / static_cast<double>(pair.reversed);
}

std::vector<DecidingPair> Shrinker::DecidingPairs() {
  std::vector<DecidingPair> pairs;
  for (std::size_t i = 0; i + 1 < order_.steps.size() && pairs.size() < kPairsMax; ++i) {
    if (i >= order_.in_order) break;  // the order of those is not given
    if (PassesInOrder(Reversed(order_, i))) pairs.push_back(Sample(i, kSample));
  }
  return pairs;
}

// With that step and the next one exchanged.
StepOrder Shrinker::Reversed(const StepOrder& order, std::size_t step) {
  StepOrder reversed = order;
  std::swap(reversed.steps[step], reversed.steps[step + 1]);
  reversed.in_order = std::max(reversed.in_order, step + 2);
  return reversed;
}

bool Shrinker::PassesInOrder(const StepOrder& order) {
  if (!MayRun()) return false;
  OrderChooser chooser(order);
  return !RunFails(chooser, 0) && executor_.ending() == Ending::kFinished && chooser.kept();
}

DecidingPair Shrinker::Sample(std::size_t step, std::uint64_t size) {
  DecidingPair pair{.step = step};
  Sample(order_, size, pair.in_order, pair.in_order_failed);
  Sample(Reversed(order_, step), size, pair.reversed, pair.reversed_failed);
  return pair;
}

// Schedules that keep the order and are random elsewhere.
void Shrinker::Sample(const StepOrder& order, std::uint64_t size, std::uint64_t& kept,
                      std::uint64_t& failed) {
  OrderChooser chooser(order, kSampleSeed);
  for (std::uint64_t schedule = 1; schedule <= size && MayRun(); ++schedule) {
    const bool fails = RunFails(chooser, schedule);
    if (!chooser.kept()) continue;
    ++kept;
    if (fails) ++failed;
  }
}

// --- all of it ----------------------------------------------------------------------------

ShrinkPlan Shrinker::Run() {
  ShrinkPlan plan;
  plan.reproduced = Reduce();
  if (plan.reproduced) {
    plan.minimal = !limit_met_;
    FindConflict();
    plan.pairs = DecidingPairs();
  }
  plan.order = std::move(order_);
  plan.runs = runs_;
  executor_.TearDown();
  return plan;
}

ShrinkResult RunShrunk(const Trace& trace, ShrinkPlan plan, BodyRef body,
                       const ShrinkOptions& options) {
  OrderChooser chooser(std::move(plan.order));
  RunOptions run_options{.chooser = &chooser,
                         .steps_max = options.run_steps_max,
                         .tasks_max = options.run_tasks_max,
                         .record = RecordMode::kEvents,
                         .schedule = trace.header.schedule};
  if (trace.header.ending == Ending::kStepLimit) run_options.steps_max = trace.header.steps;
  ShrinkResult result{.run = RunBody(body, run_options),
                      .steps = chooser.steps(),
                      .pairs = std::move(plan.pairs),
                      .runs = plan.runs,
                      .minimal = plan.minimal,
                      .reproduced = plan.reproduced};
  TraceHeader& header = result.run.trace.header;
  SetSubject(header, trace.header);
  header.chooser = trace.header.chooser + std::string(kShrunkMark);
  header.seed = trace.header.seed;
  return result;
}

ShrinkResult Shrink(const Trace& trace, BodyRef body, const ShrinkOptions& options) {
  const HeldChecks held;
  return RunShrunk(trace, Shrinker(trace, body, options).Run(), body, options);
}

}  // namespace heddle::internal
