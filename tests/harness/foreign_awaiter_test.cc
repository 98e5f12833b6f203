// SPDX-License-Identifier: MIT
//
// ForeignAwaiter: awaitables that are not ours, in every shape that C++20 allows.
#include "heddle/internal/foreign_awaiter.h"

#include <sys/wait.h>
#include <unistd.h>

#include <coroutine>
#include <csignal>
#include <exception>
#include <functional>
#include <memory>
#include <source_location>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "heddle/generator.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "support/catch.h"

namespace heddle {
namespace {

std::size_t CountOf(const Trace& trace, EventKind kind, Operation operation) {
  std::size_t count = 0;
  for (const Event& event : trace.events) {
    if (event.kind == kind && event.op() == operation) ++count;
  }
  return count;
}

// --- what the standard library has ----------------------------------------------------------

TEST_CASE("std::suspend_never goes on in the same step") {
  const RunResult run = Run([]() -> Task<> { co_await std::suspend_never(); });
  CHECK(run.ok());
  CHECK(run.steps == 1);
}

TEST_CASE("std::suspend_always is stuck, and the account says on what") {
  const RunResult run = Run([]() -> Task<> { co_await std::suspend_always(); });
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 1);
  CHECK(run.waiting[0].operation == Operation::kForeign);
  CHECK_THAT(Describe(run), ContainsText("main waits (foreign) at foreign_awaiter_test.cc:"));
}

// --- a user's own awaiters -------------------------------------------------------------------

// Stores the handle, for somebody else to resume.
class Signal {
 public:
  bool await_ready() const { return ready_; }
  void await_suspend(std::coroutine_handle<> waiter) { waiter_ = waiter; }
  int await_resume() const { return value_; }

  void Set(int value) {
    value_ = value;
    ready_ = true;
    if (waiter_ != nullptr) std::exchange(waiter_, nullptr).resume();
  }

 private:
  std::coroutine_handle<> waiter_;
  bool ready_ = false;
  int value_ = 0;
};

TEST_CASE("a task that is resumed by another one does not run in the middle of its step") {
  std::string log;
  Signal signal;
  const auto waits = [&]() -> Task<> {
    log += 'w';
    const int value = co_await signal;
    log += std::to_string(value);
  };
  const auto sets = [&]() -> Task<> {
    log += '(';
    signal.Set(7);
    log += ')';
    co_return;
  };
  const RunResult run = Run([&](World& world) {
    world.Spawn(waits());
    world.Spawn(sets());
  });
  CHECK(run.ok());
  CHECK(log == "w()7");
}

TEST_CASE("who resumed a task is part of the trace") {
  Signal signal;
  const auto waits = [&]() -> Task<> { co_await signal; };
  const auto sets = [&]() -> Task<> {
    signal.Set(7);
    co_return;
  };
  const RunResult run = Run([&](World& world) {
    world.Spawn(waits());
    world.Spawn(sets());
  });
  std::size_t wakes = 0;
  for (const Event& event : run.trace.events) {
    if (event.kind != EventKind::kWake) continue;
    ++wakes;
    CHECK(event.op() == Operation::kForeign);
    CHECK(event.task == 0);
    CHECK(event.object == 1);
  }
  CHECK(wakes == 1);
}

TEST_CASE("when a resumed task goes on is a choice") {
  bool first = false;
  bool last = false;
  RandomChooser chooser(1);
  for (std::uint64_t schedule = 1; schedule <= 50; ++schedule) {
    std::string log;
    Signal signal;
    const auto waits = [&]() -> Task<> {
      co_await signal;
      log += 'w';
    };
    const auto sets = [&]() -> Task<> {
      signal.Set(7);
      co_await Yield();
      log += 's';
    };
    const auto third = [&]() -> Task<> {
      co_await Yield();
      co_await Yield();
    };
    Run(
        [&](World& world) {
          world.Spawn(waits());
          world.Spawn(sets());
          world.Spawn(third());
        },
        {.chooser = &chooser, .schedule = schedule});
    (log == "ws" ? first : last) = true;
  }
  CHECK(first);
  CHECK(last);
}

TEST_CASE("an awaiter may be awaited by lvalue, by const lvalue and by rvalue") {
  class Counted {
   public:
    explicit Counted(int value) : value_(value) {}
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    bool await_ready() const { return true; }
    void await_suspend(std::coroutine_handle<>) const {}
    int await_resume() const { return value_; }

   private:
    int value_;
  };
  const int sum = RunToEnd([]() -> Task<int> {
    Counted lvalue(1);
    const Counted constant(2);
    int total = co_await lvalue;
    total += co_await constant;
    total += co_await Counted(4);
    co_return total;
  });
  CHECK(sum == 7);
}

// Its await_suspend says whether it suspends.
class Decides {
 public:
  explicit Decides(bool suspend) : suspend_(suspend) {}
  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> waiter) {
    if (suspend_) waiter.resume();  // becomes ready; does not run here
    return suspend_;
  }
  bool await_resume() const { return suspend_; }

