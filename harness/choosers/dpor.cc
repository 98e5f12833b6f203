// SPDX-License-Identifier: MIT
//
// The story: BeginRun and ChooseTask go back to the deepest node with something left to try and
// from there on wherever; EndRun finds the races of the run, puts into the wakeup tree of the
// node before each race a sequence of steps that reverses it, unless a run that is done or
// planned shows that already, and cuts the path back to where the next run turns off.
//
// Names of the papers: the sequence notdep(e, E).e' is sequence_; sleep sets, weak initials and
// wakeup trees are called what they are called there.
#include "heddle/choosers/dpor.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "heddle/check.h"
#include "heddle/internal/stop_objects.h"
#include "heddle/random.h"

namespace heddle::inline HEDDLE_VARIANT {

using internal::kNone;
using internal::MoveView;
using internal::Step;
using internal::Touch;

namespace {

constexpr std::uint32_t kAllObjects = std::numeric_limits<std::uint32_t>::max();

// Beyond that many steps nothing is foretold: it may cost runs, and saves the memory.
constexpr std::size_t kForetoldMost = std::size_t{1} << 22;
// So many kinds are known again.
constexpr std::size_t kKindsMost = std::size_t{1} << 22;

std::uint64_t Combine(std::uint64_t digest, std::uint64_t value) {
  return Random::Mix(digest + 0x9e3779b97f4a7c15 + value * 3);
}

// What a step knows before it touches anything.
std::uint64_t KeyOf(std::uint64_t digest, std::span<const std::uint32_t> draws) {
  std::uint64_t key = Combine(digest, draws.size());
  for (const std::uint32_t draw : draws) key = Combine(key, draw);
  return key;
}

// In every run of the body the same.
std::uint64_t DigestOf(std::span<const internal::Access> accesses) {
  std::uint64_t digest = 0;
  for (const internal::Access& access : accesses) {
    const std::uint32_t name = access.name != 0 ? access.name : access.object;
    digest = Combine(digest, (std::uint64_t{name} << 8) + static_cast<std::uint64_t>(access.touch));
  }
  return digest;
}

// Whether one may be the other, of which not all draws are known yet.
bool Agree(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  const std::size_t common = std::min(a.size(), b.size());
  return std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(common), b.begin());
}

Touch TouchOf(Operation operation) {
  const bool reads = operation == Operation::kRead || operation == Operation::kWait ||
                     operation == Operation::kJoin;
  return reads ? Touch::kRead : Touch::kWrite;
}

// Whether in another state of that object its step would have touched it otherwise.
bool Tries(const internal::Access& access) { return access.tries; }

MoveView KnowingAll(MoveView move) {
  move.objects_known = kAllObjects;
  return move;
}

}  // namespace

void DporChooser::Move::operator=(const MoveView& view) {
  strand = view.strand;
  with_all = view.with_all;
  objects_known = view.objects_known;
  accesses.assign(view.accesses.begin(), view.accesses.end());
  draws.assign(view.draws.begin(), view.draws.end());
}

DporChooser::DporChooser(std::uint64_t order) : order_(order) { Forget(); }

// --- a run ----------------------------------------------------------------------------------

void DporChooser::Forget() {
  history_ = {};
  nodes_.assign(1, {});
  prefix_ = 1;
  moves_.clear();
  free_moves_.clear();
  branches_.clear();
  free_branches_ = kNone;
  clocks_.clear();
  stride_ = 0;
  foretold_.clear();
  exhausted_ = is_careful_ = false;
}

// What was left out because of what a step was thought to touch may have mattered. Those runs are
// made again, and nothing is taken to be known that was not seen.
void DporChooser::BeginAnew() {
  Forget();
  is_careful_ = true;
}

void DporChooser::BeginRun(std::uint64_t schedule) {
  if (schedule == 1 || exhausted_) {
    Forget();
    kinds_.clear();
    executions_ = redundant_ = 0;
  }
  history_.BeginRun();
  depth_ = 1;  // the body
  draw_ = 0;
  lost_ = false;
  unlike_.clear();
}

