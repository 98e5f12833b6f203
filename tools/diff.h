// SPDX-License-Identifier: MIT
//
// Diff: what `heddle diff` prints: where two runs of one program part, which choice lies behind
// it, and which steps only one of them has or has in another order. Tasks are told by their
// paths, so it does not matter that the same task has another number in the other run.
#ifndef HEDDLE_TOOLS_DIFF_H_
#define HEDDLE_TOOLS_DIFF_H_

#include <cstddef>
#include <string>
#include <vector>

#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle::tools {

// Events are indices into Trace::events of the first run (`a`), or the second one.
struct RunDiff {
  bool same = true;
  std::size_t first_a = 0;  // the first events that differ; may be the end of one run
  std::size_t first_b = 0;
  std::vector<std::size_t> only_a;
  std::vector<std::size_t> only_b;
  struct Moved {
    std::size_t a;
    std::size_t b;
  };
  std::vector<Moved> moved;  // steps of both that had to move for the rest to be in order
};

// A run to compare, and who is who in it. Its trace must outlive it, and will do in its place.
struct NamedRun {
  NamedRun(const Trace& run) : trace(run), tasks(run) {}

  const Trace& trace;
  TaskTable tasks;
};

RunDiff Compare(const NamedRun& a, const NamedRun& b);

struct DiffOptions {
  std::string name_a = "A";
  std::string name_b = "B";
  std::size_t lines_max = 12;  // of each sort
  bool json = false;
  bool color = false;
};

std::string DiffText(const NamedRun& a, const NamedRun& b, const RunDiff& diff,
                     const DiffOptions& options);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_DIFF_H_
