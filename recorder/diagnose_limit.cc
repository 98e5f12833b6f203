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

#include "diagnose_stuck.h"
#include "diagnosis_text.h"
#include "heddle/ending.h"

namespace heddle::internal {
namespace {

constexpr std::size_t kLastSteps = 1'000;
constexpr std::size_t kSitesShown = 4;
constexpr std::size_t kTasksShown = 5;
// So many calls inside each other are no program's way to come to an end.
constexpr std::size_t kDeepCalls = 1'000;
// A fair schedule passes a task over now and then; that often, only one of 10^8.
constexpr std::size_t kTimesPassedOver = 20;

bool IsTurn(const Event& event) {
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
  LongRun(const Trace& trace, const TaskTable& tasks)
      : trace_(trace), tasks_(tasks), text_(trace, tasks) {
    FindLastSteps();
    for (std::size_t i = begin_; i < trace.events.size(); ++i) Count(trace.events[i]);
  }

  std::vector<Diagnosis> Diagnose() {
    if (!AddRecursion()) AddLoop();
    AddStarved();
    return std::move(found_);
  }

 private:
  // What went on in the last steps.
  struct Changes {
    std::size_t messages = 0;
    std::size_t writes = 0;
    std::size_t signals = 0;
    std::size_t marks = 0;
    std::size_t tasks = 0;
    std::size_t calls = 0;

    std::size_t all() const { return messages + writes + signals + marks + tasks + calls; }
  };
  struct Loop {
    std::size_t steps = 0;
    std::vector<std::string> sites;
  };

  void FindLastSteps() {
    begin_ = trace_.events.size();
    while (begin_ > 0 && steps_ < kLastSteps) {
      if (IsTurn(trace_.events[--begin_])) ++steps_;
    }
  }

  void Count(const Event& event) {
    switch (event.kind) {
      case EventKind::kSend:
      case EventKind::kReceive:
        ++changes_.messages;
        break;
      case EventKind::kAccess:
        if (event.op() == Operation::kWrite) ++changes_.writes;
        break;
      case EventKind::kRelease:
        if (event.op() != Operation::kLock) ++changes_.signals;
        break;
      case EventKind::kMark:
      case EventKind::kInput:
        ++changes_.marks;
        break;
      case EventKind::kStart:
        ++(event.op() == Operation::kCall ? changes_.calls : changes_.tasks);
        break;
      case EventKind::kFinish:
        if (event.object == 0 && event.outcome() == Outcome::kException) ++failures_;
        break;
      case EventKind::kSuspend:
        AddSite(event);
        return;
      default:
        break;
    }
    if (IsTurn(event)) ++loops_[event.task].steps;
  }

  void AddSite(const Event& suspend) {
    if (suspend.op() == Operation::kCall || suspend.is_co_yield()) return;
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
    text += is_livelock ? LivelockHint(busy.size()) : EndlessHint();
    found_.push_back({is_livelock ? Verdict::kLivelock : Verdict::kEndless, busy, std::move(text)});
  }

  std::string LivelockHeadline(const std::vector<TaskId>& busy) const {
    std::vector<std::string> names;
    names.reserve(busy.size());
    for (const TaskId task : busy) names.push_back(text_.Task(task));
    return "Livelock: " + Listed(names) + (busy.size() == 1 ? " goes" : " go") +
           " round and round, and nothing changes" +
           (IsBusyWait() ? "." : " that the events show.");
  }

  // Whether they ask for a value that the events know, and so would know of a change.
  bool IsBusyWait() const { return operations_.contains(Operation::kRead); }

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
    add(changes_.marks, "mark");
    add(changes_.tasks, "new task");
    add(changes_.calls, "call");
    const VirtualNanos from = trace_.events[begin_].time;
    const VirtualNanos to = trace_.events.back().time;
    std::string text = parts.empty()
                           ? "nothing was sent, written, signalled or begun"
                           : (changes_.all() == 1 ? "there was " : "there were ") + Listed(parts);
    if (from != to) text += "; time went from " + FormatNanos(from) + " to " + FormatNanos(to);
    return text;
  }

