// SPDX-License-Identifier: MIT
//
// One pass over the events of a run. What is not known to be harmless is taken to matter: too
// much dependence costs runs, too little would lose some.
#include "heddle/internal/step_history.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "heddle/check.h"
#include "heddle/conflict.h"
#include "heddle/internal/stop_objects.h"
#include "heddle/random.h"

namespace heddle::internal::inline HEDDLE_VARIANT {
namespace {

std::uint64_t Combine(std::uint64_t digest, std::uint64_t value) {
  return Random::Mix(digest + 0x9e3779b97f4a7c15 + value * 3);
}

bool IsOfStrand(std::uint32_t object) { return object >= kLifeOfStrand; }

// Whether two moves of which each was seen in its own run may speak of the same object. One that
// was not met before may be any that was not and is called the same.
bool Same(const Access& a, std::uint32_t a_known, const Access& b, std::uint32_t b_known) {
  if (IsOfStrand(a.object) || IsOfStrand(b.object)) return a.object == b.object;
  const bool new_to_a = a.object > a_known;
  const bool new_to_b = b.object > b_known;
  if (!new_to_a && !new_to_b) return a.object == b.object;
  return a.name == b.name && b.object > std::min(a_known, b_known) &&
         a.object > std::min(a_known, b_known);
}

// What a step does to an object that it touches twice.
Touch Both(Touch a, Touch b) {
  if (a == b) return a;
  const auto ends = [](Touch touch) { return touch == Touch::kArrive || touch == Touch::kFail; };
  return ends(a) && ends(b) ? Touch::kFail : Touch::kWrite;
}

Touch TouchOf(Operation operation) {
  const bool reads = operation == Operation::kRead || operation == Operation::kWait ||
                     operation == Operation::kJoin;
  return reads ? Touch::kRead : Touch::kWrite;
}

}  // namespace

bool Depend(const MoveView& a, const MoveView& b) {
  if (a.with_all || b.with_all) return true;
  for (const Access& x : a.accesses) {
    if (x.object == (kLifeOfStrand | b.strand)) return true;
    for (const Access& y : b.accesses) {
      if (Conflict(x.touch, y.touch) && Same(x, a.objects_known, y, b.objects_known)) return true;
    }
  }
  for (const Access& y : b.accesses) {
    if (y.object == (kLifeOfStrand | a.strand)) return true;
  }
  return false;
}

// --- while the run goes on ------------------------------------------------------------------

void StepHistory::BeginRun() {
  if (state_.empty()) {  // the body
    state_.emplace_back();
    children_.emplace_back();
    spawners_.push_back(kNone);
  }
  for (StrandIndex strand = 0; strand < state_.size(); ++strand) {
    state_[strand] = {.digest = DigestOfNew(strand)};
  }
  strand_of_task_.clear();
  spawns_.clear();
}

void StepHistory::See(const ReadySet& ready, StepIndex last, StrandIndex spawner) {
  spawned_.clear();
  for (std::size_t i = 0; i < ready.size(); ++i) {
    const TaskId task = ready[i].strand();
    if (task < strand_of_task_.size() && strand_of_task_[task] != kNone) continue;
    spawned_.push_back(task);
    if (ready[i].join_object() != 0) {
      spawns_.push_back({.step = last, .join_object = ready[i].join_object()});
    }
  }
  std::ranges::sort(spawned_);
  for (const TaskId task : spawned_) Add(task, last, spawner);
}

void StepHistory::Add(TaskId task, StepIndex spawned_in, StrandIndex spawner) {
  if (task >= strand_of_task_.size()) strand_of_task_.resize(task + 1, kNone);
  const std::uint32_t ordinal = state_[spawner].children++;
  if (ordinal == children_[spawner].size()) {
    const auto strand = static_cast<StrandIndex>(state_.size());
    children_[spawner].push_back(strand);
    children_.emplace_back();
    spawners_.push_back(spawner);
    state_.push_back({.digest = DigestOfNew(strand)});
  }
  const StrandIndex strand = children_[spawner][ordinal];
  strand_of_task_[task] = strand;
  state_[strand].task = task;
  state_[strand].seen = true;
  state_[strand].spawned_in = spawned_in;
}

// --- when it is over ------------------------------------------------------------------------

void StepHistory::Read(const Recorder& recorder) {
  recorder_ = &recorder;
  steps_.clear();
  accesses_.clear();
  draws_.clear();
  arms_.clear();
  spawns_seen_ = 0;
  last_access_.clear();
  has_failed_.clear();
  pending_.clear();
  objects_known_ = barriers_ = 0;
  names_.clear();
  all_digest_ = 0;
  state_[0].seen = true;
  steps_.push_back({.strand = 0, .ordinal = 1, .before = state_[0].digest});
  recorder.VisitEvents([this](const Recorder::EventView& event) { Visit(event); });
  EndStep();
  for (StrandIndex strand = 1; strand < state_.size(); ++strand) {
    const StrandState& state = state_[strand];
    if (!state.seen || state.over) continue;
    pending_.push_back({.strand = strand,
                        .cancelled_by = kNone,
                        .barriers = barriers_,
                        .operation = state.operation,
                        .object = state.object,
                        .refused = state.refused,
                        .first_arm = state.first_arm,
                        .arms = state.arms});
  }
}

void StepHistory::Visit(const Recorder::EventView& event) {
  if (event.begins_step()) return BeginStep(event);
  switch (event.kind) {
    case EventKind::kSuspend:
      return Suspends(event);
    case EventKind::kWake:
      return IsWoken(event);
    case EventKind::kStart:  // a call
      if (event.task >= strand_of_task_.size()) strand_of_task_.resize(event.task + 1, kNone);
      strand_of_task_[event.task] = steps_.back().strand;
      return;
    case EventKind::kFinish:
    case EventKind::kAbandon:
      return Ends(event);
    case EventKind::kDraw:
      if (event.object < 2) return;  // not a choice
      draws_.push_back(event.value);
      ++steps_.back().draws;
      return;
    case EventKind::kTime:
      ++barriers_;
      MeetsAll();
      return;
    case EventKind::kSend:
    case EventKind::kReceive: {
      Access& access = Touches(event.object, Touch::kWrite);
      const bool was_awaited = event.object == steps_.back().object && access.messages == 0;
      access.tries = access.tries || !was_awaited;
      access.messages += event.kind == EventKind::kSend ? 1 : -1;
      return;
    }
    case EventKind::kAcquire:
    case EventKind::kRelease: {
      Access& access = Touches(event.object, Touch::kWrite);
      access.held_after = event.kind == EventKind::kAcquire;
      access.tries = access.tries || event.kind == EventKind::kAcquire;
      access.closes |= event.operation == Operation::kReceive;
      return;
    }
    case EventKind::kAccess:
      return Accesses(event);
    default:
      return;
  }
}

void StepHistory::Accesses(const Recorder::EventView& event) {
  Step& step = steps_.back();
  const bool reads = event.operation == Operation::kRead;
  if (!reads && event.operation != Operation::kWrite) return Listens(event);
  // The first word on a kUpdate is what it turned out to be.
  if (step.operation == Operation::kUpdate && step.accesses == 1 && event.object == step.object &&
      accesses_.back().writes == 0) {
    accesses_.back().touch = reads ? Touch::kRead : Touch::kWrite;
    accesses_.back().writes = reads ? 0 : 1;
    step.unequal = event.value;
    return;
  }
  Access& access = Touches(event.object, reads ? Touch::kRead : Touch::kWrite, reads ? 0 : 1);
  switch (TypeOf(event.object)) {
    case ObjectType::kShared:
      return;
    case ObjectType::kChannel:
      if (!reads) access.takers = static_cast<std::int16_t>(access.takers + (event.value ? 1 : -1));
      break;
    case ObjectType::kStop:
      // Whoever asks for it again leaves no word, and must not be taken to have had no part.
      step.with_all = true;
      break;
    default:
      break;
  }
  access.tries = access.tries || reads;
}

// The strand waits for that object, too, with the Select that it is about to begin.
void StepHistory::Listens(const Recorder::EventView& event) {
  const StrandIndex strand = RunningStrandOf(event.task);
  if (strand == kNone) return;
  StrandState& state = state_[strand];
  if (state.arms++ == 0) state.first_arm = static_cast<std::uint32_t>(arms_.size());
  arms_.push_back({.object = event.object, .operation = event.operation, .value = event.value});
  objects_known_ = std::max(objects_known_, event.object);
  // Who asks for a stop before anybody listens leaves no word.
  if (event.operation == Operation::kWait && (event.value & kIsFirst) != 0) {
    steps_.back().with_all = true;
  }
}

void StepHistory::BeginStep(const Recorder::EventView& event) {
  EndStep();
  const StrandIndex strand = RunningStrandOf(event.task);
  HEDDLE_CHECK(strand != kNone, "a step of a task that was never ready");
  StrandState& state = state_[strand];
  const bool yields = event.operation == Operation::kYield;
  steps_.push_back({.strand = strand,
                    .ordinal = ++state.steps,
                    .previous = state.last_step,
                    .required = state.last_step == kNone ? state.spawned_in : state.woken_in,
                    .operation = event.operation,
                    .object = TouchesObject(event.operation) ? event.object : 0,
                    .first_access = static_cast<std::uint32_t>(accesses_.size()),
                    .first_draw = static_cast<std::uint32_t>(draws_.size()),
                    .barriers = barriers_,
                    .objects_known = objects_known_,
                    .with_all = yields,
                    .refused = state.refused,
                    .first_arm = state.first_arm,
                    .arms = state.arms,
                    .before = state.digest,
                    .all_before = all_digest_});
  state.last_step = current();
  state.woken_in = kNone;
  state.operation = Operation::kNone;
  state.arms = 0;
  if (event.operation == Operation::kForeign) Touches(kWakeOfStrand | strand, Touch::kRead);
  if (!TouchesObject(event.operation)) return;
  if (IsSelect(event.object)) {
    for (const Arm& arm : ArmsOf(steps_.back())) Touches(arm.object, Touch::kRead).tries = true;
    return;
  }
  // Of those who join a group that failed, only the first is told.
  const bool takes_error = event.operation == Operation::kJoin && IsGroup(event.object) &&
                           event.object < has_failed_.size() && has_failed_[event.object];
  Access& access = Touches(event.object, takes_error ? Touch::kWrite : TouchOf(event.operation),
                           event.operation == Operation::kWrite ? 1 : 0);
  access.held_after = event.operation == Operation::kLock;
  switch (TypeOf(event.object)) {
    case ObjectType::kOnce:
      access.tries = true;
      break;
    case ObjectType::kChannel:
      if (event.operation == Operation::kReceive) --access.takers;
      break;
    default:
      break;
  }
}

// What the strand of the last step knows by now.
std::uint64_t StepHistory::DigestSoFar() const {
  const Step& step = steps_.back();
  std::uint64_t digest = Combine(step.before, step.all_before);
  for (const std::uint32_t draw : DrawsOf(current())) digest = Combine(digest, draw);
  for (const Access& access : AccessesOf(current())) {
    const bool learns = access.touch != Touch::kArrive;
    digest =
        Combine(digest, (learns ? access.before : 0) + static_cast<std::uint64_t>(access.touch));
  }
  return digest;
}

// All that was done so far comes before all that will be.
void StepHistory::MeetsAll() {
  const std::uint64_t last = DigestSoFar();
  for (StrandIndex strand = 0; strand < state_.size(); ++strand) {
    if (!state_[strand].seen) continue;
    const bool is_last = strand == steps_.back().strand;
    all_digest_ = Combine(all_digest_, is_last ? last : state_[strand].digest);
  }
}

// Digests: what the strand knows now, and what those will know who meet the objects next.
void StepHistory::EndStep() {
  TouchJoins();
  Step& step = steps_.back();
  const std::uint64_t digest = DigestSoFar();
  step.after = state_[step.strand].digest = digest;
  const auto accesses = std::span(accesses_).subspan(step.first_access, step.accesses);
  std::uint64_t place = 0;
  for (Access& access : accesses) {
    ++place;
    switch (access.touch) {
      case Touch::kRead:
        access.after = access.before;
        break;
      case Touch::kArrive:  // in any order
      case Touch::kSpawn:
        access.after = access.before + Random::Mix(digest);
        break;
      case Touch::kWrite:
      case Touch::kFail:
        access.after = Combine(digest, place);
        break;
    }
  }
  if (step.with_all) MeetsAll();
}

// A task more in a group holds back who joins it.
void StepHistory::TouchJoins() {
  for (; spawns_seen_ < spawns_.size() && spawns_[spawns_seen_].step == current(); ++spawns_seen_) {
    ++Touches(spawns_[spawns_seen_].join_object, Touch::kSpawn).pending;
  }
}

Access& StepHistory::Touches(std::uint32_t object, Touch touch, std::uint16_t writes) {
  Step& step = steps_.back();
  for (Access& access : std::span(accesses_).subspan(step.first_access, step.accesses)) {
    if (access.object != object) continue;
    access.touch = Both(access.touch, touch);
    access.writes = static_cast<std::uint16_t>(access.writes + writes);
    return access;
  }
  Access access{.object = object, .touch = touch, .writes = writes, .step = current()};
  if (!IsOfStrand(object)) {
    access.name = NameOf(object);
    objects_known_ = std::max(objects_known_, object);
    if (object >= last_access_.size()) last_access_.resize(object + 1, kNone);
    access.previous =
        std::exchange(last_access_[object], static_cast<std::uint32_t>(accesses_.size()));
    if (access.previous != kNone) {
      access.before = accesses_[access.previous].after;
      access.held_after = accesses_[access.previous].held_after;
    }
  }
  ++step.accesses;
  return accesses_.emplace_back(access);
}

// A task that waits in a queue from here on may be served in the order of the queue. Where it
// only matters who is ready, and that is a question of the state of the object, the queue is none.
void StepHistory::Suspends(const Recorder::EventView& event) {
  const StrandIndex strand = RunningStrandOf(event.task);
  if (strand == kNone) return;
  StrandState& state = state_[strand];
  state.operation = event.operation;
  state.object = TouchesObject(event.operation) ? event.object : 0;
  const bool is_select = state.object != 0 && IsSelect(state.object);
  // Of a Barrier and a SharedMutex the value says something else.
  const bool is_guarded =
      event.operation != Operation::kWait && event.operation != Operation::kLock;
  state.refused = is_guarded || is_select ? event.value : 0;
  if (!is_select) state.arms = 0;
  objects_known_ = std::max(objects_known_, state.object);
  if (event.operation == Operation::kYield) steps_.back().with_all = true;
  if (strand != steps_.back().strand) {  // somebody else moved it to another queue
    state.woken_in = current();
    Touches(kWakeOfStrand | strand, Touch::kWrite);
  }
  if (state.object == 0 || event.operation == Operation::kRead ||
      event.operation == Operation::kWrite || event.operation == Operation::kUpdate) {
    return;
  }
  switch (TypeOf(state.object)) {
    case ObjectType::kMutex:
    case ObjectType::kChannel:
    case ObjectType::kOnce:
    case ObjectType::kShared:
    case ObjectType::kSelect:
    case ObjectType::kStop:
    case ObjectType::kByState:
      return;
    case ObjectType::kGate:
      Touches(state.object, Touch::kRead);
      return;
    case ObjectType::kCondition:
    case ObjectType::kOther:
      Touches(state.object, Touch::kWrite);
      return;
  }
}

// Objects of ours tell by their state who may go on. Of what is not ours, only its waking is known.
void StepHistory::IsWoken(const Recorder::EventView& event) {
  const StrandIndex strand = RunningStrandOf(event.task);
  if (strand == kNone || event.object == kNoTask || event.operation != Operation::kForeign) return;
  state_[strand].woken_in = current();
  Touches(kWakeOfStrand | strand, Touch::kWrite);
}

void StepHistory::Ends(const Recorder::EventView& event) {
  const StrandIndex strand = RunningStrandOf(event.task);
  if (strand == kNone || state_[strand].task != event.task) return;  // a call has ended
  StrandState& state = state_[strand];
  state.over = true;
  const auto outcome = static_cast<Outcome>(event.operation);
  if (event.kind == EventKind::kFinish && outcome != Outcome::kCancelled) {
    if (event.object != 0) Reports(event.object, outcome == Outcome::kException);
    return;
  }
  if (strand == steps_.back().strand) return;
  IsCancelled(strand, event.object);
}

// What comes first matters in a group where a task throws: that cancels those that have not ended.
// So it does in a WithTimeout, whose task takes with it the one that would ask it to stop.
void StepHistory::Reports(std::uint32_t join, bool failed) {
  const std::string_view type = recorder_->TypeOf(join);
  Touch touch = failed ? Touch::kFail : Touch::kArrive;
  if ((failed && type == "TaskGroup") || type == "WithTimeout") touch = Touch::kWrite;
  Access& access = Touches(join, touch);
  --access.pending;
  access.reports = true;
  if (failed) {
    if (join >= has_failed_.size()) has_failed_.resize(join + 1, false);
    has_failed_[join] = true;
  }
}

// Whoever cancels a strand would have cancelled, a little earlier, the tasks that it waits for,
// even if they have ended by now. (A TaskGroup may stay; where it goes, it tells that itself.)
void StepHistory::IsCancelled(StrandIndex strand, std::uint32_t join) {
  const StrandState& state = state_[strand];
  Touches(kLifeOfStrand | strand, Touch::kWrite).before = state.digest;
  if (join != 0 && JoinsAll(join)) --Touches(join, Touch::kWrite).pending;
  if (state.operation == Operation::kJoin && state.object != 0 && !IsGroup(state.object)) {
    Touches(state.object, Touch::kWrite);
  }
  pending_.push_back({.strand = strand,
                      .cancelled_by = current(),
                      .barriers = barriers_,
                      .operation = state.operation,
                      .object = state.object,
                      .refused = state.refused,
                      .first_arm = state.first_arm,
                      .arms = state.arms});
}

StrandIndex StepHistory::RunningStrandOf(TaskId task) const {
  return task < strand_of_task_.size() ? strand_of_task_[task] : kNone;
}

std::uint32_t StepHistory::NameOf(std::uint32_t object) const {
  if (object >= names_.size()) names_.resize(object + 1, 0);
  if (names_[object] != 0) return names_[object];
  std::uint64_t digest = 0;
  for (const std::string_view word : {recorder_->TypeOf(object), recorder_->NameOf(object)}) {
    digest = Combine(digest, word.size());
    for (const char c : word) digest = Random::Mix(digest + static_cast<unsigned char>(c));
  }
  names_[object] = static_cast<std::uint32_t>(digest) | 1;
  return names_[object];
}

StepHistory::ObjectType StepHistory::TypeOf(std::uint32_t object) const {
  const std::string_view type = recorder_->TypeOf(object);
  if (type == "Mutex") return ObjectType::kMutex;
  if (type == "Channel") return ObjectType::kChannel;
  if (type == "Gate" || type == "Latch") return ObjectType::kGate;
  if (type == "Once") return ObjectType::kOnce;
  if (type == "Shared" || type == "Atomic") return ObjectType::kShared;
  if (type == "Condition") return ObjectType::kCondition;
  if (type == "Select") return ObjectType::kSelect;
  if (type == "Stop") return ObjectType::kStop;
  for (const std::string_view by_state : {"Semaphore", "TaskGroup", "All", "Any"}) {
    if (type == by_state) return ObjectType::kByState;
  }
  return ObjectType::kOther;
}

bool StepHistory::JoinsAll(std::uint32_t object) const {
  const std::string_view type = recorder_->TypeOf(object);
  return type == "All" || type == "TaskGroup";
}

MoveView StepHistory::ViewOf(StepIndex index, std::uint32_t objects_known) const {
  return {.strand = steps_[index].strand,
          .with_all = steps_[index].with_all,
          .objects_known = objects_known,
          .accesses = AccessesOf(index),
          .draws = DrawsOf(index)};
}

std::uint64_t StepHistory::DigestOfNew(StrandIndex strand) { return Combine(0, strand); }

std::uint64_t StepHistory::Digest() const {
  std::uint64_t digest = 0;
  for (StrandIndex strand = 0; strand < state_.size(); ++strand) {
    if (state_[strand].seen) digest += Combine(state_[strand].digest, strand);
  }
  return digest;
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT
