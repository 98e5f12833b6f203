// SPDX-License-Identifier: MIT
//
// Implements graph.h. A spawned task has a frame of its own; a called one stands in its
// caller's, because it runs in its caller's place.
#include "graph.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "heddle/ending.h"
#include "heddle/losses.h"
#include "heddle/task_table.h"
#include "requests.h"
#include "step_graph.h"
#include "words.h"

namespace heddle::tools {
namespace {

// Frames within frames beyond this depth are drawn side by side.
constexpr std::size_t kNestingMax = 16;

// Beyond so many steps Graphviz is told to look less long for the best picture.
constexpr std::size_t kQuickLayout = 500;
constexpr std::string_view kQuickly =
    ",\n         splines=line, nslimit=1, nslimit1=1, mclimit=0.1";

// A text inside the quotes of DOT.
std::string Escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

// Lines that are aligned to the left.
std::string LabelText(const std::vector<std::string>& lines) {
  std::string label;
  for (const std::string& line : lines) label += Escaped(line) + "\\l";
  return label;
}

std::string_view StyleOf(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::kProgram:
      return "color=\"#9aa0a6\", weight=20";
    case EdgeKind::kCall:
      return "color=\"#5f6368\", weight=20";
    case EdgeKind::kSpawn:
      return "color=\"#1a73e8\", fontcolor=\"#1a73e8\"";
    case EdgeKind::kJoin:
      return "color=\"#188038\", fontcolor=\"#188038\"";
    case EdgeKind::kRelease:
      return "color=\"#b06000\", fontcolor=\"#b06000\"";
    case EdgeKind::kMessage:
      return "color=\"#8430ce\", fontcolor=\"#8430ce\"";
    case EdgeKind::kWake:
      return "color=\"#5f6368\", fontcolor=\"#5f6368\", style=dotted";
    case EdgeKind::kWait:  // against the time
      return "color=\"#d93025\", fontcolor=\"#d93025\", penwidth=2, constraint=false";
  }
  return "";
}

// Steps of one instant. Time runs downwards: all of them are drawn below all of an earlier one.
struct Instant {
  std::vector<std::size_t> first;  // those that no other of this instant comes before
  std::vector<std::size_t> last;   // those that none comes after
};

std::vector<Instant> InstantsOf(const StepGraph& graph) {
  std::vector<bool> follows(graph.steps.size());
  std::vector<bool> leads(graph.steps.size());
  for (const Edge& edge : graph.edges) {
    if (edge.kind == EdgeKind::kWait) continue;
    if (graph.steps[edge.from].time != graph.steps[edge.to].time) continue;
    leads[edge.from] = true;
    follows[edge.to] = true;
  }
  std::map<VirtualNanos, Instant> instants;
  for (std::size_t i = 0; i < graph.steps.size(); ++i) {
    if (graph.steps[i].count == 0) continue;
    Instant& instant = instants[graph.steps[i].time];
    if (!follows[i]) instant.first.push_back(i);
    if (!leads[i]) instant.last.push_back(i);
  }
  std::vector<Instant> ascending;
  ascending.reserve(instants.size());
  for (auto& [time, instant] : instants) ascending.push_back(std::move(instant));
  return ascending;
}

// "2.5ms", and which of the steps whose order decides it is.
std::string TimeText(const Step& step) {
  return FormatNanos(step.time) + (step.order.empty() ? "" : "   (" + step.order + ")");
}

// What nobody may take for the whole run; a comment of both languages begins with `comment`.
std::string MissingComment(const Trace& trace, std::string_view comment) {
  std::string text;
  for (const std::string& line : LossLines(trace.losses)) {
    text.append(comment).append(" missing: ").append(Printable(line)).append("\n");
  }
  return text;
}

class DotWriter {
 public:
  DotWriter(const Trace& trace, const TaskTable& tasks, const StepGraph& graph)
      : trace_(trace), tasks_(tasks), graph_(graph) {
    for (std::size_t i = 0; i < graph.steps.size(); ++i) {
      const Step& step = graph.steps[i];
      if (step.count > 0 && !step.foreign) steps_[step.task].push_back(i);
    }
    NestCallees();
    for (const Edge& edge : graph.edges) {
      const Step& to = graph.steps[edge.to];
      if (edge.kind == EdgeKind::kSpawn && !graph.steps[edge.from].foreign) below_.insert(to.task);
    }
    below_.insert(nested_.begin(), nested_.end());
  }

