// SPDX-License-Identifier: MIT
//
// Implements red_flags.h.
#include "red_flags.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "heddle/diagnosis.h"
#include "heddle/ending.h"
#include "heddle/losses.h"
#include "heddle/task_table.h"
#include "json.h"
#include "table.h"
#include "waits.h"
#include "words.h"

namespace heddle::tools {
namespace {

// "2 tasks wait ..." of "Deadlock: 2 tasks wait ...", where `name` is "deadlock".
std::string WithoutName(const std::string& line, const std::string& name) {
  const bool has_name = line.size() > name.size() + 1 &&
                        line.compare(1, name.size() - 1, name, 1, std::string::npos) == 0 &&
                        line.compare(name.size(), 2, ": ") == 0;
  return has_name ? line.substr(name.size() + 2) : line;
}

class Checker {
 public:
  Checker(const Trace& trace, const CheckOptions& options)
      : trace_(trace), options_(options), tasks_(trace), waits_(trace) {}

  std::vector<RedFlag> Check() {
    for (const TaskInfo& task : tasks_.tasks()) CheckTask(task);
    for (TaskId task = 0; task < waits_.events().size(); ++task) CheckWaits(task);
    CheckLocks();
    CheckSteps();
    AddDiagnoses();
    for (std::size_t i = 0; i < trace_.events.size(); ++i) {
      if (At(i).kind != EventKind::kContextLost) continue;
      Add("context lost", i, Who(At(i).task) + " went on without our knowing for which request",
          IsLive(trace_.header)
              ? "its request began under an earlier LiveRecorder, and is forgotten"
              : "an awaitable of somebody else resumed it, or it was created, or what it received "
                "was\nsent, outside of any task: heddle::BeginFlow says for which request it goes "
                "on");
    }
    std::sort(flags_.begin(), flags_.end(), [](const RedFlag& a, const RedFlag& b) {
      return std::tie(a.event, a.kind, a.text) < std::tie(b.event, b.kind, b.text);
    });
    return std::move(flags_);
  }

 private:
  // Up to the last event that is there.
  bool HasFinished() const { return trace_.header.ending == Ending::kFinished && !options_.torn; }

  const Event& At(std::size_t event) const { return trace_.events[event]; }
  std::string Who(TaskId task) const { return Printable(tasks_.Path(task)); }

  std::string Where(const Event& event) const {
    const std::string site = SiteText(trace_, event.site);
    return site.empty() ? "" : " at " + site;
  }

  void Add(std::string kind, std::size_t event, std::string text, std::string advice) {
    flags_.push_back({.kind = std::move(kind),
                      .event = event,
                      .text = std::move(text),
                      .advice = std::move(advice)});
  }

  void CheckTask(const TaskInfo& task) {
    if (task.spawned == kNoEvent) return;
    if (task.started == kNoEvent) {
      // Where the trace is cut off, or a snapshot was taken, it may be about to be awaited.
      if (task.ended == kNoEvent && (options_.torn || IsLive(trace_.header))) return;
      if (task.ended != kNoEvent && At(task.ended).went_unused()) return;
      Add("never ran", task.ended == kNoEvent ? task.spawned : task.ended,
          Who(task.id) + " was created" + Where(At(task.spawned)) + " and never ran",
          "nobody awaited or spawned it: write co_await before the call");
    } else if (task.ended == kNoEvent && HasFinished()) {
      Add("leaked task", task.started, Who(task.id) + " had not ended when the run had",
          "join it, or ask it to stop, before the body returns");
    }
  }

  void CheckWaits(TaskId task) {
    const std::vector<std::size_t>& events = waits_.events()[task];
    for (std::size_t i = 0; i < events.size(); ++i) {
      const Event& event = At(events[i]);
      if (event.kind != EventKind::kSuspend || event.op() == Operation::kCall) continue;
      if (event.is_co_yield()) continue;  // it waits for nobody
      const Wait wait = waits_.Of(task, i);
      const std::string what = Who(task) + ", " + AwaitText(trace_, event) + Where(event);
      const bool never_ended = wait.end() == kNoEvent;
      if (never_ended && trace_.header.ending == Ending::kStuck) continue;  // see AddDiagnoses
      if (event.op() != Operation::kSleep && event.op() != Operation::kJoin &&
          wait.duration >= options_.long_wait) {
        Add("long wait", events[i],
            what + ": " + FormatNanos(wait.duration) + ", during " +
                Count(wait.other_steps, "step") + " of other tasks",
            "heddle show FILE --task '" + Who(task) + "' says what it waited for");
      }
      if (event.op() != Operation::kYield && wait.passed_over >= options_.passed_over) {
        Add("passed over", events[i],
            what + ": could have gone on, and others made " + Count(wait.passed_over, "step") +
                " first",
            "an unfair chooser, or tasks that never wait; heddle show FILE --around " +
                std::to_string(wait.resumed) + " shows where it went on");
      }
    }
  }

