// SPDX-License-Identifier: MIT
//
// Select: waits for the first of several things, and does that one only.
//
//   auto done = co_await heddle::Select(heddle::ReceiveFrom(orders), heddle::SendTo(acks, 17),
//                                       heddle::After(50ms));
//   if (auto* order = std::get_if<0>(&done)) ...    // a std::optional<Order>, as of Receive()
//
// Gives a std::variant: what the arm gives that was taken, in the order of the arguments. Which of
// several arms that could be taken is a choice; with tracing off it is the first of them. The
// others are as if nobody had waited for them.
#ifndef HEDDLE_SELECT_H_
#define HEDDLE_SELECT_H_

#include <array>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "heddle/channel.h"
#include "heddle/check.h"
#include "heddle/clock.h"
#include "heddle/executor.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/internal/waiting.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

inline constexpr VirtualNanos kNever = std::numeric_limits<VirtualNanos>::max();

// In the value of the kSuspend of a Select.
inline constexpr std::uint32_t kHasTime = 1;       // it goes on at some time by itself
inline constexpr std::uint32_t kIsForNothing = 2;  // none of its arms can ever be taken

// An arm says whether it can be taken, tells its listener when that may have changed, and can be
// taken. wakes_at() is when it can be at the latest, source(), where there is one, from where a
// message comes. Tell records which object it looks at, and what for: whoever changes that object
// may decide what the Select does.
template <class T>
class ReceiveArm {
 public:
  using Value = std::optional<T>;

  explicit ReceiveArm(Channel<T>& channel) : channel_(&channel) {}

  // The rendezvous at which it counts as a taker while it listens; null: there is none.
  const void* rendezvous() const { return channel_->is_rendezvous() ? channel_ : nullptr; }
  bool can_take() const { return channel_->can_receive(); }
  static VirtualNanos wakes_at() { return kNever; }
  ObjectId source() { return channel_->id(); }
  Value Take() { return channel_->Next(); }
  void Tell() const {
    channel_->Record(EventKind::kAccess, Operation::kReceive);
    if (channel_->is_rendezvous()) channel_->Record(EventKind::kAccess, Operation::kWrite, 1);
  }
  void Listen(Listener& listener) {
    channel_->listeners_.PushBack(listener);
    if (channel_->is_rendezvous()) channel_->AddTaker(true);
  }
  void Leave(Listener& listener) {
    if (!listener.queued()) return;  // the channel went first
    listener.Leave();
    if (channel_->is_rendezvous()) channel_->RemoveTaker(true);
  }
  // The message that was promised to it is about to be taken, or is there for others again.
  void KeepPromise() { channel_->KeepPromise(); }
  void BreakPromise() {
    channel_->KeepPromise();
    channel_->UpdateWaiters();
  }

 private:
  Channel<T>* channel_;
};

template <class T>
class SendArm {
 public:
  using Value = bool;

  SendArm(Channel<T>& channel, T message) : channel_(&channel), message_(std::move(message)) {}

  bool can_take() const { return channel_->can_send(own_takers_); }
  static VirtualNanos wakes_at() { return kNever; }
  Value Take() { return channel_->Accept(message_); }
  // How often its own Select is a taker at `rendezvous`. As in Go, a Select does not meet itself.
  void AddOwnTaker(const void* rendezvous, int change) {
    if (rendezvous == channel_) own_takers_ += change;
  }
  void Tell() const { channel_->Record(EventKind::kAccess, Operation::kSend, channel_->room()); }
  void Listen(Listener& listener) { channel_->listeners_.PushBack(listener); }
  static void Leave(Listener& listener) { listener.Leave(); }

 private:
  Channel<T>* channel_;
  T message_;
  int own_takers_ = 0;
};

class TimerArm {
 public:
  using Value = std::monostate;

  explicit TimerArm(TimePoint when) : when_(when.time_since_epoch().count()) {}

  bool can_take() const { return Executor::Current()->now() >= when_; }
  VirtualNanos wakes_at() const { return when_; }
  static Value Take() { return {}; }
  static void Tell() {}
  static void Listen(Listener& /*listener*/) {}
  static void Leave(Listener& /*listener*/) {}

