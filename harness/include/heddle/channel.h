// SPDX-License-Identifier: MIT
//
// Channel<T>: a queue with room for a fixed number of messages, between any number of
// senders and receivers. A sender waits for room, a receiver for a message. After Close()
// nothing more goes in, and receivers get what is left and then nothing. To wait for several
// channels at once: select.h.
//
//   heddle::Channel<Order> orders(16, "orders");
//   bool accepted = co_await orders.Send(order);          // false: it is closed
//   std::optional<Order> next = co_await orders.Receive();  // empty: closed and drained
//
// With kUnbounded no sender waits. With kRendezvous a message goes in only while somebody waits
// for it, who gets it: a Select that waits for it does nothing else from then on. If that one is
// cancelled before it goes on, the next receiver gets it.
//
// Messages come out in the order in which they went in. Which of several waiting senders, or
// receivers, goes first is not promised: with tracing on it is a choice.
#ifndef HEDDLE_CHANNEL_H_
#define HEDDLE_CHANNEL_H_

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/internal/message_flow.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/internal/ring.h"
#include "heddle/internal/waiting.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

template <class T>
class ReceiveArm;
template <class T>
class SendArm;

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

// Capacities of a Channel.
inline constexpr std::size_t kRendezvous = 0;
inline constexpr std::size_t kUnbounded = std::numeric_limits<std::size_t>::max();

template <class T>
class Channel : private internal::SharedObject {
 public:
  class [[nodiscard("co_await it")]] SendAwaiter;
  class [[nodiscard("co_await it")]] ReceiveAwaiter;

  explicit Channel(std::size_t capacity, std::string_view name = {})
      : SharedObject("Channel", name), capacity_(capacity) {}
  ~Channel() { EndWaits("Channel", senders_, receivers_, listeners_); }

  std::size_t size() const { return messages_.size(); }
  bool is_closed() const { return closed_; }

  // Gives a bool: whether the message went in.
  SendAwaiter Send(T message) { return SendAwaiter(*this, std::move(message)); }
  // Gives a std::optional<T>.
  ReceiveAwaiter Receive() { return ReceiveAwaiter(*this); }

  // The same without waiting. TrySend moves from `message` only when it is accepted.
  bool TrySend(T&& message) { return TrySend(message); }
  bool TrySend(T& message) {
    if (closed_ || full()) RecordLook();
    return Accept(message);
  }
  std::optional<T> TryReceive() {
    if (!has_message()) RecordLook();
    return Next();
  }

  // Doing so twice is doing it once.
  void Close() {
    closed_ = true;
    Record(EventKind::kRelease, Operation::kReceive);
    UpdateWaiters();
  }

 private:
  friend internal::ReceiveArm<T>;
  friend internal::SendArm<T>;

  // The capacity, as the trace has it.
  std::uint32_t room() const {
    constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::min(capacity_, kMost));
  }
  bool full() const { return messages_.size() >= (is_rendezvous() ? takers_ : capacity_); }
  bool is_rendezvous() const { return capacity_ == kRendezvous; }
  bool can_send() const { return closed_ || !full(); }
  // For one that is itself so many of those who wait for a message.
  bool can_send(int own_takers) const {
    return can_send() && (closed_ || own_takers == 0 ||
                          messages_.size() + static_cast<std::size_t>(own_takers) < takers_);
  }
  bool can_receive() const { return closed_ || has_message(); }
  // One that is not promised to a Select.
  bool has_message() const { return messages_.size() > promised_; }

  bool Accept(T& message) {
    if (closed_ || full()) return false;
    Put(std::move(message));
    return true;
  }
  std::optional<T> Next() {
    if (!has_message()) return std::nullopt;
    return Take();
  }
  void Put(T message) {
    const internal::MessageFlow flow = RecordSend(sent_++);
    if (!kSimulated && !receivers_.empty()) {
      Deliver(std::move(message));
    } else {
      Store({std::move(message), flow});
    }
    UpdateWaiters();
  }
  void Store(internal::Message<T> message) {
    messages_.push_back(std::move(message));
    if (is_rendezvous()) PromiseToSelect();
  }
  // Of a rendezvous. A receiver that waits for nothing else will take the message. Where there are
  // only Selects left, one of them is to.
  void PromiseToSelect() {
    const std::size_t receivers = takers_ - select_takers_;
    if (messages_.size() - promised_ <= receivers) return;
    std::uint32_t selects = 0;
    listeners_.ForEach([&](internal::Listener& select) {
      if (select.may_turn_away()) ++selects;
    });
    if (selects == 0) return;
    std::uint32_t chosen = 0;
    if (kSimulated && selects > 1 && Executor::Current() != nullptr) {
      chosen = Executor::Current()->Draw(selects, {});
    }
    for (internal::Listener* select = listeners_.head();; select = listeners_.Next(*select)) {
      if (!select->may_turn_away() || chosen-- > 0) continue;
      ++promised_;
      select->Promise();
      return;
    }
  }
  // It has taken the message, or is gone.
  void KeepPromise() { --promised_; }
  T Take() {
    RecordReceive(received_++, messages_.front().flow);
    T message = std::move(messages_.front().value);
    messages_.pop_front();
    UpdateWaiters();
    return message;
  }

  // Simulated: those who now can go on become ready, and those who no longer can are held
  // back. Plain: a sender that waited hands over its message and goes on, so that nobody
  // comes between.
  void UpdateWaiters() {
    if constexpr (kSimulated) {
      SetReady(senders_, can_send());
      SetReady(receivers_, can_receive());
    } else {
      while (!senders_.empty() && (closed_ || !full())) {
        auto& sender = static_cast<SendAwaiter&>(PopWaiter(senders_));
        if (closed_) continue;
        sender.accepted_ = true;
        if (receivers_.empty()) {
          Store({std::move(sender.message_), {}});
        } else {
          Deliver(std::move(sender.message_));
        }
      }
      while (closed_ && !receivers_.empty()) PopWaiter(receivers_);
    }
    internal::TellAll(listeners_);
  }
  static void SetReady(internal::Waiters& waiters, bool ready) {
    waiters.ForEach([&](internal::Waiter& waiter) {
      Executor& executor = internal::ExecutorOf(waiter);
      ready ? executor.MakeReady(waiter) : executor.MakeUnready(waiter);
    });
  }

  // Of a rendezvous: somebody waits for a message, and no longer does. The first is recorded by
  // whoever does, before it is suspended.
  void AddTaker(bool selects) {
    ++takers_;
    if (selects) ++select_takers_;
    UpdateWaiters();
  }
  void RemoveTaker(bool selects) {
    Record(EventKind::kAccess, Operation::kWrite);
    --takers_;
    if (selects) --select_takers_;
    UpdateWaiters();
  }
  static internal::Waiter& PopWaiter(internal::Waiters& waiters) {
    internal::Waiter& waiter = *waiters.head();
    waiters.Remove(waiter);
    internal::ExecutorOf(waiter).MakeReady(waiter);
    return waiter;
  }
  void Deliver(T message) {
    if constexpr (!kSimulated) {
      auto& receiver = static_cast<ReceiveAwaiter&>(PopWaiter(receivers_));
      receiver.message_.emplace(std::move(message));
      delivered_.PushBack(receiver);
      if (std::exchange(receiver.is_taker_, false)) --takers_;
    }
  }
  void PutBack(T message) {
    if (receivers_.empty()) {
      messages_.push_front({std::move(message), {}});
    } else {
      Deliver(std::move(message));
    }
    UpdateWaiters();
  }

  std::size_t capacity_;
  bool closed_ = false;
  std::uint32_t sent_ = 0;
  std::uint32_t received_ = 0;
  // Of a rendezvous: how many wait for a message, how many of them in a Select, and how many of its
  // messages are promised to one.
  std::size_t takers_ = 0;
  std::size_t select_takers_ = 0;
  std::size_t promised_ = 0;
  internal::Ring<internal::Message<T>> messages_;
  internal::Waiters senders_;
  internal::Waiters receivers_;
  internal::Listeners listeners_;
  internal::Waiters delivered_;  // plain: receivers with their message, about to go on
};

