// SPDX-License-Identifier: MIT
//
// Shared<T>: data of the user's own that several tasks touch. Each access is a scheduling
// point, so a search tries the orders of the accesses, and knows which of them matter.
//
//   heddle::Shared<int> stock(3, "stock");
//   const int left = co_await stock.Read();
//   co_await stock.Update([](int value) { return value - 1; });       // read and write in one
//   co_await stock.ReadWhen([](int value) { return value == 0; });    // waits until it is
//
// A predicate is asked again at every write; if it looks at more than the value, call Recheck when
// the rest has changed. A task that waits goes on when its predicate still holds at its turn, and
// which of several goes first is a choice.
// For data that a step touches beside what it awaited: Get() and Set().
#ifndef HEDDLE_SHARED_H_
#define HEDDLE_SHARED_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "heddle/executor.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// T can be copied and assigned.
template <class T>
class Shared : private internal::SharedObject {
 public:
  template <class Action>
  class AccessAwaiter;
  template <class Predicate, class Action>
  class GuardedAwaiter;

  explicit Shared(T value = T(), std::string_view name = {})
      : Shared("Shared", std::move(value), name) {}
  ~Shared() { EndWaits("Shared", guards_); }

  // Gives the value.
  auto Read() { return Access(Operation::kRead, ReadAction()); }
  auto Write(T value) {
    return Access(Operation::kWrite, [value = std::move(value)](Shared& shared) mutable {
      shared.NoteValue(EventKind::kResume, value);
      shared.Assign(std::move(value));
    });
  }
  // Makes the value what `change` makes of it, and gives the old one. `change` is called with the
  // value and returns the new one, or is called with a T& and returns nothing.
  template <class Change>
  auto Update(Change change) {
    return Access(Operation::kUpdate, UpdateAction(std::move(change)));
  }
  // Makes the value `desired` if it is `expected`, and gives whether it was.
  auto CompareExchange(T expected, T desired) {
    return Access(Operation::kUpdate, [expected = std::move(expected),
                                       desired = std::move(desired)](Shared& shared) mutable {
      return shared.Exchange(expected, std::move(desired));
    });
  }

  // The same for a task that can go on only while `predicate` of the value holds.
  template <class Predicate>
  auto ReadWhen(Predicate predicate) {
    return AccessWhen(Operation::kRead, std::move(predicate), ReadAction());
  }
  template <class Predicate, class Change>
  auto UpdateWhen(Predicate predicate, Change change) {
    return AccessWhen(Operation::kUpdate, std::move(predicate), UpdateAction(std::move(change)));
  }

  // Asks all predicates again.
  void Recheck() {
    guards_.ForEach([this](Guard& guard) { guard.Ask(value_); });
  }

  // Without suspending: part of the step that the task is in.
  T Get() {
    Record(EventKind::kAccess, Operation::kRead);
    NoteValue(EventKind::kAccess, value_);
    return value_;
  }
  void Set(T value) {
    Record(EventKind::kAccess, Operation::kWrite);
    NoteValue(EventKind::kAccess, value);
    Assign(std::move(value));
  }

 protected:
  // `type` must be a literal.
  Shared(std::string_view type, T value, std::string_view name)
      : SharedObject(type, name), value_(std::move(value)) {}

  // CompareExchange; if the value was another one, `expected` becomes it.
  auto CompareExchangeOrLoad(T& expected, T desired) {
    return Access(Operation::kUpdate,
                  [&expected, desired = std::move(desired)](Shared& shared) mutable {
                    const bool done = shared.Exchange(expected, std::move(desired));
                    if (!done) expected = shared.value_;
                    return done;
                  });
  }

 private:
  // A task that waits, and for which values.
  class Guard;

  template <class Action>
  auto Access(Operation operation, Action action) {
    return AccessAwaiter<Action>(*this, operation, std::move(action));
  }
  template <class Predicate, class Action>
  auto AccessWhen(Operation operation, Predicate predicate, Action action) {
    return GuardedAwaiter<Predicate, Action>(*this, operation, std::move(predicate),
                                             std::move(action));
  }

  // What a task does when it goes on.
  static auto ReadAction() {
    return [](Shared& shared) {
      shared.NoteValue(EventKind::kResume, shared.value_);
      return shared.value_;
    };
  }
  template <class Change>
  static auto UpdateAction(Change change) {
    return [change = std::move(change)](Shared& shared) mutable { return shared.Apply(change); };
  }

