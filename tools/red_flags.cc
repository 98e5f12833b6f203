// SPDX-License-Identifier: MIT
//
// Implements red_flags.h.
#include "red_flags.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "heddle/ending.h"
#include "heddle/task_table.h"
#include "json.h"
#include "table.h"
#include "waits.h"
#include "words.h"

namespace heddle::tools {
namespace {

class Checker {
 public:
  Checker(const Trace& trace, const CheckOptions& options)
      : trace_(trace), options_(options), tasks_(trace), waits_(trace) {}

  std::vector<RedFlag> Check() {
    for (const TaskInfo& task : tasks_.tasks()) CheckTask(task);
    for (TaskId task = 0; task < waits_.events().size(); ++task) CheckWaits(task);
    CheckLocks();
    for (std::size_t i = 0; i < trace_.events.size(); ++i) {
      if (At(i).kind != EventKind::kContextLost) continue;
      Add("context lost", i, Who(At(i).task) + " went on without our knowing for which request",
          "an awaitable resumed it from a place that heddle does not see");
    }
    std::sort(flags_.begin(), flags_.end(), [](const RedFlag& a, const RedFlag& b) {
      return std::tie(a.event, a.kind, a.text) < std::tie(b.event, b.kind, b.text);
    });
    return std::move(flags_);
  }

 private:
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
      Add("never ran", task.ended == kNoEvent ? task.spawned : task.ended,
          Who(task.id) + " was created" + Where(At(task.spawned)) + " and never ran",
          "nobody awaited or spawned it: write co_await before the call");
    } else if (task.ended == kNoEvent && trace_.header.ending == Ending::kFinished) {
      Add("leaked task", task.started, Who(task.id) + " had not ended when the run had",
          "join it, or ask it to stop, before the body returns");
    }
  }

  void CheckWaits(TaskId task) {
    const std::vector<std::size_t>& events = waits_.events()[task];
    for (std::size_t i = 0; i < events.size(); ++i) {
      const Event& event = At(events[i]);
      if (event.kind != EventKind::kSuspend || event.op() == Operation::kCall) continue;
      const Wait wait = waits_.Of(task, i);
      const std::string what = Who(task) + ", " + AwaitText(trace_, event) + Where(event);
      const bool for_ever = wait.resumed == kNoEvent && wait.cancelled == kNoEvent;
      if (for_ever && trace_.header.ending == Ending::kStuck) {
        CheckForSignal(events[i], what);
      } else if (event.op() != Operation::kSleep && event.op() != Operation::kJoin &&
                 wait.duration >= options_.long_wait) {
        Add("long wait", events[i],
            what + ": " + FormatNanos(wait.duration) + ", during " +
                Count(wait.other_steps, "step") + " of other tasks",
            "heddle show --task " + Who(task) + " says what it waited for");
      }
    }
  }

  // A wait without end for something that was given before: was it given too early?
  void CheckForSignal(std::size_t suspended, const std::string& what) {
    const Event& wait = At(suspended);
    if (wait.op() != Operation::kWait && wait.op() != Operation::kReceive) return;
    for (std::size_t i = suspended; i-- > 0;) {
      const Event& signal = At(i);
      if (signal.object != wait.object) continue;
      if (signal.kind != EventKind::kRelease && signal.kind != EventKind::kSend) continue;
      return Add("lost wake-up?", suspended,
                 what + ", never went on: the last " +
                     std::string(signal.kind == EventKind::kSend ? "message" : "release") +
                     " came before, from " + Who(signal.task) + Where(signal),
                 "what it waits for may have been given before it asked, and to somebody else");
    }
  }

  // Who took a Mutex and did not give it back.
  void CheckLocks() {
    std::map<ObjectId, std::size_t> taken;
    for (std::size_t i = 0; i < trace_.events.size(); ++i) {
      const Event& event = At(i);
      const bool takes = (event.kind == EventKind::kResume && event.op() == Operation::kLock) ||
                         event.kind == EventKind::kAcquire;
      if (event.kind == EventKind::kRelease) taken.erase(event.object);
      if (takes && event.object < trace_.objects.size() &&
          trace_.objects[event.object].type == "Mutex") {
        taken[event.object] = i;
      }
    }
    for (const auto& [object, i] : taken) {
      Add("never unlocked", i,
          Who(At(i).task) + " took " + Printable(ObjectName(trace_, object)) + Where(At(i)) +
              " and never gave it back",
          "hold what Lock() returns in a variable of the block that needs it");
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
  return "[" + json + "]\n";
}

}  // namespace

std::vector<RedFlag> FindRedFlags(const Trace& trace, const CheckOptions& options) {
  return Checker(trace, options).Check();
}

std::string RedFlagsText(const Trace& trace, const std::vector<RedFlag>& flags,
                         const CheckOptions& options) {
  constexpr std::size_t kOfOneKind = 10;
  if (options.json) return Json(trace, flags);
  if (flags.empty()) {
    return "no red flags in " + Count(trace.events.size(), "event") + "\n";
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
    text += kind + ": and " + std::to_string(count - kOfOneKind) + " more; --json has all\n";
  }
  return text + Count(flags.size(), "red flag") + "\n";
}

}  // namespace heddle::tools
