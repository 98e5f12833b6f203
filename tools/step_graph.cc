// SPDX-License-Identifier: MIT
//
// Implements step_graph.h: cut the events into steps, ask Causality for what caused them,
// then fold what is long and dull.
#include "step_graph.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "deciding_steps.h"
#include "heddle/causality.h"
#include "heddle/ending.h"
#include "heddle/internal/wait_graph.h"
#include "heddle/losses.h"
#include "requests.h"
#include "words.h"

namespace heddle::tools {
namespace {

constexpr std::size_t kNoStep = static_cast<std::size_t>(-1);

class StepGraphBuilder {
 public:
  StepGraphBuilder(const Trace& trace, const TaskTable& tasks, FlowId flow)
      : trace_(trace), tasks_(tasks), flow_(flow), step_of_event_(trace.events.size(), kNoStep) {
    for (const TaskId task : FailedTasks(trace, tasks)) failed_.insert(task);
  }

  StepGraph Build() {
    CutSteps();
    MarkFailure();
    AddCauses();
    AddWaits();
    AddProgramOrder(FoldRuns());
    return std::move(graph_);
  }

 private:
  using Chains = std::map<TaskId, std::vector<std::size_t>>;  // the steps of each task

  using StepIterator = std::vector<std::size_t>::const_iterator;

  // Of one task, while the events are read.
  struct Progress {
    std::size_t step = kNoStep;         // the one it is making
    std::vector<std::size_t> upcoming;  // events that belong to its next one
  };

  const Event& At(std::size_t event) const { return trace_.events[event]; }
  bool InView(std::size_t event) const { return flow_ == 0 || tasks_.FlowOf(event) == flow_; }

  void CutSteps();
  std::string LineOf(const Event& event) const;
  void MarkFailure();
  void AddCauses();
  bool IsKnownAnyway(const Causality& causality, const std::vector<std::size_t>& causes,
                     std::size_t release) const;
  void AddCause(std::size_t cause, std::size_t event);
  std::optional<Edge> EdgeOf(const Event& cause, const Event& event) const;
  void AddWaits();
  bool IsDrawn(const internal::WaitEdge& edge, bool in_circle, std::size_t suspend) const;
  std::size_t AddWait(const internal::WaitEdge& edge, std::size_t suspend, std::size_t to);
  std::string TakesText(std::size_t event) const;
  std::size_t StepOf(std::size_t cause, EdgeKind kind);
  Step ForeignStep(std::size_t event) const;
  void AddEdge(Edge edge);
  Chains FoldRuns();
  StepIterator FoldEnd(StepIterator first, StepIterator last) const;
  void Fold(const std::vector<std::size_t>& run);
  void AddProgramOrder(const Chains& chains);

