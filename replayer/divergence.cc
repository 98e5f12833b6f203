// SPDX-License-Identifier: MIT
#include "heddle/divergence.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "heddle/task_table.h"
#include "heddle/trace_text.h"
#include "likely_source.h"
#include "unseen_message.h"

namespace heddle {
namespace {

using internal::ComparedRun;

constexpr const char* kNothing = "nothing: the run had ended";

std::string EndingText(const TraceHeader& header) {
  std::string text(Name(header.ending));
  if (!header.message.empty()) text += ": " + header.message;
  return text;
}

std::string EventAt(const Trace& trace, const TaskTable& tasks, std::size_t event) {
  if (event >= trace.events.size()) return kNothing;
  return "at " + FormatNanos(trace.events[event].time) + ": " + EventText(trace, tasks, event);
}

// Whether a number in an event of `a` stands for the same place, object, flow and mark in `b`.
bool SameTables(const Trace& a, const Trace& b) {
  return a.sites == b.sites && a.objects == b.objects && a.flows == b.flows && a.marks == b.marks;
}

// Everything that two processes, builds and compilers have in common.
std::size_t FirstDifference(const ComparedRun& a, const ComparedRun& b) {
  const bool same_tables = SameTables(a.trace, b.trace);
  const std::size_t common = std::min(a.trace.events.size(), b.trace.events.size());
  for (std::size_t i = 0; i < common; ++i) {
    const Event& event = a.trace.events[i];
    const Event& other = b.trace.events[i];
    // Up to here they are the same events, so that their tasks are, too.
    if (same_tables && event == other) continue;
    if (event.time != other.time || a.texts.Text(i) != b.texts.Text(i)) return i;
  }
  return common;
}

// `sources`: what may have made the difference, if the program is the same.
std::vector<std::string> LikelyCauses(const Trace& recorded, const Trace& replayed,
                                      std::vector<std::string> sources) {
  std::vector<std::string> causes;
  if (recorded.header.build_id != replayed.header.build_id) {
    causes.emplace_back(
        "the recording was made by another build of the program: the code that it went through "
        "has changed since. Record it again, or build what was recorded");
  }
  std::ranges::move(sources, std::back_inserter(causes));
  causes.emplace_back(
      "something outlives a run: a global, a static, an object made outside the body and changed "
      "inside it, or a SECTION of Catch2 in the body, which belongs around it");
  return causes;
}

// What the run itself found out about requests. Recordings of heddle before it did have none.
bool IsFoundOut(const Event& event) {
  return event.kind == EventKind::kContextLost ||
         (event.kind == EventKind::kFlow && event.op() != Operation::kNone);
}

std::optional<Divergence> CompareEvents(const Trace& recorded, const Trace& replayed);

// `recorded` has nothing that a run finds out about requests, and `replayed` may.
std::optional<Divergence> CompareWithoutFindings(const Trace& recorded, const Trace& replayed) {
  Trace without = replayed;
  std::erase_if(without.events, IsFoundOut);
  std::optional<Divergence> divergence = CompareEvents(recorded, without);
  if (!divergence) return divergence;
  std::size_t event = 0;
  for (std::size_t left = divergence->event; event < replayed.events.size(); ++event) {
    if (!IsFoundOut(replayed.events[event]) && left-- == 0) break;
  }
  divergence->event = event;
  return divergence;
}

std::optional<Divergence> CompareEvents(const Trace& recorded, const Trace& replayed) {
  if (recorded.events.empty() || replayed.events.empty()) return std::nullopt;
  // Where some are missing their numbers do not tell which belong together; the choices do.
  if (recorded.losses != replayed.losses) return std::nullopt;
  if (std::ranges::none_of(recorded.events, IsFoundOut) &&
      std::ranges::any_of(replayed.events, IsFoundOut)) {
    return CompareWithoutFindings(recorded, replayed);
  }
  const TaskTable recorded_tasks(recorded);
  const TaskTable replayed_tasks(replayed);
  const ComparedRun expected{recorded, CanonicalEvents(recorded, recorded_tasks)};
  const ComparedRun got{replayed, CanonicalEvents(replayed, replayed_tasks)};
  const std::size_t event = FirstDifference(expected, got);
  if (event == recorded.events.size() && event == replayed.events.size()) return std::nullopt;
  return Divergence{.kind = DivergenceKind::kEvent,
                    .choice = 0,
                    .event = event,
                    .expected = EventAt(recorded, recorded_tasks, event),
                    .got = EventAt(replayed, replayed_tasks, event),
                    .likely_causes = LikelyCauses(recorded, replayed,
                                                  internal::LikelySources(expected, got, event))};
}

std::string ChoiceText(const Trace& trace, const TaskTable& tasks, std::size_t number) {
  if (number >= trace.choices.size()) return kNothing;
  const Choice& choice = trace.choices[number];
  if (choice.kind == ChoiceKind::kValue) {
    return "value " + std::to_string(choice.picked) + " of " + std::to_string(choice.alternatives);
  }
  // A trace without events knows no names.
  const std::string picked =
      trace.events.empty() ? "task " + std::to_string(choice.picked) : tasks.Path(choice.picked);
  return picked + " of " + std::to_string(choice.alternatives) + " ready tasks";
}

std::optional<Divergence> CompareChoices(const Trace& recorded, const Trace& replayed) {
  if (recorded.choices == replayed.choices) return std::nullopt;
  const auto [expected, got] = std::ranges::mismatch(recorded.choices, replayed.choices);
  const auto number = static_cast<std::size_t>(expected - recorded.choices.begin());
  return Divergence{.kind = DivergenceKind::kChoice,
                    .choice = number,
                    .event = internal::EventOfChoice(replayed, number),
                    .expected = ChoiceText(recorded, TaskTable(recorded), number),
                    .got = ChoiceText(replayed, TaskTable(replayed), number),
                    .likely_causes = LikelyCauses(recorded, replayed, internal::LikelySources())};
}

std::optional<Divergence> CompareEndings(const Trace& recorded, const Trace& replayed) {
  if (recorded.header.ending == replayed.header.ending &&
      internal::MessageWithoutNames(recorded.header) ==
          internal::MessageWithoutNames(replayed.header)) {
    return std::nullopt;
  }
  return Divergence{.kind = DivergenceKind::kEnding,
                    .choice = 0,
                    .event = replayed.events.size(),
                    .expected = EndingText(recorded.header),
                    .got = EndingText(replayed.header),
                    .likely_causes = LikelyCauses(recorded, replayed, internal::LikelySources())};
}

}  // namespace

namespace internal {

std::size_t EventOfChoice(const Trace& trace, std::size_t number) {
  const auto is_choice = [](const Event& event) {
    return event.chosen() || (event.kind == EventKind::kDraw && event.object > 1);
  };
  const auto event = std::ranges::find_if(
      trace.events, [&](const Event& candidate) { return is_choice(candidate) && number-- == 0; });
  return static_cast<std::size_t>(event - trace.events.begin());
}

}  // namespace internal

std::optional<Divergence> Compare(const Trace& recorded, const Trace& replayed) {
  // The first difference in time is an event's; a choice tells more when there are no events.
  std::optional<Divergence> divergence = CompareEvents(recorded, replayed);
  if (!divergence) divergence = CompareChoices(recorded, replayed);
  if (!divergence) return CompareEndings(recorded, replayed);
  if (recorded.header.ending != Ending::kFinished) {
    divergence->recorded_ending = EndingText(recorded.header);
  }
  return divergence;
}

std::string Describe(const Divergence& divergence) {
  std::string text = "the replay went otherwise than the recording ";
  switch (divergence.kind) {
    case DivergenceKind::kChoice:
      text += "at choice " + std::to_string(divergence.choice);
      break;
    case DivergenceKind::kEvent:
      text += "at event " + std::to_string(divergence.event);
      break;
    case DivergenceKind::kEnding:
      text += "in how it ended";
      break;
  }
  text += "\n  expected: " + divergence.expected + "\n  got:      " + divergence.got;
  if (!divergence.recorded_ending.empty()) {
    text += "\n  the recording ended: " + divergence.recorded_ending;
  }
  for (const std::string& cause : divergence.likely_causes) {
    text += "\n  likely cause: " + cause;
  }
  return text;
}

}  // namespace heddle