  std::string Write(FlowId flow) {
    text_ =
        MissingComment(trace_, "//") +
        "digraph heddle {\n"
        "  graph [label=\"" +
        Title(flow) +
        "\", labelloc=t, labeljust=l,\n"
        "         fontname=\"Helvetica\", fontsize=12, newrank=true, nodesep=0.25, ranksep=0.3" +
        std::string(graph_.steps.size() > kQuickLayout ? kQuickly : "") +
        "];\n"
        "  node [shape=box, style=\"filled,rounded\", fillcolor=white, color=\"#9aa0a6\",\n"
        "        fontname=\"Helvetica\", fontsize=10, margin=\"0.1,0.06\", height=0.3];\n"
        "  edge [fontname=\"Helvetica\", fontsize=9, arrowsize=0.6];\n";
    for (const auto& [task, steps] : steps_) {
      if (nested_.count(task) == 0) WriteTask(task, 1);
    }
    for (std::size_t i = 0; i < graph_.steps.size(); ++i) {
      if (graph_.steps[i].foreign) WriteStep(i, 1);
    }
    for (const Edge& edge : graph_.edges) WriteEdge(edge);
    WriteInstants();
    return text_ + "}\n";
  }

 private:
  void NestCallees() {
    std::map<TaskId, std::size_t> depth;
    for (const Edge& edge : graph_.edges) {
      if (edge.kind != EdgeKind::kCall || edge.label != "calls") continue;
      const TaskId caller = graph_.steps[edge.from].task;
      const TaskId callee = graph_.steps[edge.to].task;
      // A caller is older than its callee; so a damaged recording makes no circle.
      if (caller >= callee || depth[caller] == kNestingMax) continue;
      if (!nested_.insert(callee).second) continue;
      depth[callee] = depth[caller] + 1;
      callees_[caller].push_back(callee);
    }
  }

  std::string Title(FlowId flow) const {
    const TraceHeader& header = trace_.header;
    std::vector<std::string> lines = {Printable(header.test) + ": " +
                                      (flow == 0 ? "the whole run" : FlowText(trace_, flow))};
    std::string ending(Name(header.ending));
    if (!header.message.empty()) ending += ": " + FirstLine(header.message);
    lines.push_back(std::move(ending));
    if (const std::string& verdict = header.explanation.verdict; !verdict.empty()) {
      for (std::string& line : PrintableLines(verdict)) lines.push_back(std::move(line));
    }
    for (const std::string& line : LossLines(trace_.losses)) {
      lines.push_back("missing: " + Printable(line));
    }
    return LabelText(lines);
  }

  void WriteTask(TaskId task, std::size_t depth) {
    const std::string indent(2 * depth, ' ');
    text_ += indent + "subgraph cluster_" + std::to_string(task) + " {\n";
    text_ += indent + "  label=\"" +
             Escaped(Printable(below_.count(task) > 0 ? tasks_[task].name : tasks_.Path(task))) +
             "\"; labeljust=l; style=\"filled,rounded\"; color=\"#dadce0\"; fillcolor=\"" +
             (depth % 2 == 1 ? "#f1f3f4" : "#e8eaed") + "\"; fontsize=11;\n";
    for (const std::size_t step : steps_[task]) WriteStep(step, depth + 1);
    for (const TaskId callee : callees_[task]) WriteTask(callee, depth + 1);
    text_ += indent + "}\n";
  }