  void Assign(T value) {
    KeepPast();
    value_ = std::move(value);
    Recheck();
  }
#if HEDDLE_SIMULATED
  // For a chooser that asks what else could have happened: the values that it had in this run.
  void KeepPast() {
    const Executor* executor = Executor::Current();
    if (executor == nullptr || !executor->recorder().events_on() ||
        !executor->chooser().wants_events()) {
      return;
    }
    if (past_run_ != executor->run_number()) past_.clear();
    past_run_ = executor->run_number();
    past_.push_back(value_);
  }
  // Bit n: `predicate` did not hold for the value before the last n + 1 changes. Only of one that
  // looks at nothing but the value.
  template <class Predicate>
  std::uint32_t RefusedBefore(Predicate& predicate) const {
    return std::is_empty_v<Predicate> ? BeforeChanges(std::not_fn(std::ref(predicate))) : 0;
  }
  // Bit n: it was not `expected` before the last n + 1 changes.
  std::uint32_t UnequalBefore(const T& expected) const {
    return BeforeChanges([&](const T& value) { return !(value == expected); });
  }
  template <class Question>
  std::uint32_t BeforeChanges(Question question) const {
    const Executor* executor = Executor::Current();
    if (executor == nullptr || past_run_ != executor->run_number()) return 0;
    std::uint32_t answers = 0;
    for (std::size_t n = 0; n < past_.size() && n < 32; ++n) {
      const T value = past_[past_.size() - 1 - n];
      if (question(value)) answers |= std::uint32_t{1} << n;
    }
    return answers;
  }
#else
  static void KeepPast() {}
  template <class Predicate>
  static std::uint32_t RefusedBefore(Predicate& /*predicate*/) {
    return 0;
  }
  static std::uint32_t UnequalBefore(const T& /*expected*/) { return 0; }
#endif

  template <class Change>
  T Apply(Change& change) {
    const bool is_kept = NoteValue(EventKind::kResume, value_);
    Record(EventKind::kAccess, Operation::kWrite);
    T updated = value_;
    if constexpr (std::is_void_v<std::invoke_result_t<Change&, T&>>) {
      change(updated);
    } else {
      updated = change(std::as_const(value_));
    }
    if (is_kept) NoteValue(EventKind::kAccess, updated);
    T old = std::move(value_);
    Assign(std::move(updated));
    return old;
  }
  bool Exchange(const T& expected, T desired) {
    const bool equal = value_ == expected;
    const bool is_kept = NoteValue(EventKind::kResume, value_);
    Record(EventKind::kAccess, equal ? Operation::kWrite : Operation::kRead,
           UnequalBefore(expected));
    if (is_kept)
      NoteValue(EventKind::kAccess, equal ? desired : expected, equal ? 0u : kEventDiffered);
    if (equal) Assign(std::move(desired));
    return equal;
  }

  T value_;
  internal::WaitList<Guard> guards_;
#if HEDDLE_SIMULATED
  std::vector<T> past_;
  std::uint64_t past_run_ = 0;
#endif
};

template <class T>
class Shared<T>::Guard : public internal::WaitPlace {
 public:
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  virtual bool Holds(const T& value) = 0;

  // The value, or what else the predicate looks at, has changed.
  void Ask(const T& value) {
#if HEDDLE_SIMULATED
    if (waiter->executor == nullptr) return;  // somebody kept the task of a run that is over
#endif
    Executor& executor = internal::ExecutorOf(*waiter);
    if (!Holds(value)) {
      executor.MakeUnready(*waiter);
    } else if (waiter->ready_index == internal::kNowhere) {
      executor.Wake(*waiter);
    }
  }

  internal::Waiter* waiter = nullptr;

 protected:
  Guard() = default;
  ~Guard() { Leave(); }
  void Leave() { LeaveWaitList(); }
};

template <class T>
template <class Action>
class [[nodiscard("co_await it")]] Shared<T>::AccessAwaiter : public internal::OperationAwaiter {
 public:
  AccessAwaiter(Shared& shared, Operation operation, Action action)
      : shared_(&shared), operation_(operation), action_(std::move(action)) {}

  bool await_ready() const { return !kSimulated; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    this->Suspend(task, operation_, shared_->IdFor(task), site);
    this->executor().MakeReady(this->waiter());
  }
  auto await_resume() { return action_(*shared_); }

 private:
  Shared* shared_;
  Operation operation_;
  Action action_;
};

template <class T>
template <class Predicate, class Action>
class [[nodiscard("co_await it")]] Shared<T>::GuardedAwaiter : public internal::OperationAwaiter,
                                                               private Guard {
 public:
  GuardedAwaiter(Shared& shared, Operation operation, Predicate predicate, Action action)
      : shared_(&shared),
        operation_(operation),
        predicate_(std::move(predicate)),
        action_(std::move(action)) {}

  bool await_ready() { return !kSimulated && Holds(shared_->value_); }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    this->Suspend(task, operation_, shared_->IdFor(task), site, shared_->RefusedBefore(predicate_));
    Guard::waiter = &OperationAwaiter::waiter();
    shared_->guards_.PushBack(*this);
    if (Holds(shared_->value_)) this->executor().MakeReady(OperationAwaiter::waiter());
  }
  auto await_resume() {
    this->Leave();
    return action_(*shared_);
  }
  void Abandon() {
    this->Leave();
    OperationAwaiter::Abandon();
  }

 private:
  bool Holds(const T& value) override { return predicate_(value); }

  Shared* shared_;
  Operation operation_;
  Predicate predicate_;
  Action action_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_SHARED_H_
