// SPDX-License-Identifier: MIT
//
// Broadcast<T>: every subscriber gets every message that is sent after it subscribed, in the
// order in which they were sent. A sender waits while the slowest subscriber is `capacity`
// messages behind; without subscribers messages are dropped.
//
//   heddle::Broadcast<Price> prices(16, "prices");
//   heddle::Broadcast<Price>::Subscription mine = prices.Subscribe();
//   bool accepted = co_await prices.Send(price);             // false: it is closed
//   std::optional<Price> next = co_await mine.Receive();     // empty: closed, and all seen
//
// Which of several waiting senders, or subscribers, goes first is not promised: with tracing on it
// is a choice.
#ifndef HEDDLE_BROADCAST_H_
#define HEDDLE_BROADCAST_H_

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/internal/message_flow.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/internal/waiting.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// T can be copied.
template <class T>
class Broadcast : private internal::SharedObject {
 public:
  class Subscription;
  class [[nodiscard("co_await it")]] SendAwaiter;
  class [[nodiscard("co_await it")]] ReceiveAwaiter;

  // Room for `capacity` messages, at least one. Throws UsageError for none.
  explicit Broadcast(std::size_t capacity, std::string_view name = {})
      : SharedObject("Broadcast", name), capacity_(capacity) {
    if (capacity == 0) {
      throw UsageError(
          "heddle: a Broadcast with room for 0 messages. Give it room for at least one.");
    }
  }
  ~Broadcast() {
    EndWaits("Broadcast", senders_);
    subscriptions_.ForEach(
        [this](Subscription& subscription) { EndWaits("Broadcast", subscription.waiters_); });
  }

  bool is_closed() const { return closed_; }

  // From the next message on.
  Subscription Subscribe() { return Subscription(*this); }
  // Gives a bool: whether it went in.
  SendAwaiter Send(T message) { return SendAwaiter(*this, std::move(message)); }
  // The same without waiting. Moves from `message` only when it is accepted.
  bool TrySend(T&& message) { return TrySend(message); }
  bool TrySend(T& message) {
    if (closed_ || full()) {
      RecordLook();
      return false;
    }
    Put(std::move(message));
    return true;
  }
  // Doing so twice is doing it once.
  void Close() {
    closed_ = true;
    Record(EventKind::kRelease, Operation::kReceive);
    Update();
  }

 private:
  // The capacity, as the trace has it.
  std::uint32_t room() const {
    constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::min(capacity_, kMost));
  }
  bool full() const { return messages_.size() == capacity_; }
  bool can_send() const { return closed_ || !full(); }

  void Put(T message) {
    const internal::MessageFlow flow =
        RecordSend(static_cast<std::uint32_t>(first_ + messages_.size()));
    messages_.push_back({std::move(message), flow});
    DropSeen();
    Update();
  }
  // What all have seen goes.
  void DropSeen() {
    std::uint64_t seen = first_ + messages_.size();
    subscriptions_.ForEach(
        [&](const Subscription& subscription) { seen = std::min(seen, subscription.next_); });
    for (; first_ < seen; ++first_) messages_.pop_front();
  }
  void Update() {
    internal::SetReady(senders_, can_send());
    subscriptions_.ForEach([](Subscription& subscription) {
      internal::SetReady(subscription.waiters_, subscription.can_receive());
    });
  }

  std::size_t capacity_;
  bool closed_ = false;
  std::uint64_t first_ = 0;  // the number of the first message that is kept
  std::deque<internal::Message<T>> messages_;
  internal::Waiters senders_;
  internal::WaitList<Subscription> subscriptions_;
};

// Must not outlive its Broadcast.
template <class T>
class Broadcast<T>::Subscription : public internal::Queued<Subscription> {
 public:
  explicit Subscription(Broadcast& broadcast)
      : broadcast_(&broadcast), next_(broadcast.first_ + broadcast.messages_.size()) {
    broadcast.Record(EventKind::kAccess, Operation::kWrite, 1);
    broadcast.subscriptions_.PushBack(*this);
  }
  // Nobody waits for this subscriber any more.
  ~Subscription() {
    if (!this->queued()) return;
    broadcast_->RecordLeave();
    broadcast_->EndWaits("Broadcast::Subscription", waiters_);
    this->Leave();
    broadcast_->DropSeen();
    broadcast_->Update();
  }

  // Gives a std::optional<T>.
  ReceiveAwaiter Receive() { return ReceiveAwaiter(*this); }
  // The same without waiting.
  std::optional<T> TryReceive() {
    Broadcast& broadcast = *broadcast_;
    if (unseen() == 0) {
      broadcast.RecordLook();
      return std::nullopt;
    }
    const internal::Message<T>& next = broadcast.messages_[next_ - broadcast.first_];
    broadcast.RecordReceive(static_cast<std::uint32_t>(next_), next.flow);
    std::optional<T> message = next.value;
    ++next_;
    broadcast.DropSeen();
    broadcast.Update();
    return message;
  }
  // How many messages it has not received.
  std::size_t unseen() const {
    return static_cast<std::size_t>(broadcast_->first_ + broadcast_->messages_.size() - next_);
  }

 private:
  friend Broadcast;
  friend ReceiveAwaiter;

  bool can_receive() const { return broadcast_->closed_ || unseen() > 0; }

  Broadcast* broadcast_;
  std::uint64_t next_;  // the number of the message it receives next
  internal::Waiters waiters_;
};

template <class T>
class Broadcast<T>::SendAwaiter : public internal::OperationAwaiter {
 public:
  SendAwaiter(Broadcast& broadcast, T message)
      : broadcast_(&broadcast), message_(std::move(message)) {}

  bool await_ready() const {
    return !kSimulated && broadcast_->can_send() && broadcast_->senders_.empty();
  }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    this->Suspend(task, Operation::kSend, broadcast_->IdFor(task), site, broadcast_->room());
    broadcast_->senders_.PushBack(this->waiter());
    if (broadcast_->can_send()) this->executor().MakeReady(this->waiter());
  }
  bool await_resume() {
    if (kSimulated || this->waiter().in_wait_list()) {
      broadcast_->senders_.Remove(this->waiter());
    }
    if (broadcast_->closed_) return false;
    return broadcast_->TrySend(message_);
  }

 private:
  Broadcast* broadcast_;
  T message_;
};

template <class T>
class Broadcast<T>::ReceiveAwaiter : public internal::OperationAwaiter {
 public:
  explicit ReceiveAwaiter(Subscription& subscription) : subscription_(&subscription) {}

  bool await_ready() const { return !kSimulated && subscription_->can_receive(); }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    this->SuspendForMessage(task, Operation::kReceive, subscription_->broadcast_->IdFor(task),
                            site);
    subscription_->waiters_.PushBack(this->waiter());
    if (subscription_->can_receive()) this->executor().MakeReady(this->waiter());
  }
  std::optional<T> await_resume() {
    if (kSimulated || this->waiter().in_wait_list()) {
      subscription_->waiters_.Remove(this->waiter());
    }
    if (subscription_->unseen() == 0) return std::nullopt;
    return subscription_->TryReceive();
  }

 private:
  Subscription* subscription_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_BROADCAST_H_
