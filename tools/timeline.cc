// SPDX-License-Identifier: MIT
//
// Implements timeline.h. Equal lines in a row become one that says how often.
#include "timeline.h"

#include <string_view>
#include <utility>

#include "heddle/ending.h"
#include "heddle/internal/shared_value.h"
#include "heddle/task_label.h"
#include "table.h"
#include "words.h"

namespace heddle::tools {
namespace {

class TimelineMaker {
 public:
  TimelineMaker(const Trace& trace, const TaskTable& tasks, const TimelineOptions& options)
      : trace_(trace), tasks_(tasks), options_(options) {}

  std::vector<TimelineLine> Make() {
    for (std::size_t i = options_.from; i < options_.to; ++i) {
      if (IsWanted(i)) AddLine(i);
    }
    return std::move(lines_);
  }

 private:
  const Event& At(std::size_t event) const { return trace_.events[event]; }

  // A call is told by its caller, and a jump of time by the time of what follows.
  bool IsToldElsewhere(std::size_t event) const {
    switch (At(event).kind) {
      case EventKind::kTime:
        return true;
      case EventKind::kSpawn:
        return event + 1 < trace_.events.size() && IsCallOf(At(event + 1), At(event).task);
      case EventKind::kStart:
        return event > 0 && IsCallOf(At(event - 1), At(event).task);
      case EventKind::kResume:
        return event > options_.from && GoesOnAtOnce(event - 1);
      default:
        return false;
    }
  }

  static bool IsCallOf(const Event& event, TaskId callee) {
    return event.kind == EventKind::kSuspend && event.op() == Operation::kCall &&
           event.object == callee;
  }

  // Whether the next event is the end of the await that begins with `suspend`.
  bool GoesOnAtOnce(std::size_t suspend) const {
    if (At(suspend).kind != EventKind::kSuspend || At(suspend).op() == Operation::kCall) {
      return false;
    }
    return suspend + 1 < options_.to && At(suspend + 1).kind == EventKind::kResume &&
           At(suspend + 1).task == At(suspend).task && options_.at != suspend + 1;
  }

  bool IsWanted(std::size_t event) const {
    const Event& e = At(event);
    if (options_.flow != 0 && tasks_.FlowOf(event) != options_.flow) return false;
    if (event != options_.at && IsToldElsewhere(event)) return false;
    return options_.task.empty() ||
           (e.task != kNoTask && TaskTable::Matches(tasks_[e.task], options_.task));
  }

  void AddLine(std::size_t event) {
    const Event& e = At(event);
    TimelineLine line{.event = event,
                      .task = e.task,
                      .what = What(event),
                      .site = SiteText(trace_, e.site),
                      .flow = tasks_.FlowOf(event)};
    if (line.what.empty() && event != options_.at) return;
    if (options_.fold && !lines_.empty() && event != options_.at && IsRepeat(lines_.back(), line)) {
      ++lines_.back().count;
    } else {
      lines_.push_back(std::move(line));
    }
  }

  bool IsRepeat(const TimelineLine& a, const TimelineLine& b) const {
    return a.task == b.task && a.what == b.what && a.site == b.site && a.flow == b.flow &&
           a.event != options_.at && At(a.event).time == At(b.event).time;
  }

  std::string Who(TaskId task) const { return ShortPath(tasks_.Path(task)); }

  // Which call or other await an event is about.
  std::string Await(const Event& event) const {
    return event.op() == Operation::kCall ? Printable(tasks_[event.object].name)
                                          : AwaitText(trace_, event);
  }

  std::string What(std::size_t index) const {
    const Event& event = At(index);
    switch (event.kind) {
      case EventKind::kSpawn:
        return "is created" + (event.object == kNoTask ? "" : " by " + Who(event.object));
      case EventKind::kStart:
        return "starts";
      case EventKind::kSuspend:
        if (event.is_co_yield()) return "hands over a value";
        return (event.op() == Operation::kCall ? "calls " : "awaits: ") + Await(event) +
               (GoesOnAtOnce(index) ? internal::ValueSuffix(At(index + 1)) + ", goes on at once"
                                    : "");
      case EventKind::kWake:
        return event.object == kNoTask ? "is ready" : "is made ready by " + Who(event.object);
      case EventKind::kResume:
        return (event.op() == Operation::kCall ? "is back from " : "goes on: ") + Await(event) +
               internal::ValueSuffix(event);
      case EventKind::kFinish:
        return std::string(OutcomeText(event.outcome()));
      case EventKind::kAbandon:
        return "is " + std::string(AbandonText(event));
      case EventKind::kCancel:
        return "cancels " + Who(event.object);
      case EventKind::kMark:
        if (const std::string* label = LabelOf(trace_, event)) {
          return "is called" + Printable(LabelSuffix(*label));
        }
        return ActText(trace_, event);
      default:
        return ActText(trace_, event);
    }
  }

  const Trace& trace_;
  const TaskTable& tasks_;
  const TimelineOptions& options_;
  std::vector<TimelineLine> lines_;
};

}  // namespace

std::vector<TimelineLine> TimelineOf(const Trace& trace, const TaskTable& tasks,
                                     const TimelineOptions& options) {
  return TimelineMaker(trace, tasks, options).Make();
}

std::string TimelineText(const Trace& trace, const TaskTable& tasks, const TimelineOptions& options,
                         const std::vector<TimelineLine>& lines) {
  std::vector<std::vector<Cell>> rows = {{{" ", kDim},
                                          {"event", kDim},
                                          {"time", kDim},
                                          {"task", kDim},
                                          {"what", kDim},
                                          {"site", kDim},
                                          {"request", kDim}}};
  for (const TimelineLine& line : lines) {
    const bool marked = line.event == options.at;
    const Event& event = trace.events[line.event];
    const std::string_view minor = marked ? kBold : kDim;
    rows.push_back({{marked ? ">" : " ", kBold},
                    {std::to_string(line.event), minor},
                    {FormatNanos(event.time), minor},
                    {ShortPath(tasks.Path(line.task)), marked ? kBold : kPlain},
                    {line.count == 1 ? line.what : line.what + " x " + Grouped(line.count),
                     marked                             ? kBold
                     : event.kind == EventKind::kMark   ? kCyan
                     : event.kind == EventKind::kFinish ? kBold
                                                        : kPlain},
                    {line.site, minor},
                    {line.flow == 0 ? "" : FlowText(trace, line.flow), minor}});
  }
  return TableText({{},
                    {.right = true},
                    {.right = true},
                    {.right = false, .width_max = 48},
                    {.right = false, .width_max = 48},
                    {.right = false, .width_max = 32},
                    {}},
                   rows, options.color);
}

}  // namespace heddle::tools
