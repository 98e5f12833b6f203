// SPDX-License-Identifier: MIT
//
// What `co_await` makes of an awaitable, outside of a coroutine.
#ifndef HEDDLE_INTERNAL_GET_AWAITER_H_
#define HEDDLE_INTERNAL_GET_AWAITER_H_

#include <utility>

namespace heddle::internal {

template <class T>
decltype(auto) GetAwaiter(T&& awaitable) {
  if constexpr (requires { std::forward<T>(awaitable).operator co_await(); }) {
    return std::forward<T>(awaitable).operator co_await();
  } else if constexpr (requires { operator co_await(std::forward<T>(awaitable)); }) {
    return operator co_await(std::forward<T>(awaitable));
  } else {
    return std::forward<T>(awaitable);
  }
}

template <class T>
concept IsAwaitable = requires(decltype(GetAwaiter(std::declval<T>()))& awaiter) {
  awaiter.await_ready();
  awaiter.await_resume();
};

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_GET_AWAITER_H_
