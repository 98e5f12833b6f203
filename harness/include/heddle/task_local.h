// SPDX-License-Identifier: MIT
//
// TaskLocal<T>: a value that a task, and everything that it calls or spawns, can read without
// being handed it: the tenant of a request, a log level, a budget.
//
//   static heddle::TaskLocal<std::string> tenant("nobody");
//
//   heddle::Task<> Serve(Request request) {
//     const auto bound = tenant.Bind(request.tenant);   // until the end of this scope
//     co_await Handle(request);
//   }
//   ... tenant.Get() ...                                // anywhere below
//
// A spawned task (All, Any, TaskGroup, Detach, World::Spawn) inherits what is bound when it is
// spawned, and keeps it for life: it may outlive the scope, and neither a later binding of its
// parent nor one of its own is seen by the other. A called task sees what its caller sees.
//
// Scopes end in the reverse order of their beginning. A Generator must not yield while one of
// its scopes is open: its caller would be in it. Both are a UsageError, which ends the run. A
// destructor that runs because its task is cancelled sees what is bound where that happens.
//
// Nothing is recorded: what a request should be found by belongs in a Mark or a flow (mark.h).
// With tracing off, an awaitable that is not ours resumes its task in the middle of another one's
// step: until that one's next wait, both see the same bindings, and from there on one of them may
// see none. With tracing on each sees its own there, too.
#ifndef HEDDLE_TASK_LOCAL_H_
#define HEDDLE_TASK_LOCAL_H_

#include <cstddef>
#include <utility>

#include "heddle/executor.h"
#include "heddle/internal/binding.h"
#include "heddle/internal/binding_scope.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// Give it static storage: it must outlive the tasks that read it.
template <class T>
class TaskLocal {
 public:
  // What Get() gives where nothing is bound.
  explicit TaskLocal(T default_value = T()) : default_(std::move(default_value)) {}
  TaskLocal(const TaskLocal&) = delete;
  TaskLocal& operator=(const TaskLocal&) = delete;

  // Until the scope that this gives ends, the running task reads `value`. Throws
  // UsageError outside a run.
  internal::BindingScope Bind(T value) const {
    internal::BindingScope::RequireRun();
    return internal::BindingScope(new BoundValue(*this, std::move(value)));
  }

  // What was bound last, in the running task or in those that it inherits from. The reference is
  // good while that is what the task reads, across its suspensions, too. Takes time that goes with
  // the number of open bindings.
  const T& Get() const {
    for (const internal::Binding* binding = internal::NewestBinding(); binding != nullptr;
         binding = binding->outer().get()) {
      if (binding->key() == this) return static_cast<const BoundValue*>(binding)->value;
    }
    return default_;
  }

 private:
  static_assert(alignof(T) <= alignof(std::max_align_t));

  struct BoundValue final : internal::Binding {
    BoundValue(const TaskLocal& local, T&& its_value)
        : Binding(&local), value(std::move(its_value)) {}

#if HEDDLE_SIMULATED
    static void* operator new(std::size_t size) { return Executor::AllocateBeside(size); }
    static void operator delete(void* binding, std::size_t size) noexcept {
      internal::Arena::Free(binding, size);
    }
#endif

    const T value;
  };

  const T default_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_TASK_LOCAL_H_
