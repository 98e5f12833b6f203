// SPDX-License-Identifier: MIT
//
// WaitGraph: at the end of a stuck run, who waits for whom. An edge leads to a task that could
// let another go on: who has its lock, whom it calls or joins, who has sent into its channel
// before. Read next: diagnose_stuck.cc, which tells a person about it.
#ifndef HEDDLE_INTERNAL_WAIT_GRAPH_H_
#define HEDDLE_INTERNAL_WAIT_GRAPH_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/internal/lock_holders.h"
#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle::internal {

enum class WaitReason : std::uint8_t {
  kCall,      // it awaits that task
  kJoin,      // it awaits a number of tasks, of which this is one
  kLock,      // that task has taken what it wants to take
  kTurn,      // that task does what it waits to be done, once
  kReceived,  // that task has received from the channel that is full now
  kSent,      // that task has sent into the channel that is empty now
  kReleased,  // that task has notified, opened or changed what it waits on
};

struct WaitEdge {
  TaskId to = kNoTask;
  WaitReason reason = WaitReason::kCall;
  std::size_t event = kNoEvent;  // but for kCall and kJoin: when it did so
};

// A task that waits.
struct Blocked {
  std::size_t suspend = kNoEvent;       // its kSuspend
  std::size_t last_release = kNoEvent;  // kWait: the last kRelease of the object before that
  bool release_was_seen = false;        // ... and whether anybody waited then
};

// A subscription to a Broadcast. Which of several a message came through the events do not say: as
// far as can be, one stays with the task that has received from it before, or has made it.
struct SubscriptionState {
  TaskId by = kNoTask;              // who made it
  std::size_t made = kNoEvent;      // when
  std::uint32_t next = 0;           // the number of the message that it receives next
  TaskId reader = kNoTask;          // who received from it last
  std::size_t received = kNoEvent;  // when
};

class WaitGraph {
 public:
  // Keeps references to both.
  WaitGraph(const Trace& trace, const TaskTable& tasks);

  const std::map<TaskId, Blocked>& blocked() const { return blocked_; }
  // What a blocked task waits for.
  const Event& SuspendOf(TaskId task) const { return trace_.events[blocked_.at(task).suspend]; }
  // The way from a blocked task to those who could let it go on. Those who took a lock are among
  // them even if they have ended.
  std::vector<WaitEdge> EdgesFrom(TaskId task) const;
  // Those of them that are blocked themselves.
  std::vector<WaitEdge> BlockedEdgesFrom(TaskId task) const;
  // Circles of blocked tasks; none shares a task with another.
  std::vector<std::vector<TaskId>> Circles() const;

  // The kAccess events of a Select that waits: one for each of its arms. None in recordings of
  // earlier versions.
  const std::vector<std::size_t>& ArmsOf(TaskId task) const;
  // Whether the tasks that report to `join` are known. They are not in recordings of earlier
  // versions; those are taken then that were created where it was awaited.
  bool KnowsTasksOf(ObjectId join) const { return joined_.contains(join); }
  // Those to a Broadcast; none in recordings of earlier versions.
  const std::vector<SubscriptionState>& SubscriptionsTo(ObjectId broadcast) const;
  // Those of them that have received least: a full Broadcast waits for these.
  std::vector<SubscriptionState> SlowestOf(ObjectId broadcast) const;
  // The writer that waits for the same lock as `task`, a reader, before it; kNoTask: there is none.
  TaskId WriterAheadOf(TaskId task) const;
  // Those of other strands that wait to lock what the strand of `task` has, or for it to do what is
  // done once.
  const std::vector<TaskId>& WaitingForLocksOf(TaskId task) const;
  // Those that wait for one of `tasks`, directly or not, and `tasks` themselves.
  std::set<TaskId> Behind(const std::vector<TaskId>& tasks) const;

  // Whether `task` waits for a signal that nobody heard: it was given before the task waited.
  bool MissedSignal(TaskId task) const;
  // Whether a signal came while `task` waited for one, and another task was woken.
  bool WasPassedOver(TaskId task) const;

  // The kSuspend of a generator that is at a co_yield, and waits for nobody; kNoEvent: of others.
  std::size_t CoYieldOf(TaskId task) const;

  // The task that was spawned, at the top of the calls that `task` is part of.
  TaskId StrandOf(TaskId task) const;
  // Its kFinish or kAbandon; kNoEvent: it has not ended.
  std::size_t EndOf(TaskId task) const { return tasks_[task].ended; }

 private:
  // Who does what others wait to be done, once.
  struct Turn {
    TaskId by;
    std::size_t event;
  };
  using LastUse = std::map<TaskId, std::size_t>;

  void Read(std::size_t index);
  void ReadSuspend(std::size_t index);
  void ReadRelease(std::size_t index);
  void ReadReceive(std::size_t index);
  void ReadSubscribe(std::size_t index);
  bool HasEnded(TaskId task) const;
  TaskId StillThere(TaskId task) const;
  void ReadStep(std::size_t index);
  void FindWaiters();
  bool HasLooked(TaskId task, std::size_t signal) const;
  std::vector<WaitEdge> JoinEdges(TaskId task) const;
  std::vector<WaitEdge> GuessedJoinEdges(TaskId task) const;
  std::vector<WaitEdge> LockEdges(TaskId task) const;
  std::vector<WaitEdge> SignalEdges(TaskId task) const;
  std::vector<WaitEdge> TurnEdges(ObjectId once) const;
  std::vector<WaitEdge> ArmEdges(TaskId task) const;
  std::vector<WaitEdge> SendEdges(TaskId task, ObjectId channel) const;
  std::vector<WaitEdge> UseEdges(TaskId task, const std::map<ObjectId, LastUse>& uses,
                                 ObjectId object, WaitReason reason) const;
  bool WaitsAt(TaskId task, ObjectId object) const;
  std::string_view TypeOf(ObjectId object) const;

  const Trace& trace_;
  const TaskTable& tasks_;
  std::map<TaskId, Blocked> blocked_;
  std::map<TaskId, std::size_t> at_co_yield_;
  std::map<TaskId, std::size_t> step_;  // where the last step of a task began
  LockHolders locks_;
  std::map<ObjectId, LastUse> sends_;
  std::map<ObjectId, LastUse> receives_;
  std::map<ObjectId, std::uint32_t> sent_;  // how many messages
  std::map<ObjectId, std::vector<SubscriptionState>> subscriptions_;
  std::map<ObjectId, LastUse> releases_;
  std::map<ObjectId, std::pair<std::size_t, bool>> last_release_;
  std::map<ObjectId, std::size_t> waiters_;  // of kWait
  std::map<ObjectId, Turn> turns_;
  std::map<ObjectId, std::vector<TaskId>> joined_;  // who reports to a join
  std::map<TaskId, std::vector<std::size_t>> arms_;
  std::map<TaskId, std::vector<TaskId>> waiters_of_;
  std::map<TaskId, std::vector<TaskId>> lock_waiters_;  // by the strand that has the lock
  std::set<std::pair<TaskId, ObjectId>> notified_;      // a wait that was over, at a Condition
};

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_WAIT_GRAPH_H_
