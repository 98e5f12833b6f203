// SPDX-License-Identifier: MIT
//
// Attempt: an operation that is no task, such as mutex.Lock(), as a task of its own: what All, Any,
// WithTimeout and UntilStopped make of one. It refers to the operation, a temporary of the
// expression that awaits; so the awaitables made of it have a RefersToTemporaries, and cannot be
// kept and awaited later (await_transform in task.h).
#ifndef HEDDLE_INTERNAL_ATTEMPT_H_
#define HEDDLE_INTERNAL_ATTEMPT_H_

#include <type_traits>
#include <utility>

#include "heddle/internal/awaited_at.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/task.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// A temporary.
template <class T>
concept IsOperation = std::is_base_of_v<BriefOperation, T>;
// Some of them; the others are tasks.
template <class... Ts>
concept AreOperations = ((kIsTask<Ts> || IsOperation<Ts>) && ...) && (IsOperation<Ts> || ...);

// Of a task that may be destroyed before it starts: then the operation is abandoned, too. It may
// have tasks of its own, which nobody has forgotten.
template <class Operation>
class AbandonedUnlessStarted {
 public:
  explicit AbandonedUnlessStarted(Operation& operation) : operation_(&operation) {}
  AbandonedUnlessStarted(AbandonedUnlessStarted&& other) noexcept
      : operation_(std::exchange(other.operation_, nullptr)) {}
  AbandonedUnlessStarted& operator=(AbandonedUnlessStarted&&) = delete;
  ~AbandonedUnlessStarted() {
    if (operation_ != nullptr) operation_->Abandon();
  }
  void Start() { operation_ = nullptr; }

 private:
  Operation* operation_;
};

// `site` is the line of the user's call. Read when the task starts.
template <class Operation>
auto Attempt(Operation& operation, const SiteRef& site, AbandonedUnlessStarted<Operation> task)
    -> Task<decltype(std::declval<Operation&>().await_resume())> {
  task.Start();
  co_return co_await AwaitedAt(operation, site);
}

template <class Operation>
auto AttemptOf(Operation& operation, const SiteRef& site) {
  return Attempt(operation, site, AbandonedUnlessStarted<Operation>(operation));
}
template <class T>
Task<T> AttemptOf(Task<T>& task, const SiteRef& /*site*/) {
  return std::move(task);
}

template <class T>
using AttemptResult =
    typename decltype(AttemptOf(std::declval<T&>(), std::declval<const SiteRef&>()))::value_type;

// A base that comes before the one that refers to it.
class SiteOfCall {
 protected:
  explicit SiteOfCall(SiteRef site = {}) : site_(site) {}

  SiteRef site_;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_ATTEMPT_H_