  void WriteStep(std::size_t index, std::size_t depth) {
    const Step& step = graph_.steps[index];
    std::vector<std::string> lines = {TimeText(step)};
    lines.insert(lines.end(), step.lines.begin(), step.lines.end());
    text_ += std::string(2 * depth, ' ') + "s" + std::to_string(index) + " [label=\"" +
             LabelText(lines) + "\"";
    if (!step.order.empty() && !step.failed) {
      text_ += ", color=\"#1a73e8\", fillcolor=\"#e8f0fe\", penwidth=2";
    }
    if (step.failed) text_ += ", color=\"#d93025\", fillcolor=\"#fce8e6\", penwidth=2";
    if (step.foreign) {
      text_ += ", style=\"filled,dashed\", fillcolor=\"#fef7e0\", color=\"#b06000\"";
    }
    text_ += "];\n";
  }

  // A chain of vertices that nobody sees, one an instant, holds the steps in their places.
  void WriteInstants() {
    const std::vector<Instant> instants = InstantsOf(graph_);
    if (instants.size() < 2) return;
    text_ +=
        "  node [style=invis, label=\"\", width=0, height=0, fixedsize=true];\n"
        "  edge [style=invis, weight=0];\n";
    for (std::size_t i = 0; i < instants.size(); ++i) {
      const std::string name = "t" + std::to_string(i);
      text_ += "  {rank=same; " + name;
      for (const std::size_t step : instants[i].first) text_ += "; s" + std::to_string(step);
      text_ += "}\n";
      if (i == 0) continue;
      text_ += "  {t" + std::to_string(i - 1);
      for (const std::size_t step : instants[i - 1].last) text_ += " s" + std::to_string(step);
      text_ += "} -> " + name + ";\n";
    }
  }

  void WriteEdge(const Edge& edge) {
    text_ += "  s" + std::to_string(edge.from) + " -> s" + std::to_string(edge.to) + " [" +
             std::string(StyleOf(edge.kind));
    if (!edge.label.empty() && edge.kind != EdgeKind::kCall) {
      text_ += ", label=\"" + Escaped(edge.label) + "\"";
    }
    const bool is_foreign = graph_.steps[edge.from].foreign && edge.kind != EdgeKind::kWait;
    if (is_foreign) text_ += ", style=dashed, penwidth=1.5";
    text_ += "];\n";
  }

  const Trace& trace_;
  const TaskTable& tasks_;
  const StepGraph& graph_;
  std::map<TaskId, std::vector<std::size_t>> steps_;
  std::map<TaskId, std::vector<TaskId>> callees_;
  std::set<TaskId> nested_;  // drawn in their callers' frames
  std::set<TaskId> below_;   // whose creators are drawn: their names are enough
  std::string text_;
};

// The same in the words of Mermaid, which has no lines of its own in a label.
class MermaidWriter {
 public:
  MermaidWriter(const Trace& trace, const TaskTable& tasks, const StepGraph& graph)
      : trace_(trace), tasks_(tasks), graph_(graph) {
    for (std::size_t i = 0; i < graph.steps.size(); ++i) {
      const Step& step = graph.steps[i];
      if (step.count > 0 && !step.foreign) steps_[step.task].push_back(i);
    }
  }

  std::string Write() {
    text_ = MissingComment(trace_, "%%") + "flowchart TD\n";
    for (const auto& [task, steps] : steps_) {
      text_ += "  subgraph t" + std::to_string(task) + "[" + Quote({Printable(tasks_.Path(task))}) +
               "]\n";
      for (const std::size_t step : steps) WriteStep(step);
      text_ += "  end\n";
    }
    for (std::size_t i = 0; i < graph_.steps.size(); ++i) {
      if (graph_.steps[i].foreign) WriteStep(i);
    }
    for (const Edge& edge : graph_.edges) {
      const bool dashed = edge.kind == EdgeKind::kWake || graph_.steps[edge.from].foreign;
      const std::string_view arrow = edge.kind == EdgeKind::kWait ? " ==>"
                                     : dashed                     ? " -.->"
                                                                  : " -->";
      text_ += "  s" + std::to_string(edge.from) + std::string(arrow) +
               (edge.label.empty() ? "" : "|" + Quote({edge.label}) + "|") + " s" +
               std::to_string(edge.to) + "\n";
    }
    WriteInstants();
    return text_ + "  classDef failed fill:#fce8e6,stroke:#d93025,stroke-width:2px\n" +
           "  classDef decides fill:#e8f0fe,stroke:#1a73e8,stroke-width:2px\n" +
           "  classDef foreign fill:#fef7e0,stroke:#b06000,stroke-dasharray:4\n";
  }

