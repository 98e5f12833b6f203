// SPDX-License-Identifier: MIT
//
// Trace context: how one program tells the next which request it works for, as W3C's Trace
// Context (www.w3.org/TR/trace-context) has it: the headers `traceparent` and `tracestate`.
// Parsing is as strict as the recommendation: what it calls invalid is an error here, and the
// caller goes on without context rather than with a wrong parent.
//
//   absl::StatusOr<TraceContext> context = ParseTraceparent(request.header("traceparent"));
//   response.set("traceparent", ToString(*context));
#ifndef HEDDLE_CONTEXT_H_
#define HEDDLE_CONTEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "heddle/event.h"
#include "heddle/trace.h"

namespace heddle {

// 16 bytes, not all of them zero.
struct TraceId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend bool operator==(const TraceId&, const TraceId&) = default;
};

struct TraceContext {
  TraceId trace;
  std::uint64_t span = 0;  // "parent-id": the span that the next one is a child of; not zero
  bool sampled = false;    // whoever sent it may have recorded it
  bool random = false;     // the right half of the trace id was drawn at random

  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

// Of a version that is newer than ours, what is known of it today.
// InvalidArgument says which part is wrong.
absl::StatusOr<TraceContext> ParseTraceparent(std::string_view header);

// "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
std::string ToString(const TraceContext& context);

// "0af7651916cd43dd8448eb211c80319c" and "b7ad6b7169203331"
std::string TraceIdText(const TraceId& trace);
std::string SpanIdText(std::uint64_t span);

// What vendors add: at most 32 entries, no two with one key, the latest first.
class TraceState {
 public:
  struct Entry {
    std::string key;
    std::string value;

    friend bool operator==(const Entry&, const Entry&) = default;
  };

  const std::vector<Entry>& entries() const { return entries_; }

  // Puts an entry in front, in place of one with the same key. Of too many the last goes.
  // InvalidArgument: a key or a value that the recommendation does not allow.
  absl::Status Put(std::string_view key, std::string_view value);

  friend bool operator==(const TraceState&, const TraceState&) = default;

 private:
  friend absl::StatusOr<TraceState> ParseTracestate(std::string_view header);

  std::vector<Entry> entries_;
};

// Several headers of this name are joined by commas first, as HTTP has it.
// InvalidArgument: nothing of it may be used; the traceparent still may.
absl::StatusOr<TraceState> ParseTracestate(std::string_view header);

// "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"
std::string ToString(const TraceState& state);

// The context of `task` while it works for the request number `flow` that is called `name`. The
// trace is that of the name, if it is a traceparent; else it is made of `seed`, name and number,
// and so is the span.
TraceContext MakeContext(const TraceId& seed, std::string_view name, std::uint64_t flow,
                         std::uint64_t task);

// The mark of a task that sent its context to somebody, and back; nothing: it is another mark.
MarkRecord ContextMark(const TraceContext& context);
std::optional<TraceContext> ContextOf(const MarkRecord& mark);

// In a simulation ids must not be random. The context of task `task` while it works for `flow`
// in the run whose digest (trace_text.h) is `run`: the same in every process.
TraceContext SimulatedContext(std::uint64_t run, FlowId flow, TaskId task);

}  // namespace heddle

#endif  // HEDDLE_CONTEXT_H_