std::size_t DporChooser::ChooseTask(const ReadySet& ready) {
  CheckLike();
  history_.See(ready, static_cast<StepIndex>(depth_ - 1), nodes_[depth_ - 1].strand);
  if (depth_ == nodes_.size()) PushNode();
  Node& node = nodes_[depth_];
  if (depth_ < prefix_) {
    if (node.ready.size() != ready.size()) {
      unlike_ = "had " + std::to_string(node.ready.size()) + " candidates, and now " +
                std::to_string(ready.size());
      return kStopRun;
    }
  } else {
    node.ready.clear();
    for (std::size_t i = 0; i < ready.size(); ++i) {
      node.ready.push_back(history_.StrandOf(ready[i].strand()));
    }
    node.strand = FollowGuide(node);
    node.is_free = node.strand == kNone;
    if (node.is_free) node.strand = ChooseFreely(ready);
  }
  ++depth_;
  draw_ = 0;
  const std::size_t index = IndexOf(ready, node.strand);
  if (index == kStopRun) unlike_ = "let another task go on";
  return index;
}

void DporChooser::PushNode() { nodes_.emplace_back(); }

// Takes over what was sent along with the last move, and gives the first that can be done; kNone
// without one.
internal::StrandIndex DporChooser::FollowGuide(Node& node) {
  node.draws.clear();
  node.alternatives.clear();
  node.guide = kNone;
  node.branches = std::exchange(nodes_[depth_ - 1].guide, kNone);
  while (node.branches != kNone) {
    Branch& branch = branches_[node.branches];
    const StrandIndex strand = branch.move.strand;
    const bool ready = std::ranges::find(node.ready, strand) != node.ready.end();
    if (ready) {
      node.draws = branch.move.draws;
      node.guide = std::exchange(branch.children, kNone);
    } else {
      lost_ = true;
    }
    const BranchIndex next = std::exchange(branch.next, kNone);
    Free(std::exchange(node.branches, next));
    if (ready) {
      lost_ = false;
      return strand;
    }
  }
  return kNone;
}

// Strands that are new come first: what a strand waits for tells when it can go on.
internal::StrandIndex DporChooser::ChooseFreely(const ReadySet& ready) {
  const auto turn = [&](std::size_t i) {
    const StrandIndex strand = history_.StrandOf(ready[i].strand());
    return std::pair(ready[i].operation() != Operation::kStart,
                     order_ == 0 ? strand : Random::Mix(order_ + strand + Random::Mix(depth_)));
  };
  std::size_t best = 0;
  for (std::size_t i = 1; i < ready.size(); ++i) {
    if (turn(i) < turn(best)) best = i;
  }
  return history_.StrandOf(ready[best].strand());
}

std::size_t DporChooser::IndexOf(const ReadySet& ready, StrandIndex strand) const {
  for (std::size_t i = 0; i < ready.size(); ++i) {
    if (history_.StrandOf(ready[i].strand()) == strand) return i;
  }
  return kStopRun;
}

std::uint32_t DporChooser::ChooseValue(std::uint32_t alternatives) {
  Node& node = nodes_[depth_ - 1];
  const std::size_t draw = draw_++;
  if (draw == node.alternatives.size()) node.alternatives.push_back(alternatives);
  if (node.alternatives[draw] != alternatives) {
    unlike_ = "drew one of " + std::to_string(node.alternatives[draw]) +
              " numbers, and now one of " + std::to_string(alternatives);
    return 0;
  }
  if (draw >= node.draws.size()) return 0;
  if (node.draws[draw] < alternatives) return node.draws[draw];
  node.draws.resize(draw);  // there are fewer than where that was planned
  return 0;
}

// The step that is over was one of an earlier run: it drew as many numbers.
void DporChooser::CheckLike() {
  const Node& node = nodes_[depth_ - 1];
  if (draw_ < node.alternatives.size() && unlike_.empty()) unlike_ = "drew more numbers";
}

void DporChooser::EndRun(const Recorder& recorder, Ending ending) {
  CheckLike();
  if (unlike_.empty() && depth_ < prefix_) unlike_ = "went on, and now ended";
  if (!unlike_.empty()) {
    throw UsageError(
        "heddle: the body is not deterministic: after the same " + std::to_string(depth_ - 1) +
        " steps an earlier run " + unlike_ +
        ". Likely cause: something outside the body that a run changes and the next one finds "
        "changed, or a clock, a random device, an address or the order of a hash table. Create "
        "in the body what it uses, and draw its random numbers from World::Draw.");
  }
  if (ending == Ending::kStopped) return;
  history_.Read(recorder);
  if (history_.size() == 1 && depth_ > 1) {
    throw UsageError(
        "heddle: DporChooser was given a run without events. It learns from them: set "
        "RunOptions::record to RecordMode::kEvents.");
  }
  const bool failed =
      ending == Ending::kThrew || ending == Ending::kStepLimit || ending == Ending::kTaskLimit;
  depth_ = std::min<std::size_t>(depth_, history_.size());
  if (failed) history_.EndsAll();
  run_class_ = history_.Digest();
  ++executions_;
  const bool is_new = kinds_.size() < kKindsMost ? kinds_.insert(run_class_).second : !lost_;
  if (!is_new) ++redundant_;

  const std::size_t fresh = prefix_ - 1;
  if (!is_careful_ && !WasForetold(static_cast<StepIndex>(fresh))) return BeginAnew();
  Sleep(fresh + 1);
  ComputeClocks(fresh);
  FindRaces(failed);
  Backtrack();
}

