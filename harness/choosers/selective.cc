// SPDX-License-Identifier: MIT
#include "heddle/choosers/selective.h"

#include <algorithm>

namespace heddle::inline HEDDLE_VARIANT {

using internal::kNoStrand;
using internal::Profile;
using internal::StrandNumber;

void SelectiveChooser::BeginRun(std::uint64_t schedule) {
  StrandChooser::BeginRun(schedule);
  states_.clear();
  by_priority_.Clear();
  by_weight_.Clear();
  selected_left_.Clear();
  intended_ = kNoStrand;
  intended_is_due_ = false;
  found_ = 0;
  next_turn_ = std::max(kLongRun, 2 * profile_steps_);
  const bool again = profile_.complete() && IsDueAgain();
  if (again) ++walks_;
  profiling_ = again || !profile_.complete();
  if (profiling_) {
    SeedProfileRun(profile_.runs());
  } else {
    rest_ = runs_++ % 2 == 0 ? Rest::kPriorities : Rest::kWeights;
    Select();
  }
}

// As in surw.cc: a first profile will do to begin with.
bool SelectiveChooser::IsDueAgain() const {
  constexpr std::uint64_t kRunsBetween = 4;
  constexpr std::uint64_t kWalksMost = 3;
  return walks_ < kWalksMost && runs_ == kRunsBetween * (walks_ + 1);
}

void SelectiveChooser::Select() {
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

std::size_t SelectiveChooser::ChooseTask(const ReadySet& ready) {
  strands_.Update(ready, *this);
  if (profiling_) return ProfileStep(ready);
  if (strands_.steps() == next_turn_) [[unlikely]] {
    DrawAllAnew(ready);
  }
  const StrandNumber next = Next();
  State& state = states_[next];
  if (state.touching != 0) ++state.touches;
  if (state.steps_left > 0) --state.steps_left;
  if (state.selected) {
    state.selected = false;
    if (state.selected_left > 0) --state.selected_left;
    CountSelected(next);
    IntendAny();
  }
  return strands_.Step(next);
}

std::size_t SelectiveChooser::ProfileStep(const ReadySet& ready) {
  const std::size_t index = StepAtRandom(ready);
  const StrandNumber strand = strands_.Of(ready[index]);
  if (states_[strand].touching != 0) profile_.Touch(strand, states_[strand].touching);
  return index;
}

void SelectiveChooser::EndRun(const Recorder& /*recorder*/, Ending ending) {
  if (!profiling_) return;
  profile_.EndRun(strands_, ending);
  if (ending == Ending::kFinished) profile_steps_ = std::max(profile_steps_, strands_.steps());
}

StrandNumber SelectiveChooser::Next() {
  if (intended_ == kNoStrand) IntendAny();
  while (NobodyMayGoOn()) {
    // The intended one is blocked, or gone: it does not count until it comes back. All that are
    // ready are held back, so one of them is met sooner or later.
    if (intended_ != kNoStrand) {
      states_[intended_].blocked = true;
      selected_left_.Set(intended_, 0);
    }
    IntendAny();
  }
  return rest_ == Rest::kPriorities ? NextByPriority() : NextByWeight();
}

bool SelectiveChooser::NobodyMayGoOn() const {
  const bool none =
      rest_ == Rest::kPriorities ? by_priority_.highest() == 0 : by_weight_.total() == 0;
  return none && !intended_is_due_;
}

StrandNumber SelectiveChooser::NextByPriority() {
  if (intended_is_due_ && states_[intended_].priority > by_priority_.highest()) return intended_;
  return by_priority_.HoldTop();
}

StrandNumber SelectiveChooser::NextByWeight() {
  if (!intended_is_due_) return by_weight_.Pick(random());
  const std::uint64_t weight = std::max<std::uint64_t>(states_[intended_].steps_left, 1);
  if (random().Next() % (weight + by_weight_.total()) < weight) return intended_;
  return by_weight_.Pick(random());
}

void SelectiveChooser::Release(StrandNumber strand) {
  const State& state = states_[strand];
  if (rest_ == Rest::kPriorities) {
    by_priority_.Set(strand, state.priority);
  } else {
    by_weight_.Set(strand, std::max<std::uint64_t>(state.steps_left, 1));
  }
}

void SelectiveChooser::HoldBack(StrandNumber strand) {
  if (rest_ == Rest::kPriorities) {
    by_priority_.Remove(strand);
  } else {
    by_weight_.Set(strand, 0);
  }
}

// Whoever was intended before is held back now, if it is about to touch the object.
void SelectiveChooser::Intend(StrandNumber strand) {
  intended_ = strand;
  intended_is_due_ = strand != kNoStrand && states_[strand].selected;
}

// Whoever is held back can be drawn.
void SelectiveChooser::CountSelected(StrandNumber strand) {
  State& state = states_[strand];
  state.blocked = false;
  selected_left_.Set(strand, std::max<std::uint64_t>(state.selected_left, state.selected ? 1 : 0));
}

void SelectiveChooser::DrawAllAnew(const ReadySet& ready) {
  for (std::size_t i = 0; i < ready.size(); ++i) {
    const StrandNumber strand = strands_.Of(ready[i]);
    states_[strand].priority = DrawPriority();
    if (!states_[strand].selected) Release(strand);
  }
  IntendAny();
  next_turn_ += kTurn;
}

// The object is found by the first touch of it.
bool SelectiveChooser::IsSelected(const State& state) {
  if (every_step_ || state.touching == 0) return every_step_;
  if (found_ == 0 && state.entry != Profile::kUnknown &&
      profile_.ObjectOf(state.entry, state.touches) == selected_) {
    found_ = state.touching;
  }
  return state.touching == found_;
}

void SelectiveChooser::OnSpawn(StrandNumber strand) {
  State& state = states_.emplace_back();
  if (profiling_) return;
  state.priority = DrawPriority();
  state.entry = profile_.Find(strands_[strand].path);
  if (state.entry == Profile::kUnknown) return;
  state.steps_left = profile_.steps(state.entry);
  state.selected_left = every_step_ ? state.steps_left : selected_steps_[state.entry];
  CountSelected(strand);
  if (strands_[strand].spawner != kNoStrand) TakeFromSpawner(strand);
}

void SelectiveChooser::TakeFromSpawner(StrandNumber strand) {
  const StrandNumber spawner = strands_[strand].spawner;
  const State& spawned = states_[strand];
  State& state = states_[spawner];
  // What the intended one was drawn for is its own step or one of the new strand's.
  const bool moves = intended_ == spawner && state.selected_left > 0 &&
                     random().Next() % state.selected_left < spawned.selected_left;
  state.steps_left -= std::min(spawned.steps_left, state.steps_left);
  state.selected_left -= std::min(spawned.selected_left, state.selected_left);
  CountSelected(spawner);
  if (moves) Intend(strand);
}

void SelectiveChooser::OnArrive(StrandNumber strand, Candidate candidate) {
  State& state = states_[strand];
  // The object of a join belongs to the one that joins.
  const bool joins = candidate.operation() == Operation::kJoin;
  state.touching = joins ? 0 : strands_[strand].touching;
  if (profiling_) return;
  const bool yields = candidate.operation() == Operation::kYield;
  if (yields) state.priority = DrawPriority();
  state.selected = IsSelected(state);
  if (state.blocked || (state.selected && state.selected_left == 0)) CountSelected(strand);
  if (state.selected) {
    HoldBack(strand);
  } else {
    Release(strand);
  }
  if (strand != intended_) return;
  if (yields) {
    IntendAny();
  } else {
    Intend(strand);
  }
}

void SelectiveChooser::OnLeave(StrandNumber strand) {
  states_[strand].selected = false;
  HoldBack(strand);
  if (strand == intended_) intended_is_due_ = false;
}

}  // namespace heddle::inline HEDDLE_VARIANT
