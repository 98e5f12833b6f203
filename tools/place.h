// SPDX-License-Identifier: MIT
//
// Place: where in a run, as a person says it: by the number of an event, or by a time.
#ifndef HEDDLE_TOOLS_PLACE_H_
#define HEDDLE_TOOLS_PLACE_H_

#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"
#include "heddle/trace.h"

namespace heddle::tools {

// Events [begin, end).
struct Place {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// "4711": that event. "167.2s", "20ms", "1.5us", "3ns": the events of that time; none, between
// those before and those after it, where nothing happened then.
// Errors: neither of the two; no such event.
absl::StatusOr<Place> FindPlace(const Trace& trace, std::string_view place);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_PLACE_H_
