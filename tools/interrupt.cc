// SPDX-License-Identifier: MIT
//
// Implements interrupt.h. The handler does what a handler may: it looks at numbers, and calls
// kill().
#include "interrupt.h"

#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigaction is POSIX's

#include <atomic>
#include <cstddef>
#include <iterator>

namespace heddle::tools {
namespace {

constexpr int kSignals[] = {SIGHUP, SIGINT, SIGTERM};

std::atomic<int> first_signal = 0;  // the first signal
std::atomic<pid_t> signalled_child = 0;
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<pid_t>::is_always_lock_free);

struct sigaction actions_before[std::size(kSignals)];
int cleaners = 0;

void Receive(int signal, siginfo_t* info, void* /*context*/) {
  int none = 0;
  const bool is_first = first_signal.compare_exchange_strong(none, signal);
  const pid_t child = signalled_child;
  if (child == 0) return;
  if (!is_first) {
    kill(child, SIGKILL);
  } else if (info->si_code != SI_KERNEL) {  // that is a terminal, which has told the child too
    kill(child, signal);
  }
}

}  // namespace

UntilClean::UntilClean() {
  if (cleaners++ > 0) return;
  first_signal = 0;
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    sigaction(kSignals[i], nullptr, &actions_before[i]);
    if ((actions_before[i].sa_flags & SA_SIGINFO) == 0 && actions_before[i].sa_handler == SIG_IGN)
      continue;
    struct sigaction action{};
    action.sa_sigaction = &Receive;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(kSignals[i], &action, nullptr);
  }
}

UntilClean::~UntilClean() {
  if (--cleaners > 0) return;
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    sigaction(kSignals[i], &actions_before[i], nullptr);
  }
  if (const int signal = first_signal.exchange(0); signal != 0) raise(signal);
}

bool IsInterrupted() { return first_signal != 0; }

WorkingChild::WorkingChild(pid_t child) {
  signalled_child = child;
  // One that came just before did not find it.
  if (const int signal = first_signal; signal != 0) kill(child, signal);
}

WorkingChild::~WorkingChild() { signalled_child = 0; }

}  // namespace heddle::tools
