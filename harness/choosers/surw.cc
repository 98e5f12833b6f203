// SPDX-License-Identifier: MIT
#include "heddle/choosers/surw.h"

#include <algorithm>

namespace heddle::inline HEDDLE_VARIANT {

using internal::kNoStrand;
using internal::Profile;
using internal::StrandNumber;
using internal::Turns;

// Into ChooseTask, where a step costs some nanoseconds: the compiler would not.
#define HEDDLE_INLINE [[gnu::always_inline]] inline

// In the place of an entry of the profile: a turn of a strand that it does not know, or of a step
// more than it knows.
constexpr Turns::Owner kOfStrand = 0x80000000;

void SurwChooser::BeginRun(std::uint64_t schedule) {
  StrandChooser::BeginRun(schedule);
  states_.clear();
  free_.Clear();
  turns_.Clear();
  has_turn_ = false;
  intended_ = kNoStrand;
  intended_priority_ = 0;
  found_ = 0;
  next_turn_ = std::max(kLongRun, 2 * profile_steps_);
  const bool again = profile_.complete() && IsDueAgain();
  if (again) ++walks_;
  profiling_ = again || !profile_.complete();
  if (profiling_) {
    SeedProfileRun(profile_.runs());
  } else {
    ++runs_;
    Select();
  }
}

// A first profile will do to begin with. Others come after runs that use it, and not many.
bool SurwChooser::IsDueAgain() const {
  constexpr std::uint64_t kRunsBetween = 4;
  constexpr std::uint64_t kWalksMost = 3;
  return walks_ < kWalksMost && runs_ == kRunsBetween * (walks_ + 1);
}

void SurwChooser::Select() {
  every_step_ = profile_.shared_touches() == 0;
  strand_of_.assign(profile_.entries(), kNoStrand);
  if (every_step_) {
    profile_.AddSteps(turns_);
    return;
  }
  std::uint64_t rest = random().Next() % profile_.shared_touches();
  std::size_t object = 0;
  while (rest >= profile_.shared_objects()[object].touches) {
    rest -= profile_.shared_objects()[object++].touches;
  }
  selected_ = profile_.shared_objects()[object].id;
  profile_.CountTouches(object, selected_steps_);
  profile_.AddTouches(object, turns_);
}

HEDDLE_INLINE void SurwChooser::OnArrive(StrandNumber strand, Candidate candidate) {
  State& state = states_[strand];
  const ObjectId touched = strands_[strand].touching;
  // The object of a join belongs to the one that joins.
  state.touching = candidate.operation() != Operation::kJoin ? touched : 0;
  if (profiling_) return;
  state.selected = IsSelected(state);
  if (state.blocked) {
    state.blocked = false;
    turns_.PutBack();
  }
  if (state.selected && state.left == 0) {
    turns_.Add(kOfStrand | strand, 1);
    state.left = 1;
  }
  if (state.selected) {
    free_.Remove(strand);
  } else {
    free_.Set(strand, DrawPriority());
  }
  if (strand != intended_) return;
  if (candidate.operation() == Operation::kYield) {
    IntendAny();
  } else {
    Intend(strand);
  }
}

HEDDLE_INLINE StrandNumber SurwChooser::Next(const ReadySet& ready) {
  if (intended_ == kNoStrand) IntendAny();
  while (free_.highest() == 0 && intended_priority_ == 0) {
    // The intended one is blocked, or gone: it does not count until it comes back.
    if (intended_ != kNoStrand) states_[intended_].blocked = true;
    IntendAny();
    if (intended_ == kNoStrand) IntendReady(ready);
  }
  return intended_priority_ > free_.highest() ? intended_ : free_.HoldTop();
}

std::size_t SurwChooser::ChooseTask(const ReadySet& ready) {
  strands_.Update(ready, *this);
  if (profiling_) return ProfileStep(ready);
  if (strands_.steps() == next_turn_) [[unlikely]] {
    RedrawReady(ready);
  }
  const StrandNumber next = Next(ready);
  State& state = states_[next];
  if (state.touching != 0) ++state.touches;
  if (state.selected) {
    state.selected = false;
    if (state.left > 0) --state.left;
    if (has_turn_) turns_.Take();
    IntendAny();
  }
  return strands_.Step(next);
}

std::size_t SurwChooser::ProfileStep(const ReadySet& ready) {
  const std::size_t index = StepAtRandom(ready);
  const StrandNumber strand = strands_.Of(ready[index]);
  if (states_[strand].touching != 0) profile_.Touch(strand, states_[strand].touching);
  return index;
}

void SurwChooser::RedrawReady(const ReadySet& ready) {
  for (std::size_t i = 0; i < ready.size(); ++i) {
    const StrandNumber strand = strands_.Of(ready[i]);
    if (!states_[strand].selected) free_.Set(strand, DrawPriority());
  }
  IntendAny();
  next_turn_ += kTurn;
}

void SurwChooser::EndRun(const Recorder& /*recorder*/, Ending ending) {
  if (!profiling_) return;
  profile_.EndRun(strands_, ending);
  if (ending == Ending::kFinished) profile_steps_ = std::max(profile_steps_, strands_.steps());
}

// Whoever was intended before is held back now, if it is about to touch the object.
void SurwChooser::Intend(StrandNumber strand) {
  intended_ = strand;
  intended_priority_ = strand != kNoStrand && states_[strand].selected ? DrawPriority() : 0;
}

// Whose turn is drawn. Turns of strands that are not there yet are those of who will spawn them.
HEDDLE_INLINE void SurwChooser::IntendAny() {
  has_turn_ = true;
  while (!turns_.empty()) {
    const StrandNumber strand = OwnerOf(turns_.Draw(random()));
    if (strand != kNoStrand && !states_[strand].blocked) return Intend(strand);
    turns_.PutAside();
  }
  has_turn_ = false;
  Intend(kNoStrand);
}

// Whoever could go on is held back, and none of them has a turn: the profile was another run's.
void SurwChooser::IntendReady(const ReadySet& ready) {
  Intend(strands_.Of(ready[random().Below(static_cast<std::uint32_t>(ready.size()))]));
}

HEDDLE_INLINE StrandNumber SurwChooser::OwnerOf(Turns::Owner turn) const {
  if ((turn & kOfStrand) != 0) return turn & ~kOfStrand;
  while (strand_of_[turn] == kNoStrand) {
    turn = profile_.spawner(turn);
    if (turn == Profile::kUnknown) return kNoStrand;
  }
  return strand_of_[turn];
}

void SurwChooser::LookForObject(const State& state) {
  if (state.entry != Profile::kUnknown &&
      profile_.ObjectOf(state.entry, state.touches) == selected_) {
    found_ = state.touching;
  }
}

void SurwChooser::OnSpawn(StrandNumber strand) {
  State& state = states_.emplace_back();
  if (profiling_) return;
  state.entry = profile_.Find(strands_[strand].path);
  if (state.entry == Profile::kUnknown) return;
  strand_of_[state.entry] = strand;
  state.left = every_step_ ? profile_.steps(state.entry) : selected_steps_[state.entry];
  const StrandNumber spawner = strands_[strand].spawner;
  if (spawner == kNoStrand) return;
  std::uint64_t& spawner_left = states_[spawner].left;
  spawner_left -= std::min(state.left, spawner_left);
  // The turn that was drawn may be one of the new strand's.
  if (intended_ == spawner && has_turn_ && OwnerOf(turns_.drawn()) == strand) Intend(strand);
}

void SurwChooser::OnLeave(StrandNumber strand) {
  states_[strand].selected = false;
  free_.Remove(strand);
  if (strand == intended_) intended_priority_ = 0;
}

}  // namespace heddle::inline HEDDLE_VARIANT
