// SPDX-License-Identifier: MIT
//
// Implements view.h. The page reads an event as a row of numbers, in the order of Field in page.js;
// words that come up again and again are in tables.
#include "view.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "deciding_steps.h"
#include "heddle/ending.h"
#include "heddle/losses.h"
#include "heddle/task_label.h"
#include "json.h"
#include "overview.h"
#include "page.h"
#include "request_times.h"
#include "requests.h"
#include "task_span.h"
#include "waits.h"
#include "words.h"

namespace heddle::tools {
namespace {

// As Kind in page.js.
enum class PageKind : std::uint8_t {
  kCreated,
  kStart,
  kWait,
  kCall,
  kWake,
  kResume,
  kEnd,
  kThrew,
  kGone,
  kAct,
};

// Texts by number, each once.
class TextTable {
 public:
  std::size_t Intern(const std::string& text) {
    const auto [known, is_new] = numbers_.try_emplace(text, texts_.size());
    if (is_new) texts_.push_back(text);
    return known->second;
  }
  std::string Json() const {
    std::string json;
    for (const std::string& text : texts_) {
      json += json.empty() ? "[" : ",";
      json += JsonText(text);
    }
    return json.empty() ? "[]" : json + "]";
  }

 private:
  std::map<std::string, std::size_t> numbers_;
  std::vector<std::string> texts_;
};

class DataWriter {
 public:
  DataWriter(const Trace& trace, FlowId only)
      : trace_(trace), tasks_(trace), waits_(trace), only_(only) {}

  std::size_t CountEvents() {
    Choose();
    return shown_.size();
  }

  std::string Write() {
    const Overview overview = OverviewOf(trace_, tasks_);
    std::string json = "{\"title\": " + JsonText(Title());
    Append(json, "ending", JsonText(EndingText()));
    Append(json, "failed", Failed() ? "true" : "false");
    Append(json, "live", IsLive(trace_.header) ? "true" : "false");
    Append(json, "summary", JsonText(SummaryText(overview)));
    Append(json, "why", WhyJson());
    Append(json, "length", JsonText(Count(trace_.header.steps, "step")));
    Append(json, "end", std::to_string(overview.end));
    Append(json, "only", std::to_string(only_));
    Append(json, "requests", Requests(overview));
    Append(json, "tasks", Tasks());
    Append(json, "events", Events());
    Append(json, "texts", texts_.Json());
    Append(json, "sites", sites_.Json());
    Append(json, "waits", wait_kinds_.Json());
    Append(json, "flows", Flows());
    return json + "}";
  }

 private:
  static void Append(std::string& json, std::string_view key, const std::string& value) {
    json.append(",\n \"").append(key).append("\": ").append(value);
  }

  bool Failed() const {
    return trace_.header.ending != Ending::kFinished && !IsLive(trace_.header);
  }

  std::string Title() const {
    if (!trace_.header.test.empty()) return Printable(trace_.header.test);
    return IsLive(trace_.header) ? "a snapshot of a program in production" : "a run";
  }

  std::string EndingText() const {
    if (IsLive(trace_.header)) return "";
    std::string text(Name(trace_.header.ending));
    if (trace_.header.failed_task != kNoTask) {
      text += " in " + tasks_.Path(trace_.header.failed_task);
    }
    if (!trace_.header.message.empty()) text += ": " + FirstLine(trace_.header.message);
    for (const WaitingTask& waiting : trace_.header.waiting) text += "; " + ToString(waiting);
    return text;
  }

  std::string SummaryText(const Overview& overview) const {
    const TraceHeader& header = trace_.header;
    std::string text = absl::StrCat(Count(header.steps, "step"), ", ",
                                    Count(overview.tasks, "task"), ", ", FormatNanos(overview.end));
    if (!IsLive(header)) {
      absl::StrAppend(&text, "; ", Printable(header.chooser), ", ",
                      Count(overview.deviations, "choice"), " not first in, first out");
    }
    if (!trace_.losses.empty()) absl::StrAppend(&text, "; ", LossText(trace_.losses));
    return text;
  }

  // `at`: the event with which a step begins, as a number on the page; -1: it is not there.
  std::string WhyJson() const {
    const Explanation& explanation = trace_.header.explanation;
    std::map<std::string, std::int64_t> places;
    for (const auto& [event, order] : DecidingSteps(trace_)) places[order] = place_[event];
    std::string json;
    for (std::size_t i = 0; i < explanation.steps.size(); ++i) {
      const auto place = places.find(std::to_string(i + 1));
      absl::StrAppend(&json, json.empty() ? "" : ", ",
                      "{\"text\": ", JsonText(explanation.steps[i].text),
                      ", \"at\": ", place == places.end() ? -1 : place->second, "}");
    }
    return absl::StrCat("{\"steps\": [", json, "], \"verdict\": ", JsonText(explanation.verdict),
                        "}");
  }