 private:
  bool suspend_;
};

TEST_CASE("an await_suspend that returns false goes on in the same step") {
  const RunResult run = Run([]() -> Task<> { co_await Decides(false); });
  CHECK(run.ok());
  CHECK(run.steps == 1);
}

TEST_CASE("an await_suspend that returns true suspends until it is resumed") {
  const RunResult run = Run([]() -> Task<> { co_await Decides(true); });
  CHECK(run.ok());
  CHECK(run.steps == 2);
}

// Goes on with whatever handle it is given.
class TransfersTo {
 public:
  explicit TransfersTo(std::coroutine_handle<> next) : next_(next) {}
  bool await_ready() const { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> self) {
    return next_ == nullptr ? self : next_;
  }
  void await_resume() const {}

 private:
  std::coroutine_handle<> next_;
};

TEST_CASE("an await_suspend that returns its own handle goes on in the same step") {
  const RunResult run = Run([]() -> Task<> { co_await TransfersTo(nullptr); });
  CHECK(run.ok());
  CHECK(run.steps == 1);
}

TEST_CASE("an await_suspend that returns another task's handle makes that one ready") {
  struct Park {
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter) { *parked = waiter; }
    void await_resume() const {}
    explicit Park(std::coroutine_handle<>& where) : parked(&where) {}
    std::coroutine_handle<>* parked;
  };
  std::string log;
  std::coroutine_handle<> parked;
  const auto waits = [&]() -> Task<> {
    co_await Park(parked);
    log += 'w';
  };
  const auto transfers = [&]() -> Task<> {
    co_await TransfersTo(parked);
    log += 't';
  };
  const RunResult run = Run([&](World& world) {
    world.Spawn(waits());
    world.Spawn(transfers());
  });
  CHECK(log == "w");
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 1);
  CHECK(run.waiting[0].task == 1);
}

// --- operator co_await ------------------------------------------------------------------------

struct WithMember {
  int value;
  auto operator co_await() const {
    class Awaiter {
     public:
      explicit Awaiter(int its_value) : value_(its_value) {}
      bool await_ready() const { return true; }
      void await_suspend(std::coroutine_handle<>) const {}
      int await_resume() const { return value_; }

     private:
      int value_;
    };
    return Awaiter(value);
  }
};

struct WithFree {
  int value;
};
auto operator co_await(const WithFree& awaitable) {
  return WithMember{awaitable.value}.operator co_await();
}

TEST_CASE("an awaitable may have a member or a free operator co_await") {
  const int sum = RunToEnd([]() -> Task<int> {
    const WithMember member{1};
    const WithFree free{2};
    int total = co_await member + co_await free;
    total += co_await WithMember{4};
    total += co_await WithFree{8};
    co_return total;
  });
  CHECK(sum == 15);
}

