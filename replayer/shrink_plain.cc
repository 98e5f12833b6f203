// SPDX-License-Identifier: MIT
//
// The part of a Shrinker for what fails first in, first out already. No order of steps is needed
// for that, and yet the order of two may decide: in other schedules it passes. From the top: the
// plain run and some others, at random; pairs of steps that may decide; what is tried of them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "heddle/causality.h"
#include "heddle/choice.h"
#include "heddle/random.h"
#include "heddle/task_table.h"
#include "order_chooser.h"
#include "seen_steps.h"
#include "shrinker.h"
#include "step_order.h"

namespace heddle::internal {
namespace {

constexpr std::uint64_t kRunsMax = 500;
constexpr std::uint64_t kOthers = 50;          // schedules at random
constexpr std::uint64_t kStayingEvery = 5;     // of them: one task after the other
constexpr std::uint64_t kOtherSeed = 43;       // not that of the samples, which are to confirm
constexpr std::size_t kLoggedMax = 1'000'000;  // steps of all of them
constexpr std::size_t kPassingSeen = 2;        // schedules that pass, and are looked at in full
constexpr std::size_t kConflictsOfTouch = 6;
constexpr std::size_t kConflictPairsMax = 256;
constexpr std::size_t kNearbySteps = 96;
constexpr std::size_t kReversals = 40;
constexpr std::size_t kNearbyReversals = 20;
constexpr std::uint64_t kSpareRuns = 120;
constexpr std::size_t kPassingOrderMax = 100;  // steps; what is longer says nothing
constexpr std::size_t kTriedMore = 3;
constexpr std::uint64_t kConfirmed = 20;  // schedules of each order, where no single one shows it
constexpr std::uint64_t kConfirmedLeast = 5;
constexpr double kPairDecides = 0.5;  // as report_order.cc says it
constexpr double kPairMatters = 0.2;
constexpr std::uint32_t kNever = std::numeric_limits<std::uint32_t>::max();

std::uint64_t DigestOf(const std::vector<StepName>& steps) {
  std::uint64_t digest = steps.size();
  for (const StepName& step : steps) {
    digest = Random::Mix(digest ^ Random::Mix(step.strand + step.number));
  }
  return digest;
}

// Some with few changes from task to task: what many can spoil passes there, and hardly by chance.
bool Stays(std::uint64_t schedule) { return schedule % kStayingEvery == 0; }

// Which events of a run may have to do with how it failed.
std::vector<bool> PastOfFailure(const Trace& trace) {
  const TraceHeader& header = trace.header;
  std::vector<TaskId> tasks;
  if (header.ending == Ending::kThrew) tasks.push_back(header.failed_task);
  if (header.ending == Ending::kStuck) {
    for (const WaitingTask& waiting : header.waiting) tasks.push_back(waiting.task);
  }
  if (tasks.empty()) return std::vector<bool>(trace.events.size(), true);
  const absl::flat_hash_set<TaskId> of_interest(tasks.begin(), tasks.end());
  std::vector<bool> past(trace.events.size());
  absl::flat_hash_set<TaskId> ended;
  const Causality causality(trace);
  for (std::size_t i = trace.events.size(); i-- > 0;) {
    const TaskId task = trace.events[i].task;
    if (of_interest.contains(task) && ended.insert(task).second) past[i] = true;
    if (!past[i]) continue;
    for (const std::size_t cause : causality.CausesOf(i)) past[cause] = true;
  }
  return past;
}

}  // namespace

class Shrinker::PlainSearch {
 public:
  explicit PlainSearch(Shrinker& shrinker) : shrinker_(&shrinker) {
    shrinker.runs_max_ = std::min(shrinker.runs_max_, shrinker.runs_ + kRunsMax);
  }

