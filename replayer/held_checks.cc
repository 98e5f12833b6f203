// SPDX-License-Identifier: MIT
#include "heddle/internal/held_checks.h"

#include <exception>
#include <utility>

#include "heddle/executor.h"
#include "heddle/replay.h"

namespace heddle::internal {

bool HeldChecks::Take(HeldCheck check) {
  Executor* executor = Executor::Current();
  // In a destructor, of what a run left: nobody would come to know of it.
  if (executor == nullptr || !executor->in_run()) return false;
  if (std::exchange(run_, executor->run_number()) != executor->run_number()) checks_.clear();
  executor->Fail(std::make_exception_ptr(FailedCheck(check.text)));
  checks_.push_back(std::move(check));
  return true;
}

std::optional<TestNote> NoteOfRunAgain(const std::string& note) {
  if (HoldsChecks()) return std::nullopt;
  return std::optional<TestNote>(std::in_place, note);
}

}  // namespace heddle::internal