// --- what follows from it -------------------------------------------------------------------

// What was tried before node n and does not depend on step n stays asleep after it. Where a
// sequence ends that had to be tried, nothing does: or what it does was not foretold rightly, and
// then it has to be looked at whole.
void DporChooser::Sleep(std::size_t first) {
  for (std::size_t n = first; n < depth_; ++n) {
    const MoveView step = history_.ViewOf(static_cast<StepIndex>(n - 1), kAllObjects);
    nodes_[n].sleep.clear();
    nodes_[n].own_sleep = 0;
    if (nodes_[n].is_free) continue;
    for (const std::uint32_t move : nodes_[n - 1].sleep) {
      const MoveView asleep = moves_[move].view();
      if (asleep.strand != step.strand && !Depend(asleep, step)) nodes_[n].sleep.push_back(move);
    }
  }
}

void DporChooser::Join(Clock& clock, std::span<const std::uint32_t> other) {
  for (std::size_t strand = 0; strand < clock.size(); ++strand) {
    clock[strand] = std::max(clock[strand], other[strand]);
  }
}

void DporChooser::ComputeClocks(std::size_t first) {
  const StepIndex steps = history_.size();
  if (stride_ < history_.strands()) {
    stride_ = history_.strands();
    clocks_.clear();
    first = 0;
  }
  clocks_.resize(steps * stride_);
  barriers_.clear();
  StepIndex with_all = kNone;
  Clock seen(stride_);
  for (StepIndex j = 0; j < steps; ++j) {
    const Step& step = history_[j];
    while (barriers_.size() < step.barriers) barriers_.push_back(seen);
    if (j >= first) {
      Base({.strand = step.strand,
            .previous = step.previous,
            .required = step.required,
            .step = j,
            .end = j,
            .operation = step.operation,
            .object = step.object,
            .accesses = {},
            .with_all = step.with_all,
            .digest = 0,
            .barriers = step.barriers});
      Clock& clock = base_;
      if (step.barriers > 0) Join(clock, barriers_[step.barriers - 1]);
      if (step.with_all) Join(clock, seen);
      if (with_all != kNone) Join(clock, ClockOf(with_all));
      for (const Access& access : history_.AccessesOf(j)) {
        if (access.object >= internal::kWakeOfStrand) continue;
        if (access.object >= internal::kLifeOfStrand) {
          const StepIndex last = history_.LastStepOf(access.object - internal::kLifeOfStrand);
          if (last != kNone && last < j) Join(clock, ClockOf(last));
          continue;
        }
        for (std::uint32_t i = access.previous; i != kNone; i = history_.access(i).previous) {
          const Access& former = history_.access(i);
          if (internal::Conflict(former.touch, access.touch)) Join(clock, ClockOf(former.step));
          if (former.touch == Touch::kWrite) break;
        }
      }
      clock[step.strand] = step.ordinal;
      std::ranges::copy(clock, ClockOf(j).begin());
    }
    seen[step.strand] = step.ordinal;
    if (step.with_all) with_all = j;
  }
  while (barriers_.size() < history_.barriers()) barriers_.push_back(seen);
}

// base_: what must have happened before, whatever the schedule is. Who does not sleep may have been
// able to go on before time jumped.
void DporChooser::Base(const Latter& latter) {
  base_.assign(stride_, 0);
  if (latter.previous != kNone) Join(base_, ClockOf(latter.previous));
  if (latter.required != kNone) Join(base_, ClockOf(latter.required));
  if (latter.operation == Operation::kSleep && latter.barriers > 0) {
    Join(base_, barriers_[latter.barriers - 1]);
  }
}

