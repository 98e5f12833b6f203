// SPDX-License-Identifier: MIT
//
// ReadySet: the tasks that could make the next step. Two orders at once, both O(1): an
// array, from which a chooser picks by index, and a list by time of becoming ready, whose
// head is what first-in-first-out would pick.
#ifndef HEDDLE_INTERNAL_READY_SET_H_
#define HEDDLE_INTERNAL_READY_SET_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heddle/internal/task_state.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

class Strands;

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

// What a chooser sees of one task that could make the next step.
class Candidate {
 public:
  explicit Candidate(const internal::TaskState& state) : state_(&state) {}

  TaskId task() const { return state_->id; }
  // The spawned task that it works for: itself, or the one whose calls led to it. A strand
  // is what priorities belong to.
  TaskId strand() const { return state_->strand; }
  // The strand that spawned strand(); kNoTask: the body of the run.
  TaskId spawner() const { return state_->spawner; }
  // What it is about to do, and the object it will touch (an ObjectId).
  Operation operation() const { return state_->operation(); }
  std::uint32_t object() const { return state_->object(); }
  SiteRef site() const { return state_->site; }
  // Of a spawned task: the All, Any or TaskGroup that it reports to (an ObjectId); 0: none.
  std::uint32_t join_object() const { return state_->join_object; }

 private:
  const internal::TaskState* state_;
};

// Choosers read it; the executor keeps it. Indices are good for one choice only.
class ReadySet {
 public:
  ReadySet() = default;
  ReadySet(const ReadySet&) = delete;
  ReadySet& operator=(const ReadySet&) = delete;

  std::size_t size() const { return size_; }
  Candidate operator[](std::size_t index) const { return Candidate(*tasks_[index]); }
  // The index of the one that has been ready for longest: first-in-first-out. Only when
  // there is one.
  std::size_t first() const { return First().ready_index; }

 private:
  friend Executor;
  friend internal::Strands;
  using TaskState = internal::TaskState;
  using ReadyLink = internal::ReadyLink;

  static bool Contains(const TaskState& task) { return task.ready_index != internal::kNowhere; }

  TaskState& At(std::size_t index) { return *tasks_[index]; }
  TaskState& First() const { return *static_cast<TaskState*>(ends_.next_ready); }
  // The one that became ready last.
  const TaskState& Last() const { return *static_cast<TaskState*>(ends_.previous_ready); }

  void PushBack(TaskState& task) {
    if (size_ == capacity_) [[unlikely]] {
      Grow();
    }
    task.ready_index = static_cast<std::uint32_t>(size_);
    tasks_[size_++] = &task;
    LinkLast(task);
  }
  void Remove(TaskState& task) {
    TaskState* moved = tasks_[--size_];
    tasks_[task.ready_index] = moved;
    moved->ready_index = task.ready_index;
    task.ready_index = internal::kNowhere;
    Unlink(task);
  }
  // Remove, where there is no other.
  void RemoveOnly(TaskState& task) {
    size_ = 0;
    task.ready_index = internal::kNowhere;
    ends_.next_ready = ends_.previous_ready = &ends_;
  }
  // Remove, of a task that was not chosen.
  void Drop(TaskState& task) {
    if (is_followed_) NoteDropped(task);
    Remove(task);
  }
  // Remove(gone) and PushBack(task) in one.
  void Replace(TaskState& gone, TaskState& task) {
    task.ready_index = gone.ready_index;
    tasks_[gone.ready_index] = &task;
    gone.ready_index = internal::kNowhere;
    Unlink(gone);
    LinkLast(task);
  }
  // `is_followed`: Strands go by what is in dropped_.
  void Clear(bool is_followed) {
    is_followed_ = is_followed;
    size_ = 0;
    ends_.next_ready = ends_.previous_ready = &ends_;
    dropped_.clear();
  }

  void LinkLast(TaskState& task) {
    ReadyLink* last = ends_.previous_ready;
    task.previous_ready = last;
    task.next_ready = &ends_;
    last->next_ready = &task;
    ends_.previous_ready = &task;
  }
  static void Unlink(TaskState& task) {
    task.previous_ready->next_ready = task.next_ready;
    task.next_ready->previous_ready = task.previous_ready;
  }
  // Not inline: it would cost whoever makes a task ready its registers.
  [[gnu::cold, gnu::noinline]] void Grow() {
    buffer_.resize(2 * buffer_.size() + 16);
    tasks_ = buffer_.data();
    capacity_ = buffer_.size();
  }
  [[gnu::noinline]] void NoteDropped(const TaskState& task) { dropped_.push_back(task.strand); }

  bool is_followed_ = false;
  std::size_t size_ = 0;
  TaskState** tasks_ = nullptr;  // [0, size_) are in use
  std::size_t capacity_ = 0;
  ReadyLink ends_{&ends_, &ends_};  // before the first and behind the last
  std::vector<TaskState*> buffer_;
  std::vector<TaskId> dropped_;  // the strands of those that left without being chosen
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_READY_SET_H_
