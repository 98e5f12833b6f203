// SPDX-License-Identifier: MIT
//
// Implements diff.h. Every event gets a number that is the same in both runs for the same step,
// so that a run is a row of numbers.
#include "diff.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "heddle/choice.h"
#include "heddle/ending.h"
#include "heddle/losses.h"
#include "heddle/task_table.h"
#include "heddle/trace_text.h"
#include "json.h"
#include "table.h"
#include "words.h"

namespace heddle::tools {
namespace {

// The same number for the same text.
class Words {
 public:
  std::uint32_t Number(const std::string& word) {
    return numbers_.try_emplace(word, static_cast<std::uint32_t>(numbers_.size())).first->second;
  }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;  // never iterated
};

// What an event is, by names that both runs share.
struct StepKey {
  std::uint32_t task;
  std::uint32_t object;
  std::uint32_t site;
  std::uint32_t value;
  std::uint32_t what;

  friend bool operator==(const StepKey&, const StepKey&) = default;
};

// The same number for the same key, counting from 0. A hash table with the keys beside it, because
// there are about as many as events.
class StepNumbers {
 public:
  explicit StepNumbers(std::size_t expected) : slots_(std::bit_ceil(2 * expected + 1), kFree) {
    keys_.reserve(expected);
  }

  std::uint32_t Number(const StepKey& key) {
    std::size_t slot = Hash(key) & (slots_.size() - 1);
    while (slots_[slot] != kFree && keys_[slots_[slot]] != key) {
      slot = (slot + 1) & (slots_.size() - 1);
    }
    if (slots_[slot] != kFree) return slots_[slot];
    const auto number = static_cast<std::uint32_t>(keys_.size());
    slots_[slot] = number;
    keys_.push_back(key);
    return number;
  }
  std::size_t size() const { return keys_.size(); }

 private:
  static constexpr std::uint32_t kFree = 0xffffffff;

  static std::size_t Hash(const StepKey& key) {
    std::uint64_t hash = 0;
    for (const std::uint32_t part : {key.task, key.object, key.site, key.value, key.what}) {
      hash = (hash ^ part) * 0x9e3779b97f4a7c15u;
      hash ^= hash >> 32;
    }
    return static_cast<std::size_t>(hash);
  }

  std::vector<std::uint32_t> slots_;  // more than there will ever be keys
  std::vector<StepKey> keys_;         // by number
};

class StepNaming {
 public:
  StepNaming(const NamedRun& run, Words& words, StepNumbers& steps)
      : trace_(run.trace), steps_(steps) {
    const Trace& trace = run.trace;
    for (const TaskInfo& task : run.tasks.tasks()) {
      tasks_.push_back(words.Number("task " + task.path));
    }
    for (const std::string& name : ObjectNames(trace)) {
      objects_.push_back(words.Number("object " + name));
    }
    for (const Site& site : trace.sites) sites_.push_back(words.Number("site " + ToString(site)));
    for (const FlowRecord& flow : trace.flows) {
      flows_.push_back(words.Number("flow " + flow.name));
    }
    for (const MarkRecord& mark : trace.marks) {
      marks_.push_back(words.Number("mark " + MarkText(mark)));
    }
  }

  std::vector<std::uint32_t> Numbers() {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(trace_.events.size());
    for (const Event& event : trace_.events) {
      const StepKey key{.task = Of(tasks_, event.task),
                        .object = ObjectOf(event),
                        .site = Of(sites_, event.site),
                        .value = ValueOf(event),
                        .what = static_cast<std::uint32_t>(event.kind) |
                                static_cast<std::uint32_t>(event.operation) << 8};
      numbers.push_back(steps_.Number(key));
    }
    return numbers;
  }

 private:
  // What earlier versions did not record is no difference: what a start joins, which yield is a
  // co_yield, and what was read or written.
  static std::uint32_t ValueOf(const Event& event) {
    const bool has_new = event.kind == EventKind::kStart || event.kind == EventKind::kResume ||
                         event.kind == EventKind::kAccess || event.is_co_yield();
    return has_new ? 0 : event.value;
  }
  // An id without a name stands for itself, in a range in which no number of a word is.
  static std::uint32_t Of(const std::vector<std::uint32_t>& names, std::uint32_t id) {
    return id < names.size() ? names[id] : id | 0x8000'0000;
  }

