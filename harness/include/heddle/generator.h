// SPDX-License-Identifier: MIT
//
// Generator<T>: a coroutine that gives values one after the other, and may await in between. It
// runs only while somebody waits for its next value, as part of that task.
//
//   heddle::Generator<Page> Pages(Site& site) {
//     for (int number = 0; number < site.pages(); ++number) co_yield co_await site.Load(number);
//   }
//
//   heddle::Generator<Page> pages = Pages(site);
//   while (std::optional<Page> page = co_await pages.Next()) Read(*page);
//
// What it throws comes out of Next(); after that, and after its end, there is nothing more. It goes
// when its Generator goes, wherever it is, and when the task that waits for its next value is
// destroyed: it was part of that task.
#ifndef HEDDLE_GENERATOR_H_
#define HEDDLE_GENERATOR_H_

#include <coroutine>
#include <exception>
#include <optional>
#include <source_location>
#include <utility>

#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/internal/binding_scope.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/task.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

template <class T>
class Generator;

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {

// A Next() that waits.
class GeneratorCall {
 public:
  // The generator was destroyed.
  virtual void OnGone() = 0;

 protected:
  ~GeneratorCall() = default;
};

// Not inline: each await would carry the code.
[[noreturn, gnu::cold, gnu::noinline]] inline void ThrowSecondCall() {
  throw UsageError(
      "heddle: Next() of a Generator that is giving its next value to somebody else. Likely cause: "
      "two tasks await one Generator, or it awaits its own Next(). Give each task its own, or put "
      "a Channel between.");
}

template <class T>
class GeneratorPromise final : public PromiseBase {
  static_assert(FitsIntoFrame<T>,
                "heddle: a value of a Generator lies in its frame, which has the alignment of "
                "std::max_align_t: co_yield a std::unique_ptr to it.");

 public:
  // At a co_yield: goes on with whoever waits for the value.
  class ValueAwaiter {
   public:
    explicit ValueAwaiter(SiteRef site) : site_(site) {}

    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<GeneratorPromise> frame) {
      GeneratorPromise& self = frame.promise();
      self.RequireNoOwnBinding();
#if HEDDLE_SIMULATED
      Executor& executor = *self.state.executor;
      executor.Suspend(self.state, Operation::kYield, 0, site_, 1);
      if (self.caller_ != nullptr) {
        executor.mutable_recorder().Add(EventKind::kWake, self.caller_->id, self.state.id,
                                        Operation::kCall);
      }
#elif HEDDLE_LIVE
      task_ = &self.live;
      task_->Suspend(Operation::kYield, reinterpret_cast<std::uint64_t>(&kGeneratorType), site_);
#endif
      return self.continuation();
    }
#if HEDDLE_LIVE
    void await_resume() const noexcept { task_->Resume(); }
#else
    void await_resume() const noexcept {}
#endif

   private:
    [[maybe_unused]] SiteRef site_;
#if HEDDLE_LIVE
    LiveTask* task_ = nullptr;
#endif
  };

  GeneratorPromise() {
#if HEDDLE_SIMULATED
    state.is_generator = true;
#elif HEDDLE_LIVE
    live.BecomeGenerator();
#endif
  }
  GeneratorPromise(const GeneratorPromise&) = delete;
  GeneratorPromise& operator=(const GeneratorPromise&) = delete;
  ~GeneratorPromise() {
    if (call_ != nullptr) call_->OnGone();
  }

  Generator<T> get_return_object(std::source_location here = std::source_location::current()) {
#if HEDDLE_TRACING
    Identify(here);
#else
    static_cast<void>(here);
#endif
    return Generator<T>(std::coroutine_handle<GeneratorPromise>::from_promise(*this));
  }

  ValueAwaiter yield_value(T value, std::source_location site = std::source_location::current()) {
    value_.emplace(std::move(value));
    return ValueAwaiter(site);
  }
  void return_void() const noexcept {}

  // Whose frame it is.
  void set_owner(Generator<T>* owner) { owner_ = owner; }

  // Throws UsageError unless it is before its first line or at a co_yield.
  void RequireIdle() const {
    if (call_ != nullptr) [[unlikely]] {
      ThrowSecondCall();
    }
  }
  // Goes on, up to the next value or the end. Gives what runs next.
  template <class Promise>
  std::coroutine_handle<> Advance(std::coroutine_handle<Promise> caller,
                                  [[maybe_unused]] SiteRef site) {
    const auto frame = std::coroutine_handle<GeneratorPromise>::from_promise(*this);
    ReturnTo(caller);
    bindings_of_caller_ = NewestBinding();
#if HEDDLE_SIMULATED
    caller_ = &caller.promise().state;
    Executor& executor = *caller_->executor;
    executor.FollowCaller(state, *caller_);
    if (!std::exchange(started_, true)) return executor.Call(*caller_, state, site);
    executor.Suspend(*caller_, Operation::kCall, state.id, site);
    executor.mutable_recorder().Add(EventKind::kWake, state.id, caller_->id, Operation::kYield);
    state.strand = caller_->strand;
    state.bindings = caller_->bindings;
    executor.Continue(state);
#elif HEDDLE_LIVE
    if constexpr (IsLive<Promise>) caller.promise().live.Call(live, site);
#endif
    return frame;
  }
  void set_call(GeneratorCall* call) { call_ = call; }
  // The caller goes on.
  std::optional<T> TakeValue() {
    call_ = nullptr;
#if HEDDLE_SIMULATED
    caller_->executor->Continue(*caller_);
#endif
    if (exception != nullptr) std::rethrow_exception(std::exchange(exception, nullptr));
    return std::exchange(value_, std::nullopt);
  }
  // The caller was destroyed in the middle of the call, and the call goes with it.
  void Abandon() {
    call_ = nullptr;
#if HEDDLE_SIMULATED
    caller_ = nullptr;
#endif
    owner_->CutOff();
  }

 private:
  void RequireNoOwnBinding() const {
    if (NewestBinding() == bindings_of_caller_) return;
    FailBinding(
        "heddle: a Generator yielded while a TaskLocal was bound in it. The binding would hold for "
        "whoever asked for the value, too. End its scope before the co_yield.");
  }

  std::optional<T> value_;
  GeneratorCall* call_ = nullptr;  // null: it is before its first line, at a co_yield or at its end
  Generator<T>* owner_ = nullptr;
  const Binding* bindings_of_caller_ = nullptr;  // when it asked for the next value
#if HEDDLE_SIMULATED
  TaskState* caller_ = nullptr;
  bool started_ = false;
#endif
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

template <class T>
class [[nodiscard("a Generator does nothing until its Next() is awaited")]] Generator {
 public:
  using promise_type = internal::GeneratorPromise<T>;
  class [[nodiscard("co_await it")]] NextAwaiter;

  Generator(Generator&& other) noexcept
      : frame_(std::exchange(other.frame_, nullptr)), is_cut_off_(other.is_cut_off_) {
    OwnFrame();
  }
  Generator& operator=(Generator&& other) noexcept {
    std::swap(frame_, other.frame_);
    std::swap(is_cut_off_, other.is_cut_off_);
    OwnFrame();
    other.OwnFrame();
    return *this;
  }
  ~Generator() { Destroy(); }

  // Gives a std::optional<T>: empty when there is nothing more. Throws UsageError for a Generator
  // that was moved from, or that was destroyed with the task that waited for its last value; and
  // when it is awaited while somebody else waits for the next value.
  NextAwaiter Next() {
    if (frame_ == nullptr) [[unlikely]] {
      ThrowEmpty();
    }
    return NextAwaiter(frame_);
  }

 private:
  friend promise_type;
  explicit Generator(std::coroutine_handle<promise_type> frame) : frame_(frame) { OwnFrame(); }

  void OwnFrame() {
    if (frame_ != nullptr) frame_.promise().set_owner(this);
  }
  void CutOff() {
    is_cut_off_ = true;
    Destroy();
  }
  void Destroy() {
    if (frame_ == nullptr) return;
    const auto frame = std::exchange(frame_, nullptr);
#if HEDDLE_SIMULATED
    Executor::Destroy(frame.promise().state);
#else
    frame.destroy();
#endif
  }
  [[noreturn]] void ThrowEmpty() const {
    if (is_cut_off_) {
      throw UsageError(
          "heddle: Next() of a Generator that was cut off: the task that waited for its last value "
          "was destroyed, for example by a WithTimeout or an Any, and the generator with it. Make "
          "a "
          "new one, or let a task that is not destroyed ask it.");
    }
    throw UsageError(
        "heddle: Next() of an empty Generator. Likely cause: it was moved from. Ask the one that "
        "it was moved to.");
  }

  std::coroutine_handle<promise_type> frame_;
  bool is_cut_off_ = false;
};

template <class T>
class Generator<T>::NextAwaiter : public internal::BriefOperation, private internal::GeneratorCall {
 public:
  explicit NextAwaiter(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  NextAwaiter(const NextAwaiter&) = delete;
  NextAwaiter& operator=(const NextAwaiter&) = delete;
  ~NextAwaiter() { Abandon(); }
  void Abandon() {
    if (called_ != nullptr) std::exchange(called_, nullptr)->Abandon();
    BriefOperation::Abandon();
  }

  bool await_ready() const { return frame_.done(); }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> caller, SiteRef site = {}) {
    if (frame_.done()) return caller;
    promise_type& promise = frame_.promise();
    promise.RequireIdle();
    const std::coroutine_handle<> next = promise.Advance(caller, site);
    promise.set_call(this);
    called_ = &promise;
    waiter_ = &WaiterOf(caller);
    return next;
  }
  std::optional<T> await_resume() {
    if (called_ == nullptr) return std::nullopt;
    return std::exchange(called_, nullptr)->TakeValue();
  }

 private:
  void OnGone() override {
    called_ = nullptr;
    internal::LoseObject(*waiter_, "Generator");
  }

  std::coroutine_handle<promise_type> frame_;
  promise_type* called_ = nullptr;  // from the call to its return
  internal::Waiter* waiter_ = nullptr;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_GENERATOR_H_