void DporChooser::FindRaces(bool failed) {
  for (StepIndex j = 1; j < history_.size(); ++j) {
    const Step& step = history_[j];
    FindRacesOf({.strand = step.strand,
                 .previous = step.previous,
                 .required = step.required,
                 .step = j,
                 .end = j,
                 .operation = step.operation,
                 .object = step.object,
                 .accesses = history_.AccessesOf(j),
                 .with_all = step.with_all && !(failed && j + 1 == history_.size()),
                 .digest = step.before,
                 .barriers = step.barriers,
                 .refused = step.refused,
                 .unequal = step.unequal,
                 .arms = history_.ArmsOf(step)});
  }
  for (const internal::PendingStep& pending : history_.pending()) {
    const StepIndex previous = history_.LastStepOf(pending.strand);
    Await(pending);
    FindRacesOf({.strand = pending.strand,
                 .previous = previous,
                 .required = previous == kNone ? history_.SpawnStepOf(pending.strand) : kNone,
                 .step = kNone,
                 .end = history_.size(),
                 .operation = pending.operation,
                 .object = pending.object,
                 .accesses = awaited_,
                 .with_all = pending.operation == Operation::kYield,
                 .digest = history_.DigestOf(pending.strand),
                 .cancelled_by = pending.cancelled_by,
                 .barriers = pending.barriers,
                 .refused = pending.refused,
                 .arms = history_.ArmsOf(pending)});
  }
  for (std::size_t n = prefix_ - 1; n < depth_; ++n) AddOtherDraws(static_cast<StepIndex>(n));
}

// awaited_: what a strand that waits would begin with.
void DporChooser::Await(const internal::PendingStep& pending) {
  awaited_.clear();
  const auto add = [&](std::uint32_t object, Touch touch) {
    awaited_.push_back({.object = object, .name = history_.NameOf(object), .touch = touch});
  };
  for (const internal::Arm& arm : history_.ArmsOf(pending)) add(arm.object, Touch::kRead);
  if (pending.object != 0 && !history_.IsSelect(pending.object)) {
    add(pending.object, TouchOf(pending.operation));
  }
}

// Reverses each race that ends with `latter`: the former step depends on it, nothing that could
// be kept in its place comes between them, and `latter` could have gone on before it. One that was
// cancelled has to come before that, too: so it races with all that might have been done meanwhile,
// even if it came later here.
void DporChooser::FindRacesOf(const Latter& latter) {
  Base(latter);
  race_ = base_;
  candidates_.clear();
  Gather(latter);
  if (candidates_.empty()) return;
  std::ranges::sort(candidates_, std::greater<>());
  candidates_.erase(std::unique(candidates_.begin(), candidates_.end()), candidates_.end());
  for (const StepIndex former : candidates_) {
    const StepIndex place = std::min(former, latter.cancelled_by);
    if (IsCovered(race_, former) || !IsReversible(former, latter, place)) continue;
    Reverse(place, latter);
    Join(race_, ClockOf(former));
  }
}

void DporChooser::Gather(const Latter& latter) {
  const auto add = [&](StepIndex former) {
    if (history_[former].strand != latter.strand && former > 0 && !IsCovered(race_, former) &&
        !FollowsCancel(former, latter)) {
      candidates_.push_back(former);
    }
  };
  if (latter.cancelled_by != kNone) candidates_.push_back(latter.cancelled_by);
  for (const Access& access : latter.accesses) {
    if (access.object >= internal::kWakeOfStrand) continue;
    if (access.object >= internal::kLifeOfStrand) {
      StepIndex former = history_.LastStepOf(access.object - internal::kLifeOfStrand);
      for (; former != kNone; former = history_[former].previous) add(former);
      continue;
    }
    std::uint32_t i = access.previous;
    if (latter.step == kNone) i = history_.LastAccess(access.object);
    GatherFrom(i, access.touch, latter);
  }
  for (StepIndex former = 1; former < latter.end; ++former) {
    if (latter.with_all || history_[former].with_all) add(former);
  }
}

void DporChooser::GatherFrom(std::uint32_t access, Touch touch, const Latter& latter) {
  for (std::uint32_t i = access; i != kNone; i = history_.access(i).previous) {
    const Access& former = history_.access(i);
    if (former.step >= latter.end || history_[former.step].strand == latter.strand) continue;
    if (FollowsCancel(former.step, latter)) continue;
    if (!internal::Conflict(former.touch, touch)) continue;
    if (former.step == 0) return;
    if (!IsCovered(race_, former.step)) {
      candidates_.push_back(former.step);
    } else if (former.touch == Touch::kWrite) {
      return;  // and so is all before it
    }
  }
}

