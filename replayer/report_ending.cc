// SPDX-License-Identifier: MIT
//
// Implements report_ending.h.
#include "report_ending.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/diagnosis.h"
#include "heddle/trace_text.h"
#include "report_text.h"

namespace heddle::internal {
namespace {

constexpr std::size_t kListMax = 12;
constexpr std::size_t kDiagnosesMax = 4;

constexpr const char* kForgottenHint = "Likely cause: a forgotten co_await.";
constexpr const char* kLeakedHint =
    "Likely cause: a Task in a static, in a container that outlives the run, in what its own "
    "arguments keep alive, or made with new. Await it, or spawn it, in the run that makes it.";

// What `await` is, said of a task that has got there.
std::string AwaitsText(Operation operation, const std::string& await) {
  switch (operation) {
    case Operation::kStart:
      return "has not started";
    case Operation::kYield:
      return "yields";
    case Operation::kSleep:
      return "sleeps";
    default:
      return "awaits " + await;
  }
}

// Where in its source a task was before event number `before`.
std::string PlaceText(const Story& story, TaskId task, std::size_t before) {
  const std::optional<std::size_t> intent = story.Intent(task, before);
  if (!intent) return "";
  const Event& event = story.event(*intent);
  if (event.kind == EventKind::kSpawn) return ", before its first await";
  const std::string site = story.SiteText(event.site);
  return ", after its await" + (site.empty() ? "" : " at " + site) + " (" + story.Await(event) +
         ")";
}

// A check that was kept fails the run, and throws nothing (catch_checks.h).
bool IsFailedCheck(const std::string& message) {
  const std::size_t macro = message.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
  return macro != 0 && macro != std::string::npos && message.compare(macro, 2, "( ") == 0 &&
         message.find(" ) did not ") != std::string::npos;
}

std::string WhyItThrew(const std::string& message) {
  if (message.empty()) return "  It threw an exception without a message.\n";
  return TextBlock(IsFailedCheck(message) ? "A check failed:" : "It threw:", message);
}

std::string ThrewPart(const Story& story) {
  const TraceHeader& header = story.trace.header;
  std::string text = WhyItThrew(header.message);
  if (!story.Knows(header.failed_task)) return text;
  const std::string flow = story.FlowName(header.failed_task);
  return text + Wrapped("  In " + story.Name(header.failed_task) +
                            (flow.empty() ? "" : " (" + flow + ")") +
                            PlaceText(story, header.failed_task, story.end) + ".",
                        4);
}

// "awaits lock ledger, held by Charge#0"
std::string WaitsFor(const Story& story, const WaitingTask& waiting) {
  const std::optional<std::size_t> intent = story.Intent(waiting.task, story.end);
  if (!intent || story.event(*intent).kind != EventKind::kSuspend) {
    return AwaitsText(waiting.operation, AwaitText(waiting.operation, Printable(waiting.object)));
  }
  const Event& suspend = story.event(*intent);
  std::string text = AwaitsText(suspend.op(), story.Await(suspend));
  if (suspend.op() != Operation::kLock) return text;
  const TaskId holder = story.HolderOf(suspend.object);
  if (holder == kNoTask) return text;
  return text + ", held by " + (holder == waiting.task ? "itself" : story.Name(holder));
}

// Those that wait for a task of their own come last: what they wait for is in the list.
std::vector<WaitingTask> TellingFirst(const std::vector<WaitingTask>& waiting) {
  std::vector<WaitingTask> sorted;
  sorted.reserve(waiting.size());
  for (const bool own : {false, true}) {
    for (const WaitingTask& task : waiting) {
      if (IsForOwnTask(task) == own) sorted.push_back(task);
    }
  }
  return sorted;
}

std::string WaitingList(const std::vector<WaitingTask>& all, const Story& story) {
  const std::vector<WaitingTask> waiting = TellingFirst(all);
  const bool timed = std::any_of(waiting.begin(), waiting.end(),
                                 [](const WaitingTask& task) { return task.since != 0; });
  std::vector<std::vector<std::string>> lines;
  for (const WaitingTask& task : waiting) {
    if (lines.size() == kListMax) break;
    std::string name = CutPath(Printable(task.name), kNameWidth);
    lines.push_back({std::move(name), WaitsFor(story, task), Printable(task.site)});
    if (timed) lines.back().push_back("since " + FormatNanos(task.since));
  }
  std::string text = Columns(lines);
  if (lines.size() < waiting.size()) {
    text += "    and " + Grouped(waiting.size() - lines.size()) + " more\n";
  }
  return text;
}

// What a join would have thrown, had it got all of its tasks.
std::string KeptPart(const Story& story) {
  std::string text;
  for (const std::string& line : Lines(story.trace.header.message)) {
    text += Wrapped("  " + line, 2);
  }
  return text;
}

// Who waits for a call waits as one with what it calls, which is in the list.
std::vector<WaitingTask> WithoutCallers(std::vector<WaitingTask> waiting) {
  std::erase_if(waiting,
                [](const WaitingTask& task) { return task.operation == Operation::kCall; });
  return waiting;
}

std::string StuckPart(const Story& story) {
  const std::vector<WaitingTask> waiting = WithoutCallers(story.trace.header.waiting);
  const std::size_t count = waiting.size();
  return "  It is stuck: nothing is ready, no timer is left, and " + Count(count, "task") +
         (count == 1 ? " still waits:\n" : " still wait:\n") + WaitingList(waiting, story) +
         KeptPart(story);
}

std::string UnfinishedList(const Story& story) {
  const std::size_t count = story.trace.header.waiting.size();
  if (count == 0) return "";
  return "  " + Count(count, "task") + " had not ended:\n" +
         WaitingList(story.trace.header.waiting, story) + KeptPart(story);
}

std::string StepLimitPart(const Story& story) {
  return Wrapped("  It was stopped after " + Count(story.trace.header.steps, "step") +
                     ", its limit. Likely cause: a task that loops without end. If it is meant "
                     "to be this long, raise steps_max in its options.",
                 2) +
         UnfinishedList(story);
}

std::string TaskLimitPart(const Story& story) {
  return Wrapped(
             "  It was stopped because too many tasks existed at a time. Likely cause: spawning "
             "without end. If there are meant to be this many, raise tasks_max in its options.",
             2) +
         UnfinishedList(story);
}

// A paragraph for each, behind what the ending itself says.
std::string DiagnosisPart(const Trace& trace) {
  std::string text;
  const std::vector<Diagnosis> found = Diagnose(trace);
  for (std::size_t i = 0; i < std::min(found.size(), kDiagnosesMax); ++i) {
    text += "\n";
    for (const std::string& line : Lines(found[i].text)) text += Wrapped("  " + line, 8);
  }
  if (found.size() > kDiagnosesMax) {
    text += "\n  and " + Grouped(found.size() - kDiagnosesMax) + " more\n";
  }
  return text;
}

// A paragraph about the tasks that were never awaited, and were destroyed or, with `leaked`, kept.
std::string ForgottenPart(const Story& story, bool leaked) {
  std::vector<std::string> lines;
  for (const Event& event : story.trace.events) {
    if (!IsForgotten(event) || (event.value != 0) != leaked) continue;
    const TaskInfo& task = story.tasks[event.task];
    std::string line = "    " + story.Name(task.id);
    if (story.Knows(task.parent)) {
      line +=
          ", created by " + story.Name(task.parent) + PlaceText(story, task.parent, task.spawned);
    }
    lines.push_back(Wrapped(line, 8));
  }
  if (lines.empty()) return "";
  const bool one = lines.size() == 1;
  std::string text = "  The body returned, but " + Count(lines.size(), "task");
  if (leaked) {
    text.append(one ? " was" : " were").append(" never awaited, and ").append(one ? "is" : "are");
    text += std::string(" still there. ") + kLeakedHint;
  } else {
    text += std::string(" never ran. ") + kForgottenHint;
  }
  text = Wrapped(text, 2);
  const std::size_t shown = std::min(lines.size(), kListMax);
  for (std::size_t i = 0; i < shown; ++i) text += lines[i];
  if (shown < lines.size()) text += "    and " + Grouped(lines.size() - shown) + " more\n";
  return text;
}

std::string AbandonedPart(const Story& story) {
  const std::string dropped = ForgottenPart(story, false);
  const std::string leaked = ForgottenPart(story, true);
  return dropped + (dropped.empty() || leaked.empty() ? "" : "\n") + leaked;
}

}  // namespace

std::string EndingPart(const Story& story) {
  switch (story.trace.header.ending) {
    case Ending::kFinished:
      return "  It finished, and nothing failed.\n";
    case Ending::kThrew:
      return ThrewPart(story) + DiagnosisPart(story.trace);
    case Ending::kStuck:
      return StuckPart(story) + DiagnosisPart(story.trace);
    case Ending::kStepLimit:
      return StepLimitPart(story) + DiagnosisPart(story.trace);
    case Ending::kTaskLimit:
      return TaskLimitPart(story) + DiagnosisPart(story.trace);
    case Ending::kAbandoned:
      return AbandonedPart(story);
    case Ending::kStopped:
      return Wrapped(
          "  It was stopped by its chooser, which could not follow its choices any further, or did "
          "not want to go on (kStopRun).",
          2);
  }
  return "";
}

}  // namespace heddle::internal
