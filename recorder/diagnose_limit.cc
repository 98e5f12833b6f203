// SPDX-License-Identifier: MIT
//
// Implements diagnose_limit.h. The step limit is read off the last steps before it: a loop that
// has no end is there.
#include "diagnose_limit.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "diagnosis_text.h"
#include "heddle/ending.h"

namespace heddle::internal {
namespace {

constexpr std::size_t kLastSteps = 1'000;
constexpr std::size_t kSitesShown = 4;

bool IsStep(const Event& event) {
  return (event.kind == EventKind::kStart || event.kind == EventKind::kResume) &&
         event.op() != Operation::kCall;
}

// "Poll#0", "A#0 and B#0", "A#0, B#0 and C#0"
std::string Listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
    text += words[i];
  }
  return text;
}

class LongRun {
 public:
  LongRun(const Trace& trace, const TaskTable& tasks) : trace_(trace), text_(trace, tasks) {
    FindLastSteps();
    for (std::size_t i = begin_; i < trace.events.size(); ++i) Count(trace.events[i]);
  }

  std::vector<Diagnosis> Diagnose() {
    AddLoop();
    AddStarved();
    return std::move(found_);
  }

 private:
  // What went on in the last steps.
  struct Changes {
    std::size_t messages = 0;
    std::size_t writes = 0;
    std::size_t signals = 0;
    std::size_t tasks = 0;

    std::size_t all() const { return messages + writes + signals + tasks; }
  };
  struct Loop {
    std::size_t steps = 0;
    std::vector<std::string> sites;
  };

  void FindLastSteps() {
    begin_ = trace_.events.size();
    while (begin_ > 0 && steps_ < kLastSteps) {
      if (IsStep(trace_.events[--begin_])) ++steps_;
    }
  }

  void Count(const Event& event) {
    switch (event.kind) {
      case EventKind::kSend:
      case EventKind::kReceive:
        ++changes_.messages;
        break;
      case EventKind::kAccess:
        if (event.op() != Operation::kRead) ++changes_.writes;
        break;
      case EventKind::kRelease:
        if (event.op() != Operation::kLock) ++changes_.signals;
        break;
      case EventKind::kStart:
        if (event.op() != Operation::kCall) ++changes_.tasks;
        break;
      case EventKind::kSuspend:
        AddSite(event);
        return;
      default:
        break;
    }
    if (IsStep(event)) ++loops_[event.task].steps;
  }

  void AddSite(const Event& suspend) {
    if (suspend.op() == Operation::kCall) return;
    operations_.insert(suspend.op());
    const std::string place = text_.Site(suspend.site);
    const std::string site =
        std::string(Name(suspend.op())) + (place.empty() ? "" : " at " + place);
    std::vector<std::string>& sites = loops_[suspend.task].sites;
    if (std::ranges::find(sites, site) == sites.end()) sites.push_back(site);
  }

  // Those that made a fifth of the last steps or more.
  std::vector<TaskId> BusyTasks() const {
    std::vector<TaskId> busy;
    for (const auto& [task, loop] : loops_) {
      if (loop.steps > 0 && loop.steps * 5 >= steps_) busy.push_back(task);
    }
    return busy;
  }

  void AddLoop() {
    if (steps_ == 0) return;
    const std::vector<TaskId> busy = BusyTasks();
    const bool is_livelock = changes_.all() == 0 && !busy.empty();
    std::string text = is_livelock ? LivelockHeadline(busy) : "Steps without end.";
    text += "\n  Of the last " + CountOf(steps_, "step") + ":";
    for (const TaskId task : busy) text += "\n    " + LoopText(task);
    if (busy.empty()) {
      text += "\n    " + CountOf(loops_.size(), "task") + " made a few each";
    }
    text += "\n    " + ChangesText();
    text += "\n  Likely cause: ";
    text += is_livelock ? LivelockHint(busy.size()) : "a loop that has no way out.";
    found_.push_back({is_livelock ? Verdict::kLivelock : Verdict::kEndless, busy, std::move(text)});
  }

  std::string LivelockHeadline(const std::vector<TaskId>& busy) const {
    std::vector<std::string> names;
    names.reserve(busy.size());
    for (const TaskId task : busy) names.push_back(text_.Task(task));
    return "Livelock: " + Listed(names) + (busy.size() == 1 ? " goes" : " go") +
           " round and round, and nothing changes.";
  }

  // "Poll#0 made 1000: yield at door.cc:8"
  std::string LoopText(TaskId task) const {
    const Loop& loop = loops_.at(task);
    std::string text = text_.Task(task) + " made " + std::to_string(loop.steps);
    std::string_view separator = ": ";
    for (std::size_t i = 0; i < std::min(loop.sites.size(), kSitesShown); ++i) {
      text.append(separator).append(loop.sites[i]);
      separator = ", ";
    }
    if (loop.sites.size() > kSitesShown) text += ", ...";
    return text;
  }