// Puts together what would come at `place`: all that depends neither on `former` nor on what
// cancelled `latter`, then `latter`.
bool DporChooser::IsReversible(StepIndex former, const Latter& latter, StepIndex place) {
  if (latter.previous != kNone && latter.previous > former &&
      HappensBefore(former, latter.previous)) {
    return false;
  }
  sequence_.clear();
  in_sequence_.assign(history_.size(), false);
  const std::uint32_t known = history_[place].objects_known;
  for (StepIndex k = place + 1; k < history_.size(); ++k) {
    if (HappensBefore(former, k) || FollowsCancel(k, latter)) continue;
    in_sequence_[k] = true;
    sequence_.push_back({.move = history_.ViewOf(k, known), .position = k});
  }
  return CouldGoOn(place, latter);
}

// Whether `latter` would be ready after in_sequence_. Where that is not known, yes: a run that is
// too much shows it. Whoever was cancelled was seen to be ready, or not, up to then only.
bool DporChooser::CouldGoOn(StepIndex former, const Latter& latter) const {
  if (latter.object != 0 && history_.IsSelect(latter.object)) return CouldSelect(former, latter);
  // What is notified waits for the mutex from then on.
  if (latter.object != 0 && history_.IsCondition(latter.object)) return false;
  if (latter.operation == Operation::kJoin) {
    if (!CouldJoin(former, latter)) return false;
    if (history_.JoinsAll(latter.object)) return true;
  }
  StepIndex seen_at = former;
  const std::uint32_t change = LastChange(latter.object, former);
  if (change != kNone) seen_at = std::max(seen_at, history_.access(change).step + 1);
  const bool waits = latter.previous == kNone ? history_.SpawnStepOf(latter.strand) < seen_at
                                              : latter.previous < seen_at;
  if (latter.operation == Operation::kYield && !sequence_.empty()) return true;
  const bool is_gone = latter.cancelled_by != kNone && seen_at > latter.cancelled_by;
  if (waits && seen_at < depth_ && !is_gone) {
    return std::ranges::find(nodes_[seen_at].ready, latter.strand) != nodes_[seen_at].ready.end();
  }
  if (latter.step == kNone && latter.operation == Operation::kJoin) return false;
  if (!is_gone && latter.object != 0 && latter.previous != kNone && latter.previous + 1 < depth_ &&
      !HasChangedSince(change, latter)) {
    const std::vector<StrandIndex>& ready = nodes_[latter.previous + 1].ready;
    return std::ranges::find(ready, latter.strand) != ready.end();
  }
  if (latter.object != 0 && latter.operation == Operation::kLock &&
      history_.IsMutex(latter.object)) {
    return change == kNone || !history_.access(change).held_after;
  }
  if (latter.operation == Operation::kSend || latter.operation == Operation::kReceive) {
    return !history_.IsChannel(latter.object) || CouldPass(former, {.object = latter.object,
                                                                    .operation = latter.operation,
                                                                    .value = latter.refused});
  }
  return latter.refused == 0 || latter.previous == kNone || !IsRefused(change, latter);
}

// Whether all tasks of a join that were spawned would have ended, or been cancelled; of an Any or a
// Race, whether one would have ended.
bool DporChooser::CouldJoin(StepIndex former, const Latter& latter) const {
  std::int64_t pending = 0;
  bool has_report = false;
  for (std::uint32_t i = history_.LastAccess(latter.object); i != kNone;
       i = history_.access(i).previous) {
    const Access& access = history_.access(i);
    if (!IsKept(access.step, former)) continue;
    pending += access.pending;
    has_report = has_report || access.reports;
  }
  return history_.JoinsAll(latter.object) ? pending == 0 : has_report;
}

// A time that comes before the next jump can be seen at any node before it.
bool DporChooser::CouldSelect(StepIndex former, const Latter& latter) const {
  for (const internal::Arm& arm : latter.arms) {
    if (CouldTake(former, arm)) return true;
  }
  const StepIndex seen_at = std::max(former, latter.previous + 1);
  if (latter.refused == 0) return false;
  if (seen_at >= depth_) return true;
  return std::ranges::find(nodes_[seen_at].ready, latter.strand) != nodes_[seen_at].ready.end();
}

bool DporChooser::CouldTake(StepIndex former, const internal::Arm& arm) const {
  if (arm.operation != Operation::kWait) return CouldPass(former, arm);
  return (arm.value & internal::kIsStopped) != 0 || LastChange(arm.object, former) != kNone;
}