 private:
  // Mermaid has no ranks: what nobody sees links what comes last at a time to what comes first at
  // the next. It refuses a picture of more than 500 edges, so those that count go first.
  void WriteInstants() {
    constexpr std::size_t kEdgesMax = 500;
    const std::vector<Instant> instants = InstantsOf(graph_);
    std::size_t edges = graph_.edges.size();
    for (const Instant& instant : instants) edges += instant.first.size() + instant.last.size();
    if (instants.size() < 2 || edges > kEdgesMax) return;
    for (std::size_t i = 1; i < instants.size(); ++i) {
      const std::string name = "n" + std::to_string(i);
      text_ += "  " + name + "[\" \"]:::hidden\n";
      for (const std::size_t step : instants[i - 1].last) {
        text_ += "  s" + std::to_string(step) + " ~~~ " + name + "\n";
      }
      for (const std::size_t step : instants[i].first) {
        text_ += "  " + name + " ~~~ s" + std::to_string(step) + "\n";
      }
    }
    text_ += "  classDef hidden fill:none,stroke:none\n";
  }

  static std::string Quote(const std::vector<std::string>& lines) {
    std::string label = "\"";
    for (const std::string& line : lines) {
      if (label.size() > 1) label += "<br/>";
      for (const char c : line) {
        const std::string_view special = "\"#<>&`";
        label += special.find(c) == std::string_view::npos
                     ? std::string(1, c)
                     : "#" + std::to_string(static_cast<int>(c)) + ";";
      }
    }
    return label + "\"";
  }

  void WriteStep(std::size_t index) {
    const Step& step = graph_.steps[index];
    std::vector<std::string> lines = {TimeText(step)};
    lines.insert(lines.end(), step.lines.begin(), step.lines.end());
    text_ += "  s" + std::to_string(index) + "[" + Quote(lines) + "]" +
             (step.failed           ? ":::failed"
              : !step.order.empty() ? ":::decides"
              : step.foreign        ? ":::foreign"
                                    : "") +
             "\n";
  }

  const Trace& trace_;
  const TaskTable& tasks_;
  const StepGraph& graph_;
  std::map<TaskId, std::vector<std::size_t>> steps_;
  std::string text_;
};

absl::StatusOr<FlowId> ChosenRequest(const Trace& trace, const TaskTable& tasks,
                                     const GraphOptions& options) {
  if (options.all) return FlowId{0};
  if (!options.flow.empty()) return FindRequest(trace, options.flow);
  const std::optional<FlowId> flow = DefaultRequest(trace, tasks);
  if (flow) return *flow;
  return absl::InvalidArgumentError(
      "which request? this run has " + Count(ListRequests(trace, tasks).size(), "request") +
      " and failed in none of them\n  --flow NAME draws one (heddle show FILE --list names "
      "them), --all the whole run");
}

}  // namespace

absl::StatusOr<std::string> GraphText(const Trace& trace, const GraphOptions& options) {
  const TaskTable tasks(trace);
  const absl::StatusOr<FlowId> flow = ChosenRequest(trace, tasks, options);
  if (!flow.ok()) return flow.status();
  const StepGraph graph = BuildStepGraph(trace, tasks, *flow);
  const auto vertices = static_cast<std::size_t>(std::count_if(
      graph.steps.begin(), graph.steps.end(), [](const Step& step) { return step.count > 0; }));
  if (vertices > options.steps_max) {
    return absl::InvalidArgumentError(
        "the picture would have " + std::to_string(vertices) +
        " steps, and Graphviz would take very long" +
        (*flow == 0 ? "\n  --flow NAME draws one request; --max-steps " : "\n  --max-steps ") +
        std::to_string(vertices) + " draws it all the same");
  }
  if (options.mermaid) return MermaidWriter(trace, tasks, graph).Write();
  return DotWriter(trace, tasks, graph).Write(*flow);
}

}  // namespace heddle::tools