template <class T>
class Channel<T>::SendAwaiter : public internal::OperationAwaiter {
 public:
  SendAwaiter(Channel& channel, T message) : channel_(&channel), message_(std::move(message)) {}

  bool await_ready() {
    if (kSimulated || !channel_->can_send()) return false;
    accepted_ = channel_->Accept(message_);
    return true;
  }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    Suspend(task, Operation::kSend, channel_->IdFor(task), site, channel_->room());
    channel_->senders_.PushBack(waiter());
    if (kSimulated && channel_->can_send()) executor().MakeReady(waiter());
  }
  bool await_resume() {
    if constexpr (kSimulated) {
      channel_->senders_.Remove(waiter());
      accepted_ = channel_->Accept(message_);
    }
    return accepted_;
  }

 private:
  friend Channel;

  Channel* channel_;
  T message_;
  bool accepted_ = false;
};

template <class T>
class Channel<T>::ReceiveAwaiter : public internal::OperationAwaiter {
 public:
  explicit ReceiveAwaiter(Channel& channel) : channel_(&channel) {}

  bool await_ready() {
    if (kSimulated || !channel_->can_receive()) return false;
    message_ = channel_->Next();
    return true;
  }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    if (channel_->is_rendezvous()) {
      channel_->Record(EventKind::kAccess, Operation::kWrite, 1);
    }
    SuspendForMessage(task, Operation::kReceive, channel_->IdFor(task), site);
    channel_->receivers_.PushBack(waiter());
    if (kSimulated && channel_->can_receive()) executor().MakeReady(waiter());
    if (channel_->is_rendezvous()) {
      is_taker_ = true;
      channel_->AddTaker(false);
    }
  }
  std::optional<T> await_resume() {
    if constexpr (kSimulated) {
      channel_->receivers_.Remove(waiter());
      if (std::exchange(is_taker_, false)) --channel_->takers_;
      return channel_->Next();
    } else {
      if (waiter().in_wait_list()) channel_->delivered_.Remove(waiter());
      return std::move(message_);
    }
  }
  ReceiveAwaiter(const ReceiveAwaiter&) = delete;
  ReceiveAwaiter& operator=(const ReceiveAwaiter&) = delete;
  ~ReceiveAwaiter() { Abandon(); }
  // Cancelled. Nothing to do when the channel went first: it took the waiter out.
  void Abandon() {
    if (std::exchange(is_taker_, false) && waiter().in_wait_list()) {
      channel_->receivers_.Remove(waiter());
      channel_->RemoveTaker(false);
    }
#if !HEDDLE_SIMULATED
    // With the message already in hand.
    if (in_wait_list() && ready_index != internal::kNowhere) {
      channel_->delivered_.Remove(*this);
      channel_->PutBack(std::move(*message_));
    }
#endif
    OperationAwaiter::Abandon();
  }

 private:
  friend Channel;

  Channel* channel_;
  bool is_taker_ = false;  // counted in takers_
  std::optional<T> message_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHANNEL_H_
