// SPDX-License-Identifier: MIT
#include "observation.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace heddle::internal {
namespace {

constexpr std::size_t kObservedSteps = 250;
constexpr std::uint32_t kObservedLeast = 5;  // schedules of each order
constexpr int kShades = 20;                  // what is worth as much within a twentieth
constexpr std::uint32_t kNotMade = std::numeric_limits<std::uint32_t>::max();

// As if one more of both sorts had been seen.
double ShareOf(std::uint32_t failed, std::uint32_t all) { return (failed + 1.0) / (all + 2.0); }

}  // namespace

double ObservedPair::Contrast() const {
  return ShareOf(in_order_failed, in_order) - ShareOf(reversed_failed, reversed);
}

double ObservedPair::Worth() const {
  constexpr double kPure = 0.2;
  return Contrast() + (is_needed() ? kPure : 0) + (is_enough() ? kPure : 0);
}

Observation::Observation(const std::vector<SeenStep>& steps, const std::vector<StepPlace>& places,
                         const std::vector<std::size_t>& cancelled_in)
    : steps_(steps),
      cancelled_in_(cancelled_in),
      made_(steps.size() - cancelled_in.size()),
      begin_(places.size() - std::min(places.size(), kObservedSteps)) {
  for (std::size_t i = begin_; i < places.size(); ++i) {
    steps_by_place_.emplace(places[i], i - begin_);
  }
}

void Observation::Add(const std::vector<StepPlace>& places, bool failed) {
  Schedule schedule{.failed = failed, .at = std::vector(steps_.size() - begin_, kNotMade)};
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto step = steps_by_place_.find(places[i]);
    if (step != steps_by_place_.end()) schedule.at[step->second] = static_cast<std::uint32_t>(i);
  }
  schedules_.push_back(std::move(schedule));
  if (failed) ++failed_;
}

std::optional<ObservedPair> Observation::Best() const {
  std::optional<ObservedPair> best;
  std::tuple<int, bool, std::size_t, std::size_t> best_rank;
  const std::size_t count = steps_.size() - begin_;
  for (std::size_t second = count; second-- > 0;) {
    for (std::size_t first = second; first-- > 0;) {
      if (!MayDecide(begin_ + first, begin_ + second)) continue;
      const ObservedPair pair = CountOf(first, second);
      if (std::min(pair.in_order, pair.reversed) < kObservedLeast) continue;
      const int shade = static_cast<int>(pair.Worth() * kShades);
      if (best && shade < std::get<0>(best_rank)) continue;
      const std::tuple rank(shade, Conflict(pair.first, pair.second), second, first);
      if (best && rank <= best_rank) continue;
      best = pair;
      best_rank = rank;
    }
  }
  return best;
}

// A step that was not made is late for the one that kept it from being made.
bool Observation::MayDecide(std::size_t first, std::size_t second) const {
  if (steps_[first].name.strand == steps_[second].name.strand) return false;
  return second < made_ || cancelled_in_[second - made_] == first;
}

ObservedPair Observation::CountOf(std::size_t first, std::size_t second) const {
  ObservedPair pair{.first = begin_ + first, .second = begin_ + second};
  for (const Schedule& schedule : schedules_) {
    const std::uint32_t a = schedule.at[first];
    const std::uint32_t b = schedule.at[second];
    const bool one_is_enough = pair.second >= made_;  // who comes first cancels the other
    if (one_is_enough ? a == b : a == kNotMade || b == kNotMade) continue;
    std::uint32_t& all = a < b ? pair.in_order : pair.reversed;
    std::uint32_t& failed = a < b ? pair.in_order_failed : pair.reversed_failed;
    ++all;
    if (schedule.failed) ++failed;
  }
  return pair;
}

bool Observation::Conflict(std::size_t first, std::size_t second) const {
  return std::ranges::any_of(steps_[first].touches, [&](const SeenTouch& a) {
    return std::ranges::any_of(steps_[second].touches, [&](const SeenTouch& b) {
      return a.object == b.object && !(a.reads_only && b.reads_only);
    });
  });
}

}  // namespace heddle::internal