  std::string_view LivelockHint(std::size_t tasks) const {
    if (operations_.contains(Operation::kLock) && operations_.size() > 1 && tasks > 1) {
      return "each gives way to the others, and all try again. Take what they need in one order, "
             "or let them try again after different times.";
    }
    if (operations_ == std::set<Operation>{Operation::kSleep}) {
      return "a task that comes again after every pause, and that nothing ends. Spawn it in a "
             "TaskGroup, which ends it with its scope, or in a CancelScope, and ask it to stop.";
    }
    if (IsBusyWait()) {
      return "a busy wait: a task asks again and again for what does not come. Let it wait on a "
             "Gate, a Condition or a ReadWhen: the run is then stuck at once, and says who is "
             "missing.";
    }
    return "a loop over plain variables, whose changes are no events. If it waits for one of them, "
           "let it wait on a Gate, a Condition or a ReadWhen; if it is only long, raise "
           "steps_max in the options of the run.";
  }

  std::string_view EndlessHint() const {
    if (failures_ > 0 && failures_ * 2 >= changes_.calls) {
      return "what fails is tried again and again, and fails each time. Limit the attempts.";
    }
    return "a loop that has no way out.";
  }

  // --- calls in calls ---------------------------------------------------------------------

  // The calls that have not returned: by caller, its kSuspend.
  std::map<TaskId, std::size_t> OpenCalls() const {
    std::map<TaskId, std::size_t> open;
    for (std::size_t i = 0; i < trace_.events.size(); ++i) {
      const Event& event = trace_.events[i];
      if (event.kind == EventKind::kSuspend && event.op() == Operation::kCall) {
        open[event.task] = i;
      } else if (event.kind == EventKind::kResume || event.kind == EventKind::kFinish) {
        open.erase(event.task);
      }
    }
    return open;
  }

  // The longest chain of `open`, from its end. A caller is older than what it calls, as a rule;
  // where it is not, a chain is only thought to be shorter.
  std::vector<std::size_t> DeepestChain(const std::map<TaskId, std::size_t>& open) const {
    std::map<TaskId, std::size_t> depth;
    std::map<TaskId, std::size_t> called_in;
    TaskId deepest = kNoTask;
    for (const auto& [caller, suspend] : open) {
      const TaskId callee = trace_.events[suspend].object;
      depth[callee] = depth[caller] + 1;
      called_in[callee] = suspend;
      if (deepest == kNoTask || depth[callee] > depth[deepest]) deepest = callee;
    }
    std::vector<std::size_t> chain;
    for (TaskId task = deepest; chain.size() < open.size();) {
      const auto call = called_in.find(task);
      if (call == called_in.end()) break;
      chain.push_back(call->second);
      task = trace_.events[call->second].task;
    }
    return chain;
  }

  bool AddRecursion() {
    const std::vector<std::size_t> chain = DeepestChain(OpenCalls());
    if (chain.size() < kDeepCalls) return false;
    const TaskId root = trace_.events[chain.back()].task;
    std::vector<std::string> lines;
    for (const std::size_t call : chain) {
      if (lines.size() == kSitesShown) break;
      std::string line = CallText(trace_.events[call]);
      if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
    }
    std::string text = "Calls without end: " + text_.Task(root) + " is " +
                       std::to_string(chain.size()) + " calls deep.";
    for (const std::string& line : lines) text += "\n  " + line;
    text += "\n  Likely cause: a recursion that has no way out.";
    found_.push_back({Verdict::kEndless, {root}, std::move(text)});
    return true;
  }

  // "shop::Retry calls shop::Charge at shop.cc:41"
  std::string CallText(const Event& call) const {
    const std::string site = text_.Site(call.site);
    return tasks_[call.task].function + " calls " + tasks_[call.object].function +
           (site.empty() ? "" : " at " + site);
  }

  // --- starvation -------------------------------------------------------------------------

  struct Starved {
    TaskId task;
    std::size_t ready;  // the event since which it is
    std::size_t passed;
  };

  // Only those of which it is certain that they could have gone on all the time, and that were
  // passed over far more often than it takes to let everybody go on once.
  void AddStarved() {
    if (steps_ < kLastSteps) return;
    const std::vector<std::size_t> steps = StepsFrom();
    const std::size_t enough = std::max(kLastSteps, kTimesPassedOver * MostCandidates());
    std::map<std::string, std::vector<Starved>> alike;
    for (const auto& [task, ready] : ReadySince()) {
      if (loops_.contains(task) || steps[ready] < enough) continue;
      alike[LikenessOf(task, ready)].push_back({task, ready, steps[ready]});
    }
    for (const auto& [likeness, tasks] : alike) AddStarved(tasks);
  }

