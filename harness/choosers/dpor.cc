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
#include "heddle/random.h"

namespace heddle::inline HEDDLE_VARIANT {

using internal::kNone;
using internal::MoveView;
using internal::Step;
using internal::Touch;

namespace {

constexpr std::uint32_t kAllObjects = std::numeric_limits<std::uint32_t>::max();

// More than that many outcomes are forgotten: it may cost a run, and saves the memory.
constexpr std::size_t kOutcomesMost = std::size_t{1} << 22;

std::uint64_t OutcomeKey(std::uint64_t strand, std::uint64_t object,
                         std::span<const std::uint32_t> draws) {
  std::uint64_t key = Random::Mix(strand ^ Random::Mix(object + draws.size()));
  for (const std::uint32_t draw : draws) key = Random::Mix(key + draw);
  return key;
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
  outcome = 0;
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
  outcomes_.clear();
  executions_ = redundant_ = 0;
  exhausted_ = mixed_ = false;
}

// What was foretold so far may be wrong: a step touches more than what it waited for, and that
// showed only now. Those runs will be made again.
void DporChooser::BeginAnew() {
  const std::uint64_t made = executions_;
  Forget();
  mixed_ = true;
  executions_ = redundant_ = made;
}

void DporChooser::BeginRun(std::uint64_t schedule) {
  if (schedule == 1 || exhausted_) Forget();
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
  return draw < node.draws.size() ? node.draws[draw] : 0;
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
  if (lost_) ++redundant_;
  if (!mixed_ && history_.is_mixed()) {
    if (executions_ > 1) return BeginAnew();
    mixed_ = true;
  }

  const std::size_t fresh = prefix_ - 1;
  Sleep(fresh + 1);
  ComputeClocks(fresh);
  Remember(static_cast<StepIndex>(fresh));
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
            .digest = 0});
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
  if (latter.operation != Operation::kSleep) return;
  const std::uint32_t barriers =
      latter.step != kNone ? history_[latter.step].barriers : history_.barriers();
  if (barriers > 0) Join(base_, barriers_[barriers - 1]);
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
                 .refused = step.refused});
  }
  for (const internal::PendingStep& pending : history_.pending()) {
    const Access access{.object = pending.object,
                        .name = pending.object == 0 ? 0 : history_.NameOf(pending.object),
                        .touch = TouchOf(pending.operation)};
    const StepIndex previous = history_.LastStepOf(pending.strand);
    const bool touches = pending.object != 0;
    FindRacesOf({.strand = pending.strand,
                 .previous = previous,
                 .required = previous == kNone ? history_.SpawnStepOf(pending.strand) : kNone,
                 .step = kNone,
                 .end = pending.end,
                 .operation = pending.operation,
                 .object = pending.object,
                 .accesses = std::span(&access, touches ? 1 : 0),
                 .with_all = pending.operation == Operation::kYield,
                 .digest = history_.DigestOf(pending.strand),
                 .refused = pending.refused});
  }
  for (std::size_t n = prefix_ - 1; n < depth_; ++n) AddOtherDraws(static_cast<StepIndex>(n));
}

// Reverses each race that ends with `latter`: the former step depends on it, nothing that could
// be kept in its place comes between them, and `latter` could have gone on before it.
void DporChooser::FindRacesOf(const Latter& latter) {
  Base(latter);
  race_ = base_;
  candidates_.clear();
  Gather(latter);
  if (candidates_.empty()) return;
  std::ranges::sort(candidates_, std::greater<>());
  candidates_.erase(std::unique(candidates_.begin(), candidates_.end()), candidates_.end());
  for (const StepIndex former : candidates_) {
    if (IsCovered(race_, former) || !IsReversible(former, latter)) continue;
    Reverse(former, latter);
    Join(race_, ClockOf(former));
  }
}

void DporChooser::Gather(const Latter& latter) {
  const auto add = [&](StepIndex former) {
    if (history_[former].strand != latter.strand && former > 0 && !IsCovered(race_, former)) {
      candidates_.push_back(former);
    }
  };
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
  for (const internal::PendingStep& pending : history_.pending()) {
    if (latter.step == kNone && pending.strand == latter.strand && pending.end == latter.end &&
        pending.cancelled_by != kNone) {
      add(pending.cancelled_by);
    }
  }
}

