// SPDX-License-Identifier: MIT
//
// Strands: follows the ready set from one choice to the next, for choosers that give each
// spawned task a priority or a weight.
//
// The rules it keeps:
//  - a strand is a spawned task with all that it calls, and has one pending step at most;
//  - its path, made of its spawner's path and of the how-manieth it was to be spawned there,
//    names it in every run of the body, whatever the schedule was;
//  - bringing it up to date costs time for the candidates that came and went, not for those
//    that stayed.
//
// It has to see every step: Chooser::wants_every_step().
#ifndef HEDDLE_INTERNAL_STRANDS_H_
#define HEDDLE_INTERNAL_STRANDS_H_

#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "heddle/conflict.h"
#include "heddle/event.h"
#include "heddle/internal/ready_set.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// Counts the strands of one run, in the order in which they were first seen.
using StrandNumber = std::uint32_t;
inline constexpr StrandNumber kNoStrand = 0xffffffff;

// The object that a candidate is about to touch (conflict.h); 0: none. Without a branch, because
// what comes next is anybody's guess.
inline ObjectId TouchedObject(Candidate candidate) {
  constexpr std::uint32_t kTouching = [] {
    std::uint32_t touching = 0;
    for (std::uint32_t operation = 0; operation < 32; ++operation) {
      if (TouchesObject(static_cast<Operation>(operation))) touching |= 1U << operation;
    }
    return touching;
  }();
  static_assert(kLastOperation < Operation{32});
  return candidate.object() & (0 - (kTouching >> static_cast<int>(candidate.operation()) & 1));
}

struct Strand {
  const TaskState* pending = nullptr;      // the task of it that is ready; null: none is
  ObjectId touching = 0;                   // what that one is about to touch; 0: nothing
  Operation operation = Operation::kNone;  // and how
  std::uint32_t steps = 0;                 // that were chosen
  TaskId id = kNoTask;
  std::uint64_t history = 0;  // a digest of its last step and of all that came before
  std::uint64_t path = 0;
  StrandNumber spawner = kNoStrand;  // kNoStrand: the body
  std::uint32_t children = 0;

  // In the ready set; kNowhere: it is not ready.
  std::uint32_t index() const { return pending != nullptr ? pending->ready_index : kNowhere; }
};

class Strands {
 public:
  void BeginRun();

  // Tells `observer` what changed in `ready` since the last step:
  //   OnSpawn(number)              a strand that was not there before;
  //   OnArrive(number, candidate)  it has a new pending step, and is ready to make it;
  //   OnLeave(number)              it is not ready any more.
  template <class Observer>
  void Update(const ReadySet& ready, Observer& observer) {
    if (ready.dropped_.size() == dropped_ && ready.size() == ready_) [[likely]] {
      // Nearly always: who made the last step goes on.
      const TaskState& task = ready.Last();
      if (task.strand == last_id_ && task.object() < objects_.size()) [[likely]] {
        Arrive(strands_[last_], task);
        observer.OnArrive(last_, Candidate(task));
        return;
      }
    }
    Follow(ready, observer);
  }

  // `number`, which is ready, makes the next step. Gives its index.
  std::size_t Step(StrandNumber number) {
    Strand& strand = strands_[number];
    const std::size_t index = std::exchange(strand.pending, nullptr)->ready_index;
    Remember(strand);
    ++strand.steps;
    ++steps_;
    last_ = number;
    last_id_ = strand.id;
    return index;
  }

  // Who made the last step drew `value`.
  void Draw(std::uint32_t value);

  const Strand& operator[](StrandNumber number) const { return strands_[number]; }
  StrandNumber size() const { return static_cast<StrandNumber>(strands_.size()); }
  // The strand of a candidate.
  StrandNumber Of(Candidate candidate) const { return known_[candidate.strand()].number; }
  std::uint64_t steps() const { return steps_; }

  // Two runs have the same digest where they differ only in the order of steps that do not
  // depend on each other (conflict.h). (Mazurkiewicz, "Trace Theory", 1986.)
  std::uint64_t Digest() const;

 private:
  struct Known {
    std::uint32_t run = 0;
    StrandNumber number = kNoStrand;
  };
  struct NewStrand {
    TaskId id = kNoTask;
    TaskId spawner = kNoTask;
    friend auto operator<=>(const NewStrand&, const NewStrand&) = default;
  };
  // Digests of what was done to an object: the last write, and the reads since.
  struct ObjectHistory {
    std::uint64_t written = 0;
    std::uint64_t read = 0;
  };

  static constexpr std::uint64_t Fold(std::uint64_t digest, std::uint64_t word) {
    return (std::rotl(digest, 25) ^ word) * 0x9e3779b97f4a7c15;
  }

  StrandNumber Find(TaskId id) const {
    return id < known_.size() && known_[id].run == run_ ? known_[id].number : kNoStrand;
  }
  // Not inline: it would cost Update its registers.
  template <class Observer>
  [[gnu::noinline]] void Follow(const ReadySet& ready, Observer& observer);
  StrandNumber TakeDropped(TaskId strand);
  void ListArrivals(const ReadySet& ready);
  void Add(const NewStrand& strand);
  static void Arrive(Strand& strand, const TaskState& task) {
    strand.pending = &task;
    strand.operation = task.operation();
    strand.touching = TouchedObject(Candidate(task));
  }
  void Remember(Strand& strand);

  std::uint32_t run_ = 0;
  TaskId last_id_ = kNoTask;
  std::size_t ready_ = 0;          // the size of the set before the last step
  std::size_t dropped_ = 0;        // how many of ReadySet::dropped_ are known
  StrandNumber last_ = kNoStrand;  // who made the last step
  std::uint64_t steps_ = 0;
  std::uint32_t body_children_ = 0;
  std::uint64_t body_history_ = 0;
  std::vector<Strand> strands_;
  std::vector<Known> known_;            // by TaskId
  std::vector<ObjectHistory> objects_;  // by ObjectId; there is one for each pending step
  std::vector<NewStrand> spawned_;
  std::vector<const TaskState*> arrived_;
};

// Of those that are ready only who came last is looked at: the set has them in that order.
template <class Observer>
void Strands::Follow(const ReadySet& ready, Observer& observer) {
  for (; dropped_ < ready.dropped_.size(); ++dropped_) {
    const StrandNumber number = TakeDropped(ready.dropped_[dropped_]);
    if (number != kNoStrand) observer.OnLeave(number);
  }
  ListArrivals(ready);
  for (const NewStrand& strand : spawned_) {
    Add(strand);
    observer.OnSpawn(size() - 1);
  }
  for (const TaskState* task : arrived_) {
    const StrandNumber number = Find(task->strand);
    Arrive(strands_[number], *task);
    observer.OnArrive(number, Candidate(*task));
  }
  if (last_ != kNoStrand && strands_[last_].pending == nullptr) observer.OnLeave(last_);
}

inline void Strands::Remember(Strand& strand) {
  const std::uint64_t word = static_cast<std::uint64_t>(strand.operation) + 1;
  if (strand.touching == 0) {
    strand.history = Fold(strand.history, word);
    return;
  }
  ObjectHistory& history = objects_[strand.touching];
  std::uint64_t digest = Fold(strand.history, word + history.written);
  if (strand.operation == Operation::kRead) {
    history.read += digest;
  } else {
    digest = Fold(digest, history.read);
    history = {.written = digest, .read = 0};
  }
  strand.history = digest;
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_STRANDS_H_
