// SPDX-License-Identifier: MIT
//
// Cancellation that a task can answer. Whoever wants a task to stop asks, by a std::stop_source;
// the task hears of it where it waits, cleans up, which may await, and returns. To be stopped is
// an ending, not an error: nothing is thrown.
//
//   heddle::Task<> Serve(heddle::Channel<Request>& requests, std::stop_token stop) {
//     for (;;) {
//       auto next = co_await heddle::Select(heddle::ReceiveFrom(requests),
//       heddle::WhenStopped(stop)); if (next.index() == 1) break;
//       ...
//     }
//     co_await Flush();
//   }
//
//   heddle::CancelScope scope;
//   scope.Spawn(Serve(requests, scope.token()));
//   ...
//   scope.RequestStop();
//   co_await scope.Join();      // all have ended, and cleaned up
//
// What does not listen, and need not clean up, is given to UntilStopped: it is destroyed where it
// is suspended. A stop must be requested by the run itself, on its thread.
#ifndef HEDDLE_CANCEL_H_
#define HEDDLE_CANCEL_H_

#include <optional>
#include <source_location>
#include <stop_token>
#include <string_view>
#include <utility>
#include <variant>

#include "heddle/combinators.h"
#include "heddle/executor.h"
#include "heddle/internal/attempt.h"
#include "heddle/internal/attempt_or.h"
#include "heddle/internal/awaited_at.h"
#include "heddle/select.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// An arm of a Select.
class StopArm {
 public:
  using Value = std::monostate;

  explicit StopArm(std::stop_token token) : token_(std::move(token)) {}
  // Nobody listens before it is where it stays.
  StopArm(StopArm&& other) noexcept : token_(std::move(other.token_)) {}
  StopArm& operator=(StopArm&&) = delete;
  ~StopArm() = default;

  bool can_take() const { return token_.stop_requested(); }
  // Not of a token without a source, or whose source has gone.
  bool stop_possible() const { return token_.stop_possible(); }
  static VirtualNanos wakes_at() { return kNever; }
  static Value Take() { return {}; }
  void Tell() const {
#if HEDDLE_SIMULATED
    if (Executor* executor = Executor::Current(); executor != nullptr) {
      executor->ListenToStop(token_);
    }
#endif
  }
  void Listen(Listener& listener) {
    if (!can_take()) callback_.emplace(token_, OnStop(listener));
  }
  void Leave(Listener& /*listener*/) { callback_.reset(); }

 private:
  class OnStop {
   public:
    explicit OnStop(Listener& listener) : listener_(&listener) {}
    void operator()() const {
#if HEDDLE_SIMULATED
      if (Executor* executor = Executor::Current(); executor != nullptr) {
        executor->Record(EventKind::kCancel, listener_->waiter->id);
      }
#endif
      listener_->OnChange();
    }

   private:
    Listener* listener_;
  };

  std::stop_token token_;
  std::optional<std::stop_callback<OnStop>> callback_;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

// An arm of a Select: gives std::monostate once a stop was requested.
inline internal::StopArm WhenStopped(std::stop_token token) {
  return internal::StopArm(std::move(token));
}

// Waits until a stop is requested.
inline auto Stopped(std::stop_token token) { return Select(WhenStopped(std::move(token))); }

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {

inline Task<> Stop(std::stop_token token, SiteRef site) {
  auto stopped = Stopped(std::move(token));
  co_await AwaitedAt(stopped, site);
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

// The value of `task`; empty when a stop is requested first, and the task is destroyed. A task
// without a value counts as one of std::monostate; an exception goes through.
template <class T>
Task<std::optional<internal::ValueType<T>>> UntilStopped(
    Task<T> task, std::stop_token token,
    std::source_location site = std::source_location::current()) {
  internal::AttemptOr either(task, internal::Stop(std::move(token), site), site);
  co_return co_await internal::AwaitedAt(either, site);
}

// Of an operation: Lock(), Receive(), All(...) and the like. Awaited where it is written.
template <internal::IsOperation Operation>
internal::AttemptOr<Operation> UntilStopped(
    Operation&& operation, std::stop_token token,
    std::source_location site = std::source_location::current()) {
  return {operation, internal::Stop(std::move(token), site), site};
}

// A TaskGroup whose tasks can be asked to stop, together: by RequestStop(), by whoever asks the
// scope above it, and by the first of them that throws.
class CancelScope final : public TaskGroup {
 public:
  explicit CancelScope(std::string_view name = {})
      : TaskGroup(name, FirstError::kLetsOthersFinish) {}
  // Inside another scope, or anything that has a token.
  explicit CancelScope(std::stop_token parent, std::string_view name = {}) : CancelScope(name) {
    above_.emplace(std::move(parent), Forward(*this));
  }

  std::stop_token token() const { return source_.get_token(); }
  bool stop_requested() const { return source_.stop_requested(); }
  // Doing so twice is doing it once.
  void RequestStop() { source_.request_stop(); }

 private:
  class Forward {
   public:
    explicit Forward(CancelScope& scope) : scope_(&scope) {}
    void operator()() const { scope_->RequestStop(); }

   private:
    CancelScope* scope_;
  };

  void OnError() override { RequestStop(); }

  std::stop_source source_;
  std::optional<std::stop_callback<Forward>> above_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CANCEL_H_
