// SPDX-License-Identifier: MIT
//
// Show: what `heddle show` prints, as text: the list of requests, one request as a tree of its
// tasks or as a table of their times, or a stretch of the run event by event. Nothing here reads
// or writes files; heddle.cc does. For how a tree is laid out read outline.h.
#ifndef HEDDLE_TOOLS_SHOW_H_
#define HEDDLE_TOOLS_SHOW_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "heddle/losses.h"
#include "heddle/trace.h"

namespace heddle::tools {

struct ShowOptions {
  std::string flow = {};  // a request, by name or number; empty: the one that failed
  std::string task = {};  // only tasks that TaskTable::Matches; empty: all
  bool list = false;      // the list of requests
  bool full = false;      // nothing of a long list, and of many like tasks, is summed up
  bool all = false;       // the whole run
  bool table = false;     // a table of tasks in place of the tree
  std::size_t depth = 0;  // how many levels of a tree; 0: all
  // Places (place.h): a stretch of the run, event by event.
  std::string around = {};                // this one in the middle
  std::size_t context = 20;               // how many events before and behind it
  std::vector<std::string> between = {};  // from one to another: both, or none
  bool color = false;
  bool json = false;  // show_json.h
};

// Errors: no such request, no such task (they name what is spelled nearly so); no such place.
absl::StatusOr<std::string> ShowText(const Trace& trace, const ShowOptions& options);

struct Shown {
  absl::StatusOr<std::string> text;
  Losses losses;        // of the recording
  absl::Status damage;  // the same
};

// The same text of a recording that may be too large for a Trace: one request of it, or the list of
// them, takes little memory (extract.h). `bytes` and `name` are as for DecodeRecording(), and so
// are the errors.
absl::StatusOr<Shown> ShowRecording(std::string_view bytes, const std::string& name,
                                    const ShowOptions& options);

// The same of a file, of which only a part is read into memory where its index says which
// (indexed.h).
absl::StatusOr<Shown> ShowFile(const std::string& path, const ShowOptions& options);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_SHOW_H_
