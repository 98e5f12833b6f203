// SPDX-License-Identifier: MIT
//
// Implements stats.h.
#include "stats.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "critical_path.h"
#include "heddle/ending.h"
#include "heddle/losses.h"
#include "heddle/task_table.h"
#include "json.h"
#include "requests.h"
#include "table.h"
#include "task_times.h"
#include "waits.h"
#include "words.h"

namespace heddle::tools {
namespace {

// Of one place, or of one coroutine.
struct Sample {
  std::vector<VirtualNanos> times;
  std::vector<std::size_t> steps;
  std::size_t open = 0;          // did not come to an end
  std::size_t before = 0;        // of a coroutine: began before the trace did
  VirtualNanos waited = 0;       // of a coroutine: for what it awaited itself
  VirtualNanos ran = 0;          // of a coroutine: neither waited nor was in calls
  VirtualNanos on_the_path = 0;  // of the critical paths of all requests
};

// A place: what is done there, and where. A coroutine: its name.
using Key = std::pair<std::string, std::string>;
using Samples = std::map<Key, Sample>;

struct Line {
  std::string what;
  std::string site;
  Sample sample;
};

Key PlaceOf(const Trace& trace, const Event& suspend) {
  // Of what is not heddle's a live trace knows the type.
  const bool foreign = suspend.op() == Operation::kForeign && suspend.object != 0;
  return {foreign ? AwaitText(trace, suspend) : std::string(Name(suspend.op())),
          SiteText(trace, suspend.site)};
}
Key CoroutineOf(const TaskInfo& task) { return {Printable(task.function), ""}; }

// The smallest that is not below `percent` of all.
template <class Number>
Number Percentile(const std::vector<Number>& ascending, std::size_t percent) {
  if (ascending.empty()) return 0;
  const std::size_t rank = (ascending.size() * percent + 99) / 100;
  return ascending[std::max<std::size_t>(rank, 1) - 1];
}

VirtualNanos Total(const Sample& sample) {
  VirtualNanos total = 0;
  for (const VirtualNanos time : sample.times) total = Sum(total, time);
  return total;
}

std::vector<Line> Lines(Samples samples) {
  std::vector<Line> lines;
  for (auto& [key, sample] : samples) {
    std::sort(sample.times.begin(), sample.times.end());
    std::sort(sample.steps.begin(), sample.steps.end());
    lines.push_back({.what = key.first, .site = key.second, .sample = std::move(sample)});
  }
  // What took longest comes first; of the same, what came most often.
  std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    const std::size_t count_a = a.sample.times.size();
    const std::size_t count_b = b.sample.times.size();
    return std::tuple(Total(b.sample), count_b, std::tie(a.what, a.site)) <
           std::tuple(Total(a.sample), count_a, std::tie(b.what, b.site));
  });
  return lines;
}

struct Statistics {
  std::vector<Line> awaits;
  std::vector<Line> coroutines;
  VirtualNanos paths = 0;   // the critical paths of all requests, together
  std::size_t dropped = 0;  // requests that were not kept: they are left out
};

void AddAwaits(const Trace& trace, const Waits& waits, Samples& awaits) {
  for (TaskId task = 0; task < waits.events().size(); ++task) {
    const std::vector<std::size_t>& events = waits.events()[task];
    for (std::size_t i = 0; i < events.size(); ++i) {
      const Event& event = trace.events[events[i]];
      if (event.kind != EventKind::kSuspend || event.op() == Operation::kCall) continue;
      const Wait wait = waits.Of(task, i);
      Sample& sample = awaits[PlaceOf(trace, event)];
      sample.times.push_back(wait.duration);
      sample.steps.push_back(wait.other_steps);
      if (wait.end() == kNoEvent) ++sample.open;
    }
  }
}

bool IsIn(const std::vector<bool>& dropped, FlowId flow) {
  return flow < dropped.size() && dropped[flow];
}

