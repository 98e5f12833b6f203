// SPDX-License-Identifier: MIT
//
// What a run was, told to a program (RunResult) and to a person (Describe).
#include "heddle/run.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <memory>
#include <typeinfo>

#include "heddle/diagnosis.h"
#include "heddle/flight_recorder.h"
#include "heddle/losses.h"
#include "heddle/process_info.h"
#include "heddle/task_table.h"
#include "heddle/test_framework.h"
#include "heddle/trace_filter.h"
#include "heddle/trace_io.h"
#include "heddle/trace_stream.h"

namespace heddle::inline HEDDLE_VARIANT {
namespace {

// Of the exception that is being handled, which has no text of its own.
std::string MessageOfType() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  if (type == nullptr) return "an exception of an unknown type";
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(type->name(), nullptr, nullptr, nullptr), &std::free);
  const std::string name = demangled != nullptr ? demangled.get() : type->name();
  const std::string_view meaning = MeaningOfThrown(name);
  return meaning.empty() ? "an exception of type " + name : std::string(meaning);
}

std::string MessageOf(const std::exception_ptr& exception) {
  if (exception == nullptr) return {};
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  } catch (const std::string& text) {
    return text;
  } catch (const char* text) {
    return text;
  } catch (...) {
    const std::string text = TextOfThrown(exception);
    return text.empty() ? MessageOfType() : text;
  }
}

#if HEDDLE_SIMULATED

// What the trace says about the last suspension of a task: its object, and since when.
void Complete(WaitingTask& waiting, const Event& event, const Trace& trace,
              const TaskTable& tasks) {
  waiting.since = event.time;
  if (event.op() == Operation::kCall) {
    waiting.object = tasks.Path(event.object);
  } else if (event.kind == EventKind::kSuspend && event.object != 0) {
    waiting.object = ObjectName(trace, event.object);
  }
}

// By task: its last suspension, or its spawn. Null: the trace has neither.
std::vector<const Event*> LastSuspensions(const Trace& trace, const TaskTable& tasks) {
  std::vector<const Event*> last(tasks.tasks().size());
  for (const Event& event : trace.events) {
    if (event.kind != EventKind::kSuspend && event.kind != EventKind::kSpawn) continue;
    if (event.task < last.size()) last[event.task] = &event;
  }
  return last;
}

// `id_of` gives the number that a task of the run has in the trace.
template <class IdOf>
std::vector<WaitingTask> NamedWaiting(const Executor& executor, const Trace& trace,
                                      const TaskTable& tasks, IdOf id_of) {
  std::vector<WaitingTask> waiting = executor.Waiting();
  const std::vector<const Event*> last = LastSuspensions(trace, tasks);
  for (WaitingTask& task : waiting) {
    task.task = id_of(task.task);
    task.name = tasks.Path(task.task);
    const Event* const event = task.task < last.size() ? last[task.task] : nullptr;
    if (event != nullptr) Complete(task, *event, trace, tasks);
  }
  return waiting;
}

std::vector<std::string> AbandonedTasks(const Trace& trace, const TaskTable& tasks) {
  std::vector<std::string> abandoned;
  for (const Event& event : trace.events) {
    if (event.kind == EventKind::kAbandon && event.op() == Operation::kNone) {
      abandoned.push_back(tasks.Path(event.task));
    }
  }
  return abandoned;
}

// What is known before the run.
TraceHeader HeaderOf(const Chooser& chooser, const RunOptions& options) {
  TraceHeader header;
  header.chooser = chooser.name();
  header.seed = chooser.seed();
  header.schedule = options.schedule;
  DescribeProcess(header);
  return header;
}

