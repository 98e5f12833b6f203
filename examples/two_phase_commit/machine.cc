// SPDX-License-Identifier: MIT
//
// Crashes and restarts. A crash is an exception in one task of the program; the TaskGroup that the
// program lives in then destroys all the others where they are, which is what a power cut does.
#include "machine.h"

#include <heddle/mark.h>
#include <heddle/sleep.h>

#include <utility>

namespace two_phase_commit {
namespace {

constexpr heddle::Duration kRestartTakes = 5ms;

heddle::Task<bool> Survives(heddle::Task<> life) {
  try {
    co_await std::move(life);
  } catch (const Machine::Crash&) {
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

heddle::Task<> Machine::KeepRunning(Program& program, const std::function<void()>& recovered) {
  while (true) {
    program.Recover();
    recovered();
    is_up_ = true;
    const bool survived = co_await Survives(program.Live());
    if (survived) co_return;
    is_up_ = false;
    while (inbox_.TryReceive()) continue;
    program.LosePower();
    co_await heddle::SleepFor(kRestartTakes);
  }
}

}  // namespace two_phase_commit
