// SPDX-License-Identifier: MIT
//
// The part of a Shrinker for where trying does not show which order decides: the steps that bring a
// failure about are not always those that meet in it. Schedules are drawn at random, and of all
// pairs of steps the one is taken whose order tells most of how they ended. In the order of the
// simple schedule it takes its place, and what that can spare then is taken out.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "observation.h"
#include "order_chooser.h"
#include "seen_steps.h"
#include "shrinker.h"
#include "step_places.h"

namespace heddle::internal {
namespace {

constexpr std::uint64_t kObservedRuns = 300;
constexpr std::uint64_t kObservedSeed = 44;  // not that of the samples
constexpr std::size_t kFailedLeast = 8;
constexpr double kClearly = 0.9;      // what was tried says enough
constexpr double kTellsMore = 0.15;   // than what was tried
constexpr double kTellsEnough = 0.5;  // as report_order.cc says it
constexpr double kTellsIfPure = 0.25;

ObservedPair AsObserved(const DecidingPair& pair) {
  const auto small = [](std::uint64_t number) { return static_cast<std::uint32_t>(number); };
  return {.in_order = small(pair.in_order),
          .in_order_failed = small(pair.in_order_failed),
          .reversed = small(pair.reversed),
          .reversed_failed = small(pair.reversed_failed)};
}

}  // namespace

class Shrinker::Observer {
 public:
  explicit Observer(Shrinker& shrinker) : shrinker_(&shrinker) {}

  void Run(ShrinkPlan& plan) {
    double known = 0;
    for (const DecidingPair& pair : plan.pairs) {
      if (pair.contrast() >= kClearly) return;
      known = std::max({known, pair.contrast(), AsObserved(pair).Worth()});
    }
    if (!SeeSimpleRun()) return;
    bool in_order = false;
    std::optional<ObservedPair> best =
        BestOf(StepOrder{.in_order = 0, .steps = {}, .draws = Draws()});
    if (failed_ < kFailedLeast && !shrinker_->order_.steps.empty() && !plan.fails_plain) {
      best = BestOf(shrinker_->order_);
      in_order = true;
    }
    if (!best) return;
    const bool pure = best->is_needed() || best->is_enough();
    if (best->Contrast() < (pure ? kTellsIfPure : kTellsEnough)) return;
    if (best->Worth() < known + kTellsMore) return;
    Take(*best, in_order, plan);
  }

 private:
  const std::vector<PlannedDraw>& Draws() const { return shrinker_->order_.draws; }

  // Its steps, and where each began.
  bool SeeSimpleRun() {
    OrderChooser chooser(shrinker_->order_);
    if (!shrinker_->MayRun()) return false;
    if (!shrinker_->RunWithEventsFails(chooser, 0)) return false;
    const Recorder& recorder = shrinker_->executor_.recorder();
    log_ = chooser.log();
    steps_ = SeenSteps(recorder, log_);
    if (steps_.size() != log_.size()) return false;
    AddCancelled(recorder, chooser.ToCome());
    const std::vector<SeenStep> cancelled(steps_.end() - std::ssize(cancelled_in_), steps_.end());
    places_ = names_.Of(recorder, log_, cancelled);
    for (const SeenStep& step : cancelled) log_.push_back(step.name);
    return steps_.size() == places_.size();
  }

  // Steps that were not made because somebody cancelled their task before the failure: a timeout,
  // say. What comes to nothing because of the failure tells nothing.
  void AddCancelled(const Recorder& recorder, const std::vector<StepName>& to_come) {
    const TaskId failed =
        shrinker_->kind_.ending() == Ending::kThrew ? shrinker_->executor_.failed_task() : kNoTask;
    absl::flat_hash_map<TaskId, std::size_t> cancelled;  // in which step
    std::size_t begun = 0;
    bool is_over = false;
    recorder.VisitEvents([&](const Recorder::EventView& event) {
      if (event.begins_step()) ++begun;
      if (event.kind != EventKind::kFinish || is_over || begun == 0) return;
      is_over = event.task == failed;
      const auto outcome = static_cast<Outcome>(event.operation);
      if (outcome == Outcome::kCancelled) cancelled.emplace(event.task, begun - 1);
    });
    for (const SeenStep& step : StepsToCome(recorder, log_, to_come)) {
      const auto in_step = cancelled.find(step.task);
      if (in_step == cancelled.end() || in_step->second >= log_.size()) continue;
      steps_.push_back(step);
      cancelled_in_.push_back(in_step->second);
    }
  }