  // A step between two awaits is not interrupted: in a real program all others wait for it.
  void CheckSteps() {
    if (IsLive(trace_.header)) return CheckLiveSteps();
    for (const std::vector<std::size_t>& events : waits_.events()) {
      std::size_t length = 0;
      for (const std::size_t event : events) {
        const EventKind kind = At(event).kind;
        length = kind == EventKind::kStart || kind == EventKind::kResume ? 0 : length + 1;
        if (length != options_.long_step) continue;
        Add("long step", event,
            Who(At(event).task) + " did " + Grouped(length) + " things without an await" +
                Where(At(event)),
            "co_await heddle::Yield() now and then lets others go on");
      }
    }
  }

  // In real time it is not what a step does that matters but how long it takes. What a task does
  // in its calls is theirs.
  void CheckLiveSteps() {
    for (const std::vector<std::size_t>& events : waits_.events()) {
      std::size_t began = kNoEvent;
      SiteId after = 0;
      for (const std::size_t event : events) {
        const EventKind kind = At(event).kind;
        if (kind == EventKind::kStart || kind == EventKind::kResume) began = event;
        if (kind != EventKind::kSuspend && kind != EventKind::kFinish) continue;
        if (began != kNoEvent) CheckLiveStep(began, At(event).time, after);
        began = kNoEvent;
        if (kind == EventKind::kSuspend) after = At(event).site;
      }
      // It has not ended, as far as is known.
      if (began != kNoEvent) CheckLiveStep(began, trace_.events.back().time, after);
    }
  }

  void CheckLiveStep(std::size_t began, VirtualNanos end, SiteId after) {
    const VirtualNanos took = Elapsed(At(began).time, end);
    if (took < options_.long_live_step) return;
    const std::string site = SiteText(trace_, after);
    Add("long step", began,
        Who(At(began).task) + " ran for " + FormatNanos(took) + " without an await" +
            (site.empty() ? ", from its beginning" : ", after the one at " + site),
        "whatever else its thread had to do waited: give what blocks a thread of its own, or "
        "co_await now and then");
  }

  // Why the run did not get to its end. What was never awaited has a flag of its own.
  void AddDiagnoses() {
    for (const Diagnosis& diagnosis : Diagnose(trace_)) {
      if (diagnosis.verdict == Verdict::kNeverAwaited) continue;
      const std::vector<std::string> lines = PrintableLines(diagnosis.text);
      std::string advice;
      for (std::size_t i = 1; i < lines.size(); ++i) advice += (i == 1 ? "" : "\n") + lines[i];
      advice.erase(0, advice.find_first_not_of(' '));
      const std::string kind(Name(diagnosis.verdict));
      Add(kind, LastEventOf(diagnosis.tasks), WithoutName(lines.front(), kind), std::move(advice));
    }
  }

  std::size_t LastEventOf(const std::vector<TaskId>& tasks) const {
    if (tasks.empty() || tasks.front() >= waits_.events().size()) return 0;
    const std::vector<std::size_t>& events = waits_.events()[tasks.front()];
    return events.empty() ? 0 : events.back();
  }

  // A Semaphore is also given by others than take it, or taken for good: that is no flag.
  bool IsLock(ObjectId object) const {
    if (object >= trace_.objects.size()) return false;
    const std::string& type = trace_.objects[object].type;
    return type == "Mutex" || type == "SharedMutex";
  }

  // Of those that have a lock, readers too, the one that gives it back: the task itself, or, where
  // a guard was handed on, whoever has had it longest.
  void GiveBack(std::vector<std::size_t>& taken, TaskId task) const {
    const auto own =
        std::find_if(taken.begin(), taken.end(), [&](std::size_t i) { return At(i).task == task; });
    if (!taken.empty()) taken.erase(own == taken.end() ? taken.begin() : own);
  }

