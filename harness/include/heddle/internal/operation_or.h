// SPDX-License-Identifier: MIT
//
// OperationOr: an operation beside a task that ends it. What WithTimeout and UntilStopped give.
#ifndef HEDDLE_INTERNAL_OPERATION_OR_H_
#define HEDDLE_INTERNAL_OPERATION_OR_H_

#include <optional>
#include <utility>

#include "heddle/combinators.h"
#include "heddle/internal/attempt.h"
#include "heddle/task.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// Empty: `other` was first.
template <class Operation>
class [[nodiscard("co_await it")]] OperationOr : private SiteOfCall,
                                                 public AnyAwaiter<AttemptResult<Operation>, void> {
  using Result = AttemptResult<Operation>;
  using Base = AnyAwaiter<Result, void>;

 public:
  using RefersToTemporaries = void;

  OperationOr(Operation& operation, Task<> other, SiteRef site)
      : SiteOfCall(site), Base(Attempt(operation, site_), std::move(other)) {}

  std::optional<ValueType<Result>> await_resume() {
    auto first = Base::await_resume();
    if (first.index() == 1) return std::nullopt;
    return std::get<0>(std::move(first));
  }
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_OPERATION_OR_H_