  // Sets the order of the shrinker to the two steps, if there are two.
  void Run(ShrinkPlan& plan) {
    if (!SeePlainRun()) return;
    SeeOthers();
    // Where several draws have to come together there is an answer already: an order might only say
    // what they come upon.
    if (SeeOthersByTurn() || (plan.draws_decide && shrinker_->order_.draws.size() > 1)) {
      plan.others = others_;
      return;
    }
    std::optional<Pair> best = Best(Conflicts(), kReversals);
    if (!best || best->evidence.contrast() < kPairDecides) {
      std::optional<Pair> beside = BesideOthers(/*all_steps=*/false);
      const bool better = beside && (!best || beside->evidence.contrast() >=
                                                  best->evidence.contrast() + kPairMatters);
      if (better) best = beside;
    }
    // What tasks share without declaring it conflicts as well, and no event tells.
    if (!best) best = Best(Nearby(), kNearbyReversals);
    if (!best) best = BesideOthers(/*all_steps=*/true);
    if (best) {
      shrinker_->order_ = OrderOf(*best);
      plan.pairs = {best->evidence};
    }
    plan.others = others_;
    plan.others.cut_short = shrinker_->limit_met_ || limit_lowered_;
  }

 private:
  // The first comes before the second in the plain run.
  struct Pair {
    StepName first;
    StepName second;
    bool in_past = false;  // both may have to do with the failure
    double promise = 0;    // how much more often others fail in this order
    DecidingPair evidence = {};
  };
  // A schedule that was drawn at random.
  struct Other {
    bool passed = false;
    std::vector<StepName> log;
  };
  using Places = absl::flat_hash_map<StepName, std::uint32_t>;

  bool SeePlainRun();
  void LowerLimit();
  void SeeOthers();
  bool SeeOthersByTurn();
  std::vector<SeenStep> SeenAgain(std::uint64_t schedule);
  bool NotePassed(const OrderChooser& chooser, bool failed);

  std::vector<Pair> Conflicts();
  void AddConflictsOfPassing(std::uint64_t schedule, std::vector<Pair>& pairs);
  void Add(const StepName& first, const StepName& second, bool in_past, std::vector<Pair>& pairs);
  std::vector<Pair> Nearby();

  void SetPromises(std::vector<Pair>& pairs) const;
  std::optional<Pair> Best(std::vector<Pair> pairs, std::size_t reversals_max);
  bool PassesReversed(const Pair& pair);
  std::optional<Pair> BesideOthers(bool all_steps);
  StepOrder SimplestPassing(bool all_steps);
  bool Passes(const StepOrder& order);
  static void SortByContrast(std::vector<Pair>& pairs);
  StepOrder OrderOf(const Pair& pair) const {
    return {.in_order = 2, .steps = {pair.first, pair.second}, .draws = shrinker_->order_.draws};
  }
  // By schedules of both orders; the fewer there are, the more they have to differ.
  static bool IsConfirmed(const Pair& pair) {
    const DecidingPair& evidence = pair.evidence;
    const std::uint64_t known = std::min(evidence.in_order, evidence.reversed);
    const double contrast = evidence.contrast();
    return contrast >= (known >= kConfirmed ? kPairMatters : kPairDecides) &&
           known >= kConfirmedLeast;
  }

