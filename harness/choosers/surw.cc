// SPDX-License-Identifier: MIT
#include "heddle/choosers/surw.h"

#include <algorithm>

#include "heddle/conflict.h"

namespace heddle::inline HEDDLE_VARIANT {

using internal::kNoStrand;
using internal::Profile;
using internal::StrandNumber;

namespace {

// The object of a join belongs to the one that joins.
ObjectId TouchedObject(Candidate candidate) {
  const Operation operation = candidate.operation();
  return TouchesObject(operation) && operation != Operation::kJoin ? candidate.object() : 0;
}

}  // namespace

void SurwChooser::BeginRun(std::uint64_t schedule) {
  StrandChooser::BeginRun(schedule);
  states_.clear();
  priorities_.Clear();
  held_.Clear();
  left_.Clear();
  intended_ = kNoStrand;
  found_ = 0;
  if (profile_.complete()) {
    Select();
  } else {
    SeedProfileRun(profile_.runs());
  }
}

void SurwChooser::Select() {
  every_step_ = profile_.shared_touches() == 0;
  if (every_step_) return;
  std::uint64_t rest = random().Next() % profile_.shared_touches();
  std::size_t object = 0;
  while (rest >= profile_.shared_objects()[object].touches) {
    rest -= profile_.shared_objects()[object++].touches;
  }
  selected_ = profile_.shared_objects()[object].id;
  profile_.CountTouches(object, selected_steps_);
}

std::size_t SurwChooser::ChooseTask(const ReadySet& ready) {
  strands_.Update(ready, *this);
  if (!profile_.complete()) {
    const std::size_t index = StepAtRandom(ready);
    const StrandNumber strand = strands_.at(index);
    if (states_[strand].touching != 0) profile_.Touch(strand, states_[strand].touching);
    return index;
  }
  if (intended_ == kNoStrand) Intend(left_.Pick(random()));
  if (priorities_.Top() == kNoStrand) {
    // The intended one is blocked, or gone: it does not count until it comes back.
    if (intended_ != kNoStrand) left_.Set(intended_, 0);
    Intend(held_.Pick(random()));
  }
  return StepOf(ready, priorities_.Top());
}

std::size_t SurwChooser::StepOf(const ReadySet& ready, StrandNumber strand) {
  State& state = states_[strand];
  if (state.touching != 0) ++state.touches;
  priorities_.Set(strand, 0);
  if (state.selected) {
    held_.Set(strand, 0);
    if (state.left > 0) --state.left;
    left_.Set(strand, state.left);
    state.selected = false;
    Intend(left_.Pick(random()));
  }
  return strands_.Step(ready, strand);
}

void SurwChooser::EndRun(const Recorder& /*recorder*/, Ending ending) {
  if (!profile_.complete()) profile_.EndRun(strands_, ending);
}

// Whoever was intended before is held back now, if it is about to touch the object.
void SurwChooser::Intend(StrandNumber strand) {
  if (intended_ != kNoStrand && states_[intended_].selected) priorities_.Set(intended_, 0);
  intended_ = strand;
  if (strand != kNoStrand && held_.Get(strand) > 0) priorities_.Set(strand, random().Next() | 1);
}

bool SurwChooser::IsSelected(const State& state) {
  if (every_step_) return true;
  if (state.touching == 0) return false;
  if (found_ == 0 && state.entry != Profile::kUnknown &&
      profile_.ObjectOf(state.entry, state.touches) == selected_) {
    found_ = state.touching;
  }
  return state.touching == found_;
}

void SurwChooser::OnSpawn(StrandNumber strand) {
  State& state = states_.emplace_back();
  if (!profile_.complete()) return;
  state.entry = profile_.Find(strands_[strand].path);
  if (state.entry == Profile::kUnknown) return;
  state.left = every_step_ ? profile_.steps(state.entry) : selected_steps_[state.entry];
  left_.Set(strand, state.left);
  const StrandNumber spawner = strands_[strand].spawner;
  if (spawner == kNoStrand) return;
  std::uint64_t& spawner_left = states_[spawner].left;
  // What the intended one was drawn for is its own step or one of the new strand's.
  const bool moves =
      intended_ == spawner && spawner_left > 0 && random().Next() % spawner_left < state.left;
  spawner_left -= std::min(state.left, spawner_left);
  left_.Set(spawner, spawner_left);
  if (moves) Intend(strand);
}

void SurwChooser::OnArrive(StrandNumber strand, Candidate candidate) {
  State& state = states_[strand];
  state.touching = TouchedObject(candidate);
  if (!profile_.complete()) return;
  state.selected = IsSelected(state);
  const std::uint64_t weight = std::max<std::uint64_t>(state.left, state.selected ? 1 : 0);
  if (left_.Get(strand) != weight) left_.Set(strand, weight);
  held_.Set(strand, state.selected ? weight : 0);
  priorities_.Set(strand, state.selected && strand != intended_ ? 0 : random().Next() | 1);
  if (strand == intended_ && candidate.operation() == Operation::kYield) {
    Intend(left_.Pick(random()));
  }
}

void SurwChooser::OnLeave(StrandNumber strand) {
  states_[strand].selected = false;
  priorities_.Set(strand, 0);
  held_.Set(strand, 0);
}

}  // namespace heddle::inline HEDDLE_VARIANT
