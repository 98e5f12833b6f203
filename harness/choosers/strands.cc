// SPDX-License-Identifier: MIT
#include "heddle/internal/strands.h"

#include <bit>

#include "heddle/random.h"

namespace heddle::internal::inline HEDDLE_VARIANT {
namespace {

constexpr std::uint64_t Fold(std::uint64_t digest, std::uint64_t word) {
  return (std::rotl(digest, 25) ^ word) * 0x9e3779b97f4a7c15;
}

}  // namespace

void Strands::BeginRun() {
  ++run_;
  steps_ = 0;
  body_children_ = 0;
  body_history_ = 0;
  last_ = kNoStrand;
  strands_.clear();
  slots_.clear();
}

std::size_t Strands::Step(const ReadySet& ready, StrandNumber number) {
  Strand& strand = strands_[number];
  const std::size_t index = strand.index;
  const Candidate candidate = ready[index];
  Remember(strand, candidate.operation(), candidate.object());
  ++strand.steps;
  ++steps_;
  strand.index = kNowhere;
  last_ = number;
  hole_ = index;
  drops_ = ready.drops();
  return index;
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

// Who made the last step has left; the last candidate, or a task that yielded, has taken its place.
// False if that is not all that happened.
bool Strands::FillHole(const ReadySet& ready) {
  const std::size_t last = slots_.size() - 1;
  hole_taken_ = false;
  if (hole_ == last) {
    slots_.pop_back();
    return ready.size() >= last;
  }
  if (ready.size() < last) return false;
  const StrandNumber moved = slots_[last];
  if (ready[hole_].strand() == strands_[moved].id) {
    slots_[hole_] = moved;
    strands_[moved].index = static_cast<std::uint32_t>(hole_);
    slots_.pop_back();
  } else {
    hole_taken_ = true;
  }
  return true;
}

// Candidates that were ready before keep their pending step; the others arrive.
void Strands::LookAtAll(const ReadySet& ready) {
  ++scan_;
  std::swap(before_, slots_);
  slots_.resize(ready.size());
  for (const StrandNumber number : before_) {
    if (strands_[number].index != kNowhere) strands_[number].scan = scan_;
    strands_[number].index = kNowhere;
  }
  for (std::size_t i = 0; i < ready.size(); ++i) {
    const StrandNumber number = Find(ready[i].strand());
    if (number != kNoStrand && strands_[number].scan == scan_) {
      slots_[i] = number;
      strands_[number].index = static_cast<std::uint32_t>(i);
    } else {
      Note(ready, i);
    }
  }
}

void Strands::Note(const ReadySet& ready, std::size_t index) {
  arrived_.push_back(static_cast<std::uint32_t>(index));
  const TaskId id = ready[index].strand();
  if (Find(id) == kNoStrand) spawned_.push_back({.id = id, .spawner = ready[index].spawner()});
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
      {.id = id, .path = path, .spawner = spawner_number, .history = Fold(history, path)});
}

void Strands::Remember(Strand& strand, Operation operation, std::uint32_t object) {
  std::uint64_t digest = Fold(strand.history, static_cast<std::uint64_t>(operation) + 1);
  if (TouchesObject(operation) && object != 0) {
    if (object >= objects_.size()) objects_.resize(std::size_t{object} + 1);
    ObjectHistory& history = objects_[object];
    if (history.run != run_) history = {.run = run_};
    digest = Fold(digest, history.written);
    if (operation == Operation::kRead) {
      history.read += digest;
    } else {
      digest = Fold(digest, history.read);
      history = {.run = run_, .written = digest};
    }
  }
  strand.history = digest;
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT
