// SPDX-License-Identifier: MIT
//
// What is expected of the next event: the guess from which writer and reader of a recording
// start, so that only the difference is written. Programs repeat themselves: with the rules of
// EventMemory::Step most events are exactly what was expected. docs/trace_format.md has them as a
// table; event_codec.h makes bytes of the differences.
#ifndef HEDDLE_RECORDER_EVENT_MEMORY_H_
#define HEDDLE_RECORDER_EVENT_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "heddle/event.h"

namespace heddle::internal {

// By which rule the ids of an event are guessed.
enum class Rule : std::uint8_t {
  kSpawn,
  kStart,
  kCall,     // a suspend, to call a task
  kSuspend,  // for anything else
  kReturn,   // a resume after a call
  kResume,
  kFinish,
  kWake,
  kTimer,  // a wake at a point in time
  kTime,
  kMark,
  kFlow,
  kMessage,  // sent or received
  kRelease,
  kOther,
};

inline Rule RuleOf(EventKind kind, Operation operation) {
  switch (kind) {
    case EventKind::kSpawn:
      return Rule::kSpawn;
    case EventKind::kStart:
      return Rule::kStart;
    case EventKind::kSuspend:
      return operation == Operation::kCall ? Rule::kCall : Rule::kSuspend;
    case EventKind::kResume:
      return operation == Operation::kCall ? Rule::kReturn : Rule::kResume;
    case EventKind::kFinish:
      return Rule::kFinish;
    case EventKind::kWake:
      return operation == Operation::kSleep ? Rule::kTimer : Rule::kWake;
    case EventKind::kTime:
      return Rule::kTime;
    case EventKind::kMark:
    case EventKind::kInput:
    case EventKind::kFault:
      return Rule::kMark;
    case EventKind::kFlow:
      return Rule::kFlow;
    case EventKind::kSend:
    case EventKind::kReceive:
      return Rule::kMessage;
    case EventKind::kRelease:
      return Rule::kRelease;
    default:
      return Rule::kOther;
  }
}

// What an event is, but for who and when; and what is known of those that were the same so far.
struct Shape {
  std::uint64_t object_limit = 0;  // the ids that there are, where read
  SiteId site = 0;
  std::uint32_t object = 0;  // of the last one
  std::uint32_t value = 0;
  EventKind kind{};
  std::uint8_t operation = 0;
  std::uint8_t flags = 0;
  Rule rule = Rule::kOther;

  static Shape Of(EventKind kind, std::uint8_t operation, std::uint8_t flags, SiteId site) {
    Shape shape;
    shape.site = site;
    shape.kind = kind;
    shape.operation = operation;
    shape.flags = flags;
    shape.rule = RuleOf(kind, static_cast<Operation>(operation));
    return shape;
  }
};

// What the events so far say about the next one. Both sides keep one, in step.
class EventMemory {
 public:
  EventMemory() : tasks_(std::make_unique<OfTask[]>(kTasks)) {}

  // One event, of this shape. For each of its fields, `coder` is told the expected number and
  // gives the real one; fields come in this order on both sides.
  template <class Coder>
  [[gnu::always_inline]] void Step(Shape& shape, Coder& coder) {
    switch (shape.rule) {
      case Rule::kSpawn:
        created_ = coder.Task(created_ + 1);
        Of(created_).creator = coder.Object(running_);
        break;
      case Rule::kStart:
        StepFrom(created_, coder);
        break;
      case Rule::kCall:
        Run(coder.Task(running_));
        coder.Object(created_);
        break;
      case Rule::kSuspend:
        Run(coder.Task(running_));
        shape.object = Of(running_).awaited = coder.Object(shape.object);
        break;
      case Rule::kReturn:
        StepFrom(next_, coder);
        break;
      case Rule::kResume: {
        Run(coder.Task(next_));
        std::uint32_t& awaited = Of(running_).awaited;
        awaited = coder.Object(awaited);
        break;
      }
      case Rule::kFinish:
        Run(coder.Task(running_));
        shape.object = coder.Object(shape.object);
        next_ = Of(running_).creator;
        break;
      case Rule::kWake:
        next_ = coder.Task(next_);
        coder.Object(running_);
        break;
      case Rule::kTimer:
        next_ = coder.Task(next_);
        coder.Object(kNoTask);
        break;
      case Rule::kTime:
        coder.Task(kNoTask);
        coder.Object(0);
        break;
      case Rule::kMark:
        Run(coder.Task(running_));
        mark_ = coder.Object(mark_) + 1;
        break;
      case Rule::kFlow:
        Run(coder.Task(running_));
        shape.object = coder.Object(shape.object + 1);
        break;
      case Rule::kMessage:
        Run(coder.Task(running_));
        coder.Object(Of(running_).awaited);
        ++shape.value;  // what is expected now
        break;
      case Rule::kRelease:
        Run(coder.Task(running_));
        coder.Object(Of(running_).awaited);
        break;
      case Rule::kOther:
        Run(coder.Task(running_));
        shape.object = coder.Object(shape.object);
        break;
      default:
        __builtin_unreachable();
    }
    shape.value = coder.Value(shape.value);
    time_ = coder.Time(time_);
  }

 private:
  static constexpr std::size_t kTasks = 4096;

  struct OfTask {
    TaskId creator = 0;
    std::uint32_t awaited = 0;  // the object
  };

  // Tasks that are that far apart share what is known of them.
  OfTask& Of(TaskId task) { return tasks_[task % kTasks]; }

  void Run(TaskId task) { running_ = next_ = task; }

  // `expected` takes over from the task that runs.
  template <class Coder>
  [[gnu::always_inline]] void StepFrom(TaskId expected, Coder& coder) {
    const TaskId task = coder.Task(expected);
    coder.Object(running_);
    Run(task);
  }

  TaskId running_ = 0;
  TaskId next_ = 0;  // who goes on when it stops
  TaskId created_ = kNoTask;
  std::uint32_t mark_ = 0;
  VirtualNanos time_ = 0;
  std::unique_ptr<OfTask[]> tasks_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_EVENT_MEMORY_H_
