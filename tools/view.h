// SPDX-License-Identifier: MIT
//
// View: a recording as one page for a browser, which needs nothing else: no server, no network.
// What the page does is in page/page.js; here its data are put together.
#ifndef HEDDLE_TOOLS_VIEW_H_
#define HEDDLE_TOOLS_VIEW_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "heddle/trace.h"

namespace heddle::tools {

struct ViewOptions {
  std::string flow = {};             // only this request, by name or number; empty: the whole run
  std::size_t events_max = 400'000;  // an error beyond: a browser would take very long
};

// Errors: no such request; too many events.
absl::StatusOr<std::string> ViewPage(const Trace& trace, const ViewOptions& options);

// The data of the page alone, as JSON.
absl::StatusOr<std::string> ViewData(const Trace& trace, const ViewOptions& options);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_VIEW_H_
