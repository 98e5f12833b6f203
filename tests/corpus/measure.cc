// SPDX-License-Identifier: MIT
#include "corpus/measure.h"

#include <algorithm>

#include "heddle/choosers/exhaustive.h"
#include "heddle/choosers/pct.h"
#include "heddle/choosers/pos.h"
#include "heddle/choosers/surw.h"
#include "heddle/choosers/urw.h"

namespace heddle::corpus {

void WalkObserver::BeginRun(std::uint64_t schedule) {
  inner_->BeginRun(schedule);
  probability_ = 1;
  steps_ = preemptions_ = 0;
  last_strand_ = kNoTask;
}

std::size_t WalkObserver::ChooseTask(const ReadySet& ready) {
  const bool asks = ready.size() > 1 || inner_->wants_every_step();
  const std::size_t index = asks ? inner_->ChooseTask(ready) : 0;
  if (index >= ready.size()) return index;
  const TaskId strand = ready[index].strand();
  for (std::size_t i = 0; i < ready.size(); ++i) {
    if (ready[i].strand() == last_strand_ && strand != last_strand_) ++preemptions_;
  }
  last_strand_ = strand;
  probability_ /= static_cast<double>(ready.size());
  ++steps_;
  return index;
}

std::uint32_t WalkObserver::ChooseValue(std::uint32_t alternatives) {
  probability_ /= alternatives;
  return inner_->ChooseValue(alternatives);
}

Exact Enumerate(const Entry& entry, StartMode mode, std::uint64_t interleavings_max) {
  ExhaustiveChooser exhaustive;
  WalkObserver observer(exhaustive);
  ProgramRunner runner(entry, mode, observer);
  Exact exact;
  while (!runner.exhausted() && exact.interleavings < interleavings_max) {
    const bool fails = runner.Fails(++exact.interleavings);
    exact.longest = std::max(exact.longest, observer.steps());
    if (!fails) continue;
    ++exact.failing;
    exact.walk_fails += observer.probability();
    exact.preemptions = std::min(exact.preemptions, observer.preemptions());
  }
  exact.complete = runner.exhausted();
  return exact;
}

std::unique_ptr<Chooser> MakeChooser(Strategy strategy, std::uint64_t seed) {
  switch (strategy) {
    case Strategy::kWalk:
      return std::make_unique<RandomChooser>(seed);
    case Strategy::kPct3:
      return std::make_unique<PctChooser>(seed, 3);
    case Strategy::kPos:
      return std::make_unique<PosChooser>(seed);
    case Strategy::kUrw:
      return std::make_unique<UrwChooser>(seed);
    case Strategy::kSurw:
      break;
  }
  return std::make_unique<SurwChooser>(seed);
}

Sample TakeSample(const Entry& entry, StartMode mode, std::uint64_t schedules,
                  const std::function<std::unique_ptr<Chooser>(std::uint64_t)>& make) {
  constexpr std::uint64_t kSeeds = 20;
  Sample sample;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const std::unique_ptr<Chooser> chooser = make(seed);
    ProgramRunner runner(entry, mode, *chooser);
    for (std::uint64_t schedule = 1; schedule <= schedules / kSeeds; ++schedule) {
      ++sample.schedules;
      if (runner.Fails(schedule)) ++sample.failures;
    }
  }
  return sample;
}

}  // namespace heddle::corpus
