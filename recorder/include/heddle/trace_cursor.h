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

  // Appends to `trace` all that was recorded since the last call. What that call appended may have
  // been taken away. The numbers in the events are those of the run.
  void AppendTo(const Recorder& recorder, Trace& trace);

 private:
  class SiteTable;

  void AppendObjects(const Recorder& recorder, Trace& trace);
  void AppendEvents(const Recorder& recorder, Trace& trace);
  Event Resolve(const Recorder::RawEvent& raw);

  std::unique_ptr<SiteTable> sites_;
  // How many were appended.
  std::size_t objects_ = 0;
  std::size_t flows_ = 0;
  std::size_t marks_ = 0;
  std::size_t events_ = 0;
  std::size_t choices_ = 0;  // of a run of which only choices are kept
  VirtualNanos now_ = 0;
};

}  // namespace heddle

#endif  // HEDDLE_TRACE_CURSOR_H_
