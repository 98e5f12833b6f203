// SPDX-License-Identifier: MIT
//
// StepHistory: the steps of one run, what each of them touched, and which happened before which.
// It is read off the events of the run, by object and not by luck of the schedule; dpor.h reverses
// what it finds to be unordered.
//
// Strands and objects have numbers here. That of a strand is the same in every run of the body
// (who spawned it, and the how-manieth it was there). That of an object is its ObjectId: two runs
// that begin with the same steps agree on those that were met by then.
#ifndef HEDDLE_INTERNAL_STEP_HISTORY_H_
#define HEDDLE_INTERNAL_STEP_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "heddle/event.h"
#include "heddle/internal/ready_set.h"
#include "heddle/recorder.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

using StepIndex = std::uint32_t;
using StrandIndex = std::uint32_t;
inline constexpr std::uint32_t kNone = 0xffffffff;

// How a step touches an object.
enum class Touch : std::uint8_t {
  kRead,
  kWrite,
  kArrive,  // a task that reports to a join with a value
  kFail,    // one that reports with an exception: the first counts
  kSpawn,   // one that will report: two of them in order, so that a join can come before both
};

constexpr bool Conflict(Touch a, Touch b) {
  if (a == b) return a != Touch::kRead && a != Touch::kArrive;
  const bool of_tasks = a >= Touch::kArrive && b >= Touch::kArrive;
  return !of_tasks;
}

// Objects that are not the user's: whether a strand still lives, and who woke it from outside.
inline constexpr std::uint32_t kLifeOfStrand = 0x80000000;
inline constexpr std::uint32_t kWakeOfStrand = 0xc0000000;

struct Access {
  std::uint32_t object = 0;
  std::uint32_t name = 0;  // a digest: other names mean other objects
  Touch touch = Touch::kRead;
  bool held_after = false;    // a mutex: somebody has it when the step is over
  bool closes = false;        // a channel: the step closed it
  bool tries = false;         // in another state the step would have touched it otherwise
  std::uint16_t writes = 0;   // how often the step changed it
  std::int16_t takers = 0;    // a rendezvous: how many began to wait for a message, less those gone
  std::int32_t messages = 0;  // a channel: how many it put in, less those that it took out
  std::int32_t pending = 0;   // a join: how many tasks it spawned, less those that ended
  bool reports = false;       // a join: a task of it ended by itself
  StepIndex step = kNone;
  std::uint32_t previous = kNone;  // index of the access before, to the same object
  std::uint64_t before = 0;        // digest of the object's past, without this step
  std::uint64_t after = 0;         // and with it
};

// What a step did or would do, wherever it is kept.
struct MoveView {
  StrandIndex strand = kNone;
  bool with_all = false;            // depends on every other step
  std::uint32_t objects_known = 0;  // objects above are not the same in another run
  std::span<const Access> accesses;
  std::span<const std::uint32_t> draws;
};

// Whether the order of two steps, of different strands, can matter.
bool Depend(const MoveView& a, const MoveView& b);

// What a Select waits for, beside a time.
struct Arm {
  std::uint32_t object = 0;
  Operation operation = Operation::kNone;  // kReceive, kSend; kWait: a stop
  std::uint32_t value = 0;                 // of a kSend, Channel::room; of a kWait, see StopObjects
};

struct Step {
  StrandIndex strand = 0;
  std::uint32_t ordinal = 0;   // among those of its strand, from 1
  StepIndex previous = kNone;  // of its strand
  StepIndex required = kNone;  // who spawned it or woke it from outside
  Operation operation = Operation::kNone;
  std::uint32_t object = 0;
  std::uint32_t first_access = 0;
  std::uint32_t accesses = 0;
  std::uint32_t first_draw = 0;
  std::uint32_t draws = 0;
  std::uint32_t barriers = 0;       // how often time had jumped before
  std::uint32_t objects_known = 0;  // ids up to this were met before
  bool with_all = false;
  // Of its guard, when it was suspended: see Shared::RefusedBefore; of a kSend, Channel::room; of a
  // Select, 1: it waits for a time, too.
  std::uint32_t refused = 0;
  std::uint32_t first_arm = 0;  // of a Select
  std::uint32_t arms = 0;
  std::uint32_t unequal = 0;     // of a kUpdate, when it was made: see Shared::UnequalBefore
  std::uint64_t before = 0;      // digest of all that its strand knows when it begins
  std::uint64_t all_before = 0;  // and of what all know: yields, jumps of time
  std::uint64_t after = 0;
};

// A strand that waits, at the end of the run or when it was cancelled.
struct PendingStep {
  StrandIndex strand = 0;
  StepIndex cancelled_by = kNone;
  std::uint32_t barriers = 0;  // how often time had jumped by then
  Operation operation = Operation::kNone;
  std::uint32_t object = 0;
  std::uint32_t refused = 0;
  std::uint32_t first_arm = 0;
  std::uint32_t arms = 0;
};

class StepHistory {
 public:
  // --- while the run goes on --------------------------------------------------------------

  void BeginRun();
  // Before each choice: learns of the strands that step `last`, of strand `spawner`, spawned.
  void See(const ReadySet& ready, StepIndex last, StrandIndex spawner);
  StrandIndex StrandOf(TaskId spawned) const { return strand_of_task_[spawned]; }

  // --- when it is over --------------------------------------------------------------------

  // Step 0 is the body, up to its first suspension; the others follow.
  void Read(const Recorder& recorder);