  Shrinker* shrinker_;
  // Of the plain run: its steps, and behind them those that were not made any more.
  std::vector<SeenStep> steps_;
  std::size_t made_ = 0;
  std::vector<bool> in_past_;  // by step
  Places places_;
  absl::flat_hash_set<std::uint64_t> strands_;
  std::vector<Other> random_;
  absl::flat_hash_set<std::uint64_t> seen_;
  absl::flat_hash_set<std::pair<StepName, StepName>> known_;
  OtherSchedules others_;
  bool limit_lowered_ = false;
};

void Shrinker::FindPlain(ShrinkPlan& plan) { PlainSearch(*this).Run(plan); }

// --- the plain run, and others ------------------------------------------------------------

// False: there is no other.
bool Shrinker::PlainSearch::SeePlainRun() {
  Shrinker& shrinker = *shrinker_;
  LowerLimit();
  if (!shrinker.MayRun()) return false;
  OrderChooser chooser(shrinker.order_);
  shrinker.RunWithEventsFails(chooser, 0);
  shrinker.order_.draws = chooser.drawn();
  std::erase_if(shrinker.order_.draws, [](const PlannedDraw& draw) { return draw.value == 0; });
  const Trace trace = ResultOf(shrinker.executor_, shrinker.run_options_).trace;
  if (std::ranges::none_of(trace.choices,
                           [](const Choice& choice) { return choice.kind == ChoiceKind::kTask; })) {
    return false;
  }
  const std::vector<StepName> to_come = chooser.ToCome();
  for (const StepName& step : to_come) strands_.insert(step.strand);
  const Recorder& recorder = shrinker.executor_.recorder();
  steps_ = SeenSteps(recorder, chooser.log());
  made_ = steps_.size();
  for (SeenStep& step : StepsToCome(recorder, chooser.log(), to_come)) {
    steps_.push_back(std::move(step));
  }
  const std::vector<bool> past = PastOfFailure(trace);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    places_[steps_[i].name] = static_cast<std::uint32_t>(i);
    in_past_.push_back(steps_[i].event < past.size() && past[steps_[i].event]);
  }
  seen_.insert(DigestOf(chooser.log()));
  return true;
}

// Where a plain run never ends, nobody knows how long one takes that does: as long as leaves room
// for the tries. That a schedule is longer, and not without end, is then possible.
void Shrinker::PlainSearch::LowerLimit() {
  constexpr std::uint64_t kLeast = 10'000;
  constexpr std::uint64_t kTries = 200;
  if (shrinker_->kind_.ending() != Ending::kStepLimit) return;
  const std::uint64_t max = shrinker_->options_->steps_max;
  const std::uint64_t left = max - std::min(max, shrinker_->steps_);
  const std::uint64_t limit = std::max(kLeast, left / kTries);
  if (limit >= shrinker_->run_options_.steps_max) return;
  shrinker_->run_options_.steps_max = limit;
  limit_lowered_ = true;
}

void Shrinker::PlainSearch::SeeOthers() {
  OrderChooser chooser(shrinker_->order_, kOtherSeed);
  std::size_t logged = 0;
  for (std::uint64_t schedule = 1; schedule <= kOthers && shrinker_->MayRun(); ++schedule) {
    chooser.set_stays(Stays(schedule));
    const bool failed = shrinker_->RunFails(chooser, schedule);
    random_.push_back({.passed = NotePassed(chooser, failed), .log = chooser.log()});
    logged += chooser.log().size();
    if (logged > kLoggedMax) break;
  }
}

// Where other orders pass only because another task comes to draw: whether all fail in which
// whoever comes to it draws the same. Then it is the draws that decide, and no order.
bool Shrinker::PlainSearch::SeeOthersByTurn() {
  if (shrinker_->order_.draws.empty() || others_.passed == 0) return false;
  StepOrder order = shrinker_->order_;
  order.draws_by_turn = true;
  OrderChooser chooser(order, kOtherSeed);
  OtherSchedules others;
  absl::flat_hash_set<std::uint64_t> seen;
  for (std::uint64_t schedule = 1; schedule <= kOthers; ++schedule) {
    if (!shrinker_->MayRun()) return false;
    chooser.set_stays(Stays(schedule));
    if (!shrinker_->RunFails(chooser, schedule)) return false;
    if (seen.insert(DigestOf(chooser.log())).second) ++others.tried;
  }
  others_ = others;
  others_.cut_short = limit_lowered_;
  return true;
}

// Of the last run: whether it passed.
bool Shrinker::PlainSearch::NotePassed(const OrderChooser& chooser, bool failed) {
  const bool passed = shrinker_->executor_.ending() == Ending::kFinished;
  if (seen_.insert(DigestOf(chooser.log())).second) {
    ++others_.tried;
    if (passed) ++others_.passed;
    if (!passed && !failed) ++others_.failed_otherwise;
  }
  return passed;
}

