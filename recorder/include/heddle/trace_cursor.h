// SPDX-License-Identifier: MIT
//
// TraceCursor: makes a Trace of what a Recorder holds, in one piece or in several while the run
// goes on. Here names, places and numbers are looked up that the recorder left alone for speed.
// TraceStream (trace_stream.h) writes such pieces to a file.
#ifndef HEDDLE_TRACE_CURSOR_H_
#define HEDDLE_TRACE_CURSOR_H_

#include <cstddef>
#include <memory>

#include "heddle/event.h"
#include "heddle/recorder.h"
#include "heddle/trace.h"

namespace heddle {

// Belongs to one run of one recorder.
class TraceCursor {
 public:
  TraceCursor();
  ~TraceCursor();
  TraceCursor(const TraceCursor&) = delete;
  TraceCursor& operator=(const TraceCursor&) = delete;

  // Appends to `trace` all that was recorded since the last call. Its tables must be as the last
  // call left them; its choices and events may have been taken away.
  void AppendTo(const Recorder& recorder, Trace& trace);

 private:
  class SiteTable;

  void AppendEvents(const Recorder& recorder, Trace& trace);
  Event Resolve(const Recorder::RawEvent& raw);

  std::unique_ptr<SiteTable> sites_;
  std::size_t events_ = 0;   // those that were appended
  std::size_t choices_ = 0;  // of a run of which only choices are kept
  VirtualNanos now_ = 0;
};

}  // namespace heddle

#endif  // HEDDLE_TRACE_CURSOR_H_
