// SPDX-License-Identifier: MIT
//
// Implements stats.h.
#include "stats.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "heddle/ending.h"
#include "heddle/task_table.h"
#include "json.h"
#include "table.h"
#include "waits.h"
#include "words.h"

namespace heddle::tools {
namespace {

// Of one place, or of one coroutine.
struct Sample {
  std::vector<VirtualNanos> times;
  std::vector<std::size_t> steps;
  std::size_t open = 0;  // did not come to an end
};

struct Line {
  std::string what;
  std::string site;
  Sample sample;
};

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

std::vector<Line> Lines(std::map<std::pair<std::string, std::string>, Sample> samples) {
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

std::vector<Line> AwaitLines(const Trace& trace) {
  const Waits waits(trace);
  std::map<std::pair<std::string, std::string>, Sample> samples;
  for (TaskId task = 0; task < waits.events().size(); ++task) {
    const std::vector<std::size_t>& events = waits.events()[task];
    for (std::size_t i = 0; i < events.size(); ++i) {
      const Event& event = trace.events[events[i]];
      if (event.kind != EventKind::kSuspend || event.op() == Operation::kCall) continue;
      const Wait wait = waits.Of(task, i);
      Sample& sample =
          samples[std::pair(std::string(Name(event.op())), SiteText(trace, event.site))];
      sample.times.push_back(wait.duration);
      sample.steps.push_back(wait.other_steps);
      if (wait.resumed == kNoEvent && wait.notified == kNoEvent) ++sample.open;
    }
  }
  return Lines(std::move(samples));
}

std::vector<Line> TaskLines(const Trace& trace, const TaskTable& tasks) {
  std::map<std::pair<std::string, std::string>, Sample> samples;
  for (const TaskInfo& task : tasks.tasks()) {
    if (task.started == kNoEvent) continue;
    const std::size_t end = task.ended == kNoEvent ? trace.events.size() - 1 : task.ended;
    Sample& sample = samples[std::pair(Printable(task.function), std::string())];
    sample.times.push_back(Elapsed(trace.events[task.started].time, trace.events[end].time));
    if (task.ended == kNoEvent) ++sample.open;
  }
  return Lines(std::move(samples));
}

std::string Table(const std::string& title, const std::vector<Line>& lines, bool steps,
                  bool color) {
  std::vector<std::vector<Cell>> rows;
  std::vector<Cell> head;
  for (const char* const name : {"count", "open", "total", "p50", "p99", "max"}) {
    head.emplace_back(name, kDim);
  }
  if (steps) {
    head.emplace_back("steps p50", kDim);
    head.emplace_back("p99", kDim);
  }
  head.emplace_back(title, kDim);
  if (steps) head.emplace_back("site", kDim);
  rows.push_back(std::move(head));
  for (const Line& line : lines) {
    const Sample& sample = line.sample;
    std::vector<Cell> row = {{Grouped(sample.times.size()), kPlain},
                             {sample.open == 0 ? "" : Grouped(sample.open), kRedBold},
                             {FormatNanos(Total(sample)), kPlain},
                             {FormatNanos(Percentile(sample.times, 50)), kPlain},
                             {FormatNanos(Percentile(sample.times, 99)), kPlain},
                             {FormatNanos(sample.times.back()), kPlain}};
    if (steps) {
      row.emplace_back(Grouped(Percentile(sample.steps, 50)), kPlain);
      row.emplace_back(Grouped(Percentile(sample.steps, 99)), kPlain);
    }
    row.emplace_back(line.what, kBold);
    if (steps) row.emplace_back(line.site, kPlain);
    rows.push_back(std::move(row));
  }
  std::vector<Column> columns(steps ? 8 : 6, Column{.right = true});
  columns.resize(steps ? 10 : 7);
  return TableText(columns, rows, color);
}

std::string Json(const std::vector<Line>& lines) {
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
    json += "}";
  }
  return "[" + json + "]";
}

}  // namespace

std::string StatsText(const Trace& trace, const StatsOptions& options) {
  const TaskTable tasks(trace);
  const std::vector<Line> awaits = AwaitLines(trace);
  const std::vector<Line> coroutines = TaskLines(trace, tasks);
  if (options.json) {
    return "{\"awaits\": " + Json(awaits) + ",\n \"tasks\": " + Json(coroutines) + "}\n";
  }
  return Table("await", awaits, true, options.color) + "\n" +
         Table("coroutine", coroutines, false, options.color);
}

}  // namespace heddle::tools