  const Trace& trace_;
  const TaskTable& tasks_;
  const FlowId flow_;
  std::set<TaskId> failed_;
  std::vector<std::size_t> step_of_event_;
  std::map<std::size_t, std::size_t> foreign_;  // event -> step
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> edge_between_;
  StepGraph graph_;
};

// Whether somebody wrote an object, as a step or within one.
bool IsWrite(const Event& event) {
  return (event.kind == EventKind::kResume || event.kind == EventKind::kAccess) &&
         event.op() == Operation::kWrite;
}

std::string WithSite(std::string text, const std::string& site) {
  return site.empty() ? text : std::move(text) + "  " + site;
}

void StepGraphBuilder::CutSteps() {
  std::map<TaskId, Progress> progress;
  const std::map<std::size_t, std::string> orders = DecidingSteps(trace_);
  for (std::size_t i = 0; i < trace_.events.size(); ++i) {
    const Event& event = At(i);
    if (event.task == kNoTask) continue;
    if (!InView(i)) {
      // Who waits for the next message is in no request, and its next step is another one.
      const auto known = progress.find(event.task);
      if (event.kind == EventKind::kSuspend && known != progress.end()) {
        known->second.step = kNoStep;
      }
      continue;
    }
    Progress& task = progress[event.task];
    if (event.kind == EventKind::kSpawn || event.kind == EventKind::kWake) {
      task.upcoming.push_back(i);
      continue;
    }
    if (task.step == kNoStep || event.kind == EventKind::kResume) {
      task.step = graph_.steps.size();
      graph_.steps.push_back({.task = event.task, .time = event.time});
      for (const std::size_t before : task.upcoming) step_of_event_[before] = task.step;
      task.upcoming.clear();
    }
    step_of_event_[i] = task.step;
    if (const auto order = orders.find(i); order != orders.end()) {
      graph_.steps[task.step].order = order->second;
    }
    std::string line = LineOf(event);
    if (!line.empty()) graph_.steps[task.step].lines.push_back(std::move(line));
    if (event.kind == EventKind::kSuspend) task.step = kNoStep;
  }
}

std::string StepGraphBuilder::LineOf(const Event& event) const {
  const std::string site = SiteText(trace_, event.site);
  switch (event.kind) {
    case EventKind::kSuspend:
      return WithSite(event.op() == Operation::kCall
                          ? "calls " + Printable(tasks_[event.object].name)
                          : AwaitText(trace_, event),
                      site);
    case EventKind::kResume:
      return FoundText(trace_, event);
    case EventKind::kFinish:
      if (event.outcome() == Outcome::kValue) return "returns";
      if (event.outcome() == Outcome::kCancelled) return "cancelled";
      return trace_.header.failed_task == event.task ? "throws: " + FirstLine(trace_.header.message)
                                                     : "throws";
    case EventKind::kAbandon:
      return std::string(AbandonText(event));
    case EventKind::kCancel:
      return WithSite("cancels " + Printable(tasks_.Path(event.object)), site);
    case EventKind::kFlow:
      return flow_ == 0 || event.also_for() != 0 ? ActText(trace_, event) : "";
    default: {
      std::string text = ActText(trace_, event);
      return text.empty() ? text : WithSite(std::move(text), site);
    }
  }
}

// The run failed in the last steps of the tasks that failed.
void StepGraphBuilder::MarkFailure() {
  std::set<TaskId> open = failed_;
  for (auto step = graph_.steps.rbegin(); step != graph_.steps.rend() && !open.empty(); ++step) {
    if (open.erase(step->task) > 0) step->failed = true;
  }
}

void StepGraphBuilder::AddCauses() {
  const Causality causality(trace_);
  for (std::size_t i = 0; i < trace_.events.size(); ++i) {
    if (step_of_event_[i] == kNoStep) continue;
    const std::vector<std::size_t> causes = causality.CausesOf(i);
    // Of many releases the last one made it possible; they are ascending.
    std::size_t last_release = kNoEvent;
    for (const std::size_t cause : causes) {
      if (At(cause).kind == EventKind::kRelease) last_release = cause;
    }
    for (const std::size_t cause : causes) {
      if (At(cause).task == At(i).task) continue;
      if (At(cause).kind == EventKind::kRelease && cause != last_release) continue;
      if (At(cause).kind == EventKind::kRelease && IsKnownAnyway(causality, causes, cause))
        continue;
      AddCause(cause, i);
    }
  }
}

// Whether a release of this request lies before the await that it ends already by other
// causes: two calls in a row, say, that lock the same thing. `causes` are those of the
// kResume.
bool StepGraphBuilder::IsKnownAnyway(const Causality& causality,
                                     const std::vector<std::size_t>& causes,
                                     std::size_t release) const {
  if (!InView(release)) return false;
  return std::any_of(causes.begin(), causes.end(), [&](std::size_t other) {
    return At(other).kind != EventKind::kRelease && causality.HappensBefore(release, other);
  });
}

void StepGraphBuilder::AddCause(std::size_t cause, std::size_t event) {
  std::optional<Edge> edge = EdgeOf(At(cause), At(event));
  if (!edge) return;
  edge->from = StepOf(cause, edge->kind);
  edge->to = step_of_event_[event];
  if (edge->from != kNoStep) AddEdge(*std::move(edge));
}

// What `cause`, of another task, means for `event`; nothing where the picture shows it by
// another edge.
std::optional<Edge> StepGraphBuilder::EdgeOf(const Event& cause, const Event& event) const {
  if (cause.kind == EventKind::kCancel && cause.object == event.task) {
    return Edge{.kind = EdgeKind::kWake, .label = "cancels"};
  }
  switch (event.kind) {
    case EventKind::kSpawn:
      return Edge{.kind = EdgeKind::kSpawn, .label = "spawns"};
    case EventKind::kStart:
      if (cause.kind != EventKind::kSuspend || cause.op() != Operation::kCall) break;
      return Edge{.kind = EdgeKind::kCall, .label = "calls"};
    case EventKind::kWake:
      return Edge{.kind = EdgeKind::kWake, .label = "wakes"};
    case EventKind::kSend:
    case EventKind::kReceive:
      return Edge{.kind = EdgeKind::kMessage,
                  .label = cause.kind == EventKind::kSend ? "message " + std::to_string(event.value)
                                                          : "room"};
    case EventKind::kAcquire:
    case EventKind::kAccess:
    case EventKind::kResume:
      if (cause.kind == EventKind::kRelease || IsWrite(cause)) {
        return Edge{.kind = EdgeKind::kRelease,
                    .label = Printable(ObjectName(trace_, cause.object))};
      }
      if (cause.kind != EventKind::kFinish) break;
      if (event.op() == Operation::kCall) {
        return Edge{.kind = EdgeKind::kCall, .label = std::string(OutcomeText(cause.outcome()))};
      }
      return Edge{.kind = EdgeKind::kJoin, .label = std::string(OutcomeText(cause.outcome()))};
    default:
      break;
  }
  return std::nullopt;
}

// Who waits for whom where the run ends. Those of other requests are drawn as far as one of this
// waits for them, so that a circle is closed.
void StepGraphBuilder::AddWaits() {
  // The others of a run that threw had not come to an end. And where a filter took events, a lock
  // may have been given back.
  if (trace_.header.ending == Ending::kThrew) return;
  for (const Loss& loss : trace_.losses.list) {
    if (loss.reason != LossReason::kWindow && loss.reason != LossReason::kTorn) return;
  }
  const internal::WaitGraph graph(trace_, tasks_);
  const auto& blocked = graph.blocked();
  std::set<std::pair<TaskId, TaskId>> in_circles;
  for (const std::vector<TaskId>& circle : graph.Circles()) {
    for (std::size_t i = 0; i < circle.size(); ++i) {
      in_circles.emplace(circle[i], circle[(i + 1) % circle.size()]);
    }
  }
  std::vector<TaskId> left;
  for (const auto& [task, wait] : blocked) {
    if (InView(wait.suspend)) left.push_back(task);
  }
  std::set<TaskId> seen(left.begin(), left.end());
  while (!left.empty()) {
    const TaskId task = left.back();
    left.pop_back();
    const std::size_t suspend = blocked.at(task).suspend;
    for (const internal::WaitEdge& edge : graph.EdgesFrom(task)) {
      if (!IsDrawn(edge, in_circles.contains({task, edge.to}), suspend)) continue;
      const auto next = blocked.find(edge.to);
      const std::size_t waits = next == blocked.end() ? kNoEvent : next->second.suspend;
      const std::size_t taken = AddWait(edge, suspend, edge.event == kNoEvent ? waits : edge.event);
      if (waits == kNoEvent || !seen.insert(edge.to).second) continue;
      left.push_back(edge.to);
      const std::size_t waiting = StepOf(waits, EdgeKind::kWait);
      if (taken != kNoStep && taken != waiting) AddEdge({.from = taken, .to = waiting});
    }
  }
}

// That somebody used a channel before, or was spawned, does not say that others wait for it; in a
// circle it does.
bool StepGraphBuilder::IsDrawn(const internal::WaitEdge& edge, bool in_circle,
                               std::size_t suspend) const {
  switch (edge.reason) {
    case internal::WaitReason::kLock:
    case internal::WaitReason::kTurn:
      return true;
    case internal::WaitReason::kCall:  // in view it is drawn as what it is
      return !InView(suspend);
    default:
      return in_circle;
  }
}

// From the step of `suspend` to that of event `to`, which is given back.
std::size_t StepGraphBuilder::AddWait(const internal::WaitEdge& edge, std::size_t suspend,
                                      std::size_t to) {
  if (to == kNoEvent) return kNoStep;
  Edge wait{.from = StepOf(suspend, EdgeKind::kWait),
            .to = StepOf(to, EdgeKind::kWait),
            .kind = EdgeKind::kWait,
            .label = (edge.reason == internal::WaitReason::kLock ? "held by " : "waits for ") +
                     Printable(tasks_[edge.to].name)};
  const std::size_t step = wait.to;
  // The step of this request after an await that had to wait begins with that.
  if (step != kNoStep && !graph_.steps[step].foreign) {
    std::vector<std::string>& lines = graph_.steps[step].lines;
    std::string takes = TakesText(to);
    const bool is_new = !takes.empty() && (lines.empty() || lines.front() != takes);
    if (is_new) lines.insert(lines.begin(), std::move(takes));
  }
  if (wait.from != kNoStep && step != kNoStep) graph_.edges.push_back(std::move(wait));
  return step;
}

// "takes Mutex stock", of a resumption that does; acts say so themselves.
std::string StepGraphBuilder::TakesText(std::size_t event) const {
  const bool takes = At(event).kind == EventKind::kResume && At(event).op() == Operation::kLock;
  return takes ? "takes " + Printable(ObjectName(trace_, At(event).object)) : "";
}

// The step of event `cause`; a new foreign one where another request did it. Who started a
// request, or waits for it, is not part of its story.
std::size_t StepGraphBuilder::StepOf(std::size_t cause, EdgeKind kind) {
  if (InView(cause)) return step_of_event_[cause];
  if (kind == EdgeKind::kSpawn || kind == EdgeKind::kCall) return kNoStep;
  const auto [known, is_new] = foreign_.try_emplace(cause, graph_.steps.size());
  if (is_new) graph_.steps.push_back(ForeignStep(cause));
  return known->second;
}

// Who did `event`, and what it said in the same step before.
Step StepGraphBuilder::ForeignStep(std::size_t event) const {
  const TaskId task = At(event).task;
  const FlowId flow = tasks_.FlowOf(event);
  std::size_t first = event;
  while (first > 0 && At(first - 1).task == task && At(first).kind != EventKind::kResume) --first;
  Step step{.task = task, .time = At(event).time, .foreign = true};
  step.lines.push_back(flow == 0 ? Printable(tasks_.Path(task))
                                 : Printable(tasks_[task].name) + " of " + FlowText(trace_, flow));
  for (std::size_t i = first; i < event; ++i) {
    if (At(i).kind == EventKind::kMark) step.lines.push_back(LineOf(At(i)));
  }
  const std::string takes = TakesText(event);
  step.lines.push_back(takes.empty() ? LineOf(At(event)) : takes);
  return step;
}

// Two steps have one edge: the most telling one. EdgeKind is in that order.
void StepGraphBuilder::AddEdge(Edge edge) {
  const auto [known, is_new] =
      edge_between_.try_emplace(std::pair(edge.from, edge.to), graph_.edges.size());
  if (is_new) {
    graph_.edges.push_back(std::move(edge));
  } else if (edge.kind < graph_.edges[known->second].kind) {
    graph_.edges[known->second] = std::move(edge);
  }
}

// Folds steps that have no edge to other tasks. Returns what is left of each task.
StepGraphBuilder::Chains StepGraphBuilder::FoldRuns() {
  std::vector<bool> touched(graph_.steps.size());
  for (const Edge& edge : graph_.edges) touched[edge.from] = touched[edge.to] = true;
  Chains chains;
  for (std::size_t i = 0; i < graph_.steps.size(); ++i) {
    const Step& step = graph_.steps[i];
    if (step.foreign) continue;
    if (step.failed || !step.order.empty()) touched[i] = true;
    chains[step.task].push_back(i);
  }
  for (auto& [task, chain] : chains) {
    std::vector<std::size_t> kept;
    for (StepIterator step = chain.begin(); step != chain.end();) {
      const auto run_end =
          std::find_if(step, chain.cend(), [&](std::size_t i) { return touched[i]; });
      const auto fold_end = FoldEnd(step, run_end);
      kept.push_back(*step);
      if (fold_end - step > 1) Fold({step, fold_end});
      step = fold_end;
    }
    chain = std::move(kept);
  }
  return chains;
}

// [first, last) are steps that nothing else touches. Up to where to fold them: all, if they
// are many; otherwise equal ones; otherwise the first alone.
StepGraphBuilder::StepIterator StepGraphBuilder::FoldEnd(StepIterator first,
                                                         StepIterator last) const {
  constexpr std::ptrdiff_t kManySteps = 8;
  constexpr std::ptrdiff_t kEqualSteps = 3;
  if (last - first >= kManySteps) return last;
  const auto other = std::find_if(first, last, [&](std::size_t i) {
    return graph_.steps[i].lines != graph_.steps[*first].lines;
  });
  return other - first >= kEqualSteps ? other : first + 1;
}

// Makes the first step of `run` stand for all; the others stay as steps without lines.
void StepGraphBuilder::Fold(const std::vector<std::size_t>& run) {
  constexpr std::size_t kLinesMax = 6;
  std::vector<std::pair<std::string, std::size_t>> counts;  // in order of first appearance
  std::map<std::string, std::size_t> places;
  for (const std::size_t i : run) {
    for (std::string& line : graph_.steps[i].lines) {
      const auto [place, is_new] = places.try_emplace(line, counts.size());
      if (is_new) counts.emplace_back(std::move(line), 0);
      ++counts[place->second].second;
    }
    graph_.steps[i].lines.clear();
    graph_.steps[i].count = 0;
  }
  Step& first = graph_.steps[run.front()];
  first.count = run.size();
  for (const auto& [line, count] : counts) {
    if (first.lines.size() == kLinesMax) {
      first.lines.emplace_back("...");
      break;
    }
    first.lines.push_back(count == 1 ? line : line + "  x " + Grouped(count));
  }
}

// A caller's steps are joined through its callee where that is in the picture.
void StepGraphBuilder::AddProgramOrder(const Chains& chains) {
  std::set<std::size_t> calling;
  std::set<std::size_t> returned_to;
  for (const Edge& edge : graph_.edges) {
    if (edge.kind != EdgeKind::kCall) continue;
    (edge.label == "calls" ? calling : returned_to)
        .insert(edge.label == "calls" ? edge.from : edge.to);
  }
  for (const auto& [task, chain] : chains) {
    for (std::size_t i = 1; i < chain.size(); ++i) {
      if (calling.count(chain[i - 1]) > 0 && returned_to.count(chain[i]) > 0) continue;
      graph_.edges.push_back(Edge{.from = chain[i - 1], .to = chain[i]});
    }
  }
}

}  // namespace

StepGraph BuildStepGraph(const Trace& trace, const TaskTable& tasks, FlowId flow) {
  return StepGraphBuilder(trace, tasks, flow).Build();
}

}  // namespace heddle::tools