  std::uint32_t ObjectOf(const Event& event) const {
    switch (event.kind) {
      case EventKind::kSpawn:
      case EventKind::kStart:
      case EventKind::kWake:
      case EventKind::kCancel:
        return Of(tasks_, event.object);
      case EventKind::kMark:
      case EventKind::kInput:
      case EventKind::kFault:
        return Of(marks_, event.object);
      case EventKind::kFlow:
        return Of(flows_, event.object);
      case EventKind::kDraw:
        return event.object;
      case EventKind::kSuspend:
      case EventKind::kResume:
        if (event.op() == Operation::kCall) return Of(tasks_, event.object);
        break;
      default:
        break;
    }
    return Of(objects_, event.object);
  }

  const Trace& trace_;
  StepNumbers& steps_;
  std::vector<std::uint32_t> tasks_;
  std::vector<std::uint32_t> objects_;
  std::vector<std::uint32_t> sites_;
  std::vector<std::uint32_t> flows_;
  std::vector<std::uint32_t> marks_;
};

// What a step does. How the executor gets it to do so is not compared as a step.
bool IsDeed(const Event& event) {
  switch (event.kind) {
    case EventKind::kStart:
    case EventKind::kWake:
    case EventKind::kResume:
    case EventKind::kTime:
      return false;
    default:
      return true;
  }
}

// Where the second run has each step: the events of one step are a list.
class StepPlaces {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  // `step_of`: which of `steps` each event is.
  StepPlaces(const std::vector<std::uint32_t>& step_of, std::size_t steps)
      : step_of_(step_of), first_(steps, kNone), next_(step_of.size(), kNone) {}

  void Push(std::size_t event) { next_[event] = std::exchange(first_[step_of_[event]], event); }
  // The one that was pushed last, or kNone.
  std::size_t Pop(std::uint32_t step) {
    const std::size_t event = first_[step];
    if (event != kNone) first_[step] = next_[event];
    return event;
  }
  // Ascending.
  std::vector<std::size_t> Left() const {
    std::vector<std::size_t> left;
    for (std::size_t event : first_) {
      for (; event != kNone; event = next_[event]) left.push_back(event);
    }
    std::sort(left.begin(), left.end());
    return left;
  }

 private:
  const std::vector<std::uint32_t>& step_of_;
  std::vector<std::size_t> first_;  // by step
  std::vector<std::size_t> next_;   // by event
};

// Of `pairs`, ascending by `a`: those that are not in the longest row that ascends by `b` too.
std::vector<RunDiff::Moved> OutOfOrder(const std::vector<RunDiff::Moved>& pairs) {
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::vector<std::size_t> ends;  // the pair at which a row of each length ends lowest
  std::vector<std::size_t> before(pairs.size(), kNone);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto end =
        std::lower_bound(ends.begin(), ends.end(), pairs[i].b,
                         [&](std::size_t pair, std::size_t b) { return pairs[pair].b < b; });
    if (end != ends.begin()) before[i] = *(end - 1);
    if (end == ends.end()) {
      ends.push_back(i);
    } else {
      *end = i;
    }
  }
  std::vector<bool> in_order(pairs.size());
  for (std::size_t i = ends.empty() ? kNone : ends.back(); i != kNone; i = before[i]) {
    in_order[i] = true;
  }
  std::vector<RunDiff::Moved> moved;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (!in_order[i]) moved.push_back(pairs[i]);
  }
  return moved;
}

// The number of the choice that event `event` is, if it is one; counting from 1.
std::size_t ChoiceAt(const Trace& trace, std::size_t event) {
  if (event >= trace.events.size()) return 0;
  const auto is_choice = [](const Event& e) {
    return e.chosen() || (e.kind == EventKind::kDraw && e.object > 1);
  };
  if (!is_choice(trace.events[event])) return 0;
  const auto end = trace.events.begin() + static_cast<std::ptrdiff_t>(event) + 1;
  const auto number = static_cast<std::size_t>(std::count_if(trace.events.begin(), end, is_choice));
  return number <= trace.choices.size() ? number : 0;
}