  void AddStarved(const std::vector<Starved>& tasks) {
    const std::string passed =
        std::to_string(std::ranges::min(tasks, {}, &Starved::passed).passed) + " times";
    const bool one = tasks.size() == 1;
    std::vector<TaskId> ids;
    ids.reserve(tasks.size());
    for (const Starved& starved : tasks) ids.push_back(starved.task);
    std::string text =
        "Starvation: " +
        (one ? text_.Task(ids.front()) + " was ready, and was passed over " + passed + "."
             : CountOf(ids.size(), "task") + " were ready, and were passed over " + passed +
                   " or more.");
    for (std::size_t i = 0; i < std::min(tasks.size(), kTasksShown); ++i) {
      text += "\n  " + ReadyText(tasks[i].ready, one ? "It" : text_.Task(ids[i]));
    }
    if (tasks.size() > kTasksShown) {
      text += "\n  and " + CountOf(tasks.size() - kTasksShown, "more task");
    }
    const std::string them = one ? "it" : "them";
    text += "\n  Likely cause: the others do not wait for " + them +
            " but ask again and again, and this schedule never lets " + them +
            " go on. A fair schedule would: RandomChooser and RoundRobinChooser make such.";
    found_.push_back({Verdict::kStarvation, std::move(ids), std::move(text)});
  }

  // What tasks have in common that are one finding.
  std::string LikenessOf(TaskId task, std::size_t ready) const {
    const bool spawned = trace_.events[ready].kind == EventKind::kSpawn;
    return tasks_[task].function + (spawned ? "" : text_.LastAwait(task, ready + 1, "at"));
  }

  // How many there were at most to choose from, in the last steps.
  std::size_t MostCandidates() const {
    std::size_t most = 1;
    std::size_t left = kLastSteps;
    for (std::size_t i = trace_.choices.size(); i-- > 0 && left > 0; --left) {
      const Choice& choice = trace_.choices[i];
      if (choice.kind != ChoiceKind::kTask) continue;
      most = std::max<std::size_t>(most, choice.alternatives);
    }
    return most;
  }

  // For each event how many steps there are from it on.
  std::vector<std::size_t> StepsFrom() const {
    std::vector<std::size_t> steps(trace_.events.size() + 1);
    for (std::size_t i = trace_.events.size(); i-- > 0;) {
      steps[i] = steps[i + 1] + (IsTurn(trace_.events[i]) ? 1 : 0);
    }
    return steps;
  }

  std::string ReadyText(std::size_t ready, const std::string& who) const {
    const Event& event = trace_.events[ready];
    const std::string since = " since " + FormatNanos(event.time);
    if (event.kind == EventKind::kSpawn) return who + " was spawned, and has not started" + since;
    return who + " could go on" + text_.LastAwait(event.task, ready + 1, "at") + since;
  }

  // Of those that wait, and have been ready for certain: the event since which they have.
  std::map<TaskId, std::size_t> ReadySince() const {
    std::map<TaskId, std::size_t> last;
    for (const WaitingTask& waiting : trace_.header.waiting) last[waiting.task] = kNoEvent;
    for (std::size_t i = 0; i < trace_.events.size(); ++i) {
      const auto found = last.find(trace_.events[i].task);
      if (found != last.end()) found->second = i;
    }
    std::erase_if(last, [&](const auto& entry) {
      if (entry.second == kNoEvent) return true;
      const Event& event = trace_.events[entry.second];
      const bool yields = event.kind == EventKind::kSuspend && event.op() == Operation::kYield &&
                          !event.is_co_yield();
      return !yields && event.kind != EventKind::kWake && event.kind != EventKind::kSpawn;
    });
    return last;
  }

  const Trace& trace_;
  const TaskTable& tasks_;
  DiagnosisText text_;
  std::size_t begin_ = 0;  // the last steps begin here
  std::size_t steps_ = 0;  // and are that many
  std::map<TaskId, Loop> loops_;
  std::set<Operation> operations_;
  Changes changes_;
  std::size_t failures_ = 0;  // calls that threw
  std::vector<Diagnosis> found_;
};

}  // namespace

std::vector<Diagnosis> DiagnoseStepLimit(const Trace& trace, const TaskTable& tasks) {
  // A timer that goes off for ever keeps a run from being stuck, and nobody waits for it.
  std::vector<Diagnosis> found = DiagnoseStuckForGood(trace, tasks);
  for (Diagnosis& diagnosis : LongRun(trace, tasks).Diagnose()) {
    found.push_back(std::move(diagnosis));
  }
  return found;
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
