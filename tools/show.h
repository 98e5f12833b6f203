// SPDX-License-Identifier: MIT
//
// Show: what `heddle show` prints, as text: one request as a tree of its tasks, or the list
// of requests. Nothing here reads or writes files; heddle.cc does. For how a tree is laid
// out read outline.h.
#ifndef HEDDLE_TOOLS_SHOW_H_
#define HEDDLE_TOOLS_SHOW_H_

#include <string>

#include "absl/status/statusor.h"
#include "heddle/trace.h"

namespace heddle::tools {

struct ShowOptions {
  std::string flow = {};  // a request, by name or number; empty: the one that failed
  std::string task = {};  // only tasks that TaskTable::Matches; empty: all
  bool list = false;      // the list of requests
  bool all = false;       // the whole run
  bool color = false;
};

// Errors: no such request, no such task; they name what is spelled nearly so.
absl::StatusOr<std::string> ShowText(const Trace& trace, const ShowOptions& options);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_SHOW_H_
