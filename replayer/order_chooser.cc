// SPDX-License-Identifier: MIT
#include "order_chooser.h"

#include "seen_steps.h"

namespace heddle::internal {

OrderChooser::OrderChooser(StepOrder order, std::optional<std::uint64_t> seed)
    : order_(std::move(order)), seed_(seed), random_(seed.value_or(0)) {
  places_.reserve(order_.steps.size());
  for (std::size_t i = 0; i < order_.steps.size(); ++i) places_.emplace(order_.steps[i], i);
  for (const PlannedDraw& draw : order_.draws) draws_.emplace(KeyOf(draw), draw.value);
}

void OrderChooser::BeginRun(std::uint64_t schedule) {
  if (seed_) random_ = Random(Random::Mix(*seed_) + schedule);
  strands_.BeginRun();
  by_path_.clear();
  arrivals_.clear();
  arrived_ = 0;
  free_ = {};
  held_ = {};
  next_ = 0;
  broken_ = false;
  last_ = kNoStrand;
  running_ = {};
  draw_ = 0;
  turns_.clear();
  drawn_.clear();
  planned_made_ = 0;
  made_.assign(order_.steps.size(), Made());
  steps_.clear();
  log_.clear();
}

// --- who is ready -------------------------------------------------------------------------

void OrderChooser::OnSpawn(StrandNumber strand) {
  by_path_[strands_[strand].path] = strand;
  arrivals_.emplace_back();
}

void OrderChooser::OnArrive(StrandNumber strand, Candidate candidate) {
  arrivals_[strand] = {.number = ++arrived_, .task = candidate.task()};
  const std::size_t place = PlaceOf(strand);
  if (Held(place)) {
    held_.emplace(place, strand);
  } else {
    free_.emplace(arrived_, strand);
  }
}

// Its entry is found to be old when it comes up.
void OrderChooser::OnLeave(StrandNumber /*strand*/) {}

std::size_t OrderChooser::PlaceOf(StrandNumber strand) const {
  if (places_.empty()) return kFree;
  const auto found =
      places_.find({.strand = strands_[strand].path, .number = strands_[strand].steps});
  return found != places_.end() ? found->second : kFree;
}

// --- who goes -----------------------------------------------------------------------------

std::size_t OrderChooser::ChooseTask(const ReadySet& ready) {
  strands_.Update(ready, *this);
  const StrandNumber strand = Pick(ready);
  last_ = strand;
  running_ = {.strand = strands_[strand].path, .number = strands_[strand].steps};
  log_.push_back(running_);
  draw_ = 0;
  const std::size_t place = PlaceOf(strand);
  const std::size_t index = strands_.Step(strand);
  if (place != kFree) made_[place] = {.step = strands_.steps(), .task = arrivals_[strand].task};
  if (place != kFree) Pass(place);
  return index;
}

StrandNumber OrderChooser::Pick(const ReadySet& ready) {
  StrandNumber strand = stays_ ? SameAgain() : kNoStrand;
  if (strand == kNoStrand) strand = seed_ ? AnyFree(ready) : FirstFree();
  if (strand == kNoStrand) strand = FirstHeld();
  return strand;
}

StrandNumber OrderChooser::FirstFree() {
  while (!free_.empty()) {
    const auto [arrival, strand] = free_.top();
    free_.pop();
    if (Ready(strand) && arrivals_[strand].number == arrival) return strand;
  }
  return kNoStrand;
}

StrandNumber OrderChooser::AnyFree(const ReadySet& ready) {
  std::uint32_t seen = 0;
  StrandNumber picked = kNoStrand;
  for (std::size_t i = 0; i < ready.size(); ++i) {
    const StrandNumber strand = strands_.Of(ready[i]);
    if (Held(PlaceOf(strand))) continue;
    if (random_.Below(++seen) == 0) picked = strand;
  }
  return picked;
}

StrandNumber OrderChooser::SameAgain() const {
  const bool can = last_ != kNoStrand && Ready(last_) && !Held(PlaceOf(last_));
  return can ? last_ : kNoStrand;
}

StrandNumber OrderChooser::FirstHeld() {
  for (;;) {
    const auto [place, strand] = held_.top();
    held_.pop();
    if (Ready(strand) && PlaceOf(strand) == place) return strand;
  }
}

void OrderChooser::Pass(std::size_t place) {
  place = std::min(place, order_.in_order);
  if (place != next_) broken_ = true;
  if (place < next_) return;  // those behind it did not wait for it
  next_ = std::min(place + 1, order_.in_order);
  // Who was held back for this may go. Those of places before it were free already.
  while (!held_.empty() && !Held(held_.top().first)) {
    const auto [freed, strand] = held_.top();
    held_.pop();
    if (Ready(strand) && PlaceOf(strand) == freed) {
      free_.emplace(arrivals_[strand].number, strand);
    }
  }
}

// --- draws, and what became of it ---------------------------------------------------------

std::uint32_t OrderChooser::ChooseValue(std::uint32_t alternatives) {
  PlannedDraw draw{.step = running_,
                   .number = draw_++,
                   .alternatives = alternatives,
                   .turn = turns_[alternatives]++};
  const auto planned = draws_.find(KeyOf(draw));
  if (planned != draws_.end()) {
    draw.value = std::min(planned->second, alternatives - 1);
    ++planned_made_;
  }
  drawn_.push_back(draw);
  return draw.value;
}

std::vector<StepName> OrderChooser::ToCome() const {
  std::vector<StepName> to_come;
  to_come.reserve(strands_.size());
  for (StrandNumber i = 0; i < strands_.size(); ++i) {
    to_come.push_back({.strand = strands_[i].path, .number = strands_[i].steps});
  }
  return to_come;
}

void OrderChooser::EndRun(const Recorder& recorder, Ending /*ending*/) {
  if (order_.steps.empty()) return;
  std::vector<std::size_t> event_of_step = {kNoEvent};
  std::size_t number = 0;
  recorder.VisitEvents([&](const Recorder::EventView& event) {
    if (event.begins_step()) event_of_step.push_back(number);
    ++number;
  });
  if (number == 0) return;                           // events were not kept
  absl::flat_hash_map<std::uint64_t, TaskId> waits;  // by strand: who would go on with it
  for (const SeenStep& step : StepsToCome(recorder, log_, ToCome())) {
    waits.emplace(step.name.strand, step.task);
  }
  for (std::size_t place = 0; place < made_.size(); ++place) {
    const Made& made = made_[place];
    if (made.step != 0) {
      if (made.step >= event_of_step.size()) return;  // not those at its end
      steps_.push_back({.task = made.task, .event = event_of_step[made.step]});
    } else if (const auto strand = by_path_.find(order_.steps[place].strand);
               strand != by_path_.end()) {
      const auto wait = waits.find(strand->first);
      const TaskId task = wait != waits.end() ? wait->second : arrivals_[strand->second].task;
      steps_.push_back({.task = task, .event = kNoEvent});
    }
  }
}

}  // namespace heddle::internal