  std::string Requests(const Overview& overview) const {
    RequestClock clock(trace_.losses);
    for (const Event& event : trace_.events) clock.Add(event);
    const std::vector<RequestTimes> times =
        std::move(clock).Times(trace_.flows.size(), EndOf(trace_));
    std::string json;
    for (const Request& request : overview.requests) {
      if (only_ != 0 && request.flow != only_) continue;
      const RequestTimes& parts = times[request.flow];
      json += json.empty() ? "[" : ",\n  ";
      json += absl::StrCat(
          "{\"number\": ", request.flow, ", \"name\": ", JsonText(FlowText(trace_, request.flow)),
          ", \"took\": ", request.duration, ", \"running\": ", request.kept ? parts.running : 0,
          ", \"waiting\": ", request.kept ? parts.waiting : 0, ", \"longest\": ",
          JsonText(request.kept ? LongestText(trace_, parts) : "not kept: its steps are missing"),
          ", \"outcome\": ", JsonText(request.outcome),
          ", \"failed\": ", request.failed ? "true" : "false", "}");
    }
    return json.empty() ? "[]" : json + "]";
  }

  // The events that are shown, and their numbers on the page.
  void Choose() {
    if (!shown_.empty()) return;
    place_.assign(trace_.events.size(), -1);
    for (std::size_t i = 0; i < trace_.events.size(); ++i) {
      const Event& event = trace_.events[i];
      if (event.task == kNoTask || event.task >= waits_.events().size()) continue;
      if (only_ != 0 && tasks_.FlowOf(i) != only_) continue;
      if (event.kind == EventKind::kTime || WhatOf(event).empty()) continue;
      place_[i] = static_cast<std::int64_t>(shown_.size());
      shown_.push_back(i);
    }
  }

  // Those that have events; others are not on the page.
  std::string Tasks() {
    for (const std::size_t event : shown_) pages_.emplace(trace_.events[event].task, 0);
    std::size_t next = 0;
    for (auto& [task, page] : pages_) page = next++;
    std::string json;
    for (const auto& [task, page] : pages_) {
      const TaskInfo& info = tasks_[task];
      const auto parent = pages_.find(info.parent);
      json += json.empty() ? "[" : ",\n  ";
      json += absl::StrCat(
          "{\"name\": ", JsonText(info.name), ", \"path\": ", JsonText(info.path),
          ", \"parent\": ", parent == pages_.end() ? "-1" : std::to_string(parent->second), "}");
    }
    return json.empty() ? "[]" : json + "]";
  }

  std::string Events() {
    std::vector<std::size_t> positions(waits_.events().size(), 0);
    std::size_t choice = 0;
    std::string json;
    for (std::size_t i = 0; i < trace_.events.size(); ++i) {
      const Event& event = trace_.events[i];
      const int chosen = ChoiceOf(event, choice);
      if (event.task >= positions.size()) continue;
      const std::size_t position = positions[event.task]++;
      if (place_[i] < 0) continue;
      const std::size_t suspended = SuspendBefore(event, position);
      const std::size_t cause = CauseOf(event, position, suspended);
      // Where a task goes on is where it stopped.
      const SiteId site = suspended == kNoEvent
                              ? event.site
                              : trace_.events[waits_.events()[event.task][suspended]].site;
      json += json.empty() ? "[" : ",\n";
      json += absl::StrCat("[", i, ",", event.time, ",", pages_[event.task], ",",
                           static_cast<int>(KindOf(event)), ",", texts_.Intern(WhatOf(event)), ",",
                           sites_.Intern(SiteText(trace_, site)), ",",
                           cause == kNoEvent ? -1 : place_[cause], ",", tasks_.FlowOf(i), ",",
                           chosen, ",", wait_kinds_.Intern(std::string(Name(event.op()))), "]");
    }
    return json.empty() ? "[]" : json + "]";
  }

  // 0: nobody chose. 1: it was first in line. 2: another was.
  int ChoiceOf(const Event& event, std::size_t& choice) const {
    const bool draws = event.kind == EventKind::kDraw && event.object > 1;
    if ((!event.chosen() && !draws) || !trace_.losses.empty()) return 0;
    if (choice >= trace_.choices.size()) return 0;
    return trace_.choices[choice++].deviates() ? 2 : 1;
  }

