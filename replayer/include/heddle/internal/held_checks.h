// SPDX-License-Identifier: MIT
//
// HeldChecks: for as long as it lives, a check of the test framework that fails in a run ends that
// run after its step, with FailedCheck, and is not reported: the same schedule may be run several
// times until it is known what to report.
#ifndef HEDDLE_INTERNAL_HELD_CHECKS_H_
#define HEDDLE_INTERNAL_HELD_CHECKS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "heddle/test_framework.h"

namespace heddle::internal {

// It has to outlive the runs: their tasks may be in the middle of a check.
class HeldChecks final : public CheckSink {
 public:
  HeldChecks() : before_(HandChecksTo(this)) {}
  HeldChecks(const HeldChecks&) = delete;
  HeldChecks& operator=(const HeldChecks&) = delete;
  ~HeldChecks() override { HandChecksTo(before_); }

  bool Take(HeldCheck check) override;

  // Those of the last run in which any failed.
  const std::vector<HeldCheck>& checks() const { return checks_; }

 private:
  CheckSink* before_;
  std::uint64_t run_ = 0;
  std::vector<HeldCheck> checks_;
};

// A note beside the failures of a schedule that is run again; none where they are held.
std::optional<TestNote> NoteOfRunAgain(const std::string& note);

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_HELD_CHECKS_H_
