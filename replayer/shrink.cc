// SPDX-License-Identifier: MIT
//
// From the bottom: when two failures are the same, then the three parts of a Shrinker: the order is
// made shorter, neighbours are exchanged, the result is run once more and recorded. What becomes of
// draws is in shrink_draws.cc. Where no order is left, shrink_plain.cc takes the place of the
// second part; where that shows little, shrink_observed.cc looks at other schedules.
#include "heddle/shrink.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "heddle/executor.h"
#include "heddle/internal/held_checks.h"
#include "order_chooser.h"
#include "seen_steps.h"
#include "shrinker.h"
#include "step_order.h"
#include "subject.h"
#include "unseen_message.h"

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
      message_(WithoutNumbers(MessageWithoutNames(header))),
      places_(PlacesOf(header.waiting)) {}

bool FailureKind::Includes(const TraceHeader& header) const {
  if (header.ending != ending_) return false;
  if (WithoutNumbers(MessageWithoutNames(header)) != message_) return false;
  // Where a task was that goes round and round is a matter of when it was stopped.
  if (ending_ == Ending::kStepLimit) return true;
  const std::set<std::string> places = PlacesOf(header.waiting);
  return std::ranges::includes(places_, places);
}

// --- runs ---------------------------------------------------------------------------------

Shrinker::Shrinker(const Trace& trace, BodyRef body, const ShrinkOptions& options)
    : trace_(&trace),
      body_(body),
      options_(&options),
      kind_(trace.header),
      runs_max_(options.runs_max - (options.runs_max >= 2 * kObservingRuns ? kObservingRuns : 0)) {
  run_options_.steps_max =
      trace.header.ending == Ending::kStepLimit ? trace.header.steps : options.run_steps_max;
  run_options_.tasks_max = options.run_tasks_max;
  run_options_.record = RecordMode::kChoices;
}

