// SPDX-License-Identifier: MIT
#include "heddle/internal/strands.h"

#include <algorithm>

#include "heddle/random.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

void Strands::BeginRun() {
  ++run_;
  last_ = kNoStrand;
  last_id_ = kNoTask;
  ready_ = 0;
  dropped_ = 0;
  steps_ = 0;
  body_children_ = 0;
  body_history_ = 0;
  strands_.clear();
  std::ranges::fill(objects_, ObjectHistory());
}

void Strands::Draw(std::uint32_t value) {
  std::uint64_t& history = last_ != kNoStrand ? strands_[last_].history : body_history_;
  history = Fold(history, value + 1);
}

std::uint64_t Strands::Digest() const {
  std::uint64_t digest = Random::Mix(body_history_);
  for (const Strand& strand : strands_) digest += Random::Mix(strand.history);
  return digest;
}

// kNoStrand: it came and went since the last step, or was dropped before.
StrandNumber Strands::TakeDropped(TaskId strand) {
  const StrandNumber number = Find(strand);
  if (number == kNoStrand || strands_[number].pending == nullptr) return kNoStrand;
  strands_[number].pending = nullptr;
  --ready_;
  return number;
}

// In the order in which they became ready; and which strands are new, in that of their ids.
void Strands::ListArrivals(const ReadySet& ready) {
  arrived_.clear();
  spawned_.clear();
  const ReadyLink* link = &ready.Last();
  const std::size_t stayed = ready_ - (last_ != kNoStrand ? 1 : 0);
  for (std::size_t arrivals = ready.size() - stayed; arrivals > 0; --arrivals) {
    const auto* task = static_cast<const TaskState*>(link);
    arrived_.push_back(task);
    if (TouchesObject(task->operation()) && task->object() >= objects_.size()) {
      objects_.resize(std::size_t{task->object()} + 1);
    }
    if (Find(task->strand) == kNoStrand) {
      spawned_.push_back({.id = task->strand, .spawner = task->spawner});
    }
    link = task->previous_ready;
  }
  ready_ = ready.size();
  std::ranges::reverse(arrived_);
  std::ranges::sort(spawned_);
}

// A strand is seen when it is ready for the first time. That may be long after it was spawned.
void Strands::Add(const NewStrand& strand) {
  const TaskId id = strand.id;
  const StrandNumber spawner_number = Find(strand.spawner);
  std::uint64_t spawner_path = 0;
  std::uint64_t history = body_history_;
  std::uint32_t ordinal = 0;
  if (spawner_number != kNoStrand) {
    Strand& spawner = strands_[spawner_number];
    spawner_path = spawner.path;
    history = spawner.history;
    ordinal = ++spawner.children;
  } else {
    ordinal = ++body_children_;
  }
  const std::uint64_t path = Random::Mix(Random::Mix(spawner_path) + ordinal);
  if (id >= known_.size()) known_.resize(std::size_t{id} + 1);
  known_[id] = {.run = run_, .number = size()};
  strands_.push_back(
      {.id = id, .history = Fold(history, path), .path = path, .spawner = spawner_number});
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT
