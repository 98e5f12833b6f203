// SPDX-License-Identifier: MIT
//
// BindingScope: the scope in which a value is bound to a TaskLocal (task_local.h), and the newest
// binding of the task that is running. What a binding is: binding.h.
#ifndef HEDDLE_INTERNAL_BINDING_SCOPE_H_
#define HEDDLE_INTERNAL_BINDING_SCOPE_H_

#include <cstddef>
#include <exception>

#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/internal/binding.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// Null where nothing is bound, and outside a run.
inline const Binding* NewestBinding() {
#if HEDDLE_SIMULATED
  Executor* executor = Executor::Current();
  return executor != nullptr ? executor->bindings().get() : nullptr;
#else
  return strand_bindings != nullptr ? strand_bindings->top.get() : nullptr;
#endif
}

// The end of a run in which bindings did not end in the order of their scopes.
inline void FailBinding(const char* message) {
  if (Executor* executor = Executor::Current(); executor != nullptr) {
    executor->Fail(std::make_exception_ptr(UsageError(message)));
  }
}

// It remembers whose binding it is: where a task is cancelled, its scopes end while another runs.
class [[nodiscard("the value is bound until this goes")]] BindingScope {
 public:
  // Throws UsageError outside a run.
  static void RequireRun() {
    if (Executor::Current() != nullptr) return;
    throw UsageError(
        "heddle: a TaskLocal was bound outside a run. Bind it in a task; a value that holds for "
        "all of them is the TaskLocal's default.");
  }

  explicit BindingScope(Binding* binding) : newest_(&NewestOfTask()), binding_(binding) {
    binding->SetOuter(*newest_);
    *newest_ = BindingRef(binding);
  }
  BindingScope(const BindingScope&) = delete;
  BindingScope& operator=(const BindingScope&) = delete;
  static void* operator new(std::size_t) = delete;  // it is for a scope
  ~BindingScope() {
    End();
#if !HEDDLE_SIMULATED
    strand_->Leave();
#endif
  }

 private:
  void End() {
#if !HEDDLE_SIMULATED
    // Of a strand that is cancelled nobody reads the bindings any more, and its frames may go in
    // another order than that of the calls.
    if (strand_bindings != strand_) return;
#endif
    if (newest_->get() == binding_) {
      *newest_ = BindingRef(binding_->outer());
    } else {
      FailBinding(
          "heddle: the bindings of a TaskLocal did not end in the reverse order of their "
          "beginning. Likely cause: what Bind() gave is a member of an object. Keep it in a local "
          "variable.");
    }
  }

#if HEDDLE_SIMULATED
  static BindingRef& NewestOfTask() { return Executor::Current()->bindings(); }
#else
  BindingRef& NewestOfTask() {
    if (strand_bindings == nullptr) strand_bindings = new StrandBindings;
    strand_ = strand_bindings->Keep();
    return strand_->top;
  }

  StrandBindings* strand_ = nullptr;
#endif

  BindingRef* newest_;
  const Binding* binding_;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_BINDING_SCOPE_H_