class DiffWriter {
 public:
  DiffWriter(const NamedRun& a, const NamedRun& b, const RunDiff& diff, const DiffOptions& options)
      : a_(a.trace),
        b_(b.trace),
        tasks_a_(a.tasks),
        tasks_b_(b.tasks),
        diff_(diff),
        options_(options) {}

  std::string Write() {
    WriteRun(options_.name_a, a_, "-");
    WriteRun(options_.name_b, b_, "+");
    text_ += PartText();
    text_ += "\n" +
             Colored("they part at event " + std::to_string(diff_.first_a), kBold, options_.color);
    if (diff_.first_a < a_.events.size()) {
      text_ += ", at " + FormatNanos(a_.events[diff_.first_a].time);
    }
    text_ += "\n";
    WriteEvent("-", a_, tasks_a_, diff_.first_a);
    WriteEvent("+", b_, tasks_b_, diff_.first_b);
    text_ += ChoiceText() + "\n";
    WriteList("only in the first run", "-", a_, tasks_a_, diff_.only_a);
    WriteList("only in the second run", "+", b_, tasks_b_, diff_.only_b);
    std::vector<std::size_t> moved;
    moved.reserve(diff_.moved.size());
    for (const RunDiff::Moved& step : diff_.moved) moved.push_back(step.a);
    WriteList("in another order", "~", a_, tasks_a_, moved);
    return text_;
  }

  std::string ChoiceText() const {
    const std::size_t in_a = ChoiceAt(a_, diff_.first_a);
    const std::size_t in_b = ChoiceAt(b_, diff_.first_b);
    if (in_a == 0 && in_b == 0) {
      return "no choice lies behind it: up to here both made the same ones. Likely cause: another "
             "program or input, or\nchance that heddle does not see (a clock, an address, a "
             "thread)";
    }
    const std::string number = std::to_string(std::max(in_a, in_b));
    return "choice " + number +
           " lies behind it: " + PickText(options_.name_a, a_, tasks_a_, in_a) + "; " +
           PickText(options_.name_b, b_, tasks_b_, in_b);
  }

  // A step that only one of them has may be among what the other lacks.
  std::string PartText() const {
    std::string text;
    for (const Trace* const trace : {&a_, &b_}) {
      if (trace->losses.empty()) continue;
      text += (trace == &a_ ? "- " : "+ ") + Printable(LossText(trace->losses)) + "\n";
    }
    return text;
  }

 private:
  void WriteRun(const std::string& name, const Trace& trace, std::string_view sign) {
    text_ += std::string(sign) + " " + Printable(name) + "  " +
             std::string(heddle::Name(trace.header.ending)) + ", " +
             Count(trace.events.size(), "event") + ", " + Count(trace.choices.size(), "choice") +
             "\n";
  }

  void WriteEvent(std::string_view sign, const Trace& trace, const TaskTable& tasks,
                  std::size_t event) {
    text_ += std::string(sign) + " " +
             (event < trace.events.size() ? Printable(EventText(trace, tasks, event))
                                          : std::string("(the run is over)")) +
             "\n";
  }

  static std::string PickText(const std::string& name, const Trace& trace, const TaskTable& tasks,
                              std::size_t number) {
    if (number == 0) return Printable(name) + " had no choice";
    const Choice& choice = trace.choices[number - 1];
    const auto word = [&](std::uint32_t picked) {
      return choice.kind == ChoiceKind::kTask ? Printable(tasks.Path(picked))
                                              : std::to_string(picked);
    };
    return Printable(name) + " picked " + word(choice.picked) + " of " +
           std::to_string(choice.alternatives) +
           (choice.deviates() && choice.kind == ChoiceKind::kTask
                ? " (first-in-first-out: " + word(choice.first) + ")"
                : "");
  }

  void WriteList(const std::string& title, std::string_view sign, const Trace& trace,
                 const TaskTable& tasks, const std::vector<std::size_t>& events) {
    if (events.empty()) return;
    text_ +=
        "\n" + Colored(title, kBold, options_.color) + ": " + Count(events.size(), "step") + "\n";
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (i == options_.lines_max) {
        text_ += "  ... and " + Grouped(events.size() - i) + " more\n";
        break;
      }
      WriteEvent(sign, trace, tasks, events[i]);
    }
  }

  const Trace& a_;
  const Trace& b_;
  const TaskTable& tasks_a_;
  const TaskTable& tasks_b_;
  const RunDiff& diff_;
  const DiffOptions& options_;
  std::string text_;
};

