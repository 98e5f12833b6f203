// SPDX-License-Identifier: MIT
//
// AwaitedAt: an operation of ours that one of our own coroutines awaits for its caller. Whoever
// reads of it looks for the line of the call, and not for one of ours. The coroutine may be
// destroyed before the operation is, which then must not wake it any more.
#ifndef HEDDLE_INTERNAL_AWAITED_AT_H_
#define HEDDLE_INTERNAL_AWAITED_AT_H_

#include <coroutine>
#include <utility>

#include "heddle/internal/operation_awaiter.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// `operation` must outlive the await.
template <class Operation>
class [[nodiscard("co_await it")]] AwaitedAt : public BriefOperation {
 public:
  AwaitedAt(Operation& operation, SiteRef site) : operation_(&operation), site_(site) {}
  AwaitedAt(const AwaitedAt&) = delete;
  AwaitedAt& operator=(const AwaitedAt&) = delete;
  ~AwaitedAt() { Abandon(); }

  bool await_ready() const { return operation_->await_ready(); }
  template <class Promise>
  auto await_suspend(std::coroutine_handle<Promise> task, SiteRef /*ours*/ = {}) {
    waits_ = true;
    return operation_->await_suspend(task, site_);
  }
  decltype(auto) await_resume() {
    waits_ = false;
    return operation_->await_resume();
  }
  void Abandon() {
    if (std::exchange(waits_, false)) operation_->Abandon();
  }

 private:
  Operation* operation_;
  SiteRef site_;
  bool waits_ = false;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_AWAITED_AT_H_
