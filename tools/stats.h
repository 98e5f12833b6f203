// SPDX-License-Identifier: MIT
//
// Stats: what `heddle stats` prints: for each place where tasks wait, and for each coroutine, how
// often and how long, in virtual time and in steps of other tasks; and which share it has in the
// critical paths of all requests (critical_path.h).
#ifndef HEDDLE_TOOLS_STATS_H_
#define HEDDLE_TOOLS_STATS_H_

#include <string>

#include "heddle/trace.h"

namespace heddle::tools {

struct StatsOptions {
  bool json = false;
  bool color = false;
};

std::string StatsText(const Trace& trace, const StatsOptions& options);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_STATS_H_
