// SPDX-License-Identifier: MIT
//
// FairSearch: a chooser that knows no chance (fifo, a search) as one of several. It keeps nobody
// back for ever, and each of its runs has a class.
#ifndef HEDDLE_INTERNAL_FAIR_SEARCH_H_
#define HEDDLE_INTERNAL_FAIR_SEARCH_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "heddle/chooser.h"
#include "heddle/choosers/round_robin.h"
#include "heddle/internal/strand_chooser.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// A search comes to the schedule in which a task asks again and again for what only another one can
// do, and that one never runs. No fair scheduler does that, and the run would end at a limit that
// says nothing. So a run that is longer than 4 096 steps, and twice the longest that ended, goes
// round and round from there. Then a limit that is met is one that a fair scheduler meets too. But
// the search is over: it has an alternative without an end below each step of that run.
class FairSearch final : public StrandChooser {
 public:
  FairSearch(std::unique_ptr<Chooser> search, std::uint64_t seed)
      : StrandChooser(seed), search_(std::move(search)) {}

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override;
  std::uint32_t ChooseValue(std::uint32_t alternatives) override;
  void EndRun(const Recorder& recorder, Ending ending) override;
  bool exhausted() const override { return !given_up_ && search_->exhausted(); }
  std::string_view name() const override { return search_->name(); }

  // Whether some run was too long. It is not to be run again.
  bool given_up() const { return given_up_; }
  // Of the last run.
  std::uint64_t steps() const { return strands_.steps(); }
  // There was a run of so many steps.
  void ExpectSteps(std::uint64_t steps) { steps_most_ = std::max(steps_most_, steps); }

 private:
  friend Strands;

  void OnSpawn(StrandNumber /*strand*/) {}
  void OnArrive(StrandNumber /*strand*/, Candidate /*candidate*/) {}
  void OnLeave(StrandNumber /*strand*/) {}

  std::unique_ptr<Chooser> search_;
  RoundRobinChooser in_turn_;
  std::uint64_t long_run_ = 0;
  std::uint64_t steps_most_ = 0;
  bool given_up_ = false;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_FAIR_SEARCH_H_