// --- pairs that may decide ----------------------------------------------------------------

void Shrinker::PlainSearch::Add(const StepName& first, const StepName& second, bool in_past,
                                std::vector<Pair>& pairs) {
  if (!known_.emplace(first, second).second) return;
  pairs.push_back({.first = first, .second = second, .in_past = in_past});
}

// Steps that touch the same object, those near to the failure first; then those that schedules
// which pass make in the other order.
std::vector<Shrinker::PlainSearch::Pair> Shrinker::PlainSearch::Conflicts() {
  std::vector<Pair> pairs;
  Touches touches(steps_, kConflictsOfTouch);
  const auto all = [](std::size_t /*step*/) { return true; };
  for (std::size_t second = steps_.size(); second-- > 0 && pairs.size() < kConflictPairsMax;) {
    for (const Touches::Conflict& conflict : touches.LastConflicts(second, all)) {
      if (conflict.first >= made_) continue;  // of two that were not made no order is known
      Add(steps_[conflict.first].name, steps_[second].name,
          in_past_[conflict.first] && in_past_[second], pairs);
    }
  }
  std::size_t passing = 0;
  for (std::size_t i = 0; i < random_.size() && passing < kPassingSeen; ++i) {
    if (!random_[i].passed) continue;
    ++passing;
    AddConflictsOfPassing(i + 1, pairs);
  }
  return pairs;
}

// The steps of one of those that were drawn at random.
std::vector<SeenStep> Shrinker::PlainSearch::SeenAgain(std::uint64_t schedule) {
  if (!shrinker_->MayRun()) return {};
  OrderChooser chooser(shrinker_->order_, kOtherSeed);
  chooser.set_stays(Stays(schedule));
  shrinker_->RunWithEventsFails(chooser, schedule);
  return SeenSteps(shrinker_->executor_.recorder(), chooser.log());
}

void Shrinker::PlainSearch::AddConflictsOfPassing(std::uint64_t schedule,
                                                  std::vector<Pair>& pairs) {
  const std::vector<SeenStep> steps = SeenAgain(schedule);
  Touches touches(steps, kConflictsOfTouch);
  const auto all = [](std::size_t /*step*/) { return true; };
  const std::size_t most = pairs.size() + kConflictPairsMax;
  for (std::size_t last = steps.size(); last-- > 0 && pairs.size() < most;) {
    const auto made = places_.find(steps[last].name);
    if (made == places_.end() || made->second >= made_) continue;
    for (const Touches::Conflict& conflict : touches.LastConflicts(last, all)) {
      const StepName& other = steps[conflict.first].name;
      const auto place = places_.find(other);
      const bool later =
          place == places_.end() ? strands_.contains(other.strand) : place->second > made->second;
      if (later) {
        Add(steps[last].name, other, in_past_[made->second], pairs);
      }
    }
  }
}

// Any two of the last steps: the nearer they are to each other, the sooner.
std::vector<Shrinker::PlainSearch::Pair> Shrinker::PlainSearch::Nearby() {
  std::vector<std::size_t> places;
  for (std::size_t i = steps_.size(); i-- > 0 && places.size() < kNearbySteps;) {
    if (in_past_[i]) places.push_back(i);
  }
  std::ranges::reverse(places);
  std::vector<Pair> pairs;
  for (std::size_t distance = 1; distance < places.size(); ++distance) {
    for (std::size_t i = places.size() - distance; i-- > 0;) {
      const std::size_t first = places[i];
      const std::size_t second = places[i + distance];
      if (first >= made_ || steps_[first].name.strand == steps_[second].name.strand) continue;
      Add(steps_[first].name, steps_[second].name, true, pairs);
    }
  }
  return pairs;
}

// --- which of them does -------------------------------------------------------------------

