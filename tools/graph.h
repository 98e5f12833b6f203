// SPDX-License-Identifier: MIT
//
// Graph: one request as a picture, in the language of Graphviz. A vertex is a step (what a
// task did from one suspension to the next); an edge is a cause, as causality.h tells it.
// Time runs downwards. Nothing here reads or writes files; heddle.cc does.
#ifndef HEDDLE_TOOLS_GRAPH_H_
#define HEDDLE_TOOLS_GRAPH_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "heddle/trace.h"

namespace heddle::tools {

struct GraphOptions {
  std::string flow = {};         // a request, by name or number; empty: the one that failed
  bool mermaid = false;          // Mermaid's flowchart in place of DOT
  std::size_t steps_max = 1000;  // an error beyond: whoever lays it out would take very long
  bool all = false;              // the whole run
};

// Errors: no such request; several requests and none that failed.
absl::StatusOr<std::string> GraphText(const Trace& trace, const GraphOptions& options);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_GRAPH_H_
