// SPDX-License-Identifier: MIT
//
// Implements report_choices.h.
#include "report_choices.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "heddle/choice.h"
#include "report_text.h"

namespace heddle::internal {
namespace {

constexpr std::size_t kChoicesMax = 8;

// What a ready task does next: the other end of what it awaited.
std::string NextText(Operation operation, const std::string& await) {
  switch (operation) {
    case Operation::kYield:
    case Operation::kForeign:
      return "go on";
    case Operation::kSleep:
      return "wake up";
    case Operation::kJoin:
      return "join " + await;
    case Operation::kWait:
      return "pass " + await;
    default:
      return await;
  }
}

// " (lock ledger, shop.cc:41)"
std::string NextText(const Story& story, TaskId task, std::size_t event) {
  const std::optional<std::size_t> intent = story.Intent(task, event);
  if (!intent) return "";
  const Event& next = story.event(*intent);
  if (next.kind == EventKind::kSpawn) return " (start)";
  const std::string site = story.SiteText(next.site);
  return " (" + NextText(next.op(), story.Await(next)) + (site.empty() ? "" : ", " + site) + ")";
}

// In `width` columns: the first thing to go is what the one that lost was about to do.
std::string ChoiceText(const Story& story, std::size_t number, std::size_t width) {
  const Choice& choice = story.trace.choices[number];
  const std::optional<std::size_t> event = story.EventOf(number);
  if (choice.kind == ChoiceKind::kValue) {
    const std::string who = event ? story.Name(story.event(*event).task) + " drew " : "drew ";
    const std::string meaning = MeaningOfDraw(story, number);
    return who + std::to_string(choice.picked) + ", not 0 (of " +
           std::to_string(choice.alternatives) + ")" + (meaning.empty() ? "" : ": " + meaning);
  }
  std::string text = story.Name(choice.picked);
  if (event) text += NextText(story, choice.picked, *event);
  text += " went before " + story.Name(choice.first);
  const std::string next_of_first = event ? NextText(story, choice.first, *event) : "";
  if (Width(text) + Width(next_of_first) <= width) text += next_of_first;
  return text;
}

// Whether it let a task of one of the lanes go first, or draw.
bool IsFor(const Story& story, const std::vector<TaskId>& lanes, std::size_t number) {
  const Choice& choice = story.trace.choices[number];
  TaskId task = choice.picked;
  if (choice.kind == ChoiceKind::kValue) {
    const std::optional<std::size_t> event = story.EventOf(number);
    task = event ? story.event(*event).task : kNoTask;
  }
  return std::count(lanes.begin(), lanes.end(), story.StrandOf(task)) != 0;
}

std::string ChoiceList(const Story& story, const std::vector<std::size_t>& numbers) {
  std::string text;
  const std::size_t digits = std::to_string(numbers.back()).size();
  for (const std::size_t number : numbers) {
    std::string label = std::to_string(number);
    label.insert(0, digits - label.size(), ' ');
    const std::size_t indent = 13 + digits;
    text +=
        Wrapped("    choice " + label + "  " + ChoiceText(story, number, kWidth - indent), indent);
  }
  return text;
}

}  // namespace

std::string ChoicesPart(const Story& story, const std::vector<TaskId>& lanes) {
  const std::vector<Choice>& choices = story.trace.choices;
  if (choices.empty() && story.trace.header.ending == Ending::kStopped) return "";
  if (choices.empty()) return "  There was nothing to choose: every schedule goes like this one.\n";
  std::vector<std::size_t> deviating;
  std::vector<std::size_t> for_lanes;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (!choices[i].deviates()) continue;
    deviating.push_back(i);
    if (IsFor(story, lanes, i)) for_lanes.push_back(i);
  }
  const std::string all = Count(choices.size(), "choice");
  if (deviating.empty()) {
    return "  First-in-first-out throughout (" + all +
           "): a plain heddle::Run goes like this too.\n";
  }
  const std::string counts = Grouped(deviating.size()) + " of " + all;
  if (deviating.size() <= kChoicesMax) {
    const bool all_deviate = deviating.size() == choices.size();
    return (all_deviate ? "  First-in-first-out at none of its " + all
                        : "  First-in-first-out everywhere, except at " + counts) +
           ":\n" + ChoiceList(story, deviating);
  }
  const bool told = !for_lanes.empty();
  std::vector<std::size_t> shown = told ? std::move(for_lanes) : deviating;
  if (shown.size() > kChoicesMax) shown.erase(shown.begin(), shown.end() - kChoicesMax);
  return "  Not first-in-first-out in " + counts + ". The last of them" +
         (told ? " for the tasks below" : "") + ":\n" + ChoiceList(story, shown) + "    and " +
         Grouped(deviating.size() - shown.size()) + " more\n";
}

std::string MeaningOfDraw(const Story& story, std::size_t choice) {
  const std::optional<std::size_t> draw = story.EventOf(choice);
  if (!draw || *draw + 1 >= story.trace.events.size()) return "";
  const Event& next = story.event(*draw + 1);
  const bool is_fault = next.kind == EventKind::kFault;
  if ((!is_fault && next.kind != EventKind::kInput) || next.task != story.event(*draw).task)
    return "";
  return (is_fault ? "fault \"" : "input \"") + Printable(story.trace.marks[next.object].name) +
         "\"";
}

std::string DrawsPart(const Story& story) {
  const std::vector<Choice>& choices = story.trace.choices;
  std::vector<std::size_t> draws;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i].kind == ChoiceKind::kValue && choices[i].deviates()) draws.push_back(i);
  }
  if (draws.empty()) return "";
  const std::size_t all = draws.size();
  draws.resize(std::min(all, kChoicesMax));
  return "  And these draws belong to it:\n" + ChoiceList(story, draws) +
         (all > draws.size() ? "    and " + Grouped(all - draws.size()) + " more\n" : "");
}

}  // namespace heddle::internal
