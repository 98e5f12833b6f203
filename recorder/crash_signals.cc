// SPDX-License-Identifier: MIT
//
// Implements crash_signals.h.
#include "heddle/internal/crash_signals.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>

namespace heddle::internal {
namespace {

constexpr std::size_t kListenersMax = 8;
constexpr std::size_t kStackBytes = std::size_t{64} << 10;

constinit std::array<std::atomic<CrashListener*>, kListenersMax> listeners{};
constinit std::atomic<bool> is_handling = false;
std::array<struct sigaction, kFatalSignals.size()> previous{};
int listener_count = 0;

// Whoever handled the signal before is put back. The instruction that a processor refused is tried
// again when this returns, and so comes to that one with all that is to know of it; a signal that
// was sent is sent again.
void OnFatalSignal(int signal, siginfo_t* info, void* /*context*/) {
  // Another thread is at it, and will end the process.
  while (is_handling.exchange(true)) ::pause();
  const auto* const found = std::find(kFatalSignals.begin(), kFatalSignals.end(), signal);
  const auto index = static_cast<std::size_t>(found - kFatalSignals.begin());
  for (std::atomic<CrashListener*>& slot : listeners) {
    CrashListener* const listener = slot;
    if (listener != nullptr) listener->OnCrash(index);
  }
  ::sigaction(signal, &previous[index], nullptr);
  is_handling = false;
  const bool was_sent = info == nullptr || info->si_code <= 0;
  if (was_sent) ::pthread_kill(::pthread_self(), signal);
}

void Install() {
  struct sigaction action = {};
  action.sa_sigaction = OnFatalSignal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ::sigemptyset(&action.sa_mask);
  // A fault in the handler itself then ends the process.
  for (const int signal : kFatalSignals) ::sigaddset(&action.sa_mask, signal);
  for (std::size_t i = 0; i < kFatalSignals.size(); ++i) {
    ::sigaction(kFatalSignals[i], &action, &previous[i]);
  }
}

// Unless somebody else handles them by now, and goes on to us.
void Uninstall() {
  for (std::size_t i = 0; i < kFatalSignals.size(); ++i) {
    struct sigaction current = {};
    ::sigaction(kFatalSignals[i], nullptr, &current);
    if ((current.sa_flags & SA_SIGINFO) != 0 && current.sa_sigaction == OnFatalSignal) {
      ::sigaction(kFatalSignals[i], &previous[i], nullptr);
    }
  }
}

// For as long as the thread lives.
class SignalStack {
 public:
  SignalStack() {
    stack_t current = {};
    if (::sigaltstack(nullptr, &current) != 0 || (current.ss_flags & SS_DISABLE) == 0) return;
    room_ = std::make_unique<std::byte[]>(kStackBytes);
    stack_t own = {};
    own.ss_sp = room_.get();
    own.ss_size = kStackBytes;
    if (::sigaltstack(&own, nullptr) != 0) room_.reset();
  }
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;
  ~SignalStack() {
    stack_t current = {};
    if (room_ == nullptr || ::sigaltstack(nullptr, &current) != 0) return;
    if (current.ss_sp != room_.get()) return;
    current.ss_flags = SS_DISABLE;
    ::sigaltstack(&current, nullptr);
  }

 private:
  std::unique_ptr<std::byte[]> room_;
};

}  // namespace

bool ListenForCrashes(CrashListener* listener) {
  for (std::atomic<CrashListener*>& slot : listeners) {
    CrashListener* expected = nullptr;
    if (!slot.compare_exchange_strong(expected, listener)) continue;
    if (listener_count++ == 0) Install();
    return true;
  }
  return false;
}

void StopListening(CrashListener* listener) {
  for (std::atomic<CrashListener*>& slot : listeners) {
    CrashListener* expected = listener;
    if (slot.compare_exchange_strong(expected, nullptr) && --listener_count == 0) Uninstall();
  }
}

void NeedSignalStack() {
  thread_local const SignalStack stack;
  static_cast<void>(stack);
}

}  // namespace heddle::internal