#endif

}  // namespace

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {
namespace {

// All but what the trace tells.
RunResult PlainResultOf(const Executor& executor) {
  RunResult result;
  result.ending = executor.ending();
  result.exception = executor.exception();
  result.message = MessageOf(result.exception);
  result.steps = executor.steps();
  result.elapsed = Duration(executor.now());
  return result;
}

#if HEDDLE_SIMULATED

TaskId SameId(TaskId task) { return task; }

// Of a run that ended before a join had all of its tasks: what that would have thrown.
template <class IdOf>
std::string KeptMessage(const Executor& executor, const TaskTable& tasks, IdOf id_of) {
  std::string text;
  for (const Executor::KeptException& kept : executor.kept_exceptions()) {
    if (!text.empty()) text += "\n";
    text += tasks.Path(id_of(kept.task)) +
            " threw, and nobody has seen it: " + MessageOf(kept.exception);
  }
  return text;
}

// `trace` is that of the run, without its header; see NamedWaiting for `id_of`.
template <class IdOf>
RunResult TracedResultOf(const Executor& executor, const RunOptions& options, Trace trace,
                         IdOf id_of) {
  RunResult result = PlainResultOf(executor);
  result.trace = std::move(trace);
  const TaskTable tasks(result.trace);
  if (result.ending != Ending::kThrew) {
    result.waiting = NamedWaiting(executor, result.trace, tasks, id_of);
  }
  if (result.ending == Ending::kStuck || result.ending == Ending::kStepLimit ||
      result.ending == Ending::kTaskLimit) {
    result.message = KeptMessage(executor, tasks, id_of);
  }
  result.abandoned = AbandonedTasks(result.trace, tasks);
  TraceHeader& header = result.trace.header;
  header = HeaderOf(executor.chooser(), options);
  header.ending = result.ending;
  header.message = result.message;
  header.failed_task = id_of(executor.failed_task());
  header.steps = result.steps;
  header.waiting = result.waiting;
  if (options.filter != nullptr) {
    result.trace = Filter(std::move(result.trace), *options.filter);
  }
  return result;
}

// Of a run that got to its end nothing needs a name.
bool NeedsNames(const Executor& executor) {
  return executor.ending() == Ending::kAbandoned || !executor.Waiting().empty();
}

// The events are in the file. It is read once, for the names of those that did not get to the end.
RunResult StreamedResultOf(const Executor& executor, const RunOptions& options) {
  const TraceStream& stream = *options.stream;
  Trace written;
  if (NeedsNames(executor)) {
    absl::StatusOr<Recording> recording = ReadRecording(stream.path());
    if (recording.ok()) written = std::move(recording->trace);
  }
  RunResult result = TracedResultOf(executor, options, std::move(written), SameId);
  Trace trace;
  trace.header = std::move(result.trace.header);
  trace.losses.list.push_back({.reason = LossReason::kElsewhere,
                               .what = stream.path(),
                               .events = stream.events(),
                               .to = executor.now()});
  result.trace = std::move(trace);
  return result;
}

RunResult RunStreamed(BodyRef body, const RunOptions& options) {
  Executor executor;
  TraceStream& stream = *options.stream;
  Recorder& recorder = executor.mutable_recorder();
  const Chooser& chooser = options.chooser != nullptr ? *options.chooser : executor.chooser();
  stream.Begin(HeaderOf(chooser, options), recorder, chooser.wants_events(), options.filter);
  executor.Execute(body, options);
  stream.Flush(recorder);
  RunResult result =
      stream.keeps() ? ResultOf(executor, options) : StreamedResultOf(executor, options);
  stream.Finish(result.trace.header, recorder);
  return result;
}

// A flight recorder that is told of the end of its run in any case: it refers to the recorder.
class FlightScope {
 public:
  FlightScope(FlightRecorder& flight, const TraceHeader& header, Recorder& recorder)
      : flight_(flight), recorder_(recorder) {
    flight_.Begin(header, recorder_);
  }
  FlightScope(const FlightScope&) = delete;
  FlightScope& operator=(const FlightScope&) = delete;
  ~FlightScope() { flight_.End(recorder_); }

 private:
  FlightRecorder& flight_;
  Recorder& recorder_;
};

RunResult RunInFlight(BodyRef body, const RunOptions& options) {
  Executor executor;
  const Chooser& chooser = options.chooser != nullptr ? *options.chooser : executor.chooser();
  if (options.stream != nullptr || chooser.wants_events()) {
    throw UsageError(
        std::string("heddle: a run was given a flight recorder together with ") +
        (options.stream != nullptr ? "a stream" : "a chooser that learns from its events") +
        ". Each wants to decide what is kept of them: give it one of the two.");
  }
  FlightRecorder& flight = *options.flight;
  {
    const FlightScope scope(flight, HeaderOf(chooser, options), executor.mutable_recorder());
    executor.Execute(body, options);
  }
  RunResult result = TracedResultOf(executor, options, flight.ToTrace(),
                                    [&](TaskId task) { return flight.IdInTrace(task); });
  flight.SetOutcome(result.trace.header);
  return result;
}

#endif

}  // namespace

RunResult ResultOf(const Executor& executor, [[maybe_unused]] const RunOptions& options) {
#if HEDDLE_SIMULATED
  return TracedResultOf(executor, options, executor.recorder().ToTrace(), SameId);
#else
  return PlainResultOf(executor);
#endif
}

RunResult RunBody(BodyRef body, const RunOptions& options) {
#if HEDDLE_SIMULATED
  if (options.flight != nullptr) return RunInFlight(body, options);
  if (options.stream != nullptr) return RunStreamed(body, options);
#endif
  Executor executor;
  executor.Execute(body, options);
  return ResultOf(executor, options);
}

void ThrowEnding(const RunResult& result) {
  if (result.exception != nullptr) std::rethrow_exception(result.exception);
  throw RunError(result);
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

RunError::RunError(const RunResult& result)
    : std::runtime_error(Describe(result)), ending_(result.ending) {}

namespace {

// A paragraph for each.
std::string DiagnosesOf(const Trace& trace) {
  std::string text;
  for (const Diagnosis& diagnosis : Diagnose(trace)) text += "\n\n" + diagnosis.text;
  return text;
}

}  // namespace

std::string Describe(const RunResult& result) {
  // With tracing off nobody knows them.
  const auto those = [](const char* named) {
    return kSimulated ? std::string(named)
                      : std::string("With tracing off their names are not known: compile with ") +
                            "HEDDLE_TRACING=1 to see which they are";
  };
  std::string text;
  const char* list = nullptr;  // what is said of those that wait, where some do
  switch (result.ending) {
    case Ending::kFinished:
      return "the run finished";
    case Ending::kThrew:
      return "the run threw: " + result.message + DiagnosesOf(result.trace);
    case Ending::kStuck:
      text = "the run is stuck: nothing is ready, no timer is left, and ";
      text += kSimulated ? "these tasks still wait" : "some of its tasks still wait. " + those("");
      break;
    case Ending::kStepLimit:
      text = "the run was stopped after " + std::to_string(result.steps) +
             " steps, its limit. Likely cause: a task that loops without end. If the run is "
             "meant to be this long, raise steps_max in its options.";
      list = "These tasks were not finished";
      break;
    case Ending::kTaskLimit:
      text =
          "the run was stopped because too many tasks existed at once. Likely cause: spawning "
          "without end, or a task that calls itself without end. If the run is meant to be this "
          "large, raise tasks_max in its options.";
      list = "These tasks were waiting";
      break;
    case Ending::kAbandoned:
      text = "the run finished, but some of its tasks never ran";
      break;
    case Ending::kStopped:
      return "the run was stopped by its chooser";
  }
  if (list == nullptr) {
    text += kSimulated ? ":" : ".";
  } else if (!kSimulated) {
    text += " " + those("") + ".";
  } else if (!result.waiting.empty()) {
    text += " " + std::string(list) + ":";
  }
  constexpr std::size_t kShown = 20;
  const std::size_t waiting = std::min(result.waiting.size(), kShown);
  for (std::size_t i = 0; i < waiting; ++i) text += "\n  " + ToString(result.waiting[i]);
  if (waiting < result.waiting.size()) {
    text += "\n  ... and " + std::to_string(result.waiting.size() - waiting) + " more";
  }
  if (result.ending == Ending::kAbandoned) {
    const std::size_t shown = std::min(result.abandoned.size(), kShown);
    for (std::size_t i = 0; i < shown; ++i) text += "\n  " + result.abandoned[i];
    if (shown < result.abandoned.size()) {
      text += "\n  ... and " + std::to_string(result.abandoned.size() - shown) + " more";
    }
  }
  if (!result.message.empty()) text += "\n\n  " + result.message;
  text += DiagnosesOf(result.trace);
  if (!result.trace.losses.empty()) text += "\n\n  " + LossText(result.trace.losses);
  return text;
}

}  // namespace heddle::inline HEDDLE_VARIANT