  // Of a kResume: the kSuspend before it, among the events of the task. `position` is the event's.
  std::size_t SuspendBefore(const Event& event, std::size_t position) const {
    if (event.kind != EventKind::kResume) return kNoEvent;
    const std::vector<std::size_t>& own = waits_.events()[event.task];
    while (position > 0 && trace_.events[own[position]].kind != EventKind::kSuspend) --position;
    return trace_.events[own[position]].kind == EventKind::kSuspend ? position : kNoEvent;
  }

  std::size_t CauseOf(const Event& event, std::size_t position, std::size_t suspended) const {
    if (event.kind == EventKind::kStart) {
      const TaskInfo& task = tasks_[event.task];
      return task.parent == kNoTask
                 ? kNoEvent
                 : waits_.LastOf(task.parent, waits_.events()[event.task][position]);
    }
    return suspended == kNoEvent ? kNoEvent : waits_.ReasonOf(event.task, suspended, position);
  }

  static PageKind KindOf(const Event& event) {
    switch (event.kind) {
      case EventKind::kSpawn:
        return PageKind::kCreated;
      case EventKind::kStart:
        return PageKind::kStart;
      case EventKind::kSuspend:
        return event.op() == Operation::kCall ? PageKind::kCall : PageKind::kWait;
      case EventKind::kWake:
        return PageKind::kWake;
      case EventKind::kResume:
        return PageKind::kResume;
      case EventKind::kFinish:
        return event.outcome() == Outcome::kValue       ? PageKind::kEnd
               : event.outcome() == Outcome::kException ? PageKind::kThrew
                                                        : PageKind::kGone;
      case EventKind::kAbandon:
        return PageKind::kGone;
      default:
        return PageKind::kAct;
    }
  }

  // Empty: it is not shown.
  std::string WhatOf(const Event& event) const {
    switch (event.kind) {
      case EventKind::kSpawn:
        return "created";
      case EventKind::kStart:
        return "begins";
      case EventKind::kSuspend:
        return event.op() == Operation::kCall ? "calls " + Printable(tasks_[event.object].name)
                                              : AwaitText(trace_, event);
      case EventKind::kWake:
        return event.object == kNoTask ? "can go on"
                                       : "is woken by " + Printable(tasks_[event.object].name);
      case EventKind::kResume: {
        std::string found = FoundText(trace_, event);
        return found.empty() ? "goes on" : found;
      }
      case EventKind::kFinish:
        return std::string(OutcomeText(event.outcome()));
      case EventKind::kAbandon:
        return std::string(AbandonText(event));
      default:
        return ActText(trace_, event);
    }
  }

  std::string Flows() const {
    std::string json = "[\"\"";
    for (FlowId flow = 1; flow < trace_.flows.size(); ++flow) {
      json += "," + JsonText(FlowText(trace_, flow));
    }
    return json + "]";
  }

  const Trace& trace_;
  const TaskTable tasks_;
  const Waits waits_;
  const FlowId only_;
  std::vector<std::size_t> shown_;       // trace events, by their number on the page
  std::vector<std::int64_t> place_;      // and back; -1: not shown
  std::map<TaskId, std::size_t> pages_;  // numbers of tasks on the page
  TextTable texts_;
  TextTable sites_;
  TextTable wait_kinds_;
};

// In a script no text may look like the end of it.
std::string ForScript(const std::string& json) {
  std::string text;
  text.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

void Replace(std::string& page, std::string_view mark, std::string_view text) {
  page.replace(page.find(mark), mark.size(), text);
}

}  // namespace

absl::StatusOr<std::string> ViewData(const Trace& trace, const ViewOptions& options) {
  FlowId only = 0;
  if (!options.flow.empty()) {
    const absl::StatusOr<FlowId> flow = FindRequest(trace, options.flow);
    if (!flow.ok()) return flow.status();
    only = *flow;
  }
  DataWriter writer(trace, only);
  if (const std::size_t count = writer.CountEvents(); count > options.events_max) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the page would have ", Grouped(count), " events, and a browser take long\n",
        "  --flow NAME shows one request; --max-events ", count, " makes the page all the same"));
  }
  return writer.Write();
}

absl::StatusOr<std::string> ViewPage(const Trace& trace, const ViewOptions& options) {
  const absl::StatusOr<std::string> data = ViewData(trace, options);
  if (!data.ok()) return data.status();
  std::string page(kPageHtml);
  Replace(page, "<!--css-->", kPageCss);
  Replace(page, "<!--js-->", kPageJs);
  Replace(page, "<!--data-->", ForScript(*data));
  return page;
}

}  // namespace heddle::tools