// By the schedules that were drawn at random. What came up one way only is neither good nor bad.
void Shrinker::PlainSearch::SetPromises(std::vector<Pair>& pairs) const {
  Places of_step;
  for (const Pair& pair : pairs) {
    of_step.emplace(pair.first, static_cast<std::uint32_t>(of_step.size()));
    of_step.emplace(pair.second, static_cast<std::uint32_t>(of_step.size()));
  }
  struct Count {
    std::uint32_t all = 0;
    std::uint32_t failed = 0;
    double Share() const { return (failed + 1.0) / (all + 2.0); }
  };
  std::vector<Count> in_order(pairs.size());
  std::vector<Count> reversed(pairs.size());
  for (const Other& other : random_) {
    std::vector<std::uint32_t> places(of_step.size(), kNever);
    for (std::size_t i = 0; i < other.log.size(); ++i) {
      const auto step = of_step.find(other.log[i]);
      if (step != of_step.end()) places[step->second] = static_cast<std::uint32_t>(i);
    }
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const std::uint32_t first = places[of_step.at(pairs[i].first)];
      const std::uint32_t second = places[of_step.at(pairs[i].second)];
      if (first == second) continue;  // neither was made
      Count& count = first < second ? in_order[i] : reversed[i];
      ++count.all;
      if (!other.passed) ++count.failed;
    }
  }
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs[i].promise = in_order[i].Share() - reversed[i].Share();
  }
}

// The highest first; equals as they come.
void Shrinker::PlainSearch::SortByContrast(std::vector<Pair>& pairs) {
  std::vector<std::size_t> places(pairs.size());
  std::iota(places.begin(), places.end(), 0);
  std::ranges::sort(places, [&](std::size_t a, std::size_t b) {
    return std::tuple(-pairs[a].evidence.contrast(), a) <
           std::tuple(-pairs[b].evidence.contrast(), b);
  });
  std::vector<Pair> sorted;
  sorted.reserve(pairs.size());
  for (const std::size_t place : places) sorted.push_back(pairs[place]);
  pairs = std::move(sorted);
}

bool Shrinker::PlainSearch::PassesReversed(const Pair& pair) {
  return Passes(Reversed(OrderOf(pair), 0));
}

// In that order, and not because it cannot be kept.
bool Shrinker::PlainSearch::Passes(const StepOrder& order) {
  if (!shrinker_->MayRun()) return false;
  OrderChooser chooser(order);
  const bool failed = shrinker_->RunFails(chooser, 0);
  return NotePassed(chooser, failed) && chooser.kept() && chooser.drew_all();
}

// First come those that make the plain run pass with the two exchanged, and nothing else. Where
// more than two tasks are at it there may be none: a pair that makes a difference elsewhere will
// do.
std::optional<Shrinker::PlainSearch::Pair> Shrinker::PlainSearch::Best(std::vector<Pair> pairs,
                                                                       std::size_t reversals_max) {
  SetPromises(pairs);
  std::vector<std::size_t> ranked(pairs.size());
  std::iota(ranked.begin(), ranked.end(), 0);
  std::ranges::sort(ranked, [&](std::size_t a, std::size_t b) {
    return std::tuple(-pairs[a].promise, !pairs[a].in_past, a) <
           std::tuple(-pairs[b].promise, !pairs[b].in_past, b);
  });
  if (ranked.size() > reversals_max) ranked.resize(reversals_max);
  std::vector<Pair> finalists;
  std::vector<Pair> beside;
  for (const std::size_t place : ranked) {
    if (shrinker_->limit_met_ || finalists.size() == kTriedMore) break;
    Pair& pair = pairs[place];
    pair.evidence.passes_reversed = PassesReversed(pair);
    if (pair.evidence.passes_reversed) {
      finalists.push_back(pair);
    } else if (pair.promise >= kPairMatters) {
      beside.push_back(pair);
    }
  }
  for (std::size_t i = 0; i < beside.size() && finalists.size() < kTriedMore; ++i) {
    if (others_.passed > 0) finalists.push_back(beside[i]);
  }
  const auto sample = [&](Pair& pair, std::uint64_t size) {
    const bool passes = pair.evidence.passes_reversed;
    pair.evidence = shrinker_->Sample(OrderOf(pair), 0, size);
    pair.evidence.passes_reversed = passes;
    return pair.evidence.contrast();
  };
  if (finalists.size() > 1) {
    for (Pair& pair : finalists) {
      const bool decides = sample(pair, kSmallSample) >= 1;
      const DecidingPair& evidence = pair.evidence;
      const bool all_kept = evidence.in_order == kSmallSample && evidence.reversed == kSmallSample;
      if (decides && all_kept && evidence.passes_reversed) break;
    }
    std::erase_if(finalists, [](const Pair& pair) {
      return !pair.evidence.passes_reversed && pair.evidence.contrast() < kPairMatters;
    });
    SortByContrast(finalists);
    if (finalists.size() > 2) finalists.resize(2);
  }
  // Ten of each tell little: the second one may be the better.
  const double lead = finalists.size() < 2
                          ? 1
                          : finalists[0].evidence.contrast() - finalists[1].evidence.contrast();
  for (Pair& pair : finalists) {
    if (sample(pair, kSample) >= 1 || lead >= kPairDecides) break;
  }
  SortByContrast(finalists);
  for (const Pair& pair : finalists) {
    if (pair.evidence.passes_reversed || IsConfirmed(pair)) return pair;
  }
  return std::nullopt;
}