// Whether the channel, which is empty before the run, would have a message or room for one.
bool DporChooser::CouldPass(StepIndex former, const internal::Arm& arm) const {
  std::int64_t messages = 0;
  std::int64_t takers = 0;
  for (std::uint32_t i = history_.LastAccess(arm.object); i != kNone;
       i = history_.access(i).previous) {
    const Access& access = history_.access(i);
    if (!IsKept(access.step, former)) continue;
    if (access.closes) return true;
    messages += access.messages;
    takers += access.takers;
  }
  if (arm.operation == Operation::kReceive) return messages > 0;
  return messages < (arm.value == 0 ? takers : std::int64_t{arm.value});  // 0: a rendezvous
}

// The last access that is kept and changed the object; kNone without one.
std::uint32_t DporChooser::LastChange(std::uint32_t object, StepIndex former) const {
  std::uint32_t change = object == 0 ? kNone : history_.LastAccess(object);
  while (change != kNone && (history_.access(change).touch == Touch::kRead ||
                             !IsKept(history_.access(change).step, former))) {
    change = history_.access(change).previous;
  }
  return change;
}

// How often `object` was changed after access `change` and before step `end`.
std::uint32_t DporChooser::ChangesSince(std::uint32_t change, std::uint32_t object,
                                        StepIndex end) const {
  const StepIndex since = change == kNone ? 0 : history_.access(change).step;
  std::uint32_t changes = 0;
  for (std::uint32_t i = history_.LastAccess(object); i != change && i != kNone;
       i = history_.access(i).previous) {
    const Access& access = history_.access(i);
    if (access.step > since && access.step < end) changes += access.writes;
  }
  return changes;
}

// Whether what `latter` waits for was changed after access `change` and before it waited.
bool DporChooser::HasChangedSince(std::uint32_t change, const Latter& latter) const {
  for (std::uint32_t i = history_.LastAccess(latter.object); i != change && i != kNone;
       i = history_.access(i).previous) {
    const Access& access = history_.access(i);
    if (access.touch != Touch::kRead && access.step <= latter.previous) return true;
  }
  return false;
}

// Whether the guard does not hold for the value as it was after access `change`.
bool DporChooser::IsRefused(std::uint32_t change, const Latter& latter) const {
  const std::uint32_t changes = ChangesSince(change, latter.object, latter.previous + 1);
  return changes > 0 && changes <= 32 && (latter.refused >> (changes - 1) & 1) != 0;
}

// Whether an update that has happened would change the value there, too. A read where that cannot
// be told.
Touch DporChooser::TouchOfUpdate(StepIndex former, const Latter& latter) const {
  const std::uint32_t change = LastChange(latter.object, former);
  const std::uint32_t changes = ChangesSince(change, latter.object, latter.end);
  if (latter.step == kNone || changes > 32) return Touch::kRead;
  if (changes == 0) return latter.accesses[0].touch;
  return (latter.unequal >> (changes - 1) & 1) != 0 ? Touch::kRead : Touch::kWrite;
}

void DporChooser::Reverse(StepIndex former, const Latter& latter) {
  Predict(former, latter,
          latter.step == kNone ? std::span<const std::uint32_t>() : history_.DrawsOf(latter.step));
  Insert(former);
}

// Ends sequence_ with what `latter` would do there. What it knows when it begins, and the past of
// what it meets, say what it does: if that is as it was seen, it does the same. If not, it may go
// on to touch other things. It is thought not to; a run that shows otherwise is noticed.
void DporChooser::Predict(StepIndex former, const Latter& latter,
                          std::span<const std::uint32_t> draws) {
  std::uint64_t key = KeyOf(latter.digest, draws);
  bool is_certain = latter.step != kNone;
  bool is_open = false;  // nobody knows what it would do
  for (const Access& access : latter.accesses) {
    const std::uint64_t past = PastOf(access.object, former);
    key = Combine(key, past);
    is_certain = is_certain && past == access.before;
    is_open = access.tries && past != access.before && !IsHeldAsBefore(access, former);
    if (!is_certain) break;
  }
  if (is_open) draws = {};
  predicted_.assign(latter.accesses.begin(), latter.accesses.end());
  if (latter.operation == Operation::kUpdate && latter.object != 0) {
    predicted_[0].touch = TouchOfUpdate(former, latter);
  }
  sequence_.push_back({.move = {.strand = latter.strand,
                                .with_all = latter.with_all || is_open ||
                                            !(is_certain || latter.step == kNone || Foretell(key)),
                                .objects_known = history_[former].objects_known,
                                .accesses = predicted_,
                                .draws = draws},
                       .position = kNone});
}

