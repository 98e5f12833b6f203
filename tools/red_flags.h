// SPDX-License-Identifier: MIT
//
// Red flags: what `heddle check` prints: things in a recording that are rarely meant to be so,
// and, of a run that did not get to its end, why (diagnosis.h).
#ifndef HEDDLE_TOOLS_RED_FLAGS_H_
#define HEDDLE_TOOLS_RED_FLAGS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "heddle/trace.h"

namespace heddle::tools {

struct RedFlag {
  std::string kind;       // "never ran": the same words for the same sort
  std::size_t event = 0;  // index into Trace::events: where to look
  std::string text;       // who, what, where
  std::string advice;     // the likely cause, and what to do
};

struct CheckOptions {
  // From here on each is too much.
  VirtualNanos long_wait = 10'000'000'000;
  std::size_t long_step = 100'000;  // events of a task without an await in between
  // The same of a program in production, in real time.
  VirtualNanos long_live_step = 100'000'000;
  std::size_t passed_over = 10'000;  // steps of others while a task could have gone on
  bool torn = false;  // the recording ends before its run: what is open then may have ended
  bool json = false;
  bool color = false;
};

// By event.
std::vector<RedFlag> FindRedFlags(const Trace& trace, const CheckOptions& options);

std::string RedFlagsText(const Trace& trace, const std::vector<RedFlag>& flags,
                         const CheckOptions& options);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_RED_FLAGS_H_
