// SPDX-License-Identifier: MIT
//
// Outline: a tree of rows and how it looks on a terminal: columns, lines that join a task
// with its steps, repeats told once, colour. It knows nothing of traces; show.h builds the
// rows.
#ifndef HEDDLE_TOOLS_OUTLINE_H_
#define HEDDLE_TOOLS_OUTLINE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "heddle/event.h"

namespace heddle::tools {

enum class RowKind { kTask, kAwait, kMark, kAct };

//      time   text                          site        took  note
//     2.5ms   ├─ lock Mutex stock           shop.cc:31   2ms  released by Charge#0
struct Row {
  RowKind kind = RowKind::kAct;
  VirtualNanos time = 0;
  std::string text;
  std::string site;
  std::optional<VirtualNanos> took;
  std::string note;
  std::size_t other_steps = 0;  // steps of other tasks in between; said where there is no note
  // Rows that have the same name, site, note and children are repeats of each other:
  // for a task its function, otherwise its text.
  std::string repeat_name;
  std::size_t times = 1;   // so many are told in this row
  std::size_t more = 0;    // it stands for so many like the row before it
  VirtualNanos least = 0;  // how long those took, where they are several
  VirtualNanos most = 0;
  bool at_least = false;      // it took so long or longer: the trace begins in the middle of it
  bool began_before = false;  // the trace
  // Both are marked in the margin, and never folded.
  bool failed = false;  // the place where the run failed
  std::string order;    // "1": the number of the step that decides (explanation.h) and begins here
  std::vector<Row> children;
};

// Where a run of equal rows is long, keeps one of them and says how often.
void FoldRepeats(std::vector<Row>& rows);

// Where many tasks stand side by side, keeps one of each shape and says how many are like it, and
// how long they took. The shape is what a task did and how it ended: whoever let it go on, however
// often it did the same, whatever figures are in its marks. For rows that FoldRepeats has seen.
void FoldLikeTasks(std::vector<Row>& rows);

// Cuts off what is more than `depth` levels deep; the rows above say how much it was.
void CutBelow(std::vector<Row>& rows, std::size_t depth);

// One line a row. `color`: with the escape sequences of a terminal.
std::string OutlineText(const std::vector<Row>& roots, bool color);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_OUTLINE_H_