  StepIndex size() const { return static_cast<StepIndex>(steps_.size()); }
  const Step& operator[](StepIndex index) const { return steps_[index]; }
  std::span<const Access> AccessesOf(StepIndex index) const {
    return std::span(accesses_).subspan(steps_[index].first_access, steps_[index].accesses);
  }
  std::span<const std::uint32_t> DrawsOf(StepIndex index) const {
    return std::span(draws_).subspan(steps_[index].first_draw, steps_[index].draws);
  }
  // Of a Step or a PendingStep; none: it is no Select.
  template <class AnyStep>
  std::span<const Arm> ArmsOf(const AnyStep& step) const {
    return std::span(arms_).subspan(step.first_arm, step.arms);
  }
  MoveView ViewOf(StepIndex index, std::uint32_t objects_known) const;

  const Access& access(std::uint32_t index) const { return accesses_[index]; }
  // The index of the last access to `object`; kNone without one.
  std::uint32_t LastAccess(std::uint32_t object) const {
    return object < last_access_.size() ? last_access_[object] : kNone;
  }
  std::uint32_t NameOf(std::uint32_t object) const;
  bool IsMutex(std::uint32_t object) const { return TypeOf(object) == ObjectType::kMutex; }
  bool IsChannel(std::uint32_t object) const { return TypeOf(object) == ObjectType::kChannel; }
  bool IsCondition(std::uint32_t object) const { return TypeOf(object) == ObjectType::kCondition; }
  bool IsSelect(std::uint32_t object) const { return TypeOf(object) == ObjectType::kSelect; }
  bool IsGroup(std::uint32_t object) const { return recorder_->TypeOf(object) == "TaskGroup"; }
  // Whether a join waits for all of its tasks, and not for one.
  bool JoinsAll(std::uint32_t object) const;

  // The run failed with its last step: that comes after all, and nothing after it.
  void EndsAll() { steps_.back().with_all = true; }
  // How often time jumped.
  std::uint32_t barriers() const { return barriers_; }

  // Those who wait at the end, or waited when they were cancelled.
  const std::vector<PendingStep>& pending() const { return pending_; }
  StrandIndex SpawnerOf(StrandIndex strand) const { return spawners_[strand]; }
  // How many strands there are in all runs so far.
  std::size_t strands() const { return state_.size(); }
  StepIndex LastStepOf(StrandIndex strand) const { return state_[strand].last_step; }
  StepIndex SpawnStepOf(StrandIndex strand) const { return state_[strand].spawned_in; }

  // A digest of all that it knows when it waits for its next step; and for its first.
  std::uint64_t DigestOf(StrandIndex strand) const { return state_[strand].digest; }
  static std::uint64_t DigestOfNew(StrandIndex strand);

  // Two runs have the same where they differ only in the order of independent steps.
  std::uint64_t Digest() const;

 private:
  struct StrandState {
    TaskId task = kNoTask;
    bool seen = false;
    bool over = false;
    std::uint32_t children = 0;
    std::uint32_t steps = 0;
    StepIndex spawned_in = 0;
    StepIndex last_step = kNone;
    StepIndex woken_in = kNone;  // by what is not ours
    Operation operation = Operation::kStart;
    std::uint32_t object = 0;
    std::uint32_t refused = 0;
    std::uint32_t first_arm = 0;
    std::uint32_t arms = 0;
    std::uint64_t digest = 0;
  };
  struct Spawn {
    StepIndex step;
    std::uint32_t join_object;
  };
  enum class ObjectType : std::uint8_t {
    kOther,
    kMutex,
    kChannel,
    kGate,
    kOnce,
    kShared,
    kCondition,
    kSelect,
    kStop,
    kByState,
  };

  void Add(TaskId task, StepIndex spawned_in, StrandIndex spawner);
  void Visit(const Recorder::EventView& event);
  void BeginStep(const Recorder::EventView& event);
  std::uint64_t DigestSoFar() const;
  void MeetsAll();
  void EndStep();
  void TouchJoins();
  Access& Touches(std::uint32_t object, Touch touch, std::uint16_t writes = 0);
  void Accesses(const Recorder::EventView& event);
  void Listens(const Recorder::EventView& event);
  void Suspends(const Recorder::EventView& event);
  void IsWoken(const Recorder::EventView& event);
  void Ends(const Recorder::EventView& event);
  void Reports(std::uint32_t join, bool failed);
  void IsCancelled(StrandIndex strand, std::uint32_t join);
  StrandIndex RunningStrandOf(TaskId task) const;
  ObjectType TypeOf(std::uint32_t object) const;
  StepIndex current() const { return size() - 1; }

  std::vector<std::vector<StrandIndex>> children_;  // by strand; kept from run to run
  std::vector<StrandIndex> spawners_;               // likewise
  std::vector<StrandState> state_;
  std::vector<StrandIndex> strand_of_task_;
  std::vector<TaskId> spawned_;
  std::vector<Spawn> spawns_;  // into something that joins, in the order of the steps

  const Recorder* recorder_ = nullptr;
  std::vector<Step> steps_;
  std::vector<Access> accesses_;
  std::vector<std::uint32_t> draws_;
  std::vector<Arm> arms_;
  std::size_t spawns_seen_ = 0;
  std::vector<std::uint32_t> last_access_;    // by object
  std::vector<bool> has_failed_;              // likewise: a group of which a task threw
  mutable std::vector<std::uint32_t> names_;  // likewise; 0: not asked for yet
  std::vector<PendingStep> pending_;
  std::uint32_t objects_known_ = 0;
  std::uint32_t barriers_ = 0;
  std::uint64_t all_digest_ = 0;  // of what everybody knows: yields, jumps of time
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_STEP_HISTORY_H_
