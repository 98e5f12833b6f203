// SPDX-License-Identifier: MIT
//
// Step graph: the steps of one request and the causes between them, before anybody draws
// them. graph.h puts it into words for Graphviz.
#ifndef HEDDLE_TOOLS_STEP_GRAPH_H_
#define HEDDLE_TOOLS_STEP_GRAPH_H_

#include <cstddef>
#include <string>
#include <vector>

#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle::tools {

struct Step {
  TaskId task = kNoTask;
  VirtualNanos time = 0;
  std::vector<std::string> lines = {};  // what it did, in order
  bool failed = false;                  // the run failed here
  std::string order = {};               // "1": the first of those whose order decides
  bool foreign = false;                 // of another request; shown as it caused something in this
  std::size_t count = 1;                // how many steps it stands for
};

enum class EdgeKind {
  kProgram,  // the same task goes on
  kCall,     // a call, or the return from it
  kSpawn,
  kJoin,
  kRelease,  // an unlock, an opening, a closing; a write that is read
  kMessage,  // sent and received, or the room for it
  kWake,
  kWait,  // from a step that waits where the run ends to the one that would have to let it go on
};

struct Edge {
  std::size_t from = 0;  // indices into StepGraph::steps
  std::size_t to = 0;
  EdgeKind kind = EdgeKind::kProgram;
  std::string label = {};
};

struct StepGraph {
  std::vector<Step> steps;  // by the time they began
  std::vector<Edge> edges;
};

// The steps that worked for `flow` (0: all), with the foreign steps that caused something in
// them. Long runs of steps of one task that nothing else touches are one step.
StepGraph BuildStepGraph(const Trace& trace, const TaskTable& tasks, FlowId flow);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_STEP_GRAPH_H_
