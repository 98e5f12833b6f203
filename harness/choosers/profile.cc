// SPDX-License-Identifier: MIT
#include "heddle/internal/profile.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace heddle::internal::inline HEDDLE_VARIANT {
namespace {

constexpr std::uint64_t kRunsMost = 60;

}  // namespace

void Profile::EndRun(const Strands& strands, Ending ending) {
  const bool finished = ending == Ending::kFinished;
  by_object_ = touches_;
  std::ranges::sort(by_object_);
  const bool better = finished_ ? finished && CountSharedTouches() > shared_touches_
                                : finished || strands.steps() > steps_most_;
  if (better) {
    finished_ = finished;
    steps_most_ = strands.steps();
    Learn(strands);
  }
  touches_.clear();
  complete_ = complete_ || finished_ || runs_ + 1 == kRunsMost;
  ++runs_;
}

// How often objects were touched that two strands or more touch.
std::uint64_t Profile::CountSharedTouches() const {
  std::uint64_t shared_touches = 0;
  for (std::size_t first = 0, end = 0; first < by_object_.size(); first = end) {
    while (end < by_object_.size() && by_object_[end].object == by_object_[first].object) ++end;
    if (by_object_[first].strand != by_object_[end - 1].strand) shared_touches += end - first;
  }
  return shared_touches;
}

void Profile::Learn(const Strands& strands) {
  const StrandNumber size = strands.size();
  spawners_.resize(size);
  steps_.resize(size);
  own_steps_.resize(size);
  paths_.resize(size);
  for (StrandNumber i = 0; i < size; ++i) {
    spawners_[i] = strands[i].spawner;
    steps_[i] = own_steps_[i] = strands[i].steps;
    paths_[i] = strands[i].path;
  }
  // Who spawns comes first.
  for (StrandNumber i = size; i-- > 0;) {
    if (spawners_[i] != kNoStrand) steps_[spawners_[i]] += steps_[i];
  }
  IndexPaths(strands);
  LearnSequences();
  LearnSharedObjects();
}

void Profile::IndexPaths(const Strands& strands) {
  buckets_.assign(std::bit_ceil(2 * std::size_t{strands.size()} + 1), kUnknown);
  for (Entry entry = 0; entry < strands.size(); ++entry) {
    std::size_t bucket = paths_[entry] & (buckets_.size() - 1);
    while (buckets_[bucket] != kUnknown) bucket = (bucket + 1) & (buckets_.size() - 1);
    buckets_[bucket] = entry;
  }
}

Profile::Entry Profile::Find(std::uint64_t path) const {
  if (buckets_.empty()) return kUnknown;
  std::size_t bucket = path & (buckets_.size() - 1);
  while (buckets_[bucket] != kUnknown && paths_[buckets_[bucket]] != path) {
    bucket = (bucket + 1) & (buckets_.size() - 1);
  }
  return buckets_[bucket];
}

void Profile::LearnSequences() {
  std::vector<std::uint32_t> next(paths_.size() + 1);
  for (const TouchRecord& touch : touches_) ++next[touch.strand + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  sequence_ends_.assign(next.begin() + 1, next.end());
  sequences_.resize(touches_.size());
  for (const TouchRecord& touch : touches_) sequences_[next[touch.strand]++] = touch.object;
}

ObjectId Profile::ObjectOf(Entry entry, std::uint64_t ordinal) const {
  const std::uint64_t at = (entry == 0 ? 0 : sequence_ends_[entry - 1]) + ordinal;
  return at < sequence_ends_[entry] ? sequences_[at] : 0;
}

void Profile::LearnSharedObjects() {
  shared_objects_.clear();
  shares_.clear();
  shared_touches_ = 0;
  for (std::size_t i = 0; i < by_object_.size();) {
    SharedObject object{.touches = 0,
                        .first_share = static_cast<std::uint32_t>(shares_.size()),
                        .id = by_object_[i].object};
    for (; i < by_object_.size() && by_object_[i].object == object.id; ++i) {
      const bool same =
          shares_.size() > object.first_share && shares_.back().entry == by_object_[i].strand;
      if (!same) shares_.push_back({.entry = by_object_[i].strand, .touches = 0});
      ++shares_.back().touches;
      ++object.touches;
    }
    if (shares_.size() - object.first_share < 2) {
      shares_.resize(object.first_share);
    } else {
      shared_objects_.push_back(object);
      shared_touches_ += object.touches;
    }
  }
  shared_objects_.push_back({.first_share = static_cast<std::uint32_t>(shares_.size())});
}

void Profile::CountTouches(std::size_t shared_object, std::vector<std::uint64_t>& by_entry) const {
  by_entry.assign(paths_.size(), 0);
  for (std::uint32_t i = shared_objects_[shared_object].first_share;
       i < shared_objects_[shared_object + 1].first_share; ++i) {
    for (Entry entry = shares_[i].entry; entry != kNoStrand; entry = spawners_[entry]) {
      by_entry[entry] += shares_[i].touches;
    }
  }
}

void Profile::AddTouches(std::size_t shared_object, Turns& turns) const {
  for (std::uint32_t i = shared_objects_[shared_object].first_share;
       i < shared_objects_[shared_object + 1].first_share; ++i) {
    turns.Add(shares_[i].entry, shares_[i].touches);
  }
}

void Profile::AddSteps(Turns& turns) const {
  for (Entry entry = 0; entry < own_steps_.size(); ++entry) turns.Add(entry, own_steps_[entry]);
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT
