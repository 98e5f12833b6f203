// SPDX-License-Identifier: MIT
//
// AttemptOr: an operation, or a task, beside another task that ends it. WithTimeout and
// UntilStopped.
#ifndef HEDDLE_INTERNAL_ATTEMPT_OR_H_
#define HEDDLE_INTERNAL_ATTEMPT_OR_H_

#include <optional>
#include <utility>

#include "heddle/combinators.h"
#include "heddle/internal/attempt.h"
#include "heddle/task.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// Empty: `other` was first.
template <class Awaitable>
class [[nodiscard("co_await it")]] AttemptOr : private SiteOfCall,
                                               public AnyAwaiter<AttemptResult<Awaitable>, void> {
  using Result = AttemptResult<Awaitable>;
  using Base = AnyAwaiter<Result, void>;

 public:
  using RefersToTemporaries = void;

  AttemptOr(Awaitable& awaitable, Task<> other, SiteRef site)
      : SiteOfCall(site), Base(AttemptOf(awaitable, site_), std::move(other)) {}

  std::optional<ValueType<Result>> await_resume() {
    auto first = Base::await_resume();
    if (first.index() == 1) return std::nullopt;
    return std::get<0>(std::move(first));
  }
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_ATTEMPT_OR_H_
