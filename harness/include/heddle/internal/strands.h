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

#include <algorithm>
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

struct Strand {
  TaskId id = kNoTask;
  std::uint32_t index = kNowhere;  // in the ready set
  std::uint64_t path = 0;
  StrandNumber spawner = kNoStrand;  // kNoStrand: the body
  std::uint32_t children = 0;
  std::uint32_t steps = 0;    // that were chosen
  std::uint32_t scan = 0;     // the last look at the whole ready set that met it
  std::uint64_t history = 0;  // a digest of its last step and of all that happened before it
};

class Strands {
 public:
  void BeginRun();

  // Tells `observer` what changed in `ready` since the last step:
  //   OnSpawn(number)              a strand that was not there before;
  //   OnArrive(number, candidate)  it has a new pending step, and is ready to make it;
  //   OnLeave(number)              it is not ready any more.
  template <class Observer>
  void Update(const ReadySet& ready, Observer& observer);

  // `number`, which is ready, makes the next step. Gives its index.
  std::size_t Step(const ReadySet& ready, StrandNumber number);

  // Who made the last step drew `value`.
  void Draw(std::uint32_t value);

  const Strand& operator[](StrandNumber number) const { return strands_[number]; }
  StrandNumber size() const { return static_cast<StrandNumber>(strands_.size()); }
  StrandNumber at(std::size_t index) const { return slots_[index]; }
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
    std::uint32_t run = 0;
    std::uint64_t written = 0;
    std::uint64_t read = 0;
  };

  StrandNumber Find(TaskId id) const {
    return id < known_.size() && known_[id].run == run_ ? known_[id].number : kNoStrand;
  }
  bool FillHole(const ReadySet& ready);
  void LookAtAll(const ReadySet& ready);
  void Note(const ReadySet& ready, std::size_t index);
  void Add(const NewStrand& strand);
  void Remember(Strand& strand, Operation operation, std::uint32_t object);

  std::uint32_t run_ = 0;
  std::uint64_t steps_ = 0;
  std::uint32_t body_children_ = 0;
  std::uint64_t body_history_ = 0;
  StrandNumber last_ = kNoStrand;  // who made the last step
  std::size_t hole_ = 0;           // where it stood
  bool hole_taken_ = false;        // by a task that yielded
  std::uint64_t drops_ = 0;
  std::uint32_t scan_ = 0;
  std::vector<Strand> strands_;
  std::vector<Known> known_;          // by TaskId
  std::vector<StrandNumber> slots_;   // by index in the ready set
  std::vector<StrandNumber> before_;  // slots_, before a look at all
  std::vector<NewStrand> spawned_;
  std::vector<std::uint32_t> arrived_;  // indices
  std::vector<ObjectHistory> objects_;  // by ObjectId
};

template <class Observer>
void Strands::Update(const ReadySet& ready, Observer& observer) {
  const bool followed = steps_ > 0 && ready.drops() == drops_ && FillHole(ready);
  if (followed && ready.size() - slots_.size() + (hole_taken_ ? 1 : 0) == 1) {
    // Nearly always: one arrives, and it is no new strand.
    const std::size_t index = hole_taken_ ? hole_ : slots_.size();
    const Candidate candidate = ready[index];
    const StrandNumber last = last_;
    const StrandNumber number =
        candidate.strand() == strands_[last].id ? last : Find(candidate.strand());
    if (number != kNoStrand) {
      if (!hole_taken_) slots_.push_back(number);
      slots_[index] = number;
      strands_[number].index = static_cast<std::uint32_t>(index);
      observer.OnArrive(number, candidate);
      if (number != last) observer.OnLeave(last);
      return;
    }
  }
  const StrandNumber known = size();
  arrived_.clear();
  if (followed) {
    before_.clear();
    if (hole_taken_) Note(ready, hole_);
  } else {
    LookAtAll(ready);
  }
  for (std::size_t i = slots_.size(); i < ready.size(); ++i) Note(ready, i);
  if (!spawned_.empty()) {
    std::ranges::sort(spawned_);
    for (const NewStrand& strand : spawned_) Add(strand);
    spawned_.clear();
    for (StrandNumber number = known; number < size(); ++number) observer.OnSpawn(number);
  }
  slots_.resize(ready.size());
  for (const std::uint32_t index : arrived_) {
    const Candidate candidate = ready[index];
    const StrandNumber number = Find(candidate.strand());
    slots_[index] = number;
    strands_[number].index = index;
    observer.OnArrive(number, candidate);
  }
  for (const StrandNumber number : before_) {
    if (number != last_ && strands_[number].index == kNowhere) observer.OnLeave(number);
  }
  if (last_ != kNoStrand && strands_[last_].index == kNowhere) observer.OnLeave(last_);
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_STRANDS_H_
