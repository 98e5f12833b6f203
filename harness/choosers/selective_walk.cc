// SPDX-License-Identifier: MIT
#include "heddle/internal/selective_walk.h"

#include <algorithm>

namespace heddle::internal::inline HEDDLE_VARIANT {

// Into ChooseTask, where a step costs some nanoseconds: the compiler would not.
#define HEDDLE_INLINE [[gnu::always_inline]] inline

// In the place of an entry of the profile: a turn of a strand that it does not know, or of a step
// more than it knows.
constexpr Turns::Owner kOfStrand = 0x80000000;

void SelectiveWalk::BeginRun(std::uint64_t schedule) {
  StrandChooser::BeginRun(schedule);
  states_.clear();
  by_priority_.Clear();
  by_weight_.Clear();
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
    rest_ = RestOf(runs_++);
    Select();
  }
}

// A first profile will do to begin with. Others come after runs that use it, and not many.
bool SelectiveWalk::IsDueAgain() const {
  constexpr std::uint64_t kRunsBetween = 4;
  constexpr std::uint64_t kWalksMost = 3;
  return walks_ < kWalksMost && runs_ == kRunsBetween * (walks_ + 1);
}

void SelectiveWalk::EndRun(const Recorder& /*recorder*/, Ending ending) {
  if (!profiling_) return;
  profile_.EndRun(strands_, ending);
  if (ending == Ending::kFinished) profile_steps_ = std::max(profile_steps_, strands_.steps());
}

std::size_t SelectiveWalk::ProfileStep(const ReadySet& ready) {
  const std::size_t index = StepAtRandom(ready);
  const StrandNumber strand = strands_.Of(ready[index]);
  if (states_[strand].touching != 0) profile_.Touch(strand, states_[strand].touching);
  return index;
}

