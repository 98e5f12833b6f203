// SPDX-License-Identifier: MIT
//
// A recording piece by piece: for programs that ask something of a recording that is larger than
// they want in memory. An event takes 32 bytes in a Trace, and one or two in a file. Whoever
// can afford the whole Trace reads it with trace_io.h.
#ifndef HEDDLE_TRACE_SCAN_H_
#define HEDDLE_TRACE_SCAN_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "heddle/trace.h"
#include "heddle/trace_io.h"

namespace heddle {

class TraceVisitor {
 public:
  virtual ~TraceVisitor() = default;
  // Called for one chunk of the file after the other. `piece` has the events and choices of that
  // chunk, and the header, losses and tables as far as they were read, but for the marks. `first`
  // is the number of its first event in the run.
  virtual void Visit(const Trace& piece, std::size_t first) = 0;
  // Called for each mark, before the events that it is of: there may be as many as there are
  // events.
  virtual void VisitMark(std::size_t id, const MarkRecord& mark) {
    static_cast<void>(id);
    static_cast<void>(mark);
  }
};

// The bytes of the file: what ScanRecording() reads, as often as it is called. Errors are those of
// ReadRecording().
absl::StatusOr<std::string> ReadRecordingBytes(const std::string& path);

// Reads as DecodeRecording() does, with the same errors and the same damage, but gives the events,
// choices and marks to `visitor`: in the trace that is returned there are none.
absl::StatusOr<Recording> ScanRecording(std::string_view bytes, const std::string& name,
                                        TraceVisitor& visitor);

}  // namespace heddle

#endif  // HEDDLE_TRACE_SCAN_H_