// Whether it is a mutex that somebody holds there if and only if somebody held it where it was
// tried.
bool DporChooser::IsHeldAsBefore(const Access& access, StepIndex former) const {
  if (!history_.IsMutex(access.object)) return false;
  const std::uint32_t change = LastChange(access.object, former);
  const bool is_held = change != kNone && history_.access(change).held_after;
  return is_held == (access.previous != kNone && history_.access(access.previous).held_after);
}

// Notes what predicted_ says; false where that must not be relied on.
bool DporChooser::Foretell(std::uint64_t key) {
  if (is_careful_ || foretold_.size() >= kForetoldMost) return false;
  const std::uint64_t accesses = DigestOf(predicted_);
  return foretold_.emplace(key, accesses).first->second == accesses;
}

// Whether all steps from `first` on did what was foretold of them.
bool DporChooser::WasForetold(StepIndex first) {
  for (StepIndex j = std::max<StepIndex>(first, 1); j < history_.size(); ++j) {
    const auto accesses = history_.AccessesOf(j);
    const std::uint64_t seen = DigestOf(accesses);
    std::uint64_t key = KeyOf(history_[j].before, history_.DrawsOf(j));
    for (const Access& access : accesses) {
      key = Combine(key, access.before);
      const auto foretold = foretold_.size() < kForetoldMost ? foretold_.emplace(key, seen).first
                                                             : foretold_.find(key);
      if (foretold != foretold_.end() && foretold->second != seen) return false;
    }
  }
  return true;
}

// What a strand that is cancelled there would know: that says what its destructors do.
std::uint64_t DporChooser::PastOfStrand(StrandIndex strand, StepIndex former) const {
  StepIndex last = history_.LastStepOf(strand);
  while (last != kNone && !IsKept(last, former)) last = history_[last].previous;
  return last != kNone ? history_[last].after : internal::StepHistory::DigestOfNew(strand);
}

// The digest of `object` after the steps that are kept.
std::uint64_t DporChooser::PastOf(std::uint32_t object, StepIndex former) const {
  if (object >= internal::kWakeOfStrand) return 0;
  if (object >= internal::kLifeOfStrand) {
    return PastOfStrand(object - internal::kLifeOfStrand, former);
  }
  for (std::uint32_t i = history_.LastAccess(object); i != kNone; i = history_.access(i).previous) {
    const Access& access = history_.access(i);
    if (access.touch == Touch::kRead) continue;
    if (access.step < former || in_sequence_[access.step]) return access.after;
  }
  return 0;
}

// The same step with other draws.
void DporChooser::AddOtherDraws(StepIndex step) {
  const auto draws = history_.DrawsOf(step);
  if (draws.empty()) return;
  const auto accesses = history_.AccessesOf(step);
  predicted_.assign(accesses.begin(), accesses.end());
  Element element{.move = history_.ViewOf(step, history_[step].objects_known), .position = kNone};
  in_sequence_.assign(history_.size(), false);
  base_.assign(stride_, 0);
  for (std::size_t i = 0; i < draws.size(); ++i) {
    predicted_draws_.assign(draws.begin(), draws.begin() + static_cast<std::ptrdiff_t>(i + 1));
    element.move.draws = predicted_draws_;
    for (std::uint32_t other = 0; other < nodes_[step].alternatives[i]; ++other) {
      if (other == draws[i]) continue;
      predicted_draws_[i] = other;
      std::uint64_t key = KeyOf(history_[step].before, predicted_draws_);
      if (!accesses.empty()) key = Combine(key, accesses[0].before);
      element.move.with_all =
          history_[step].with_all || std::ranges::any_of(accesses, Tries) || !Foretell(key);
      sequence_.assign(1, element);
      Insert(step);
    }
  }
}

// --- wakeup trees ---------------------------------------------------------------------------

// Whether nothing in sequence_ has to come before one of its elements.
bool DporChooser::MayComeFirst(std::size_t element) const {
  const Element& later = sequence_[element];
  for (std::size_t i = 0; i < element; ++i) {
    const Element& earlier = sequence_[i];
    if (later.position != kNone) {
      if (HappensBefore(earlier.position, later.position)) return false;
    } else if (IsCovered(base_, earlier.position) ||
               Depend(KnowingAll(earlier.move), KnowingAll(later.move))) {
      return false;
    }
  }
  return true;
}

// Whether some run that begins with `move` is of the same kind as one that begins with sequence_.
bool DporChooser::IsWeakInitial(const MoveView& move) const {
  for (std::size_t i = 0; i < sequence_.size(); ++i) {
    const MoveView& element = sequence_[i].move;
    if (element.strand == move.strand) return Agree(element.draws, move.draws) && MayComeFirst(i);
  }
  return std::ranges::none_of(sequence_,
                              [&](const Element& element) { return Depend(element.move, move); });
}