void DporChooser::GatherFrom(std::uint32_t access, Touch touch, const Latter& latter) {
  for (std::uint32_t i = access; i != kNone; i = history_.access(i).previous) {
    const Access& former = history_.access(i);
    if (former.step >= latter.end || history_[former.step].strand == latter.strand) continue;
    if (!internal::Conflict(former.touch, touch)) continue;
    if (former.step == 0) return;
    if (!IsCovered(race_, former.step)) {
      candidates_.push_back(former.step);
    } else if (former.touch == Touch::kWrite) {
      return;  // and so is all before it
    }
  }
}

// Puts together what would come instead of `former`: all that does not depend on it, then
// `latter`.
bool DporChooser::IsReversible(StepIndex former, const Latter& latter) {
  if (latter.previous != kNone && latter.previous > former &&
      HappensBefore(former, latter.previous)) {
    return false;
  }
  sequence_.clear();
  in_sequence_.assign(history_.size(), false);
  const std::uint32_t known = history_[former].objects_known;
  for (StepIndex k = former + 1; k < history_.size(); ++k) {
    if (HappensBefore(former, k)) continue;
    in_sequence_[k] = true;
    sequence_.push_back({.move = history_.ViewOf(k, known), .position = k});
  }
  return CouldGoOn(former, latter);
}

// Whether `latter` would be ready after in_sequence_. Where that is not known, yes: a run that is
// too much shows it.
bool DporChooser::CouldGoOn(StepIndex former, const Latter& latter) const {
  const auto is_kept = [&](StepIndex step) { return step < former || in_sequence_[step]; };
  if (latter.operation == Operation::kJoin) {
    for (std::uint32_t i = history_.LastAccess(latter.object); i != kNone;
         i = history_.access(i).previous) {
      const Access& end = history_.access(i);
      if (end.touch < Touch::kArrive || is_kept(end.step)) continue;
      if (is_kept(history_.SpawnStepOf(history_[end.step].strand))) return false;
    }
  }
  // The last step that is kept and changed the object; before `former` without one.
  StepIndex seen_at = former;
  std::uint32_t change = latter.object == 0 ? kNone : history_.LastAccess(latter.object);
  while (change != kNone && (history_.access(change).touch == Touch::kRead ||
                             !is_kept(history_.access(change).step))) {
    change = history_.access(change).previous;
  }
  if (change != kNone) seen_at = std::max(seen_at, history_.access(change).step + 1);
  const bool waits = latter.previous == kNone ? history_.SpawnStepOf(latter.strand) < seen_at
                                              : latter.previous < seen_at;
  if (latter.operation == Operation::kYield && !sequence_.empty()) return true;
  if (waits && seen_at < depth_) {
    return std::ranges::find(nodes_[seen_at].ready, latter.strand) != nodes_[seen_at].ready.end();
  }
  if (latter.step == kNone && latter.operation == Operation::kJoin) return false;
  if (latter.object != 0 && latter.operation == Operation::kLock &&
      history_.IsMutex(latter.object)) {
    return change == kNone || !history_.access(change).held_after;
  }
  return latter.refused == 0 || latter.previous == kNone || !IsRefused(change, latter);
}

// Whether the guard does not hold for the value as it was after access `change`.
bool DporChooser::IsRefused(std::uint32_t change, const Latter& latter) const {
  const StepIndex since = change == kNone ? 0 : history_.access(change).step;
  std::uint32_t changes = 0;
  for (std::uint32_t i = history_.LastAccess(latter.object); i != change && i != kNone;
       i = history_.access(i).previous) {
    const Access& access = history_.access(i);
    if (access.step > since && access.step <= latter.previous) changes += access.writes;
  }
  return changes > 0 && changes <= 32 && (latter.refused >> (changes - 1) & 1) != 0;
}

