// SPDX-License-Identifier: MIT
//
// Choosers for tests of the harness: the youngest task always, a list of picks, and a loop
// over many random schedules.
#ifndef HEDDLE_TESTS_HARNESS_TEST_CHOOSERS_H_
#define HEDDLE_TESTS_HARNESS_TEST_CHOOSERS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/chooser.h"
#include "heddle/run.h"
#include "heddle/run_options.h"

namespace heddle {

// The task created last goes first: a fixed priority, the most unfair chooser there is.
class YoungestChooser final : public Chooser {
 public:
  std::size_t ChooseTask(const ReadySet& ready) override {
    std::size_t youngest = 0;
    for (std::size_t i = 1; i < ready.size(); ++i) {
      if (ready[i].task() > ready[youngest].task()) youngest = i;
    }
    return youngest;
  }
  std::uint32_t ChooseValue(std::uint32_t alternatives) override { return alternatives - 1; }
  std::string_view name() const override { return "youngest"; }
};

// Picks the tasks, and draws the values, of a list; first-in-first-out after its end.
class ListChooser final : public Chooser {
 public:
  explicit ListChooser(std::vector<std::uint32_t> picks) : picks_(std::move(picks)) {}

  void BeginRun(std::uint64_t /*schedule*/) override { next_ = 0; }
  // A list entry is a TaskId; one that is not ready is left to first-in-first-out.
  std::size_t ChooseTask(const ReadySet& ready) override {
    if (next_ == picks_.size()) return ready.first();
    const std::uint32_t wanted = picks_[next_++];
    for (std::size_t i = 0; i < ready.size(); ++i) {
      if (ready[i].task() == wanted) return i;
    }
    return ready.first();
  }
  std::uint32_t ChooseValue(std::uint32_t /*alternatives*/) override {
    return next_ == picks_.size() ? 0 : picks_[next_++];
  }
  std::string_view name() const override { return "list"; }

 private:
  std::vector<std::uint32_t> picks_;
  std::size_t next_ = 0;
};

// Calls visit(result) for each of `count` runs of `body` under random schedules.
template <class Body, class Visit>
void ForRandomSchedules(std::uint64_t count, Body body, Visit visit) {
  RandomChooser chooser(2026);
  for (std::uint64_t schedule = 1; schedule <= count; ++schedule) {
    visit(Run(body, {.chooser = &chooser, .record = RecordMode::kChoices, .schedule = schedule}));
  }
}

}  // namespace heddle

#endif  // HEDDLE_TESTS_HARNESS_TEST_CHOOSERS_H_
