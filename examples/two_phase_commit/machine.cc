// SPDX-License-Identifier: MIT
//
// Crashes and restarts. A crash is an exception in one task of the program; the TaskGroup that the
// program lives in then destroys all the others where they are, which is what a power cut does.
#include "machine.h"

#include <heddle/mark.h>
#include <heddle/sleep.h>

#include <utility>

#include "timing.h"

namespace two_phase_commit {
namespace {

heddle::Task<bool> Survives(heddle::Task<> life) {
  try {
    co_await std::move(life);
  } catch (const Crash&) {
    co_return false;
  }
  co_return true;
}

}  // namespace

void Machine::MayCrash(std::string_view where) {
  if (!faults_.CrashesMachine()) return;
  heddle::Mark("crashes", {{"machine", name_}, {"where", where}});
  throw Crash();
}

heddle::Duration Machine::TimeOfSync() { return faults_.SlowsSync() ? kSlowSyncTakes : kSyncTakes; }

heddle::Task<> Machine::KeepRunning(Program& program, const std::function<void()>& recovered) {
  while (true) {
    program.Recover();
    recovered();
    is_up_ = true;
    const bool survived = co_await Survives(program.Live());
    if (survived) co_return;
    LosePower(program);
    co_await heddle::SleepFor(kRestartTakes);
  }
}

void Machine::LosePower(Program& program) {
  is_up_ = false;
  while (inbox_.TryReceive()) continue;
  program.LosePower();
}

}  // namespace two_phase_commit
