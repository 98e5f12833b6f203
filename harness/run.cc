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
#include "heddle/process_info.h"
#include "heddle/task_table.h"
#include "heddle/test_framework.h"
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

#if HEDDLE_TRACING

// What the trace says about the last suspension of a task: its object, and since when.
void Complete(WaitingTask& waiting, const Trace& trace, const TaskTable& tasks) {
  waiting.name = tasks.Path(waiting.task);
  for (auto event = trace.events.rbegin(); event != trace.events.rend(); ++event) {
    if (event->task != waiting.task) continue;
    if (event->kind != EventKind::kSuspend && event->kind != EventKind::kSpawn) continue;
    waiting.since = event->time;
    if (event->op() == Operation::kCall) {
      waiting.object = tasks.Path(event->object);
    } else if (event->kind == EventKind::kSuspend && event->object != 0) {
      waiting.object = ObjectName(trace, event->object);
    }
    return;
  }
}

std::vector<WaitingTask> NamedWaiting(const Executor& executor, const Trace& trace,
                                      const TaskTable& tasks) {
  std::vector<WaitingTask> waiting = executor.Waiting();
  for (WaitingTask& task : waiting) Complete(task, trace, tasks);
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

RunResult ResultOf(const Executor& executor, [[maybe_unused]] const RunOptions& options) {
  RunResult result;
  result.ending = executor.ending();
  result.exception = executor.exception();
  result.message = MessageOf(result.exception);
  result.steps = executor.steps();
  result.elapsed = Duration(executor.now());
#if HEDDLE_TRACING
  result.trace = executor.recorder().ToTrace();
  const TaskTable tasks(result.trace);
  if (result.ending != Ending::kThrew) {
    result.waiting = NamedWaiting(executor, result.trace, tasks);
  }
  result.abandoned = AbandonedTasks(result.trace, tasks);
  TraceHeader& header = result.trace.header;
  header = HeaderOf(executor.chooser(), options);
  header.ending = result.ending;
  header.message = result.message;
  header.failed_task = executor.failed_task();
  header.steps = result.steps;
  header.waiting = result.waiting;
#endif
  return result;
}

RunResult RunBody(BodyRef body, const RunOptions& options) {
  Executor executor;
#if HEDDLE_TRACING
  if (options.stream != nullptr) {
    const Chooser& chooser = options.chooser != nullptr ? *options.chooser : executor.chooser();
    options.stream->Begin(HeaderOf(chooser, options), executor.mutable_recorder());
  }
#endif
  executor.Execute(body, options);
  RunResult result = ResultOf(executor, options);
#if HEDDLE_TRACING
  if (options.stream != nullptr) {
    options.stream->Finish(result.trace.header, executor.mutable_recorder());
  }
#endif
  return result;
}

void ThrowEnding(const RunResult& result) {
  if (result.exception != nullptr) std::rethrow_exception(result.exception);
  throw RunError(result);
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

RunError::RunError(const RunResult& result)
    : std::runtime_error(Describe(result)), ending_(result.ending) {}

std::string Describe(const RunResult& result) {
  std::string text;
  switch (result.ending) {
    case Ending::kFinished:
      return "the run finished";
    case Ending::kThrew:
      return "the run threw: " + result.message;
    case Ending::kStuck:
      text = "the run is stuck: nothing is ready, no timer is left, and these tasks still wait";
      break;
    case Ending::kStepLimit:
      text = "the run was stopped after " + std::to_string(result.steps) +
             " steps, its limit. Likely cause: a task that loops without end. If the run is "
             "meant to be this long, raise RunOptions::steps_max. These tasks were not finished";
      break;
    case Ending::kTaskLimit:
      text =
          "the run was stopped because too many tasks existed at once. Likely cause: spawning "
          "without end. If the run is meant to be this large, raise RunOptions::tasks_max. "
          "These tasks were waiting";
      break;
    case Ending::kAbandoned:
      text = "the run finished, but some of its tasks never ran";
      break;
    case Ending::kStopped:
      return "the run was stopped by its chooser";
  }
  text += ":";
  constexpr std::size_t kShown = 20;
  const std::size_t waiting = std::min(result.waiting.size(), kShown);
  for (std::size_t i = 0; i < waiting; ++i) text += "\n  " + ToString(result.waiting[i]);
  if (waiting < result.waiting.size()) {
    text += "\n  ... and " + std::to_string(result.waiting.size() - waiting) + " more";
  }
  if (result.ending == Ending::kAbandoned) {
    for (const std::string& task : result.abandoned) text += "\n  " + task;
  }
  for (const Diagnosis& diagnosis : Diagnose(result.trace)) text += "\n\n" + diagnosis.text;
  return text;
}

}  // namespace heddle::inline HEDDLE_VARIANT