// Whether its draws, if it is in sequence_, are known there as far as they are here.
bool DporChooser::AreDrawsKnown(const MoveView& move) const {
  return std::ranges::all_of(sequence_, [&](const Element& element) {
    return element.move.strand != move.strand || element.move.draws.size() >= move.draws.size();
  });
}

// Sees to it that a run like sequence_ is made from `node`. Of a move that was tried there, all
// draws are. One that sleeps because it was tried before may have draws that do not.
void DporChooser::Insert(std::size_t node) {
  const std::vector<std::uint32_t>& sleep = nodes_[node].sleep;
  for (std::size_t i = 0; i < sleep.size(); ++i) {
    const MoveView move = moves_[sleep[i]].view();
    const bool was_tried_here = i + nodes_[node].own_sleep >= sleep.size();
    if (IsWeakInitial(move) && (was_tried_here || AreDrawsKnown(move))) return;  // done
  }
  // A place is a list of branches: that of the node, or the children of a branch.
  BranchIndex parent = kNone;
  BranchIndex last = kNone;
  BranchIndex branch = nodes_[node].branches;
  while (branch != kNone) {
    const MoveView move = branches_[branch].move.view();
    if (!IsWeakInitial(move)) {
      last = branch;
      branch = branches_[branch].next;
      continue;
    }
    if (branches_[branch].children == kNone) return;  // planned
    const auto same = std::ranges::find_if(
        sequence_, [&](const Element& element) { return element.move.strand == move.strand; });
    if (same != sequence_.end()) sequence_.erase(same);
    parent = branch;
    last = kNone;
    branch = branches_[branch].children;
  }
  for (const Element& element : sequence_) {
    const BranchIndex added = NewBranch(element.move);
    if (last != kNone) {
      branches_[last].next = added;
    } else if (parent != kNone) {
      branches_[parent].children = added;
    } else {
      nodes_[node].branches = added;
    }
    parent = added;
    last = kNone;
  }
}

DporChooser::BranchIndex DporChooser::NewBranch(const MoveView& move) {
  BranchIndex branch = free_branches_;
  if (branch == kNone) {
    branch = static_cast<BranchIndex>(branches_.size());
    branches_.emplace_back();
  } else {
    free_branches_ = branches_[branch].next;
  }
  branches_[branch].move = move;
  branches_[branch].children = branches_[branch].next = kNone;
  return branch;
}

// With all that hangs on it.
void DporChooser::Free(BranchIndex branch) {
  while (branch != kNone) {
    Free(branches_[branch].children);
    const BranchIndex next = branches_[branch].next;
    branches_[branch].next = std::exchange(free_branches_, branch);
    branch = next;
  }
}

// Cuts the path back to the last node with a branch left, and goes that way.
void DporChooser::Backtrack() {
  while (depth_ > 0) {
    const std::size_t n = depth_ - 1;
    Node& node = nodes_[n];
    std::uint32_t move = static_cast<std::uint32_t>(moves_.size());
    if (free_moves_.empty()) {
      moves_.emplace_back();
    } else {
      move = free_moves_.back();
      free_moves_.pop_back();
    }
    const auto step = static_cast<StepIndex>(n);
    moves_[move] = history_.ViewOf(step, history_[step].objects_known);
    node.sleep.push_back(move);
    ++node.own_sleep;
    Free(std::exchange(node.guide, kNone));
    while (node.branches != kNone) {
      Branch& branch = branches_[node.branches];
      const BranchIndex next = std::exchange(branch.next, kNone);
      const StrandIndex strand = branch.move.strand;
      // The body is always ready. A strand that is not was thought to be.
      const bool ready = n == 0 || std::ranges::find(node.ready, strand) != node.ready.end();
      if (ready) {
        node.strand = strand;
        node.draws = branch.move.draws;
        node.alternatives.clear();
        node.guide = std::exchange(branch.children, kNone);
      }
      Free(std::exchange(node.branches, next));
      if (!ready) continue;
      prefix_ = depth_;
      return;
    }
    for (; node.own_sleep > 0; --node.own_sleep) {
      free_moves_.push_back(node.sleep.back());
      node.sleep.pop_back();
    }
    --depth_;
  }
  exhausted_ = true;
}

}  // namespace heddle::inline HEDDLE_VARIANT
