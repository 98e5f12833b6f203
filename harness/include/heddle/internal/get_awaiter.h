// SPDX-License-Identifier: MIT
//
// What `co_await` makes of an awaitable, outside of a coroutine.
#ifndef HEDDLE_INTERNAL_GET_AWAITER_H_
#define HEDDLE_INTERNAL_GET_AWAITER_H_

#include <coroutine>
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

// An Awaiter<T>, constructed of the awaitable and `more`.
template <template <class> class Awaiter, class T, class... More>
auto MakeAwaiter(T&& awaitable, More... more) {
  static_assert(IsAwaitable<T>,
                "heddle: this is nothing that can be awaited. Of a Generator await Next(), and a "
                "call of a coroutine gives a Task.");
  if constexpr (IsAwaitable<T>) {
    return Awaiter<T>(std::forward<T>(awaitable), more...);
  } else {
    return std::suspend_never();  // so that nothing else is said
  }
}

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_GET_AWAITER_H_
