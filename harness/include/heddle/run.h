// SPDX-License-Identifier: MIT
//
// Run: one execution of a body, under one chooser, to its ending.
//
//   heddle::RunResult run = heddle::Run([&] { return Checkout(shop, order); });
//   CHECK_THAT(run.trace, InOrder("Reserve", "Charge"));
//
//   Receipt receipt = heddle::RunToEnd([&] { return Checkout(shop, order); });
//
// A body is something that can be called with a World& or with nothing, and gives a Task; or
// gives nothing, having spawned tasks into the world. It must be able to run again from the
// start: what a run changes belongs inside the body.
#ifndef HEDDLE_RUN_H_
#define HEDDLE_RUN_H_

#include <coroutine>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "heddle/check.h"
#include "heddle/clock.h"
#include "heddle/ending.h"
#include "heddle/executor.h"
#include "heddle/run_options.h"
#include "heddle/task.h"
#include "heddle/trace.h"
#include "heddle/tracing.h"
#include "heddle/world.h"

namespace heddle::inline HEDDLE_VARIANT {

// How a run ended, and what happened in it. With tracing off `trace` is empty, names are missing,
// and nobody notices abandoned tasks or counts those that exist. Where events were streamed or
// filtered, Trace::losses says so.
struct RunResult {
  Ending ending = Ending::kFinished;
  // kThrew: the exception itself, and its text. kStuck and the limits: the text of those that a
  // join has kept until all of its tasks have ended, which they did not.
  std::exception_ptr exception;
  std::string message;
  // kStuck and the limits: who did not get to the end, what each waits for, and since when.
  std::vector<WaitingTask> waiting;
  // Tasks that were created and destroyed without being awaited or spawned.
  std::vector<std::string> abandoned;
  std::uint64_t steps = 0;
  Duration elapsed{};  // virtual
  Trace trace;

  bool ok() const { return ending == Ending::kFinished; }
};

// A person's account of an ending, several lines where it needs them.
std::string Describe(const RunResult& result);

// Thrown by RunToEnd when the run neither finished nor threw. what() is Describe().
class RunError : public std::runtime_error {
 public:
  explicit RunError(const RunResult& result);
  Ending ending() const { return ending_; }

 private:
  Ending ending_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {

template <class Body>
decltype(auto) CallBody(Body& body, World& world) {
  if constexpr (std::is_invocable_v<Body&, World&>) {
    return body(world);
  } else {
    return body();
  }
}

template <class Body>
using BodyResult = decltype(CallBody(std::declval<Body&>(), std::declval<World&>()));

// The frame of a body's own task; the executor owns it until it is torn down.
template <class Result>
struct BodyFrame {
  std::coroutine_handle<typename Result::promise_type> frame;
};
template <>
struct BodyFrame<void> {};

// A body, to be run any number of times. Keeps a pointer to it.
template <class Body>
class BodyRunner {
 public:
  using Result = BodyResult<Body>;
  static_assert(std::is_void_v<Result> || kIsTask<Result>,
                "a body must return a heddle::Task or nothing");

  explicit BodyRunner(Body& body) : body_(&body) {}

  BodyRef ref() { return {this, &BodyRunner::Invoke}; }
  // After a run that finished, and before the executor is torn down.
  decltype(auto) TakeValue() { return main_.frame.promise().TakeValue(); }

 private:
  static void Invoke(void* object, World& world) {
    auto* self = static_cast<BodyRunner*>(object);
    if constexpr (std::is_void_v<Result>) {
      CallBody(*self->body_, world);
    } else {
      world.executor().ExpectMain();
      self->main_.frame = CallBody(*self->body_, world).Release();
      world.executor().SpawnMain(self->main_.frame.promise(), self->main_.frame);
    }
  }

  Body* body_;
  BodyFrame<Result> main_;
};

// What the executor's last run was.
RunResult ResultOf(const Executor& executor, const RunOptions& options);

// A run on an executor of its own.
RunResult RunBody(BodyRef body, const RunOptions& options);

// Throws what a run that did not finish ended with.
[[noreturn]] void ThrowEnding(const RunResult& result);

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

// Runs `body` and says how it ended. Throws only UsageError.
template <class Body>
RunResult Run(Body&& body, const RunOptions& options = {}) {
  internal::BodyRunner<std::remove_reference_t<Body>> runner(body);
  return internal::RunBody(runner.ref(), options);
}

// Runs `body` and gives its value, or throws its exception; a run that ended in another way
// throws RunError.
template <class Body>
auto RunToEnd(Body&& body, const RunOptions& options = {}) {
  using Runner = internal::BodyRunner<std::remove_reference_t<Body>>;
  Runner runner(body);
  Executor executor;
  if (executor.Execute(runner.ref(), options) != Ending::kFinished) {
    internal::ThrowEnding(internal::ResultOf(executor, options));
  }
  if constexpr (!std::is_void_v<typename Runner::Result>) return runner.TakeValue();
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_RUN_H_
