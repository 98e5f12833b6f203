// SPDX-License-Identifier: MIT
//
// Watch<T>: a value, and tasks that want to know when it changes. Each looks through an Observer
// of its own, and sees the newest value: those in between may be passed over.
//
//   heddle::Watch<Config> config(Load(), "config");
//   heddle::Watch<Config>::Observer observer = config.Observe();
//   while (std::optional<Config> next = co_await observer.Next()) Apply(*next);
//
// Setting a value wakes all who wait; in which order they go on is a choice. After Close() a
// value that was not seen is still given, and then nothing.
#ifndef HEDDLE_WATCH_H_
#define HEDDLE_WATCH_H_

#include <coroutine>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "heddle/executor.h"
#include "heddle/internal/message_flow.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/internal/waiting.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// T can be copied.
template <class T>
class Watch : private internal::SharedObject {
 public:
  class Observer;
  class [[nodiscard("co_await it")]] NextAwaiter;

  explicit Watch(T value = T(), std::string_view name = {})
      : SharedObject("Watch", name), value_(std::move(value)) {}
  ~Watch() { EndWaits("Watch", waiters_); }

  const T& value() const { return value_; }
  bool is_closed() const { return closed_; }

  // What is there already counts as seen.
  Observer Observe() { return Observer(*this); }

  void Set(T value) {
    value_ = std::move(value);
    flow_ = FlowOfMessage();
    ++version_;
    Update();
  }
  // Nothing more will come. Doing so twice is doing it once.
  void Close() {
    closed_ = true;
    Update();
  }

 private:
  void Update() {
    Record(EventKind::kRelease, Operation::kWait);
    // Who is in the list has seen all there was.
    internal::SetReady(waiters_, true);
  }

  T value_;
  [[no_unique_address]] internal::MessageFlow flow_;  // of the task that set it
  std::uint64_t version_ = 0;
  bool closed_ = false;
  internal::Waiters waiters_;
};

// Must not outlive its Watch. One task at a time.
template <class T>
class Watch<T>::Observer {
 public:
  explicit Observer(Watch& watch) : watch_(&watch), seen_(watch.version_) { watch.RecordLook(); }

  // Gives a std::optional<T>: the newest value, once there is one that this observer has not
  // seen; empty when there will be none.
  NextAwaiter Next() { return NextAwaiter(*this); }

 private:
  friend NextAwaiter;

  bool can_go_on() const { return seen_ != watch_->version_ || watch_->closed_; }

  Watch* watch_;
  std::uint64_t seen_;
};

template <class T>
class Watch<T>::NextAwaiter : public internal::OperationAwaiter {
 public:
  explicit NextAwaiter(Observer& observer) : observer_(&observer) {}

  bool await_ready() const { return !kSimulated && observer_->can_go_on(); }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    Watch& watch = *observer_->watch_;
    this->SuspendForMessage(task, Operation::kWait, watch.IdFor(task), site);
    watch.waiters_.PushBack(this->waiter());
    if (observer_->can_go_on()) this->executor().MakeReady(this->waiter());
  }
  std::optional<T> await_resume() {
    Watch& watch = *observer_->watch_;
    if (kSimulated || this->waiter().in_wait_list()) watch.waiters_.Remove(this->waiter());
    if (observer_->seen_ == watch.version_) return std::nullopt;
    observer_->seen_ = watch.version_;
    watch.TakeUp(watch.flow_);
    return watch.value_;
  }

 private:
  Observer* observer_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_WATCH_H_