TEST_CASE("an await may give a reference or something that can only be moved") {
  class Gives {
   public:
    explicit Gives(int& cell) : cell_(&cell) {}
    bool await_ready() const { return true; }
    void await_suspend(std::coroutine_handle<>) const {}
    int& await_resume() const { return *cell_; }

   private:
    int* cell_;
  };
  class GivesOwner {
   public:
    GivesOwner() = default;
    bool await_ready() const { return true; }
    void await_suspend(std::coroutine_handle<>) const {}
    std::unique_ptr<int> await_resume() const { return std::make_unique<int>(5); }
  };
  int cell = 0;
  const RunResult run = Run([&]() -> Task<> {
    co_await Gives(cell) = 3;
    cell += *co_await GivesOwner();
  });
  CHECK(run.ok());
  CHECK(cell == 8);
}

// --- exceptions -------------------------------------------------------------------------------

class ThrowsOn {
 public:
  enum class Where { kReady, kSuspend, kResume };
  explicit ThrowsOn(Where where) : where_(where) {}
  bool await_ready() const { return Throws(Where::kReady); }
  bool await_suspend(std::coroutine_handle<>) const { return Throws(Where::kSuspend); }
  void await_resume() const { Throws(Where::kResume); }

 private:
  bool Throws(Where where) const {
    if (where == where_) throw std::runtime_error("thrown by an awaiter");
    return false;
  }
  Where where_;
};

TEST_CASE("an exception from any part of an awaiter reaches who awaits it, who goes on") {
  for (const auto where :
       {ThrowsOn::Where::kReady, ThrowsOn::Where::kSuspend, ThrowsOn::Where::kResume}) {
    std::string caught;
    const RunResult run = Run([&]() -> Task<> {
      try {
        co_await ThrowsOn(where);
      } catch (const std::runtime_error& error) {
        caught = error.what();
      }
      co_await Yield();
      caught += '.';
    });
    CHECK(run.ok());
    CHECK(caught == "thrown by an awaiter.");
    // What was suspended has resumed.
    CHECK(CountOf(run.trace, EventKind::kSuspend, Operation::kForeign) ==
          CountOf(run.trace, EventKind::kResume, Operation::kForeign));
  }
}

// --- another coroutine type --------------------------------------------------------------------