// What is missing in either, as the end of an object.
std::string MissingIn(const Trace& a, const Trace& b) {
  Losses both;
  both.list = a.losses.list;
  both.list.insert(both.list.end(), b.losses.list.begin(), b.losses.list.end());
  return MissingJson(both);
}

// " of a trace that is not whole"; empty: both are.
std::string OfPartOf(const Trace& a, const Trace& b) {
  const std::size_t parts = (a.losses.empty() ? 0 : 1) + (b.losses.empty() ? 0 : 1);
  return parts == 0   ? ""
         : parts == 1 ? ", one of a trace that is not whole"
                      : ", of traces that are not whole";
}

std::string Json(const RunDiff& diff, const std::string& choice, const std::string& missing) {
  const auto list = [](const std::vector<std::size_t>& events) {
    std::string json;
    for (const std::size_t event : events) {
      json += (json.empty() ? "" : ", ") + std::to_string(event);
    }
    return "[" + json + "]";
  };
  std::string moved;
  for (const RunDiff::Moved& step : diff.moved) {
    moved += (moved.empty() ? "[" : ", [") + std::to_string(step.a) + ", " +
             std::to_string(step.b) + "]";
  }
  return "{\"same\": false, \"first_a\": " + std::to_string(diff.first_a) +
         ", \"first_b\": " + std::to_string(diff.first_b) + ", \"choice\": " + JsonText(choice) +
         ",\n \"only_a\": " + list(diff.only_a) + ",\n \"only_b\": " + list(diff.only_b) +
         ",\n \"moved\": [" + moved + "]" + missing + "}\n";
}

}  // namespace

RunDiff Compare(const NamedRun& a, const NamedRun& b) {
  Words words;
  const std::vector<Event>& events_a = a.trace.events;
  const std::vector<Event>& events_b = b.trace.events;
  StepNumbers steps(events_a.size() + events_b.size());
  const std::vector<std::uint32_t> of_a = StepNaming(a, words, steps).Numbers();
  const std::vector<std::uint32_t> of_b = StepNaming(b, words, steps).Numbers();
  RunDiff diff;
  const auto [first_a, first_b] = std::mismatch(of_a.begin(), of_a.end(), of_b.begin(), of_b.end());
  diff.same = first_a == of_a.end() && first_b == of_b.end();
  diff.first_a = static_cast<std::size_t>(first_a - of_a.begin());
  diff.first_b = static_cast<std::size_t>(first_b - of_b.begin());
  if (diff.same) return diff;

  // The first of a step in one run is the first of it in the other, and so on.
  StepPlaces places(of_b, steps.size());
  for (std::size_t i = of_b.size(); i-- > diff.first_b;) {
    if (IsDeed(events_b[i])) places.Push(i);
  }
  std::vector<RunDiff::Moved> pairs;
  for (std::size_t i = diff.first_a; i < of_a.size(); ++i) {
    if (!IsDeed(events_a[i])) continue;
    const std::size_t place = places.Pop(of_a[i]);
    if (place == StepPlaces::kNone) {
      diff.only_a.push_back(i);
    } else {
      pairs.push_back({.a = i, .b = place});
    }
  }
  diff.only_b = places.Left();
  diff.moved = OutOfOrder(pairs);
  return diff;
}

std::string DiffText(const NamedRun& a, const NamedRun& b, const RunDiff& diff,
                     const DiffOptions& options) {
  if (diff.same) {
    return options.json ? "{\"same\": true" + MissingIn(a.trace, b.trace) + "}\n"
                        : "the same " + Count(a.trace.events.size(), "event") + " in both" +
                              OfPartOf(a.trace, b.trace) + "\n";
  }
  DiffWriter writer(a, b, diff, options);
  return options.json ? Json(diff, writer.ChoiceText(), MissingIn(a.trace, b.trace))
                      : writer.Write();
}

}  // namespace heddle::tools
