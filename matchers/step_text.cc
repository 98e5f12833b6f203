// SPDX-License-Identifier: MIT
//
// The words. A failure text is read by somebody who does not know yet what went wrong:
// it names events, times, tasks and places, and never only a number.
#include "step_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "heddle/internal/edit_distance.h"
#include "heddle/trace_text.h"

namespace heddle::internal {
namespace {

constexpr std::size_t kNearNamesMax = 3;
constexpr std::size_t kNamesMax = 12;
constexpr std::size_t kRowsAround = 2;

std::string SiteText(const Trace& trace, SiteId site) {
  return site < trace.sites.size() ? ToString(trace.sites[site]) : "?";
}

// The await that the task answers: a call of it, or the join that it ends in.
bool Awaits(const Event& event, TaskId task, ObjectId join) {
  if (event.kind != EventKind::kSuspend) return false;
  return (event.op() == Operation::kCall && event.object == task) ||
         (event.op() == Operation::kJoin && join != 0 && event.object == join);
}

std::string PlaceOf(const StepList& list, const Occurrence& occurrence) {
  const Trace& trace = list.trace();
  if (occurrence.mark != nullptr) return SiteText(trace, trace.events[occurrence.begin].site);
  const TaskInfo& task = list.tasks()[occurrence.task];
  const bool finished =
      occurrence.ended() && trace.events[occurrence.end].kind == EventKind::kFinish;
  const ObjectId join = finished ? trace.events[occurrence.end].object : 0;
  for (std::size_t i = task.spawned; i < trace.events.size(); ++i) {
    if (Awaits(trace.events[i], task.id, join)) return SiteText(trace, trace.events[i].site);
  }
  // The line of a coroutine's own site differs between compilers: its file will do.
  const SiteId site = trace.events[task.spawned].site;
  if (site >= trace.sites.size() || trace.sites[site].file.empty()) return "?";
  return std::string(FileName(trace.sites[site].file));
}

// "Shop::Reserve" -> "Reserve".
std::string_view LastName(std::string_view function) {
  const std::size_t colons = function.rfind("::");
  return colons == std::string_view::npos ? function : function.substr(colons + 2);
}

// A body that is a lambda has no better name than `main`.
bool IsNameless(const TaskInfo& task) {
  return task.function.empty() || (task.name == "main" && task.function == "lambda");
}

std::string FunctionOf(const TaskInfo& task) {
  return IsNameless(task) ? task.name : task.function;
}

// What the pattern could have meant, in the form in which it is written, by first occurrence.
std::vector<std::string> PossibleNames(const StepList& list, const StepPattern& pattern) {
  const bool by_path = pattern.name().find('/') != std::string::npos;
  const bool by_number = pattern.name().find('#') != std::string::npos;
  const bool by_scope = pattern.name().find("::") != std::string::npos;
  std::vector<std::string> names;
  for (const Occurrence& occurrence : list.all()) {
    const TaskInfo& task = list.tasks()[occurrence.task];
    std::string name;
    if (occurrence.mark != nullptr) {
      if (by_path || by_number || by_scope) continue;
      name = occurrence.mark->name;
    } else if (by_path) {
      name = task.path;
    } else if (by_number) {
      name = task.name;
    } else {
      name = by_scope ? task.function : LastName(FunctionOf(task));
    }
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

std::vector<std::string> NearNames(const StepList& list, const StepPattern& pattern) {
  // A third of the letters may be wrong; of a path, of those in its last part.
  const std::size_t last_part = pattern.name().size() - (pattern.name().rfind('/') + 1);
  const std::size_t distance_max = std::max<std::size_t>(1, last_part / 3);
  const std::string wanted = absl::AsciiStrToLower(pattern.name());
  std::multimap<std::size_t, std::string> near;  // keeps equals in order
  for (std::string& name : PossibleNames(list, pattern)) {
    const std::size_t distance = EditDistance(wanted, absl::AsciiStrToLower(name));
    if (distance <= distance_max) near.emplace(distance, std::move(name));
  }
  std::vector<std::string> names;
  for (auto& entry : near) {
    if (names.size() < kNearNamesMax) names.push_back(std::move(entry.second));
  }
  return names;
}

// "a", "a or b", "a, b or c".
std::string Alternatives(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

// Names with how often they occur, by first occurrence: "Reserve, Charge (3 times)".
class NameCounts {
 public:
  void Add(const std::string& name) {
    if (++counts_[name] == 1) order_.push_back(name);
  }

  bool empty() const { return order_.empty(); }

  std::string Text() const {
    std::string text;
    for (std::size_t i = 0; i < order_.size() && i < kNamesMax; ++i) {
      if (i > 0) text += ", ";
      text += order_[i];
      const std::size_t count = counts_.at(order_[i]);
      if (count > 1) text += " (" + CountText(count) + ")";
    }
    if (order_.size() > kNamesMax) {
      text += " and " + std::to_string(order_.size() - kNamesMax) + " more";
    }
    return text;
  }

 private:
  std::vector<std::string> order_;
  std::map<std::string, std::size_t> counts_;
};

std::string StepsOfThisRun(const StepList& list) {
  NameCounts tasks;
  NameCounts marks;
  for (const Occurrence& occurrence : list.all()) {
    const TaskInfo& task = list.tasks()[occurrence.task];
    if (occurrence.mark != nullptr) {
      marks.Add(occurrence.mark->name);
    } else {
      tasks.Add(FunctionOf(task));
    }
  }
  std::string text = "Steps of this run: " + tasks.Text();
  if (!marks.empty()) text += "; marks: " + marks.Text();
  return text + ".";
}

// A task of that name which was created, but did not run.
std::string NeverRan(const StepList& list, const StepPattern& pattern) {
  for (const TaskInfo& task : list.tasks().tasks()) {
    if (task.started == kNoEvent && pattern.Matches(task)) {
      return task.path + " was created (" + At(list, task.spawned) + ") but never ran.";
    }
  }
  return {};
}

// Steps of that name which lack the fields.
std::string OtherFields(const StepList& list, const StepPattern& pattern) {
  if (!pattern.has_fields()) return {};
  const StepPattern name_only(pattern.name());
  const std::vector<const Occurrence*> found = list.Find(name_only);
  const Occurrence* nearest = nullptr;
  std::size_t marks = 0;
  std::size_t fields_best = 0;
  for (const Occurrence* occurrence : found) {
    if (occurrence->mark == nullptr) continue;
    const std::size_t fields = pattern.CountFields(*occurrence->mark);
    if (++marks == 1 || fields > fields_best) {
      nearest = occurrence;
      fields_best = fields;
    }
  }
  if (nearest != nullptr) {
    return pattern.name() + " occurs " + CountText(marks) +
           ", never with these fields. Nearest: " + NameOf(list, *nearest) + " (" +
           At(list, nearest->begin) + ").";
  }
  return found.empty() ? "" : pattern.name() + " is a task; only marks have fields.";
}

std::string Padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

using Row = std::array<std::string, 4>;

Row RowOf(const StepList& list, const Occurrence& occurrence) {
  std::string events = std::to_string(occurrence.begin);
  if (occurrence.mark == nullptr) {
    events += ".." + (occurrence.ended() ? std::to_string(occurrence.end) : "");
  }
  return {std::move(events), FormatNanos(list.trace().events[occurrence.begin].time),
          PlaceOf(list, occurrence), NameOf(list, occurrence)};
}

}  // namespace

std::string NameOf(const StepList& list, const Occurrence& occurrence) {
  const TaskInfo& task = list.tasks()[occurrence.task];
  std::string path = task.path;
  if (task.name == "main" && !IsNameless(task)) path += " (" + task.function + ")";
  return occurrence.mark == nullptr ? path : MarkText(*occurrence.mark) + " in " + path;
}

std::string At(const StepList& list, std::size_t event) {
  return "event " + std::to_string(event) + " at " + FormatNanos(list.trace().events[event].time);
}

std::string Describe(const StepList& list, const Occurrence& occurrence) {
  return At(list, occurrence.begin) + ", " + NameOf(list, occurrence) + ", " +
         PlaceOf(list, occurrence);
}

std::string CountText(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " time" : " times");
}

std::string NoSuchStep(const StepList& list, const StepPattern& pattern) {
  std::string text = "No step of this run is called " + pattern.text() + ".";
  if (std::string other = OtherFields(list, pattern); !other.empty()) {
    text = std::move(other);
  } else if (const std::string never_ran = NeverRan(list, pattern); !never_ran.empty()) {
    text += " " + never_ran;
  } else if (const auto near = NearNames(list, pattern); !near.empty()) {
    text += " Did you mean " + Alternatives(near) + "?";
  }
  return text + "\n" + StepsOfThisRun(list);
}

std::string Excerpt(const StepList& list, const std::vector<const Occurrence*>& of_interest) {
  const std::vector<Occurrence>& all = list.all();
  std::vector<bool> arrow(all.size());
  std::vector<bool> shown(all.size());
  for (const Occurrence* occurrence : of_interest) {
    const auto at = static_cast<std::size_t>(occurrence - all.data());
    arrow[at] = true;
    const std::size_t first = at - std::min(at, kRowsAround);
    for (std::size_t i = first; i < all.size() && i <= at + kRowsAround; ++i) shown[i] = true;
  }

  const Row header = {"events", "begin", "place", "step"};
  std::map<std::size_t, Row> rows;
  std::array<std::size_t, 4> width = {};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (shown[i]) rows[i] = RowOf(list, all[i]);
  }
  for (std::size_t column = 0; column < header.size(); ++column) {
    width[column] = header[column].size();
    for (const auto& row : rows) width[column] = std::max(width[column], row.second[column].size());
  }

  const auto line = [&](const Row& row) {
    return Padded(row[0], width[0]) + "  " + Padded(row[1], width[1]) + "  " +
           Padded(row[2], width[2]) + "  " + row[3];
  };
  std::string text = "   " + line(header);
  std::size_t next = 0;
  for (const auto& [at, row] : rows) {
    if (at != next) text += "\n   ...";
    text += (arrow[at] ? "\n-> " : "\n   ") + line(row);
    next = at + 1;
  }
  if (next != all.size()) text += "\n   ...";
  return text;
}

std::string UnfinishedNote(const Trace& trace) {
  const TraceHeader& header = trace.header;
  if (header.ending == Ending::kFinished) return {};
  std::string text =
      "\nNote: the run did not finish. It ended: " + std::string(Name(header.ending));
  if (!header.message.empty()) text += ": " + header.message;
  if (!header.waiting.empty()) text += "; " + ToString(header.waiting.front());
  return text + ".";
}

}  // namespace heddle::internal