void SelectiveWalk::Select() {
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

void SelectiveWalk::LookForObject(const State& state) {
  if (state.entry != Profile::kUnknown &&
      profile_.ObjectOf(state.entry, state.touches) == selected_) {
    found_ = state.touching;
  }
}

// --- who is intended ----------------------------------------------------------------------------

HEDDLE_INLINE void SelectiveWalk::Intend(StrandNumber strand) {
  intended_ = strand;
  intended_priority_ =
      strand != kNoStrand && states_[strand].selected ? states_[strand].priority : 0;
}

// Whose turn is drawn. Turns of strands that are not there yet are those of who will spawn them.
HEDDLE_INLINE void SelectiveWalk::IntendAny() {
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
void SelectiveWalk::IntendReady(const ReadySet& ready) {
  Intend(strands_.Of(ready[random().Below(static_cast<std::uint32_t>(ready.size()))]));
}

HEDDLE_INLINE StrandNumber SelectiveWalk::OwnerOf(Turns::Owner turn) const {
  if ((turn & kOfStrand) != 0) return turn & ~kOfStrand;
  while (strand_of_[turn] == kNoStrand) {
    turn = profile_.spawner(turn);
    if (turn == Profile::kUnknown) return kNoStrand;
  }
  return strand_of_[turn];
}

void SelectiveWalk::OnSpawn(StrandNumber strand) {
  State& state = states_.emplace_back();
  if (profiling_) return;
  if (rest_ == Rest::kStrandPriorities) state.priority = DrawPriority();
  state.entry = profile_.Find(strands_[strand].path);
  if (state.entry == Profile::kUnknown) return;
  strand_of_[state.entry] = strand;
  state.steps_left = profile_.steps(state.entry);
  state.selected_left = every_step_ ? state.steps_left : selected_steps_[state.entry];
  const StrandNumber number = strands_[strand].spawner;
  if (number == kNoStrand) return;
  State& spawner = states_[number];
  spawner.steps_left -= std::min(state.steps_left, spawner.steps_left);
  spawner.selected_left -= std::min(state.selected_left, spawner.selected_left);
  // The turn that was drawn may be one of the new strand's.
  if (intended_ == number && has_turn_ && OwnerOf(turns_.drawn()) == strand) Intend(strand);
}

// --- one step -----------------------------------------------------------------------------------

std::size_t SelectiveWalk::ChooseTask(const ReadySet& ready) {
  switch (rest_) {
    case Rest::kStepPriorities:
      return Choose<Rest::kStepPriorities>(ready);
    case Rest::kStrandPriorities:
      return Choose<Rest::kStrandPriorities>(ready);
    default:
      return Choose<Rest::kStrandWeights>(ready);
  }
}

template <SelectiveWalk::Rest kRest>
HEDDLE_INLINE std::size_t SelectiveWalk::Choose(const ReadySet& ready) {
  Listener<kRest> listener{*this};
  strands_.Update(ready, listener);
  if (profiling_) return ProfileStep(ready);
  if (strands_.steps() == next_turn_) [[unlikely]] {
    DrawAllAnew<kRest>(ready);
  }
  const StrandNumber next = Next<kRest>(ready);
  State& state = states_[next];
  if (state.touching != 0) ++state.touches;
  if (kRest == Rest::kStrandWeights && state.steps_left > 0) --state.steps_left;
  if (state.selected) {
    state.selected = false;
    if (state.selected_left > 0) --state.selected_left;
    if (has_turn_) turns_.Take();
    IntendAny();
  }
  return strands_.Step(next);
}

template <SelectiveWalk::Rest kRest>
HEDDLE_INLINE void SelectiveWalk::OnArrive(StrandNumber strand, Candidate candidate) {
  State& state = states_[strand];
  // The object of a join belongs to the one that joins.
  state.touching = candidate.operation() != Operation::kJoin ? strands_[strand].touching : 0;
  if (profiling_) return;
  const bool yields = candidate.operation() == Operation::kYield;
  if (kRest == Rest::kStepPriorities || (kRest == Rest::kStrandPriorities && yields)) {
    state.priority = DrawPriority();
  }
  state.selected = IsSelected(state);
  if (state.blocked) {
    state.blocked = false;
    turns_.PutBack();
  }
  if (state.selected && state.selected_left == 0) {
    turns_.Add(kOfStrand | strand, 1);
    state.selected_left = 1;
  }
  if (state.selected) {
    HoldBack<kRest>(strand);
  } else {
    Release<kRest>(strand);
  }
  if (strand != intended_) return;
  if (yields) {
    IntendAny();
  } else {
    Intend(strand);
  }
}

template <SelectiveWalk::Rest kRest>
HEDDLE_INLINE void SelectiveWalk::Release(StrandNumber strand) {
  const State& state = states_[strand];
  if constexpr (kRest == Rest::kStrandWeights) {
    by_weight_.Set(strand, std::max<std::uint64_t>(state.steps_left, 1));
  } else {
    by_priority_.Set(strand, state.priority);
  }
}

template <SelectiveWalk::Rest kRest>
HEDDLE_INLINE void SelectiveWalk::HoldBack(StrandNumber strand) {
  if constexpr (kRest == Rest::kStrandWeights) {
    by_weight_.Set(strand, 0);
  } else {
    by_priority_.Remove(strand);
  }
}

template <SelectiveWalk::Rest kRest>
HEDDLE_INLINE bool SelectiveWalk::NobodyIsFree() const {
  if constexpr (kRest == Rest::kStrandWeights) return by_weight_.total() == 0;
  return by_priority_.highest() == 0;
}

template <SelectiveWalk::Rest kRest>
HEDDLE_INLINE StrandNumber SelectiveWalk::Next(const ReadySet& ready) {
  if (intended_ == kNoStrand) IntendAny();
  while (NobodyIsFree<kRest>() && intended_priority_ == 0) {
    // The intended one is blocked, or gone: it does not count until it comes back.
    if (intended_ != kNoStrand) states_[intended_].blocked = true;
    IntendAny();
    if (intended_ == kNoStrand) IntendReady(ready);
  }
  if constexpr (kRest == Rest::kStrandWeights) return NextByWeight();
  return intended_priority_ > by_priority_.highest() ? intended_ : by_priority_.HoldTop();
}

StrandNumber SelectiveWalk::NextByWeight() {
  if (intended_priority_ == 0) return by_weight_.Pick(random());
  const std::uint64_t weight = std::max<std::uint64_t>(states_[intended_].steps_left, 1);
  if (random().Next() % (weight + by_weight_.total()) < weight) return intended_;
  return by_weight_.Pick(random());
}

template <SelectiveWalk::Rest kRest>
void SelectiveWalk::DrawAllAnew(const ReadySet& ready) {
  for (std::size_t i = 0; i < ready.size(); ++i) {
    const StrandNumber strand = strands_.Of(ready[i]);
    states_[strand].priority = DrawPriority();
    if (states_[strand].selected) {
      // Its turns may have gone to who spawned it.
      turns_.Add(kOfStrand | strand, 1);
    } else {
      Release<kRest>(strand);
    }
  }
  IntendAny();
  next_turn_ += kTurn;
}

template <SelectiveWalk::Rest kRest>
void SelectiveWalk::OnLeave(StrandNumber strand) {
  states_[strand].selected = false;
  HoldBack<kRest>(strand);
  if (strand == intended_) intended_priority_ = 0;
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT
