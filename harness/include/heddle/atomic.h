// SPDX-License-Identifier: MIT
//
// Atomic<T>: a Shared<T> with the operations of a std::atomic, each of them a scheduling point.
// Sequentially consistent: what a search shows are the interleavings.
//
//   heddle::Atomic<int> tickets(0, "tickets");
//   const int mine = co_await tickets.FetchAdd(1);
#ifndef HEDDLE_ATOMIC_H_
#define HEDDLE_ATOMIC_H_

#include <string_view>
#include <utility>

#include "heddle/shared.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

template <class T>
class Atomic : private Shared<T> {
 public:
  explicit Atomic(T value = T(), std::string_view name = {})
      : Shared<T>("Atomic", std::move(value), name) {}

  // Gives the value.
  auto Load() { return this->Read(); }
  auto Store(T value) { return this->Write(std::move(value)); }
  // These give the old value.
  auto Exchange(T value) {
    return this->Update([value = std::move(value)](T& old) mutable { old = std::move(value); });
  }
  auto FetchAdd(T addend) {
    return this->Update([addend = std::move(addend)](T& value) { value += addend; });
  }
  auto FetchSub(T subtrahend) {
    return this->Update([subtrahend = std::move(subtrahend)](T& value) { value -= subtrahend; });
  }
  auto FetchAnd(T mask) {
    return this->Update([mask](T value) { return static_cast<T>(value & mask); });
  }
  auto FetchOr(T mask) {
    return this->Update([mask](T value) { return static_cast<T>(value | mask); });
  }
  auto FetchXor(T mask) {
    return this->Update([mask](T value) { return static_cast<T>(value ^ mask); });
  }
  // Makes the value `desired` if it is `expected`, and gives whether it was. If it was not,
  // `expected` becomes the value; it has to live until the operation has taken place.
  auto CompareExchange(T& expected, T desired) {
    return this->CompareExchangeOrLoad(expected, std::move(desired));
  }
  // The same with a value that nobody needs to have back.
  auto CompareExchange(const T& expected, T desired) {
    return Shared<T>::CompareExchange(expected, std::move(desired));
  }

  // Without suspending: before the tasks begin, or when they have ended.
  using Shared<T>::Get;
  using Shared<T>::Set;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_ATOMIC_H_
