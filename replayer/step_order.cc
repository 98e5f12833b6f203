// SPDX-License-Identifier: MIT
#include "step_order.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "heddle/chooser.h"
#include "heddle/executor.h"
#include "heddle/internal/strands.h"
#include "heddle/replay.h"

namespace heddle::internal {
namespace {

// Follows a recording, and writes down which steps that makes.
class StepLog final : public Chooser {
 public:
  explicit StepLog(const Trace& trace) : replay_(trace) {}

  void BeginRun(std::uint64_t schedule) override {
    replay_.BeginRun(schedule);
    strands_.BeginRun();
  }
  std::size_t ChooseTask(const ReadySet& ready) override {
    strands_.Update(ready, *this);
    const std::size_t index = ready.size() > 1 ? replay_.ChooseTask(ready) : 0;
    if (index == kStopRun) return index;
    const StrandNumber number = strands_.Of(ready[index]);
    running_ = {.strand = strands_[number].path, .number = strands_[number].steps};
    draws_ = 0;
    order_.steps.push_back(running_);
    return strands_.Step(number);
  }
  std::uint32_t ChooseValue(std::uint32_t alternatives) override {
    const std::uint32_t value = replay_.ChooseValue(alternatives);
    const std::uint32_t turn = turns_[alternatives]++;
    if (value != 0) {
      order_.draws.push_back({.step = running_,
                              .number = draws_,
                              .value = value,
                              .alternatives = alternatives,
                              .turn = turn});
    }
    ++draws_;
    return value;
  }
  void EndRun(const Recorder& /*recorder*/, Ending /*ending*/) override {
    order_.in_order = order_.steps.size();
    for (StrandNumber i = 0; i < strands_.size(); ++i) {
      order_.steps.push_back({.strand = strands_[i].path, .number = strands_[i].steps});
    }
  }
  bool wants_every_step() const override { return true; }
  std::string_view name() const override { return replay_.name(); }

  StepOrder Take() { return std::move(order_); }

 private:
  friend Strands;

  void OnSpawn(StrandNumber /*strand*/) {}
  void OnArrive(StrandNumber /*strand*/, Candidate /*candidate*/) {}
  void OnLeave(StrandNumber /*strand*/) {}

  ReplayChooser replay_;
  Strands strands_;
  StepName running_;
  std::uint32_t draws_ = 0;
  absl::flat_hash_map<std::uint32_t, std::uint32_t> turns_;
  StepOrder order_;
};

}  // namespace

StepOrder StepOrderOf(const Trace& trace, BodyRef body, RunOptions options) {
  StepLog log(trace);
  options.chooser = &log;
  options.record = RecordMode::kChoices;
  Executor executor;
  executor.Execute(body, options);
  return log.Take();
}

}  // namespace heddle::internal
