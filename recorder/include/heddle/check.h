// SPDX-License-Identifier: MIT
//
// Two ways to say that something is wrong, by who could have prevented it.
//
//   UsageError     the caller's mistake. Thrown; fails one test, not the process.
//   HEDDLE_CHECK   our own bug. Always on; prints where, what and the current
//                  run, then aborts: a trace that lies is worse than no trace.
#ifndef HEDDLE_CHECK_H_
#define HEDDLE_CHECK_H_

#include <stdexcept>
#include <string>

namespace heddle {

// The caller broke a rule of the interface. The text says which rule, what the
// likely cause is and what to do next.
class UsageError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

namespace internal {

// Says what is running, for the last words of a failed check: "seed 42, event 17".
using CheckContext = std::string (*)();
void SetCheckContext(CheckContext context);

[[noreturn]] void CheckFailed(const char* file, int line, const char* condition,
                              const char* message);

}  // namespace internal
}  // namespace heddle

#define HEDDLE_CHECK(condition, message) \
  (static_cast<bool>(condition)          \
       ? static_cast<void>(0)            \
       : ::heddle::internal::CheckFailed(__FILE__, __LINE__, #condition, message))

#endif  // HEDDLE_CHECK_H_