void DporChooser::Reverse(StepIndex former, const Latter& latter) {
  Predict(former, latter,
          latter.step == kNone ? std::span<const std::uint32_t>() : history_.DrawsOf(latter.step));
  Insert(former);
}

// Ends sequence_ with what `latter` would do there, as far as that is known. A read is a read. What
// an update turns out to be depends on the value, and a step that goes on to touch other things
// may touch others then: a run may have shown it, and if not, it is taken to matter to more.
void DporChooser::Predict(StepIndex former, const Latter& latter,
                          std::span<const std::uint32_t> draws) {
  Element element{.move = {.strand = latter.strand,
                           .with_all = latter.with_all,
                           .objects_known = history_[former].objects_known,
                           .accesses = latter.accesses,
                           .draws = draws},
                  .position = kNone};
  const bool varies =
      latter.operation == Operation::kUpdate || (mixed_ && !IsAsSeen(former, latter));
  if (varies && !latter.with_all) {
    const std::uint64_t past = latter.object == 0 ? 0 : PastOf(latter.object, former);
    element.outcome = OutcomeKey(latter.digest, past, draws);
    const auto outcome = outcomes_.find(element.outcome);
    if (outcome != outcomes_.end()) element.outcome = 0;
    const Touch touch = outcome == outcomes_.end() ? Touch::kWrite : outcome->second;
    predicted_.clear();
    if (latter.object != 0) {
      predicted_.push_back(
          {.object = latter.object, .name = history_.NameOf(latter.object), .touch = touch});
    }
    element.move.accesses = predicted_;
    element.move.with_all = mixed_ && outcome == outcomes_.end();
  }
  sequence_.push_back(element);
}

// Whether a step that has happened would find the same there.
bool DporChooser::IsAsSeen(StepIndex former, const Latter& latter) const {
  return latter.step != kNone && std::ranges::all_of(latter.accesses, [&](const Access& access) {
           if (access.object >= internal::kLifeOfStrand) return true;
           const bool blind =
               latter.operation == Operation::kWrite && access.object == latter.object;
           return blind || PastOf(access.object, former) == access.before;
         });
}

// The digest of `object` after the steps that are kept.
std::uint64_t DporChooser::PastOf(std::uint32_t object, StepIndex former) const {
  for (std::uint32_t i = history_.LastAccess(object); i != kNone; i = history_.access(i).previous) {
    const Access& access = history_.access(i);
    if (access.touch == Touch::kRead) continue;
    if (access.step < former || in_sequence_[access.step]) return access.after;
  }
  return 0;
}

// Steps that touched one object at most.
void DporChooser::Remember(StepIndex first) {
  if (outcomes_.size() > kOutcomesMost) outcomes_.clear();
  for (StepIndex j = std::max<StepIndex>(first, 1); j < history_.size(); ++j) {
    const Step& step = history_[j];
    const auto accesses = history_.AccessesOf(j);
    if (step.with_all || accesses.size() != (step.object == 0 ? 0U : 1U)) continue;
    const std::uint64_t past = accesses.empty() ? 0 : accesses[0].before;
    const Touch touch = accesses.empty() ? Touch::kRead : accesses[0].touch;
    outcomes_.emplace(OutcomeKey(step.before, past, history_.DrawsOf(j)), touch);
  }
}

