// SPDX-License-Identifier: MIT
//
// What a replacement of a C library's function needs: the run that answers in its place, if one
// does, and the function that it replaced.
//
//   time_t time(time_t* seconds) noexcept {
//     Executor* run = HEDDLE_GUARD_RUN(kClock, time);
//     if (run == nullptr) return HEDDLE_GUARD_PASS(time, seconds);
//     ...
#ifndef HEDDLE_GUARD_AMBIENT_CALL_H_
#define HEDDLE_GUARD_AMBIENT_CALL_H_

#include "heddle/executor.h"
#include "heddle/guard.h"

namespace heddle::guard {

// The run that answers a call of `function`, which returns to `caller`; null where it is for the
// function that was replaced. Keeps the place, or fails the run, where the policy says so.
Executor* RunThatAnswers(Category category, const char* function, const void* caller);

// The same for what no run can answer: whether the call fails, as the machine might fail it.
bool IsRefused(Category category, const char* function, const void* caller);

// The same for what can neither be answered nor refused: unless the policy allows it, the place is
// kept and printed, and the run fails if it comes to its end.
void Report(Category category, const char* function, const void* caller);

// The function that would have been called without the guard.
void* FindNext(const char* function);

}  // namespace heddle::guard

#define HEDDLE_GUARD_RUN(CATEGORY, NAME) \
  ::heddle::guard::RunThatAnswers(Category::CATEGORY, #NAME, __builtin_return_address(0))

#define HEDDLE_GUARD_REFUSES(CATEGORY, NAME) \
  ::heddle::guard::IsRefused(Category::CATEGORY, #NAME, __builtin_return_address(0))

// Calls the function that NAME replaces.
#define HEDDLE_GUARD_PASS(NAME, ...)                                               \
  [&] {                                                                            \
    static const auto next = reinterpret_cast<decltype(&(NAME))>(FindNext(#NAME)); \
    return next(__VA_ARGS__);                                                      \
  }()

#endif  // HEDDLE_GUARD_AMBIENT_CALL_H_