  // Who took a lock and did not give it back.
  void CheckLocks() {
    if (!trace_.losses.empty()) return;  // the release may be among what is missing
    std::map<ObjectId, std::vector<std::size_t>> taken;
    for (std::size_t i = 0; i < trace_.events.size(); ++i) {
      const Event& event = At(i);
      const bool takes = (event.kind == EventKind::kResume && event.op() == Operation::kLock) ||
                         event.kind == EventKind::kAcquire;
      if (!IsLock(event.object)) continue;
      if (event.kind == EventKind::kRelease) GiveBack(taken[event.object], event.task);
      if (takes) taken[event.object].push_back(i);
    }
    for (const auto& [object, events] : taken) {
      for (const std::size_t i : events) {
        const bool may_give_back = tasks_[At(i).task].ended == kNoEvent;
        if (may_give_back && !HasFinished()) continue;
        Add("never unlocked", i,
            Who(At(i).task) + " took " + Printable(ObjectName(trace_, object)) + Where(At(i)) +
                " and never gave it back",
            "hold what Lock() returns in a variable of the block that needs it");
      }
    }
  }

  const Trace& trace_;
  const CheckOptions& options_;
  const TaskTable tasks_;
  const Waits waits_;
  std::vector<RedFlag> flags_;
};

std::string Json(const Trace& trace, const std::vector<RedFlag>& flags) {
  std::string json;
  for (const RedFlag& flag : flags) {
    json += json.empty() ? "\n  " : ",\n  ";
    json += "{\"kind\": " + JsonText(flag.kind) + ", \"event\": " + std::to_string(flag.event) +
            ", \"time_ns\": " + std::to_string(trace.events[flag.event].time) +
            ", \"text\": " + JsonText(flag.text) + ", \"advice\": " + JsonText(flag.advice) + "}";
  }
  // What is missing may hide a flag. An entry for each, because the document is a list.
  for (const std::string& line : LossLines(trace.losses)) {
    json += json.empty() ? "\n  " : ",\n  ";
    json +=
        "{\"kind\": \"missing\", \"event\": null, \"time_ns\": null, \"text\": " + JsonText(line) +
        ", \"advice\": \"what is missing may hide a red flag\"}";
  }
  return "[" + json + "]\n";
}

// Behind a verdict; empty where the trace is whole.
std::string OfPart(const Trace& trace, const std::string& of = " of a") {
  std::string lines;
  for (const std::string& line : LossLines(trace.losses)) {
    lines += (lines.empty() ? "" : "; ") + Printable(line);
  }
  return lines.empty() ? "" : of + " trace that is not whole, without " + lines;
}

}  // namespace

std::vector<RedFlag> FindRedFlags(const Trace& trace, const CheckOptions& options) {
  return Checker(trace, options).Check();
}

std::string RedFlagsText(const Trace& trace, const std::vector<RedFlag>& flags,
                         const CheckOptions& options) {
  constexpr std::size_t kOfOneKind = 10;
  if (options.json) return Json(trace, flags);
  const std::string unknown =
      IsLive(trace.header)
          ? Colored("not known in production: how long tasks that could go on waited for a thread",
                    kDim, options.color) +
                "\n"
          : "";
  if (flags.empty()) {
    return "no red flags in " + Count(trace.events.size(), "event") + OfPart(trace) + "\n" +
           unknown;
  }
  std::map<std::string, std::size_t> seen;
  std::string text;
  for (const RedFlag& flag : flags) {
    if (++seen[flag.kind] > kOfOneKind) continue;
    text += Colored(flag.kind, kRedBold, options.color) + ": " + flag.text + "\n" +
            Colored("  event " + std::to_string(flag.event) + ", " +
                        FormatNanos(trace.events[flag.event].time) + "; " + flag.advice,
                    kDim, options.color) +
            "\n";
  }
  for (const auto& [kind, count] : seen) {
    if (count <= kOfOneKind) continue;
    text += kind + ": and " + Grouped(count - kOfOneKind) + " more; --json has all\n";
  }
  return text + Count(flags.size(), "red flag") + OfPart(trace, " in a") + "\n" + unknown;
}

}  // namespace heddle::tools