// The same step with other draws.
void DporChooser::AddOtherDraws(StepIndex step) {
  const auto draws = history_.DrawsOf(step);
  if (draws.empty()) return;
  const Step& drew = history_[step];
  const Latter latter{.strand = drew.strand,
                      .previous = drew.previous,
                      .required = drew.required,
                      .step = kNone,
                      .end = step,
                      .operation = drew.operation,
                      .object = drew.object,
                      .accesses = {},
                      .with_all = drew.with_all,
                      .digest = drew.before};
  in_sequence_.assign(history_.size(), false);
  base_.assign(stride_, 0);
  for (std::size_t i = 0; i < draws.size(); ++i) {
    predicted_draws_.assign(draws.begin(), draws.begin() + static_cast<std::ptrdiff_t>(i + 1));
    for (std::uint32_t other = 0; other < nodes_[step].alternatives[i]; ++other) {
      if (other == draws[i]) continue;
      predicted_draws_[i] = other;
      sequence_.clear();
      Predict(step, latter, predicted_draws_);
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

// Sees to it that a run like sequence_ is made from `node`.
void DporChooser::Insert(std::size_t node) {
  for (const std::uint32_t move : nodes_[node].sleep) {
    if (IsWeakInitial(moves_[move].view())) return;  // done
  }
  path_.clear();
  Prune(&nodes_[node].branches,
        history_.ViewOf(static_cast<StepIndex>(node),
                        history_[static_cast<StepIndex>(node)].objects_known));
  // A place is a list of branches: that of the node, or the children of a branch.
  walked_.clear();
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
    if (branches_[branch].children == kNone) {  // planned
      branches_[branch].pinned |= sequence_.size() != 1 || sequence_[0].move.strand != move.strand;
      return;
    }
    const auto same = std::ranges::find_if(
        sequence_, [&](const Element& element) { return element.move.strand == move.strand; });
    if (same != sequence_.end()) sequence_.erase(same);
    walked_.push_back(branch);
    parent = branch;
    last = kNone;
    branch = branches_[branch].children;
  }
  const bool guessed =
      std::ranges::any_of(sequence_, [](const Element& element) { return element.outcome != 0; });
  for (const BranchIndex above : walked_) branches_[above].holds_guess |= guessed;
  for (const Element& element : sequence_) {
    const BranchIndex added = NewBranch(element);
    branches_[added].holds_guess = guessed;
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

DporChooser::BranchIndex DporChooser::NewBranch(const Element& element) {
  BranchIndex branch = free_branches_;
  if (branch == kNone) {
    branch = static_cast<BranchIndex>(branches_.size());
    branches_.emplace_back();
  } else {
    free_branches_ = branches_[branch].next;
  }
  Move& move = branches_[branch].move;
  move = element.move;
  move.outcome = element.outcome;
  branches_[branch].guessed = element.outcome != 0;
  branches_[branch].pinned = false;
  branches_[branch].children = branches_[branch].next = kNone;
  return branch;
}

// A run that has been made since may have shown what it would touch.
void DporChooser::LearnOutcome(Move& move) {
  if (move.outcome == 0) return;
  const auto outcome = outcomes_.find(move.outcome);
  if (outcome == outcomes_.end()) return;
  move.with_all = false;
  move.outcome = 0;
  if (!move.accesses.empty()) move.accesses[0].touch = outcome->second;
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

// Takes out of a list what `done` turned out to have shown. What it would touch was not known
// when they were put in.
void DporChooser::Prune(BranchIndex* list, const MoveView& done) {
  const auto is_shown = [&] {
    for (std::size_t i = 0; i < path_.size(); ++i) {
      if (path_[i].strand != done.strand) {
        continue;
      }
      return Agree(path_[i].draws, done.draws) &&
             std::none_of(path_.begin(), path_.begin() + static_cast<std::ptrdiff_t>(i),
                          [&](const MoveView& earlier) {
                            return history_.SpawnerOf(done.strand) == earlier.strand ||
                                   Depend(earlier, done);
                          });
    }
    return std::ranges::none_of(path_, [&](const MoveView& move) { return Depend(move, done); });
  };
  while (*list != kNone) {
    const BranchIndex branch = *list;
    if (!branches_[branch].holds_guess) {
      list = &branches_[branch].next;
      continue;
    }
    LearnOutcome(branches_[branch].move);
    path_.push_back(branches_[branch].move.view());
    bool shown = false;
    if (branches_[branch].children == kNone) {
      shown = branches_[branch].guessed && !branches_[branch].pinned && is_shown();
    } else {
      BranchIndex children = branches_[branch].children;
      Prune(&children, done);
      branches_[branch].children = children;
      shown = children == kNone;
    }
    path_.pop_back();
    if (shown) {
      *list = std::exchange(branches_[branch].next, kNone);
      Free(branch);
    } else {
      list = &branches_[branch].next;
    }
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
    path_.clear();
    Prune(&node.branches, moves_[move].view());
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