void AddCoroutines(const Trace& trace, const TaskTable& tasks, const std::vector<bool>& dropped,
                   Samples& coroutines) {
  std::vector<TaskId> all;
  for (const TaskInfo& task : tasks.tasks()) {
    if (!IsIn(dropped, task.flow)) all.push_back(task.id);
  }
  for (const TaskTimes& times : TimesOf(trace, tasks, all)) {
    const TaskInfo& task = tasks[times.task];
    Sample& sample = coroutines[CoroutineOf(task)];
    sample.times.push_back(times.took);
    sample.waited = Sum(sample.waited, times.waited);
    sample.ran = Sum(sample.ran, times.ran());
    if (task.ended == kNoEvent) ++sample.open;
    if (times.began_before) ++sample.before;
  }
}

// A wait is its place's, and its coroutine's too.
VirtualNanos AddPath(const Trace& trace, const TaskTable& tasks, const std::vector<PathPiece>& path,
                     Samples& awaits, Samples& coroutines) {
  VirtualNanos length = 0;
  const auto add = [](Samples& samples, const Key& key, VirtualNanos duration) {
    const auto sample = samples.find(key);
    if (sample == samples.end()) return;
    sample->second.on_the_path = Sum(sample->second.on_the_path, duration);
  };
  for (const PathPiece& piece : path) {
    length = Sum(length, piece.duration);
    add(coroutines, CoroutineOf(tasks[piece.task]), piece.duration);
    if (piece.suspend == kNoEvent) continue;
    add(awaits, PlaceOf(trace, trace.events[piece.suspend]), piece.duration);
  }
  return length;
}

Statistics StatisticsOf(const Trace& trace) {
  const TaskTable tasks(trace);
  const Waits waits(trace);
  Samples awaits;
  Samples coroutines;
  AddAwaits(trace, waits, awaits);
  const std::vector<bool> dropped = DroppedRequests(trace, tasks);
  AddCoroutines(trace, tasks, dropped, coroutines);
  Statistics statistics;
  for (const Request& request : ListRequests(trace, tasks))
    statistics.dropped += request.kept ? 0 : 1;
  const std::vector<std::size_t> ends = PathEnds(trace, tasks);
  // Without requests the whole run is one.
  const bool one =
      std::all_of(ends.begin() + 1, ends.end(), [](std::size_t end) { return end == kNoEvent; });
  for (FlowId flow = one ? 0 : 1; flow < ends.size(); ++flow) {
    if (ends[flow] == kNoEvent || IsIn(dropped, flow)) continue;
    const std::vector<PathPiece> path = CriticalPath(trace, tasks, waits, flow, ends[flow]);
    statistics.paths = Sum(statistics.paths, AddPath(trace, tasks, path, awaits, coroutines));
  }
  statistics.awaits = Lines(std::move(awaits));
  statistics.coroutines = Lines(std::move(coroutines));
  return statistics;
}

// "37.5 %"; empty: none.
std::string ShareText(VirtualNanos part, VirtualNanos whole) {
  if (part <= 0 || whole <= 0) return "";
  const long permille = std::lround(1000 * static_cast<double>(part) / static_cast<double>(whole));
  return std::to_string(permille / 10) + "." + std::to_string(permille % 10) + " %";
}

// What there are columns for.
struct Columns {
  bool before = false;  // what began before the trace
  bool site = false;
  bool steps = false;  // of other tasks: only where one ran at a time
  bool parts = false;  // what ran, and what waited
};

