// SPDX-License-Identifier: MIT
#include "heddle/choosers/pct.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace heddle::inline HEDDLE_VARIANT {
namespace {

// Priorities of strands that met no change point lie above those of strands that did. What a
// strand draws that yields may be above or below both.
constexpr std::uint32_t kUnchanged = std::uint32_t{1} << 31;
constexpr std::uint32_t kChanged = std::uint32_t{1} << 30;

}  // namespace

PctChooser::PctChooser(std::uint64_t seed, std::uint32_t depth)
    : StrandChooser(seed),
      name_("pct" + std::to_string(std::max(depth, 1U))),
      depth_(std::max(depth, 1U)) {}

void PctChooser::BeginRun(std::uint64_t schedule) {
  StrandChooser::BeginRun(schedule);
  priority_seed_ = random().Next();
  priorities_.clear();
  ready_.Clear();
  change_points_.clear();
  if (steps_most_ > 0) {
    const auto length =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(steps_most_, 0xffffffff));
    for (std::uint32_t priority = depth_ - 1; priority > 0; --priority) {
      change_points_.push_back({.step = random().Below(length), .priority = kChanged + priority});
    }
    std::ranges::sort(change_points_, std::ranges::greater());
  }
  next_turn_ = LongRun();
  next_change_ = NextChange();
}

std::size_t PctChooser::ChooseTask(const ReadySet& ready) {
  strands_.Update(ready, *this);
  if (strands_.steps() == next_change_) [[unlikely]] {
    ChangePriorities(ready);
  }
  return strands_.Step(ready_.HoldTop());
}

void PctChooser::ChangePriorities(const ReadySet& ready) {
  const auto change = [&](internal::StrandNumber strand, std::uint32_t priority) {
    priorities_[strand] = priority;
    ready_.Set(strand, priority);
  };
  const std::uint64_t step = strands_.steps();
  for (; !change_points_.empty() && change_points_.back().step == step; change_points_.pop_back()) {
    change(ready_.Top(), change_points_.back().priority);
  }
  if (step == next_turn_) {
    for (std::size_t i = 0; i < ready.size(); ++i) change(strands_.Of(ready[i]), DrawPriority());
    next_turn_ += kTurn;
  }
  next_change_ = NextChange();
}

std::uint64_t PctChooser::NextChange() const {
  return change_points_.empty() ? next_turn_ : std::min(change_points_.back().step, next_turn_);
}

std::uint32_t PctChooser::ChooseValue(std::uint32_t alternatives) {
  draws_ = true;
  return StrandChooser::ChooseValue(alternatives);
}

// What a run takes beyond twice the shortest, while a task polls, says nothing of the next one. If
// it counted, the next one would be let poll for twice as long.
void PctChooser::EndRun(const Recorder& /*recorder*/, Ending /*ending*/) {
  const std::uint64_t steps = strands_.steps();
  steps_least_ = steps_least_ == 0 ? steps : std::min(steps_least_, steps);
  if (steps_most_ > LongRun()) steps_most_ = 0;
  if (steps > LongRun()) {
    polls_ = true;
  } else if (steps > steps_most_) {
    steps_most_ = steps;
    runs_ = 0;
  } else {
    ++runs_;
  }
  strands_most_ = std::max<std::uint64_t>(strands_most_, strands_.size());
}

double PctChooser::miss_probability(std::uint32_t depth) const {
  return MissProbability(depth, steps_most_, strands_most_);
}

double PctChooser::MissProbability(std::uint32_t depth, std::uint64_t steps,
                                   std::uint64_t strands) const {
  if (depth > depth_ || steps == 0 || steps > steps_most_ || yields_ || draws_ || polls_) return 1;
  const double found = 1 / (static_cast<double>(std::max(strands, strands_most_)) *
                            std::pow(static_cast<double>(steps_most_), depth_ - 1));
  return std::pow(1 - found, static_cast<double>(runs_));
}

void PctChooser::OnSpawn(internal::StrandNumber strand) {
  const std::uint64_t drawn = Random::Mix(priority_seed_ ^ strands_[strand].path);
  priorities_.push_back(static_cast<std::uint32_t>(drawn >> 32) | kUnchanged);
}

void PctChooser::ChangePriorityOfYielded(internal::StrandNumber strand) {
  yields_ = true;
  priorities_[strand] = DrawPriority();
}

}  // namespace heddle::inline HEDDLE_VARIANT
