// SPDX-License-Identifier: MIT
//
// A small recording that has an index: a body, a worker that serves one request after the other,
// and a lock that all of them take. Its chunks have a few events each, as a stream writes them.
#ifndef HEDDLE_TESTS_RECORDER_INDEXED_RUN_H_
#define HEDDLE_TESTS_RECORDER_INDEXED_RUN_H_

#include <fstream>
#include <sstream>
#include <string>

#include "heddle/recorder.h"
#include "heddle/task_label.h"
#include "heddle/trace_stream.h"
#include "support/temporary_path.h"

namespace heddle {

// `requests` of them. Nothing in it depends on where it is compiled.
inline std::string IndexedRun(int requests) {
  constexpr TaskId kBody = 0;
  constexpr TaskId kWorker = 1;
  const TemporaryPath path("heddle-indexed");
  Recorder recorder;
  TraceStream stream(path.string(), {.chunk_events = 8});
  TraceHeader header;
  header.test = "indexed";
  stream.Begin(header, recorder);
  recorder.Begin(RecordMode::kEvents);
  const ObjectId lock = recorder.AddObject("Mutex", "lock");
  recorder.Add(EventKind::kSpawn, kBody, kNoTask, Operation::kNone, {}, 1);
  recorder.AddStep<RecordMode::kEvents>(Pack(EventKind::kStart, Operation::kStart, kNoTask), kBody,
                                        1, kBody, 0);
  recorder.Add(EventKind::kSpawn, kWorker, kBody);
  recorder.AddStep<RecordMode::kEvents>(Pack(EventKind::kStart, Operation::kStart, kBody), kWorker,
                                        2, kBody, 0);
  recorder.AddMark(EventKind::kMark, kWorker, {}, LabelMark("clerk"));
  TaskId next = kWorker + 1;
  for (int request = 1; request <= requests; ++request) {
    recorder.AdvanceTo(VirtualNanos{1000} * request);
    recorder.Add(EventKind::kFlow, kWorker, recorder.AddFlow("order " + std::to_string(request)));
    recorder.AddMark(EventKind::kMark, kWorker, {}, {"served", {{"order", std::int64_t{request}}}});
    const TaskId callee = next++;
    recorder.Add(EventKind::kSpawn, callee, kWorker);
    recorder.Add(EventKind::kSuspend, kWorker, callee, Operation::kCall);
    recorder.Add(EventKind::kStart, callee, kWorker, Operation::kStart);
    recorder.Add(EventKind::kSuspend, callee, lock, Operation::kLock);
    recorder.Add(EventKind::kRelease, kBody, lock);
    recorder.Add(EventKind::kWake, callee, kBody, Operation::kLock);
    recorder.AddStep<RecordMode::kEvents>(Pack(EventKind::kResume, Operation::kLock, lock), callee,
                                          2, kBody, 0);
    recorder.Add(EventKind::kFinish, callee);
    recorder.Add(EventKind::kResume, kWorker, callee, Operation::kCall);
  }
  recorder.Add(EventKind::kFinish, kWorker);
  recorder.Add(EventKind::kFinish, kBody);
  recorder.End();
  stream.Finish(header, recorder);
  std::ifstream file(path.string(), std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

}  // namespace heddle

#endif  // HEDDLE_TESTS_RECORDER_INDEXED_RUN_H_