 private:
  VirtualNanos when_;
};

template <class... Arms>
class [[nodiscard("co_await it")]] SelectAwaiter : public OperationAwaiter, private SharedObject {
 public:
  using Value = std::variant<typename Arms::Value...>;

  explicit SelectAwaiter(Arms... arms) : SharedObject("Select", {}), arms_(std::move(arms)...) {}
  SelectAwaiter(const SelectAwaiter&) = delete;
  SelectAwaiter& operator=(const SelectAwaiter&) = delete;
  ~SelectAwaiter() { Abandon(); }

  bool await_ready() const { return !kSimulated && CountReady() > 0; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    site_ = site;
    LeaveRequest(task);
    const VirtualNanos until = WakesAt();
    ForEachArm([](auto& arm, std::size_t /*index*/) { arm.Tell(); });
    Suspend(task, Operation::kWait, IdFor(task), site,
            until != kNever ? kHasTime : (CanBeTaken() ? 0 : kIsForNothing));
    AddOwnTakers(1);
    ForEachArm([&](auto& arm, std::size_t index) {
      listeners_[index].select = this;
      listeners_[index].index = index;
      listeners_[index].waiter = &waiter();
      if constexpr (requires { arm.rendezvous(); }) {
        listeners_[index].of_rendezvous = arm.rendezvous() != nullptr;
      }
      if (!is_promised()) arm.Listen(listeners_[index]);
    });
    listening_ = true;
    Update();
    if (until > executor().now() && until != kNever && !is_promised()) {
      executor().MakeSleep(waiter(), until);
    }
  }
  Value await_resume() {
    Leave();
    if (is_promised()) return TakePromised<0>();
    const std::size_t ready = CountReady();
    HEDDLE_CHECK(ready > 0, "a Select went on although none of its arms can be taken");
    std::size_t skip = 0;
    if (kSimulated && ready > 1) skip = executor().Draw(static_cast<std::uint32_t>(ready), site_);
    return Take<0>(skip);
  }
  void Abandon() {
    Leave();
    BreakPromise();
    OperationAwaiter::Abandon();
  }

 private:
  struct ArmListener final : Listener {
    void OnChange() override { select->OnChange(); }
    void OnGone() override {
      select->promised_ = kNoArm;
      select->Leave();
    }
    bool may_turn_away() const override { return of_rendezvous && !select->is_promised(); }
    void Promise() override { select->Promise(index); }
    SelectAwaiter* select = nullptr;
    std::size_t index = 0;
    bool of_rendezvous = false;
  };

  static constexpr std::size_t kNoArm = sizeof...(Arms);

  template <class Visit>
  void ForEachArm(Visit visit) {
    std::size_t index = 0;
    std::apply([&](Arms&... arms) { (visit(arms, index++), ...); }, arms_);
  }
  void AddOwnTakers(int change) {
    ForEachArm([&](auto& receives, std::size_t /*index*/) {
      if constexpr (requires { receives.rendezvous(); }) {
        if (receives.rendezvous() == nullptr) return;
        ForEachArm([&](auto& sends, std::size_t /*index*/) {
          if constexpr (requires { sends.AddOwnTaker(receives.rendezvous(), change); }) {
            sends.AddOwnTaker(receives.rendezvous(), change);
          }
        });
      }
    });
  }
  // Not where it only waits for stops that nobody can request.
  bool CanBeTaken() const {
    return std::apply([](const Arms&... arms) { return (CanBeTaken(arms) || ...); }, arms_);
  }
  template <class Arm>
  static bool CanBeTaken(const Arm& arm) {
    if constexpr (requires { arm.stop_possible(); }) {
      return arm.stop_possible();
    } else {
      return true;
    }
  }
  std::size_t CountReady() const {
    return std::apply(
        [](const Arms&... arms) { return (std::size_t{arms.can_take() ? 1U : 0U} + ...); }, arms_);
  }
  VirtualNanos WakesAt() const {
    VirtualNanos soonest = kNever;
    std::apply(
        [&](const Arms&... arms) {
          ((soonest = arms.wakes_at() < soonest ? arms.wakes_at() : soonest), ...);
        },
        arms_);
    return soonest;
  }