  std::string ChangesText() const {
    std::vector<std::string> parts;
    const auto add = [&](std::size_t number, std::string_view noun) {
      if (number > 0) parts.push_back(CountOf(number, noun));
    };
    add(changes_.messages, "message");
    add(changes_.writes, "write");
    add(changes_.signals, "signal");
    add(changes_.tasks, "new task");
    const VirtualNanos from = trace_.events[begin_].time;
    const VirtualNanos to = trace_.events.back().time;
    std::string text = parts.empty() ? "nothing was sent, written, signalled or begun"
                                     : "there were " + Listed(parts);
    if (from != to) text += "; time went from " + FormatNanos(from) + " to " + FormatNanos(to);
    return text;
  }

  std::string_view LivelockHint(std::size_t tasks) const {
    if (operations_.contains(Operation::kLock) && tasks > 1) {
      return "each gives way to the others, and all try again. Take what they need in one order, "
             "or "
             "let them try again after different times.";
    }
    if (operations_ == std::set<Operation>{Operation::kSleep}) {
      return "a task that comes again after every pause, and that nothing ends. Spawn it in a "
             "TaskGroup, which ends it with its scope, or in a CancelScope, and ask it to stop.";
    }
    return "a busy wait: a task asks again and again for what does not come. Let it wait on a "
           "Gate, "
           "a Condition or a ReadWhen: the run is then stuck at once, and says who is missing.";
  }

  // --- starvation -------------------------------------------------------------------------

  // Only those of which it is certain that they could have gone on all the time.
  void AddStarved() {
    if (steps_ < kLastSteps) return;
    for (const WaitingTask& waiting : trace_.header.waiting) {
      if (loops_.contains(waiting.task)) continue;
      const std::size_t ready = ReadySince(waiting.task);
      if (ready >= begin_) continue;
      const auto since = trace_.events.begin() + static_cast<std::ptrdiff_t>(ready);
      const auto passed = std::count_if(since, trace_.events.end(), IsStep);
      found_.push_back({Verdict::kStarvation,
                        {waiting.task},
                        "Starvation: " + text_.Task(waiting.task) +
                            " was ready, and was passed over " + std::to_string(passed) +
                            " times.\n  " + ReadyText(ready) +
                            "\n  Likely cause: the others do not wait for it but ask again and "
                            "again, and this schedule never lets it go on. A fair schedule "
                            "would: RandomChooser and RoundRobinChooser make such."});
    }
  }

  std::string ReadyText(std::size_t ready) const {
    const Event& event = trace_.events[ready];
    const std::string since = " since " + FormatNanos(event.time);
    if (event.kind == EventKind::kSpawn) return "It was spawned, and has not started" + since;
    return "It could go on" + text_.LastAwait(event.task, ready + 1, "at") + since;
  }

  // The event since which a task that is suspended has been ready; kNoEvent: it may not be.
  std::size_t ReadySince(TaskId task) const {
    for (std::size_t i = trace_.events.size(); i-- > 0;) {
      const Event& event = trace_.events[i];
      if (event.task != task) continue;
      const bool yields = event.kind == EventKind::kSuspend && event.op() == Operation::kYield;
      const bool is_ready =
          yields || event.kind == EventKind::kWake || event.kind == EventKind::kSpawn;
      return is_ready ? i : kNoEvent;
    }
    return kNoEvent;
  }

  const Trace& trace_;
  DiagnosisText text_;
  std::size_t begin_ = 0;  // the last steps begin here
  std::size_t steps_ = 0;  // and are that many
  std::map<TaskId, Loop> loops_;
  std::set<Operation> operations_;
  Changes changes_;
  std::vector<Diagnosis> found_;
};

}  // namespace

std::vector<Diagnosis> DiagnoseStepLimit(const Trace& trace, const TaskTable& tasks) {
  return LongRun(trace, tasks).Diagnose();
}

std::vector<Diagnosis> DiagnoseTaskLimit(const Trace& trace, const TaskTable& tasks) {
  const DiagnosisText text(trace, tasks);
  // By who creates them, and what they are.
  std::map<std::pair<TaskId, std::string_view>, std::vector<TaskId>> families;
  for (const TaskInfo& task : tasks.tasks()) {
    if (task.ended == kNoEvent) families[{task.parent, task.function}].push_back(task.id);
  }
  const auto largest = std::ranges::max_element(
      families, {}, [](const auto& family) { return family.second.size(); });
  if (largest == families.end()) return {};
  const auto& [parent, function] = largest->first;
  const std::string creator = parent == kNoTask ? "The body" : text.Task(parent);
  return {{Verdict::kEndless,
           {parent},
           "Tasks without end: " + creator + " created " + CountOf(largest->second.size(), "task") +
               " of " + std::string(function) +
               " that have not ended.\n  Likely cause: tasks are spawned faster than they end. "
               "Limit how many there are at a time, for example with a Semaphore."}};
}

}  // namespace heddle::internal
