// SPDX-License-Identifier: MIT
#include "heddle/replay.h"

#include "heddle/check.h"
#include "heddle/internal/held_checks.h"
#include "heddle/losses.h"
#include "heddle/task_table.h"
#include "subject.h"

namespace heddle {
namespace {

// The index of `task` among the candidates, or ready.size().
std::size_t IndexOf(const ReadySet& ready, TaskId task) {
  std::size_t index = 0;
  while (index < ready.size() && ready[index].task() != task) ++index;
  return index;
}

}  // namespace

// --- ReplayChooser ------------------------------------------------------------------------

void ReplayChooser::BeginRun(std::uint64_t /*schedule*/) {
  next_ = 0;
  diverged_ = false;
}

const Choice* ReplayChooser::NextChoice(ChoiceKind kind, std::size_t alternatives) {
  if (diverged_ || next_ >= trace_->choices.size()) return nullptr;
  const Choice& choice = trace_->choices[next_];
  if (choice.kind != kind || choice.alternatives != alternatives) return nullptr;
  return &choice;
}

std::size_t ReplayChooser::ChooseTask(const ReadySet& ready) {
  const Choice* choice = NextChoice(ChoiceKind::kTask, ready.size());
  const std::size_t index = choice != nullptr ? IndexOf(ready, choice->picked) : ready.size();
  if (index < ready.size()) {
    ++next_;
    return index;
  }
  const bool may_be_the_limit =
      !diverged_ && next_ == trace_->choices.size() && trace_->header.ending == Ending::kStepLimit;
  Diverge(ready);
  // A run that meets its step limit asks for one choice more, which is then not made.
  return may_be_the_limit ? ready.first() : kStopRun;
}

std::uint32_t ReplayChooser::ChooseValue(std::uint32_t alternatives) {
  const Choice* choice = NextChoice(ChoiceKind::kValue, alternatives);
  if (choice != nullptr) {
    ++next_;
    return choice->picked;
  }
  // A draw cannot stop the run; the next choice of a task will.
  if (!diverged_) {
    diverged_ = true;
    offered_ = {.draw = true, .alternatives = alternatives, .tasks = {}};
  }
  return 0;
}

void ReplayChooser::Diverge(const ReadySet& ready) {
  if (diverged_) return;
  diverged_ = true;
  offered_ = {.draw = false, .alternatives = static_cast<std::uint32_t>(ready.size()), .tasks = {}};
  for (std::size_t i = 0; i < ready.size(); ++i) offered_.tasks.push_back(ready[i].task());
}

// --- TapeChooser --------------------------------------------------------------------------

void TapeChooser::BeginRun(std::uint64_t /*schedule*/) {
  choice_ = 0;
  entry_ = 0;
  lost_ = 0;
}

const TapeEntry* TapeChooser::NextEntry(ChoiceKind kind) {
  const std::uint64_t number = choice_++;
  if (entry_ == tape_.entries.size() || tape_.entries[entry_].choice != number) return nullptr;
  const TapeEntry& entry = tape_.entries[entry_++];
  if (entry.kind == kind) return &entry;
  ++lost_;
  return nullptr;
}

std::size_t TapeChooser::ChooseTask(const ReadySet& ready) {
  const TapeEntry* entry = NextEntry(ChoiceKind::kTask);
  if (entry == nullptr) return ready.first();
  const std::size_t index = IndexOf(ready, entry->picked);
  if (index < ready.size()) return index;
  ++lost_;
  return ready.first();
}

std::uint32_t TapeChooser::ChooseValue(std::uint32_t alternatives) {
  const TapeEntry* entry = NextEntry(ChoiceKind::kValue);
  if (entry == nullptr) return 0;
  if (entry->picked < alternatives) return entry->picked;
  ++lost_;
  return 0;
}

// --- what a replay was --------------------------------------------------------------------

namespace {

std::string Candidates(const std::vector<TaskId>& ready, const TaskTable& tasks) {
  constexpr std::size_t kShown = 8;
  std::string text;
  for (std::size_t i = 0; i < ready.size() && i < kShown; ++i) {
    text += (i == 0 ? "" : ", ") + tasks.Path(ready[i]);
  }
  if (ready.size() > kShown) text += ", ... " + std::to_string(ready.size() - kShown) + " more";
  return text;
}

std::string Offered(const ReplayChooser::Offer& offer, const TaskTable& tasks) {
  if (offer.draw) return "a draw among " + std::to_string(offer.alternatives);
  return "a choice among " + std::to_string(offer.tasks.size()) +
         " ready tasks: " + Candidates(offer.tasks, tasks);
}

std::string Recorded(const Trace& trace, std::size_t number) {
  if (number >= trace.choices.size()) {
    return "no further choice: the recording has " + std::to_string(trace.choices.size());
  }
  const Choice& choice = trace.choices[number];
  if (choice.kind == ChoiceKind::kValue) {
    return "a draw among " + std::to_string(choice.alternatives);
  }
  const std::string picked = trace.events.empty() ? "task " + std::to_string(choice.picked)
                                                  : TaskTable(trace).Path(choice.picked);
  return "a choice among " + std::to_string(choice.alternatives) + " ready tasks, of which " +
         picked + " was picked";
}

// What was run, held against what was recorded.
ReplayResult FinishReplay(const Trace& recorded, const ReplayChooser& chooser, RunResult run) {
  internal::SetSubject(run.trace.header, recorded.header);
  ReplayResult result{.run = std::move(run), .divergence = std::nullopt};
  const Trace& replayed = result.run.trace;
  result.divergence = Compare(recorded, replayed);
  if (result.reproduced()) result.run.trace.header.explanation = recorded.header.explanation;
  const ReplayChooser::Offer* offer = chooser.refused();
  // Nothing differs where the recording, too, was stopped at this choice, or by its limit.
  if (offer == nullptr || !result.divergence) return result;
  Divergence& divergence = *result.divergence;
  const std::size_t event = internal::EventOfChoice(replayed, chooser.followed());
  // An earlier event that differs is nearer to the cause than the choice it led to.
  if (divergence.kind == DivergenceKind::kEvent && divergence.event < event) return result;
  divergence.kind = DivergenceKind::kChoice;
  divergence.choice = chooser.followed();
  divergence.event = event;
  divergence.expected = Recorded(recorded, chooser.followed());
  divergence.got = Offered(*offer, TaskTable(replayed));
  return result;
}

}  // namespace

namespace internal {

ReplayResult Follow(const Trace& trace, BodyRef body, RunOptions options) {
  if (trace.losses.begins_late()) {
    throw UsageError(
        "heddle: this trace cannot be replayed, because the choices at its beginning are "
        "missing. " +
        LossText(trace.losses) + ". Replay a recording of the whole run.");
  }
  ReplayChooser chooser(trace);
  options.chooser = &chooser;
  options.schedule = trace.header.schedule;
  if (trace.header.ending == Ending::kStepLimit) options.steps_max = trace.header.steps;
  return FinishReplay(trace, chooser, RunBody(body, options));
}

ReplayResult Replay(const Trace& trace, BodyRef body, const RunOptions& options) {
  const HeldChecks held;
  return Follow(trace, body, options);
}

RunResult FollowTape(const Tape& tape, BodyRef body, RunOptions options) {
  const HeldChecks held;
  TapeChooser chooser(tape);
  options.chooser = &chooser;
  return RunBody(body, options);
}

}  // namespace internal
}  // namespace heddle
