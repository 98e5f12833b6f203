// SPDX-License-Identifier: MIT
//
// The canonical text form of a trace: what two runs are compared by, what golden files
// hold and what a person can read. It leaves out what differs between processes, builds
// and compilers although the run is the same: the lower half of the header, directories, and
// lines (g++ 12 gives a coroutine that of its closing brace, and an await that goes over several
// lines another one than clang). So an edit that only moves lines changes no golden file.
#ifndef HEDDLE_TRACE_TEXT_H_
#define HEDDLE_TRACE_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle {

// The whole trace: header, choices, events, one line each.
std::string CanonicalText(const Trace& trace);

// One event without its number and time:
//   "Charge#0  suspend  lock Mutex ledger  shop.cc:41"
std::string EventText(const Trace& trace, const TaskTable& tasks, std::size_t event);

// The same of many, as it is in CanonicalText, without the lines. Keeps what it is given.
class CanonicalEvents {
 public:
  CanonicalEvents(const Trace& trace, const TaskTable& tasks);
  std::string Text(std::size_t event) const;

 private:
  const Trace* trace_;
  const TaskTable* tasks_;
  std::vector<std::string> object_names_;
};

// `charged {order: 17, amount: 12.5}`
std::string MarkText(const MarkRecord& mark);

// 64 bits over the canonical text; equal for equal runs.
std::uint64_t Digest(const Trace& trace);

}  // namespace heddle

#endif  // HEDDLE_TRACE_TEXT_H_
