// SPDX-License-Identifier: MIT
#include "report_order.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "heddle/choice.h"
#include "report_choices.h"
#include "report_text.h"

namespace heddle::internal {
namespace {

constexpr std::size_t kStepsMax = 12;

// "shop.cc:41 (lock till)"
std::string PlaceText(const Story& story, const Event& event, const std::string& when = "") {
  if (event.kind != EventKind::kSuspend) return "its start";
  const std::string site = story.SiteText(event.site);
  const std::string await = story.Await(event) + when;
  return site.empty() ? await : site + " (" + await + ")";
}

// "12th"
std::string Ordinal(std::size_t number) {
  const std::size_t last = number % 10;
  const bool teen = number / 10 % 10 == 1;
  const std::string_view ending = teen || last == 0 || last > 3 ? "th"
                                  : last == 1                   ? "st"
                                  : last == 2                   ? "nd"
                                                                : "rd";
  return Grouped(number) + std::string(ending);
}

// In a loop a task comes by the same await again and again.
std::string HowManiethTime(const Story& story, std::size_t suspend) {
  const Event& event = story.event(suspend);
  std::size_t times = 1;
  for (std::size_t i = 0; i < suspend; ++i) {
    const Event& before = story.event(i);
    times += before.kind == EventKind::kSuspend && before.task == event.task &&
             before.site == event.site && before.op() == event.op();
  }
  return times == 1 ? "" : ", for the " + Ordinal(times) + " time";
}

// Where a step begins: the await that it comes back from.
std::string FromText(const Story& story, TaskId task, std::size_t event) {
  const std::optional<std::size_t> intent = story.Intent(task, event);
  if (!intent) return "its last await";
  return PlaceText(story, story.event(*intent), HowManiethTime(story, *intent));
}

// And where it ends: the next await of the strand that lets others go on.
std::string ToText(const Story& story, TaskId task, std::size_t event) {
  const TaskId strand = story.StrandOf(task);
  for (std::size_t i = event + 1; i < story.trace.events.size(); ++i) {
    const Event& next = story.event(i);
    if (story.StrandOf(next.task) != strand) continue;
    if (next.kind == EventKind::kSuspend && next.op() != Operation::kCall) {
      return PlaceText(story, next);
    }
    if (next.kind == EventKind::kFinish && next.task == strand) break;
  }
  return "its end";
}

bool HasEnded(const Story& story, TaskId task) {
  return story.Knows(task) && story.tasks[story.StrandOf(task)].ended != kNoEvent;
}

// Of one that has ended.
bool IsCancelled(const Story& story, TaskId task) {
  const std::size_t ended = story.tasks[task].ended;
  if (ended == kNoEvent) return false;
  const Event& end = story.event(ended);
  return end.kind == EventKind::kFinish && end.outcome() == Outcome::kCancelled;
}

// "Refund#0, from shop.cc:41 (lock till) to shop.cc:44 (sleep)"
std::string StepText(const Story& story, const OrderedStep& step) {
  const std::string flow = story.FlowName(step.task);
  std::string text = story.Name(step.task);
  if (!flow.empty()) text += " (" + flow + ")";
  if (step.event == kNoEvent && HasEnded(story, step.task)) {
    return text + (IsCancelled(story, step.task)
                       ? ", which is cancelled at " + FromText(story, step.task, story.end)
                       : ", one more step, which it does not make here");
  }
  if (step.event == kNoEvent) {
    return text + ", which never gets past " + FromText(story, step.task, story.end);
  }
  return text + ", from " + FromText(story, step.task, step.event) + " to " +
         ToText(story, step.task, step.event);
}

// "    1  Refund#0, from shop.cc:41 (lock till) to shop.cc:44 (sleep)"
std::string StepLine(const ExplainedStep& step, std::size_t number) {
  std::string label = std::to_string(number);
  label.insert(0, 2 - std::min<std::size_t>(2, label.size()), ' ');
  return Wrapped("    " + label + "  " + step.text, 8);
}

// How many steps the run made before event number `event`.
std::uint64_t StepsBefore(const Story& story, std::size_t event) {
  std::uint64_t steps = 0;
  for (std::size_t i = 0; i < event; ++i) steps += IsStep(story.event(i).kind) ? 1 : 0;
  return steps;
}

std::string Times(std::uint64_t failed, std::uint64_t of) {
  if (of == 0) return "none came up";
  if (failed == 0) return "none of " + Grouped(of) + " failed";
  if (failed == of) return "all " + Grouped(of) + " failed";
  return Grouped(failed) + " of " + Grouped(of) + " failed";
}

// What the order means where all else is random, too.
std::string Elsewhere(const DecidingPair& pair) {
  constexpr std::uint64_t kEnough = 20;
  constexpr double kDecides = 0.5;
  constexpr double kMatters = 0.2;  // more than chance would
  const double difference = pair.contrast();
  if (std::min(pair.in_order, pair.reversed) < kEnough) {
    return "Too few other schedules have both to say more: of those";
  }
  if (difference >= kDecides) return "";
  return difference >= kMatters ? "In other schedules their order matters, but not alone: of those"
                                : "In other schedules their order alone tells little: of those";
}

std::string PairText(const DecidingPair& pair) {
  const std::string first = std::to_string(pair.step + 1);
  const std::string second = std::to_string(pair.step + pair.distance + 1);
  const std::string elsewhere = Elsewhere(pair);
  const std::string passes =
      pair.passes_reversed ? "With " + second + " before " + first + " it passes. " : "";
  const std::string order = "The order of " + first + " and " + second + " decides";
  std::string verdict = elsewhere.empty() ? order + ". Of schedules" : passes + elsewhere;
  if (pair.observed) {
    verdict = order + (elsewhere.empty() ? "" : ", but not alone") + ". Of schedules that " +
              (pair.others_in_order > 0 ? "have the other steps in this order, too, and" : "");
  } else if (pair.others_in_order > 0) {
    verdict = order + ", but not alone. Of schedules that have " +
              Count(pair.others_in_order, "other step") + " in an order that lets it pass, and";
  } else {
    verdict += " that";
  }
  const bool is_drawn = pair.observed && pair.others_in_order == 0;
  return verdict + (is_drawn ? "were drawn at random, " : " are random otherwise, ") +
         Times(pair.in_order_failed, pair.in_order) + " with " + first + " before " + second +
         ", and " + Times(pair.reversed_failed, pair.reversed) + " with " + second + " before " +
         first + ".";
}

// No two steps were found whose order decides: because there are none, or in spite of that.
std::string OthersText(const Story& story, const OtherSchedules& others, bool draws_decide) {
  if (others.tried == 0) return "";
  const bool drew = std::ranges::any_of(story.trace.choices, [](const Choice& choice) {
    return choice.kind == ChoiceKind::kValue && choice.deviates();
  });
  const std::string tried =
      Count(others.tried, "other schedule") + " tried" + (drew ? " with these draws" : "");
  std::string text;
  if (others.passed > 0) {
    text = "It passed in " + Grouped(others.passed) + " of " + tried +
           (draws_decide ? "." : ", but no two steps were found whose order decides that.");
  } else {
    const std::string in_all = others.tried == 1 ? "in the " : "in all ";
    text = "It failed " + in_all + tried + ", too";
    if (others.failed_otherwise == others.tried) {
      text += ", in another way";
    } else if (others.failed_otherwise > 0) {
      text += ", in " + Grouped(others.failed_otherwise) + " of them in another way";
    }
    text += ".";
  }
  if (others.cut_short) text += " There may be more to it: the search was cut short.";
  return text;
}

// Where first in, first out fails because of what was drawn.
std::string DrawsDecideText(const Story& story) {
  std::vector<std::size_t> draws;
  for (std::size_t i = 0; i < story.trace.choices.size(); ++i) {
    const Choice& choice = story.trace.choices[i];
    if (choice.kind == ChoiceKind::kValue && choice.deviates()) draws.push_back(i);
  }
  if (draws.size() > 1) {
    return "These draws decide: where any one of them is 0, first in, first out passes.";
  }
  const std::string meaning = draws.empty() ? "" : MeaningOfDraw(story, draws.front());
  const bool is_fault = meaning.starts_with("fault");
  return "The " + (meaning.empty() ? "draw" : meaning) +
         " decides: " + (is_fault ? "without it" : "where it is 0") +
         ", first in, first out passes.";
}

std::string HeadingText(const Explanation& explanation, std::uint64_t runs) {
  const std::string steps = Count(explanation.steps.size(), "step");
  if (explanation.fails_plain) {
    return "Other schedules pass. What makes the difference, found in " + Count(runs, "run") +
           ": this one has " + steps + " in this order:";
  }
  return "Made simple, in " + Count(runs, "run") + ": it fails where " + steps +
         (explanation.steps.size() == 1 ? " comes" : " come") +
         " in this order, and everything else first in, first out:";
}

}  // namespace

Explanation Explain(const Story& story, const ShrinkResult& shrunk) {
  Explanation explanation;
  const auto say = [&explanation](const std::string& sentence) {
    if (sentence.empty()) return;
    explanation.verdict += (explanation.verdict.empty() ? "" : "\n") + sentence;
  };
  for (const OrderedStep& step : shrunk.steps) {
    const std::uint64_t number =
        step.event == kNoEvent ? ExplainedStep::kNeverCame : StepsBefore(story, step.event);
    explanation.steps.push_back({.number = number, .text = StepText(story, step)});
  }
  if (shrunk.draws_decide) say(DrawsDecideText(story));
  explanation.fails_plain = shrunk.fails_plain;
  if (shrunk.steps.empty()) {
    if (shrunk.fails_plain) say(OthersText(story, shrunk.others, shrunk.draws_decide));
  } else if (!shrunk.minimal) {
    say("There may be a simpler one: the search was cut short.");
  }
  for (const DecidingPair& pair : shrunk.pairs) {
    if (pair.step + pair.distance < kStepsMax) say(PairText(pair));
  }
  if (const std::string& found = shrunk.found_message; !found.empty()) {
    say("It was found with another text: " + found.substr(0, found.find('\n')));
  }
  return explanation;
}

std::string OrderPart(const Story& story, const ShrinkResult& shrunk) {
  const Explanation explanation = Explain(story, shrunk);
  const std::vector<ExplainedStep>& steps = explanation.steps;
  std::vector<std::string> verdict = Lines(explanation.verdict);
  std::string text;
  if (shrunk.draws_decide) {  // they stand above
    text += Wrapped("  " + verdict.front(), 2);
    verdict.erase(verdict.begin());
  }
  if (!steps.empty()) text += Wrapped("  " + HeadingText(explanation, shrunk.runs), 2);
  const std::size_t shown = std::min(steps.size(), kStepsMax);
  for (std::size_t i = 0; i < shown; ++i) text += StepLine(steps[i], i + 1);
  if (shown < steps.size()) text += "    and " + Grouped(steps.size() - shown) + " more\n";
  for (const std::string& line : verdict) text += Wrapped("  " + line, 2);
  return text;
}

}  // namespace heddle::internal
