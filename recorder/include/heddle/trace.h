// SPDX-License-Identifier: MIT
//
// Trace: what a run is, as a value. Copy it, compare it, write it to a file and read
// it back (trace_io.h), print it (trace_text.h), ask it questions (task_table.h,
// causality.h). It refers to nothing outside itself.
#ifndef HEDDLE_TRACE_H_
#define HEDDLE_TRACE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "heddle/choice.h"
#include "heddle/ending.h"
#include "heddle/event.h"
#include "heddle/explanation.h"
#include "heddle/losses.h"
#include "heddle/site.h"

namespace heddle {

// A field's value that is bytes and not text. Shown in hexadecimal: "0x00ff".
struct Bytes {
  std::string data;

  friend bool operator==(const Bytes&, const Bytes&) = default;
};

using FieldValue = std::variant<std::int64_t, double, bool, std::string, Bytes>;

struct Field {
  std::string key;
  FieldValue value;

  friend bool operator==(const Field&, const Field&) = default;
};

// What a kMark, kInput or kFault event says.
struct MarkRecord {
  std::string name;
  std::vector<Field> fields;

  friend bool operator==(const MarkRecord&, const MarkRecord&) = default;
};

// A thing that tasks wait on: a Mutex, a Channel, a Gate, a join of several tasks.
struct ObjectRecord {
  std::string type;  // "Mutex"
  std::string name;  // the user's name for it; empty: called by type and number

  friend bool operator==(const ObjectRecord&, const ObjectRecord&) = default;
};

// A request: what several tasks work for together.
struct FlowRecord {
  std::string name;

  friend bool operator==(const FlowRecord&, const FlowRecord&) = default;
};

// Where a trace comes from and how it ended.
struct TraceHeader {
  // What was run. The same in every process that runs the same test.
  std::string test;            // the test case: what HEDDLE_REPLAY is checked against
  std::string chooser;         // "random": who made the choices
  std::uint64_t seed = 0;      // the chooser's seed
  std::uint64_t schedule = 0;  // its number in the exploration, counting from 1; 0: a single run
  std::string input;           // a property's input, as bytes written by cereal
  std::string input_text;      // the same for people

  // How it ended.
  Ending ending = Ending::kFinished;
  std::string message;           // the exception's text
  TaskId failed_task = kNoTask;  // kThrew: the task in which the exception began
  std::uint64_t steps = 0;
  std::vector<WaitingTask> waiting;  // kStuck and the limits: who did not get to the end

  // Who ran it. Differs from build to build: not part of the canonical form.
  std::string heddle_version;
  std::string build_id;  // of the program; empty where the linker wrote none
  std::string compiler;
  std::vector<std::string> command;  // the program and its arguments
  std::string directory;             // where the command was run
  std::string source;                // the file that calls Explore, as its compiler was told it
  // What the clock on the wall said at time 0, in nanoseconds since 1970 (UTC); 0: time is virtual.
  std::int64_t began = 0;

  // Why it failed, where somebody found that out. Not part of the canonical form: a replay does
  // not.
  Explanation explanation;

  friend bool operator==(const TraceHeader&, const TraceHeader&) = default;
};

struct Trace {
  TraceHeader header;
  std::vector<Site> sites;            // [0] is the unknown site, when there are any
  std::vector<ObjectRecord> objects;  // [0] is "none", when there are any
  std::vector<FlowRecord> flows;      // [0] is "no request", when there are any
  std::vector<MarkRecord> marks;
  std::vector<Event> events;
  std::vector<Choice> choices;
  Losses losses;  // what of the run is not in here

  friend bool operator==(const Trace&, const Trace&) = default;
};

// What chose, in the header of a trace that a LiveRecorder (live_recorder.h) made.
inline constexpr std::string_view kLiveChooser = "live";
// Whether it is of a program in production: its times are real, its tasks ran on any number of
// threads, and nobody chose, so that it cannot be replayed.
bool IsLive(const TraceHeader& header);

// "Mutex ledger", "Channel#2" (the second channel of the run); "none" for 0; "?"
// out of range.
std::string ObjectName(const Trace& trace, ObjectId object);
// All of them in one pass; index is ObjectId.
std::vector<std::string> ObjectNames(const Trace& trace);

// Whether `a` and `b` are the same run, wherever and by whatever build they were made:
// their canonical text forms are equal.
bool SameRun(const Trace& a, const Trace& b);

}  // namespace heddle

#endif  // HEDDLE_TRACE_H_