std::string Table(const std::string& title, const std::vector<Line>& lines, VirtualNanos paths,
                  Columns columns, bool color) {
  std::vector<std::vector<Cell>> rows;
  std::vector<Cell> head;
  const auto add_head = [&head](std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) head.emplace_back(std::string(name), kDim);
  };
  add_head({"count", "open"});
  if (columns.before) add_head({"earlier"});
  add_head({"total"});
  if (columns.parts) add_head({"waiting", "running"});
  add_head({"p50", "p99", "max"});
  if (columns.steps) add_head({"steps p50", "p99"});
  add_head({"of paths"});
  const std::size_t numbers = head.size();
  add_head({title});
  if (columns.site) add_head({"site"});
  const std::size_t all = head.size();
  rows.push_back(std::move(head));
  for (const Line& line : lines) {
    const Sample& sample = line.sample;
    std::vector<Cell> row = {{Grouped(sample.times.size()), kPlain},
                             {sample.open == 0 ? "" : Grouped(sample.open), kRedBold}};
    if (columns.before) row.emplace_back(sample.before == 0 ? "" : Grouped(sample.before), kPlain);
    row.emplace_back(FormatNanos(Total(sample)), kPlain);
    if (columns.parts) {
      row.emplace_back(FormatNanos(sample.waited), kPlain);
      row.emplace_back(FormatNanos(sample.ran), kPlain);
    }
    row.emplace_back(FormatNanos(Percentile(sample.times, 50)), kPlain);
    row.emplace_back(FormatNanos(Percentile(sample.times, 99)), kPlain);
    row.emplace_back(FormatNanos(sample.times.back()), kPlain);
    if (columns.steps) {
      row.emplace_back(Grouped(Percentile(sample.steps, 50)), kPlain);
      row.emplace_back(Grouped(Percentile(sample.steps, 99)), kPlain);
    }
    row.emplace_back(ShareText(sample.on_the_path, paths), kBold);
    row.emplace_back(line.what, kBold);
    if (columns.site) row.emplace_back(line.site, kPlain);
    rows.push_back(std::move(row));
  }
  std::vector<Column> layout(numbers, Column{.right = true});
  layout.resize(all);
  return TableText(layout, rows, color);
}

std::string Json(const std::vector<Line>& lines, bool parts) {
  std::string json;
  for (const Line& line : lines) {
    const Sample& sample = line.sample;
    json += json.empty() ? "\n    " : ",\n    ";
    json += "{\"what\": " + JsonText(line.what) + ", \"site\": " + JsonText(line.site);
    const auto add = [&json](std::string_view key, const std::string& number) {
      json += ", \"" + std::string(key) + "\": " + number;
    };
    add("count", std::to_string(sample.times.size()));
    add("open", std::to_string(sample.open));
    add("total_ns", std::to_string(Total(sample)));
    add("p50_ns", std::to_string(Percentile(sample.times, 50)));
    add("p99_ns", std::to_string(Percentile(sample.times, 99)));
    add("max_ns", std::to_string(sample.times.back()));
    if (!sample.steps.empty()) {
      add("p50_steps", std::to_string(Percentile(sample.steps, 50)));
      add("p99_steps", std::to_string(Percentile(sample.steps, 99)));
    }
    if (parts) {
      add("waiting_ns", std::to_string(sample.waited));
      add("running_ns", std::to_string(sample.ran));
    }
    add("critical_path_ns", std::to_string(sample.on_the_path));
    if (sample.before > 0) add("began_before_window", std::to_string(sample.before));
    json += "}";
  }
  return "[" + json + "]";
}

}  // namespace

std::string StatsText(const Trace& trace, const StatsOptions& options) {
  const Statistics statistics = StatisticsOf(trace);
  if (options.json) {
    return "{\"awaits\": " + Json(statistics.awaits, /*parts=*/false) +
           ",\n \"tasks\": " + Json(statistics.coroutines, /*parts=*/true) +
           ",\n \"critical_paths_ns\": " + std::to_string(statistics.paths) +
           (statistics.dropped == 0
                ? ""
                : ",\n \"requests_not_kept\": " + std::to_string(statistics.dropped)) +
           MissingJson(trace.losses) + "}\n";
  }
  const bool steps = !IsLive(trace.header);
  const bool before = std::any_of(statistics.coroutines.begin(), statistics.coroutines.end(),
                                  [](const Line& line) { return line.sample.before > 0; });
  return Table("await", statistics.awaits, statistics.paths, {.site = true, .steps = steps},
               options.color) +
         "\n" +
         Table("coroutine", statistics.coroutines, statistics.paths,
               {.before = before, .parts = true}, options.color) +
         (trace.losses.empty() ? "" : "\n" + Printable(LossText(trace.losses)) + "\n") +
         (statistics.dropped == 0
              ? ""
              : "\n" + Count(statistics.dropped, "request") + " that " +
                    (statistics.dropped == 1 ? "was" : "were") + " not kept: left out\n");
}

}  // namespace heddle::tools
