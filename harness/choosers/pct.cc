// SPDX-License-Identifier: MIT
#include "heddle/choosers/pct.h"

#include <algorithm>
#include <cmath>

namespace heddle::inline HEDDLE_VARIANT {
namespace {

// Priorities of strands that met no change point lie above those of strands that did. What a
// strand draws that yields may be above or below both.
constexpr std::uint64_t kUnchanged = std::uint64_t{1} << 63;
constexpr std::uint64_t kChanged = std::uint64_t{1} << 62;

}  // namespace

PctChooser::PctChooser(std::uint64_t seed, std::uint32_t depth)
    : StrandChooser(seed),
      name_("pct" + std::to_string(std::max(depth, 1U))),
      depth_(std::max(depth, 1U)) {}

void PctChooser::BeginRun(std::uint64_t schedule) {
  StrandChooser::BeginRun(schedule);
  priority_seed_ = random().Next();
  priorities_.clear();
  ready_priorities_.Clear();
  change_points_.clear();
  next_change_ = 0;
  if (steps_most_ == 0) return;
  const auto length = static_cast<std::uint32_t>(std::min<std::uint64_t>(steps_most_, 0xffffffff));
  for (std::uint64_t priority = depth_ - 1; priority > 0; --priority) {
    change_points_.push_back({.step = random().Below(length), .priority = kChanged + priority});
  }
  std::ranges::sort(change_points_, {}, &ChangePoint::step);
}

std::size_t PctChooser::ChooseTask(const ReadySet& ready) {
  strands_.Update(ready, *this);
  internal::StrandNumber next = ready_priorities_.Top();
  while (next_change_ < change_points_.size() &&
         change_points_[next_change_].step == strands_.steps()) {
    priorities_[next] = change_points_[next_change_++].priority;
    ready_priorities_.Set(next, priorities_[next]);
    next = ready_priorities_.Top();
  }
  return strands_.Step(ready, next);
}

void PctChooser::EndRun(const Recorder& /*recorder*/, Ending /*ending*/) {
  if (strands_.steps() > steps_most_) {
    steps_most_ = strands_.steps();
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
  if (depth > depth_ || steps == 0 || steps > steps_most_ || yields_) return 1;
  const double found = 1 / (static_cast<double>(std::max(strands, strands_most_)) *
                            std::pow(static_cast<double>(steps_most_), depth_ - 1));
  return std::pow(1 - found, static_cast<double>(runs_));
}

void PctChooser::OnSpawn(internal::StrandNumber strand) {
  priorities_.push_back(Random::Mix(priority_seed_ ^ strands_[strand].path) | kUnchanged);
}

void PctChooser::OnArrive(internal::StrandNumber strand, Candidate candidate) {
  if (candidate.operation() == Operation::kYield) {
    yields_ = true;
    priorities_[strand] = random().Next() | 1;
  }
  ready_priorities_.Set(strand, priorities_[strand]);
}

}  // namespace heddle::inline HEDDLE_VARIANT