// A lazy coroutine of somebody else's library: knows nothing of ours.
class Lazy {
 public:
  struct promise_type {
    struct Final {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(
          std::coroutine_handle<promise_type> frame) const noexcept {
        return frame.promise().continuation;
      }
      void await_resume() const noexcept {}
    };
    Lazy get_return_object() {
      return Lazy(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    Final final_suspend() const noexcept { return {}; }
    void return_value(int its_value) { value = its_value; }
    void unhandled_exception() { exception = std::current_exception(); }

    std::coroutine_handle<> continuation;
    std::exception_ptr exception;
    int value = 0;
  };

  explicit Lazy(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  Lazy(Lazy&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Lazy& operator=(Lazy&&) = delete;
  ~Lazy() {
    if (frame_ != nullptr) frame_.destroy();
  }

  bool await_ready() const { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) {
    frame_.promise().continuation = caller;
    return frame_;
  }
  int await_resume() {
    if (frame_.promise().exception != nullptr) {
      std::rethrow_exception(frame_.promise().exception);
    }
    return frame_.promise().value;
  }

 private:
  std::coroutine_handle<promise_type> frame_;
};

Lazy LazyAdd(Signal& left, int right) { co_return co_await left + right; }

Lazy LazyThrow() {
  throw std::runtime_error("lazily");
  co_return 0;
}

TEST_CASE("a coroutine of another type may be awaited, and may wait itself") {
  int sum = 0;
  Signal signal;
  const auto adds = [&]() -> Task<> { sum = co_await LazyAdd(signal, 2); };
  const auto sets = [&]() -> Task<> {
    co_await SleepFor(std::chrono::milliseconds(5));
    signal.Set(40);
    CHECK(sum == 0);  // the Lazy ran to its end in this step, the Task does not
  };
  const RunResult run = Run([&](World& world) {
    world.Spawn(adds());
    world.Spawn(sets());
  });
  CHECK(run.ok());
  CHECK(sum == 42);
}

TEST_CASE("an exception of a coroutine of another type arrives unchanged") {
  const RunResult run = Run([]() -> Task<> { co_await LazyThrow(); });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message == "lazily");
}

TEST_CASE("a task that waits for something foreign may be cancelled") {
  Signal signal;
  const auto waits = [&]() -> Task<> { co_await signal; };
  const RunResult run = Run([&]() -> Task<> {
    {
      TaskGroup group;
      group.Spawn(waits());
      co_await Yield();
      CHECK(group.pending() == 1);
    }
    co_await Yield();
  });
  CHECK(run.ok());
}

// --- who resumes at the wrong time -------------------------------------------------------------

// Never goes on of itself; the handle is for everybody.
struct Kept {
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) const { *handle = waiter; }
  void await_resume() const {}

  std::coroutine_handle<>* handle;
};

TEST_CASE("who resumes a task twice ends the run, and the message names the await") {
  std::coroutine_handle<> handle;
  const RunResult run = Run([&]() -> Task<> {
    TaskGroup group;
    group.Spawn([](auto* kept) -> Task<> { co_await Kept{kept}; }(&handle));
    co_await Yield();
    handle.resume();
    handle.resume();
    co_await group.Join();
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK_THAT(run.message, ContainsText("Kept at foreign_awaiter_test.cc:"));
  CHECK_THAT(run.message, ContainsText("was resumed twice"));
}

// The last words of `function` in a process of its own, which must abort.
std::string LastWordsOf(const std::function<void()>& function) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    dup2(ends[1], STDERR_FILENO);
    function();
    _exit(0);
  }
  close(ends[1]);
  std::string words;
  char buffer[1024];
  for (ssize_t size = 0; (size = read(ends[0], buffer, sizeof buffer)) > 0;) {
    words.append(buffer, static_cast<std::size_t>(size));
  }
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT));
  return words;
}

TEST_CASE("who resumes a task on another thread is told that a run does so itself") {
  const std::string words = LastWordsOf([] {
    std::coroutine_handle<> handle;
    Run([&]() -> Task<> {
      TaskGroup group;
      group.Spawn([](auto* kept) -> Task<> { co_await Kept{kept}; }(&handle));
      co_await Yield();
      std::thread([&] { handle.resume(); }).join();
    });
  });
  CHECK_THAT(words, ContainsText("Kept at foreign_awaiter_test.cc:"));
  CHECK_THAT(words, ContainsText("was resumed from outside its run: by another thread"));
  CHECK_THAT(words, !ContainsText("internal error"));
}

TEST_CASE("who resumes a task after its await is told so: by the run of the thread, if any") {
  // As it is called from memory that is nobody's any more.
  const auto wake = [] {
    Executor::WakeTooLate({.type = "Reply", .site = std::source_location::current()});
  };
  CHECK_THAT(LastWordsOf(wake), ContainsText("heddle: the await of Reply at "));
  const RunResult run = Run([&]() -> Task<> {
    wake();
    co_return;
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK_THAT(run.message, ContainsText("was resumed after it was over"));
}

TEST_CASE("what cannot be awaited is told from what can") {
  STATIC_REQUIRE(internal::IsAwaitable<std::suspend_always>);
  STATIC_REQUIRE(internal::IsAwaitable<std::suspend_always&>);
  STATIC_REQUIRE_FALSE(internal::IsAwaitable<int>);
  STATIC_REQUIRE_FALSE(internal::IsAwaitable<Generator<int>&>);
}

}  // namespace
}  // namespace heddle
