// SPDX-License-Identifier: MIT
//
// TraceFilter: how much of a run stays in its trace, where the run is long and most of it is of no
// interest.
//
//   const TraceFilter filter = {.without = kAccessEvents | kLockEvents,
//                               .without_sites = {"*/third_party/*", "Cache::*"},
//                               .requests = {.all = false, .slower_than = 50ms, .one_in = 100}};
//   RunResult run = Run(body, {.filter = &filter});
//
// The rules it keeps: choices stay, so that the trace can be replayed; who was created, started
// and ended stays, so that every task has its name and every request its duration and outcome; and
// the trace counts what it lost (losses.h). What a filter costs is paid when a trace is made of
// the run, or a chunk of a stream: an event costs no more to record.
#ifndef HEDDLE_TRACE_FILTER_H_
#define HEDDLE_TRACE_FILTER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/trace.h"

namespace heddle {

// Those that say more than who ran when. A suspension is not among them: without it nobody could
// say what a task waited for.
enum EventGroups : std::uint32_t {
  kNoEvents = 0,
  kMarkEvents = 1,     // marks; not inputs and faults, which are part of what was run
  kAccessEvents = 2,   // reads and writes of Shared and Atomic
  kLockEvents = 4,     // taken without a wait, and released
  kMessageEvents = 8,  // sent and received
  kDetailEvents = kMarkEvents | kAccessEvents | kLockEvents | kMessageEvents,
};
constexpr EventGroups operator|(EventGroups a, EventGroups b) {
  return static_cast<EventGroups>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}

// Which requests (BeginFlow) are kept with all their events. It is decided when the last of its
// tasks has ended; one that has not ended with the run is kept.
struct KeptRequests {
  bool all = true;                          // and the rest is not looked at
  bool failed = true;                       // those of which a task threw
  std::chrono::nanoseconds slower_than{0};  // those that took longer; 0: none for that
  std::uint64_t one_in = 0;                 // the first, and every so many after it; 0: none
  // How many events may wait for the decision. When there are more, the oldest request is kept: it
  // has been going on for long.
  std::size_t held_events_max = 1'000'000;
};

// When there are more than so many events in a second of the run, details go until it is over.
struct RateLimit {
  std::uint64_t events_per_second_max = 0;  // 0: no limit
  EventGroups without = kDetailEvents;
};

struct TraceFilter {
  EventGroups without = kNoEvents;
  // Details go that happened at such a place, or in a task whose coroutine is there. `*` stands for
  // any text, `?` for one character; what is compared is the file's path, its name, and the
  // coroutine's name: "*/third_party/*", "cache.cc", "Cache::*".
  std::vector<std::string> without_sites = {};
  KeptRequests requests = {};
  RateLimit rate = {};
};

// The same trace with less in it.
Trace Filter(Trace trace, const TraceFilter& filter);

// Whether all of `text` is what `pattern` says, with `*` and `?`.
bool MatchesGlob(std::string_view text, std::string_view pattern);

}  // namespace heddle

#endif  // HEDDLE_TRACE_FILTER_H_