// --- where it takes more than two ---------------------------------------------------------

// Where each of many tasks may spoil it for the others, no two steps make it pass. So the order of
// some steps is looked for that does, and of those two that make it fail again.
std::optional<Shrinker::PlainSearch::Pair> Shrinker::PlainSearch::BesideOthers(bool all_steps) {
  const StepOrder passing = SimplestPassing(all_steps);
  if (passing.steps.size() > kPassingOrderMax) return std::nullopt;
  for (std::size_t i = 0; i + 1 < passing.steps.size() && !shrinker_->limit_met_; ++i) {
    const auto second = places_.find(passing.steps[i]);
    const auto first = places_.find(passing.steps[i + 1]);
    if (first == places_.end() || first->second >= made_) continue;
    if (second != places_.end() && second->second < first->second) continue;
    if (first->first.strand == passing.steps[i].strand) continue;
    if (!strands_.contains(passing.steps[i].strand)) continue;
    const StepOrder failing = Reversed(passing, i);
    if (!shrinker_->Fails(failing)) continue;
    Pair pair{.first = first->first, .second = passing.steps[i]};
    pair.evidence = shrinker_->Sample(failing, i, kSample);
    pair.evidence.step = 0;
    pair.evidence.others_in_order = passing.steps.size() - 2;
    pair.evidence.passes_reversed = pair.evidence.others_in_order == 0;
    if (pair.evidence.passes_reversed || IsConfirmed(pair)) return pair;
  }
  return std::nullopt;
}

// With all else first in, first out. `all_steps`: also of steps that touch nothing. Without steps:
// none is known.
StepOrder Shrinker::PlainSearch::SimplestPassing(bool all_steps) {
  StepOrder passing{.in_order = 0, .steps = {}, .draws = shrinker_->order_.draws};
  const auto found = std::ranges::find(random_, true, &Other::passed);
  if (found == random_.end()) return passing;
  std::vector<StepName> steps;
  for (const SeenStep& step : SeenAgain(static_cast<std::uint64_t>(found - random_.begin()) + 1)) {
    if (all_steps || !step.touches.empty()) steps.push_back(step.name);
  }
  const auto order_of = [&](const std::vector<StepName>& some) {
    return StepOrder{.in_order = some.size(), .steps = some, .draws = passing.draws};
  };
  const std::uint64_t runs_max = shrinker_->runs_ + kSpareRuns;
  const auto test = [&](const std::vector<StepName>& fewer) {
    return shrinker_->runs_ < runs_max && !fewer.empty() && Passes(order_of(fewer));
  };
  return test(steps) ? order_of(shrinker_->Spare(steps, test)) : passing;
}

}  // namespace heddle::internal
