// SPDX-License-Identifier: MIT
//
// CrashSignals: who is told of a fatal signal before the process dies of it. Whoever handled the
// signal before is told afterwards.
#ifndef HEDDLE_INTERNAL_CRASH_SIGNALS_H_
#define HEDDLE_INTERNAL_CRASH_SIGNALS_H_

#include <array>
#include <csignal>
#include <cstddef>

namespace heddle::internal {

inline constexpr std::array<int, 5> kFatalSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

class CrashListener {
 public:
  // In the signal handler, so only what may be done there: no allocation, no lock, no stdio.
  // `index` is that of the signal in kFatalSignals.
  virtual void OnCrash(std::size_t index) noexcept = 0;

 protected:
  ~CrashListener() = default;
};

// False: there are too many already.
bool ListenForCrashes(CrashListener* listener);
void StopListening(CrashListener* listener);

// Gives this thread a stack for signals, if it has none.
void NeedSignalStack();

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_CRASH_SIGNALS_H_