  // A message of any of these is the next one.
  template <class Promise>
  void LeaveRequest([[maybe_unused]] std::coroutine_handle<Promise> task) {
#if HEDDLE_SIMULATED
    TaskState& state = task.promise().state;
    if (state.flow == 0) return;
    ForEachArm([&](auto& arm, std::size_t /*index*/) {
      if constexpr (requires { arm.source(); }) {
        state.executor->LeaveRequest(state, arm.source());
      }
    });
#endif
  }

  void OnChange() {
    if (listening_) Update();
  }
  void Update() { SetReady(waiter(), is_promised() || CountReady() > 0); }

  bool is_promised() const { return promised_ != kNoArm; }
  // A message has gone in for this arm: from here on the Select waits for nothing else.
  void Promise(std::size_t promised) {
    promised_ = promised;
    executor().CancelSleep(waiter());
    ForEachArm([&](auto& arm, std::size_t index) {
      if (index != promised) arm.Leave(listeners_[index]);
    });
    Update();
  }
  // The Select is gone before it could take the message.
  void BreakPromise() {
    if (!is_promised()) return;
    const std::size_t promised = std::exchange(promised_, kNoArm);
    ForEachArm([&](auto& arm, std::size_t index) {
      if constexpr (requires { arm.BreakPromise(); }) {
        if (index == promised) arm.BreakPromise();
      }
    });
  }
  template <std::size_t kIndex>
  Value TakePromised() {
    if constexpr (kIndex + 1 < sizeof...(Arms)) {
      if (kIndex != promised_) return TakePromised<kIndex + 1>();
    }
    auto& arm = std::get<kIndex>(arms_);
    if constexpr (requires { arm.KeepPromise(); }) arm.KeepPromise();
    promised_ = kNoArm;
    return Value(std::in_place_index<kIndex>, arm.Take());
  }
  void Leave() {
    if (!std::exchange(listening_, false)) return;
    executor().CancelSleep(waiter());
    AddOwnTakers(-1);
    ForEachArm([&](auto& arm, std::size_t index) { arm.Leave(listeners_[index]); });
  }

  // Takes the arm that can be taken, but for the first `skip` of them.
  template <std::size_t kIndex>
  Value Take(std::size_t skip) {
    auto& arm = std::get<kIndex>(arms_);
    if constexpr (kIndex + 1 < sizeof...(Arms)) {
      if (!arm.can_take()) return Take<kIndex + 1>(skip);
      if (skip > 0) return Take<kIndex + 1>(skip - 1);
    }
    return Value(std::in_place_index<kIndex>, arm.Take());
  }

  std::tuple<Arms...> arms_;
  std::array<ArmListener, sizeof...(Arms)> listeners_;
  SiteRef site_;
  bool listening_ = false;
  std::size_t promised_ = kNoArm;  // whose arm a message has gone in for
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

template <class... Arms>
  requires(sizeof...(Arms) > 0)
internal::SelectAwaiter<Arms...> Select(Arms... arms) {
  return internal::SelectAwaiter<Arms...>(std::move(arms)...);
}

// The arms: what Receive() and Send() of a channel give, and std::monostate for a time.
template <class T>
internal::ReceiveArm<T> ReceiveFrom(Channel<T>& channel) {
  return internal::ReceiveArm<T>(channel);
}
template <class T>
internal::SendArm<T> SendTo(Channel<T>& channel, std::type_identity_t<T> message) {
  return internal::SendArm<T>(channel, std::move(message));
}
inline internal::TimerArm At(TimePoint when) { return internal::TimerArm(when); }
inline internal::TimerArm After(Duration duration) {
  const TimePoint now = VirtualClock::now();
  return At(duration > TimePoint::max() - now ? TimePoint::max() : now + duration);
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_SELECT_H_