  // Schedules that keep the order and are random elsewhere. How one ended that failed in another
  // way tells nothing.
  std::optional<ObservedPair> BestOf(const StepOrder& order) {
    Observation observation(steps_, places_, cancelled_in_);
    OrderChooser chooser(order, kObservedSeed);
    for (std::uint64_t run = 1; run <= kObservedRuns && shrinker_->MayRun(); ++run) {
      const bool failed = shrinker_->RunWithEventsFails(chooser, run);
      const bool passed = shrinker_->executor_.ending() == Ending::kFinished;
      if (!chooser.kept() || (!failed && !passed)) continue;
      if (passed && !chooser.drew_all()) continue;
      observation.Add(names_.Of(shrinker_->executor_.recorder(), chooser.log()), failed);
    }
    failed_ = observation.failed();
    return observation.Best();
  }

  // The order of the simple schedule, with both of the pair where that made them.
  void Take(const ObservedPair& pair, bool in_order, ShrinkPlan& plan) {
    const StepName& first = log_[pair.first];
    const StepName& second = log_[pair.second];
    const auto adds_steps = [this](const StepOrder& order) {
      return order.steps.size() > shrinker_->order_.steps.size();
    };
    StepOrder order{.in_order = 2, .steps = {first, second}, .draws = Draws()};
    if (!shrinker_->Fails(order)) {
      std::optional<StepOrder> beside = BesideOthers(first, second);
      if (!beside || (adds_steps(*beside) && pair.Contrast() < kTellsEnough)) return;
      order = *std::move(beside);
      // What fails in the other order, too, comes of the failure, or of what brings it about.
      if (FailsExchanged(order, first, second)) return;
    }
    const auto place_of = [&order](const StepName& step) {
      return static_cast<std::size_t>(std::ranges::find(order.steps, step) - order.steps.begin());
    };
    DecidingPair deciding{.step = place_of(first)};
    deciding.distance = place_of(second) - deciding.step;
    deciding.in_order = pair.in_order;
    deciding.in_order_failed = pair.in_order_failed;
    deciding.reversed = pair.reversed;
    deciding.reversed_failed = pair.reversed_failed;
    deciding.observed = true;
    deciding.others_in_order = in_order ? order.steps.size() - 2 : 0;
    shrinker_->order_ = std::move(order);
    plan.pairs = {deciding};
  }

  // In an order that can be kept.
  bool FailsExchanged(StepOrder order, const StepName& first, const StepName& second) {
    std::iter_swap(std::ranges::find(order.steps, first), std::ranges::find(order.steps, second));
    if (!shrinker_->MayRun()) return false;
    OrderChooser chooser(std::move(order));
    return shrinker_->RunFails(chooser, 0) && chooser.kept();
  }

  std::optional<StepOrder> BesideOthers(const StepName& first, const StepName& second) {
    const StepOrder& simple = shrinker_->order_;
    if (simple.in_order != simple.steps.size()) return std::nullopt;
    std::vector<StepName> others;
    for (const StepName& step : simple.steps) {
      if (step != first && step != second) others.push_back(step);
    }
    const auto with = [&](const std::vector<StepName>& some) {
      StepOrder order{.in_order = some.size() + 2, .steps = some, .draws = simple.draws};
      order.steps.push_back(first);
      order.steps.push_back(second);
      std::ranges::sort(order.steps, [this](const StepName& a, const StepName& b) {
        return std::pair(PlaceOf(a), a.number) < std::pair(PlaceOf(b), b.number);
      });
      return order;
    };
    const auto test = [&](const std::vector<StepName>& some) {
      return shrinker_->Fails(with(some));
    };
    if (!test(others)) return std::nullopt;
    return with(shrinker_->Spare(others, test));
  }

  // In the simple run. What it does not come to is behind all else.
  std::size_t PlaceOf(const StepName& step) const {
    return static_cast<std::size_t>(std::ranges::find(log_, step) - log_.begin());
  }

  Shrinker* shrinker_;
  StepPlaces names_;
  std::vector<StepName> log_;
  std::vector<SeenStep> steps_;
  std::vector<StepPlace> places_;
  std::vector<std::size_t> cancelled_in_;  // of the last of them: not made, as somebody cancelled
  std::size_t failed_ = 0;
};

void Shrinker::FindObserved(ShrinkPlan& plan) {
  if (options_->runs_max < runs_ + kObservedRuns) return;
  const bool limit_met = std::exchange(limit_met_, false);
  runs_max_ = options_->runs_max;
  Observer(*this).Run(plan);
  limit_met_ = limit_met;
}

}  // namespace heddle::internal
