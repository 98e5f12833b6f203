// SPDX-License-Identifier: MIT
//
// An extract of a recording: what is needed to show one request of it, and no more. The bytes are
// read three times, piece by piece: to see which tasks worked for which request, to take the
// events, and to take what names the tasks in them. So memory goes with the number of tasks, a few
// bytes each, and with what the request did, not with all events.
//
// The tree that is made of an extract is, letter for letter, that of the whole trace: the extract
// has every event that the tree looks at, in the same order, and their counts of steps.
#ifndef HEDDLE_TOOLS_EXTRACT_H_
#define HEDDLE_TOOLS_EXTRACT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "heddle/trace.h"
#include "heddle/trace_io.h"
#include "overview.h"
#include "request_times.h"

namespace heddle::tools {

// Who has a lock at the end of a run.
struct LockHolder {
  std::size_t event = 0;  // by which it was taken
  SiteId site = 0;        // where
};

struct Extract {
  Trace trace;  // its tasks have other numbers, but the same names
  // By event: how many steps the run had before it.
  std::vector<std::size_t> steps_before;
  // Of locks for which the request waits to the end.
  std::map<ObjectId, std::vector<LockHolder>> holders;
  // By task: the number in its name, where `trace` lacks tasks that were created before it. Empty:
  // it lacks none of those.
  std::vector<std::uint32_t> ordinals;
};

// A recording after the first reading.
class RunIndex {
 public:
  // `bytes` and `name` must live as long as this does.
  static absl::StatusOr<RunIndex> Make(std::string_view bytes, const std::string& name);
  RunIndex(RunIndex&&) noexcept;
  RunIndex& operator=(RunIndex&&) = delete;
  ~RunIndex();

  // Whether the ids of its tasks are those of a run from its beginning. If not, no extract is
  // made, and the whole trace has to be read.
  bool is_sound() const;
  // The tables; no events and choices.
  const Recording& recording() const;
  const Overview& overview() const;
  // Where the time of each request went, by FlowId: one more reading.
  absl::StatusOr<std::vector<RequestTimes>> Times() const;
  // What RequestTree() looks at for `flow`; 0: no event but those that name the failed task.
  // Nothing if that is not possible.
  std::optional<Extract> ExtractOf(FlowId flow) const;

 private:
  struct Data;

  explicit RunIndex(std::unique_ptr<Data> data);

  std::unique_ptr<Data> data_;
};

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_EXTRACT_H_