bool Shrinker::MayRun() {
  if (runs_ < runs_max_ && steps_ < options_->steps_max) return true;
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

bool Shrinker::RunWithEventsFails(OrderChooser& chooser, std::uint64_t schedule) {
  run_options_.record = RecordMode::kEvents;
  const bool fails = RunFails(chooser, schedule);
  run_options_.record = RecordMode::kChoices;
  return fails;
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

// A run that met its limit is long, and so would be every try. Where first in, first out comes to
// its end, some times its length will do to tell; the schedule that is left in the end is run up to
// the whole limit.
void Shrinker::LowerStepLimit() {
  constexpr std::uint64_t kLeast = 10'000;
  constexpr std::uint64_t kTimes = 8;
  if (kind_.ending() != Ending::kStepLimit || run_options_.steps_max <= kLeast) return;
  if (Fails(StepOrder())) return;
  run_options_.steps_max =
      std::min(run_options_.steps_max, std::max(kLeast, kTimes * executor_.steps()));
}

// --- a shorter order ----------------------------------------------------------------------

bool Shrinker::Reduce() {
  LowerStepLimit();
  order_ = StepOrderOf(*trace_, body_, run_options_);
  if (!Fails(order_)) return false;
  ReduceDrawsFirst();
  const StepOrder all = order_;
  ReduceStrands();
  ReduceSteps();
  if (!order_.draws.empty()) {
    ReduceDraws(runs_max_);
    if (!order_.steps.empty()) SpareDraws(/*order_all=*/false);
    MoveDraws();
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

// `make` makes an order of the units that are left.
template <class Unit, class Make>
void Shrinker::Reduce(std::vector<Unit> units, const Make& make) {
  Spare(std::move(units), [&](const std::vector<Unit>& fewer) {
    StepOrder order = make(fewer);
    if (!Fails(order)) return false;
    order_ = std::move(order);
    return true;
  });
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
  std::uint64_t looked_at = 0;
  for (std::size_t distance = 1; distance < places.size(); ++distance) {
    for (std::size_t i = 0; i + distance < places.size(); ++i) {
      const std::size_t first = places[i];
      const std::size_t second = places[i + distance];
      if (looked_at++ == kTwoLookedAtMax) return;
      if (first >= all.in_order || all.steps[first].strand == all.steps[second].strand) continue;
      if (tries++ == kTwoTriesMax || limit_met_) return;
      StepOrder two = Part(all, {first, second});
      two.draws = order_.draws;
      if (Fails(two)) {
        order_ = std::move(two);
        return;
      }
      // Two exchanges may have made up for each other in the order that is known.
      if (second >= all.in_order || tries++ == kTwoTriesMax || limit_met_) continue;
      std::swap(two.steps[0], two.steps[1]);
      if (Fails(two)) {
        order_ = std::move(two);
        return;
      }
    }
  }
}

// --- which order decides ------------------------------------------------------------------

// Where first in, first out does the rest, steps far from the conflict may be enough to bring it
// about. Two steps that touch the same object say more, if their order decides at least as much.
void Shrinker::FindConflict() {
  if (order_.steps.empty()) return;
  FindSoonest();
  std::vector<Candidate> candidates;
  const double first = order_.steps.size() == 2 ? ContrastOf(order_, kSmallSample) : 0;
  candidates.push_back({.order = order_, .contrast = first});
  for (StepOrder& order : Conflicts()) {
    if (limit_met_) break;
    if (!Fails(order) || !PassesInOrder(Reversed(order, 0))) continue;
    const double contrast = ContrastOf(order, kSmallSample);
    candidates.push_back({.order = std::move(order), .contrast = contrast});
    if (contrast >= 1) break;
  }
  // Of equals the last: what is a conflict before what is none.
  std::ranges::reverse(candidates);
  SortByContrast(candidates);
  if (candidates.front().contrast < 1 && candidates.size() > 1) {
    candidates.resize(std::min(candidates.size(), kFinalists));
    for (Candidate& candidate : candidates) {
      if (candidate.order.steps.size() != 2 || limit_met_) continue;
      candidate.contrast = ContrastOf(candidate.order, kSample);
    }
    SortByContrast(candidates);
  }
  order_ = std::move(candidates.front().order);
}

// Where holding one step back until another one has come is enough: until which is it, at the
// soonest? Whoever is alive much later would do as well, and says nothing.
void Shrinker::FindSoonest() {
  if (order_.steps.size() != 2 || !MayRun()) return;
  OrderChooser chooser(order_);
  if (!RunFails(chooser, 0)) return;
  const StepName held = order_.steps[1];
  std::vector<StepName> others;
  for (const StepName& step : chooser.log()) {
    if (step == held) break;
    if (step.strand != held.strand) others.push_back(step);
    if (step == order_.steps[0]) break;
  }
  const auto until = [&](const StepName& first) {
    StepOrder order{.in_order = 2, .steps = {first, held}, .draws = order_.draws};
    return order;
  };
  if (others.empty()) return;
  // Those before it pass, those behind it fail.
  std::size_t passing = 0;
  std::size_t failing = others.size() - 1;
  while (passing < failing) {
    const std::size_t middle = passing + (failing - passing) / 2;
    if (Fails(until(others[middle]))) {
      failing = middle;
    } else {
      passing = middle + 1;
    }
  }
  StepOrder soonest = until(others[failing]);
  if (Fails(soonest) && PassesInOrder(Reversed(soonest, 0))) order_ = std::move(soonest);
}

// The highest first; equals as they come. (A stable sort of the library would need a buffer that
// it calls deprecated itself.)
void Shrinker::SortByContrast(std::vector<Candidate>& candidates) {
  for (auto next = candidates.begin(); next != candidates.end(); ++next) {
    const auto place = std::find_if(candidates.begin(), next, [&](const Candidate& before) {
      return before.contrast < next->contrast;
    });
    std::rotate(place, next, next + 1);
  }
}

// Of the simple schedule: pairs of steps, one of them in the strand that failed, or in one that
// matters. Those near to the failure come first, but some of each kind before more of one.
std::vector<StepOrder> Shrinker::Conflicts() {
  if (!MayRun()) return {};
  OrderChooser chooser(order_);
  RunWithEventsFails(chooser, 0);
  std::vector<SeenStep> steps = SeenSteps(executor_.recorder(), chooser.log());
  absl::flat_hash_set<std::uint64_t> strands;
  if (!steps.empty() && kind_.ending() == Ending::kThrew) strands.insert(steps.back().name.strand);
  // What a step would have done matters where others wait for that.
  const std::size_t made = steps.size();
  if (kind_.ending() == Ending::kStuck) {
    for (SeenStep& step : StepsToCome(executor_.recorder(), chooser.log(), chooser.ToCome())) {
      strands.insert(step.name.strand);
      steps.push_back(std::move(step));
    }
  }
  for (const StepName& step : order_.steps) strands.insert(step.strand);
  Touches touches(steps);
  absl::flat_hash_map<std::uint32_t, std::size_t> of_object;
  // Of the same two strands, who do the same to it: a loop comes by here again and again.
  using Kind = std::tuple<std::uint32_t, std::uint64_t, bool, std::uint64_t, bool>;
  absl::flat_hash_map<Kind, std::size_t> of_kind;
  std::vector<StepOrder> orders;
  std::vector<StepOrder> others;
  for (std::size_t second = steps.size(); second-- > 0 && orders.size() < kConflictsMax;) {
    const bool second_matters = strands.contains(steps[second].name.strand);
    const auto matters = [&](std::size_t step) {
      return step < made && (second_matters || strands.contains(steps[step].name.strand));
    };
    for (const Touches::Conflict& conflict : touches.LastConflicts(second, matters)) {
      const Kind kind(conflict.object, steps[conflict.first].name.strand, conflict.first_reads,
                      steps[second].name.strand, conflict.second_reads);
      const bool is_early =
          of_kind[kind]++ < kConflictsOfKind && of_object[conflict.object]++ < kConflictsOfObject;
      std::vector<StepOrder>& list = is_early ? orders : others;
      if (list.size() == kConflictsMax) continue;
      list.push_back({.in_order = 2,
                      .steps = {steps[conflict.first].name, steps[second].name},
                      .draws = order_.draws});
    }
  }
  for (StepOrder& order : others) {
    if (orders.size() == kConflictsMax) break;
    orders.push_back(std::move(order));
  }
  return orders;
}

// How much the order of the first two steps decides, where all else is random: 1: all.
double Shrinker::ContrastOf(const StepOrder& order, std::uint64_t size) {
  return Sample(order, 0, size).contrast();
}

std::vector<DecidingPair> Shrinker::DecidingPairs() {
  std::vector<DecidingPair> pairs;
  for (std::size_t i = 0; i + 1 < order_.steps.size() && pairs.size() < kPairsMax; ++i) {
    if (i >= order_.in_order || limit_met_) break;  // the order of the rest is not given
    if (PassesInOrder(Reversed(order_, i))) pairs.push_back(Sample(order_, i, kSample));
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
  return !RunFails(chooser, 0) && executor_.ending() == Ending::kFinished && chooser.kept() &&
         chooser.drew_all();
}

DecidingPair Shrinker::Sample(const StepOrder& order, std::size_t step, std::uint64_t size) {
  DecidingPair pair{.step = step};
  const PlacedPair placed = PlacesOf(order, step);
  Sample(order, placed, size, pair.in_order, pair.in_order_failed);
  Sample(Reversed(order, step), placed, size, pair.reversed, pair.reversed_failed);
  return pair;
}

// Of that step and the next one: the awaits by which a person is told which they are.
Shrinker::PlacedPair Shrinker::PlacesOf(const StepOrder& order, std::size_t step) {
  PlacedPair pair{{{order.steps[step], std::nullopt}, {order.steps[step + 1], std::nullopt}}};
  if (!MayRun()) return pair;
  OrderChooser chooser(order);
  RunWithEventsFails(chooser, 0);
  const std::vector<StepPlace> places = step_places_.Of(executor_.recorder(), chooser.log());
  for (PlacedStep& placed : pair) {
    const auto made = std::ranges::find(chooser.log(), placed.step);
    const auto at = static_cast<std::size_t>(made - chooser.log().begin());
    if (at < places.size()) placed.place = places[at].place;
  }
  return pair;
}

// Whether what these steps were in the last run, with events, is what they are called by.
bool Shrinker::MadeAsPlaced(const PlacedPair& pair, const std::vector<StepName>& log) {
  const std::vector<StepPlace> places = step_places_.Of(executor_.recorder(), log);
  return std::ranges::all_of(pair, [&](const PlacedStep& placed) {
    const auto at = static_cast<std::size_t>(std::ranges::find(log, placed.step) - log.begin());
    return !placed.place || at >= places.size() || places[at].place == *placed.place;
  });
}

// Schedules that keep the order and are random elsewhere.
void Shrinker::Sample(const StepOrder& order, const PlacedPair& pair, std::uint64_t size,
                      std::uint64_t& kept, std::uint64_t& failed) {
  OrderChooser chooser(order, kSampleSeed);
  for (std::uint64_t schedule = 1; schedule <= 2 * size && kept < size && MayRun(); ++schedule) {
    const bool fails = RunWithEventsFails(chooser, schedule);
    if (!chooser.kept() || !MadeAsPlaced(pair, chooser.log())) continue;
    if (!fails && !chooser.drew_all()) continue;  // what passes is the fault that did not strike
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
    plan.fails_plain = order_.steps.empty();
    if (plan.fails_plain) {
      plan.draws_decide = DrawsDecide();
      FindPlain(plan);
    } else {
      FindConflict();
      plan.pairs = DecidingPairs();
    }
    const bool others_pass = !plan.fails_plain || plan.others.passed > 0;
    // Runs without end are long, and hundreds of them are too many.
    const bool is_short = kind_.ending() != Ending::kStepLimit;
    if (others_pass && is_short && !plan.draws_decide) FindObserved(plan);
  }
  plan.order = std::move(order_);
  plan.runs = runs_;
  executor_.TearDown();
  return plan;
}

ShrinkResult RunShrunk(const Trace& trace, ShrinkPlan plan, BodyRef body,
                       const ShrinkOptions& options) {
  const std::size_t planned_steps = plan.order.steps.size();
  OrderChooser chooser(std::move(plan.order));
  RunOptions run_options{.chooser = &chooser,
                         .steps_max = options.run_steps_max,
                         .tasks_max = options.run_tasks_max,
                         .record = RecordMode::kEvents,
                         .schedule = trace.header.schedule};
  if (trace.header.ending == Ending::kStepLimit) run_options.steps_max = trace.header.steps;
  ShrinkResult result{.run = RunBody(body, run_options),
                      .steps = chooser.steps(),
                      .pairs = {},
                      .fails_plain = plan.fails_plain,
                      .draws_decide = plan.draws_decide,
                      .others = plan.others,
                      .found_message = {},
                      .runs = plan.runs,
                      .minimal = plan.minimal,
                      .reproduced = plan.reproduced};
  // They go by the places in the order, and a strand that did not come up has none.
  if (result.steps.size() == planned_steps) result.pairs = std::move(plan.pairs);
  TraceHeader& header = result.run.trace.header;
  if (header.message != trace.header.message) result.found_message = trace.header.message;
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
