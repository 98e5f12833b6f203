// SPDX-License-Identifier: MIT
//
// What docs/foreign.md shows.
#include <chrono>
#include <coroutine>
#include <csignal>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "docs/doc_page.h"
#include "heddle/heddle.h"
#include "heddle/trace_text.h"
#include "support/catch.h"
#include "support/child_process.h"

namespace heddle::resolver_page {
namespace {

using namespace std::chrono_literals;

// [awaiter
// Of another library: answers by a callback, in production from a thread of its own.
class Resolver {
 public:
  using Callback = std::function<void(std::string address)>;

  Resolver() = default;
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  virtual ~Resolver() = default;
  // Calls `done` once, and not after Cancel(). Gives the number of the question.
  virtual int Ask(const std::string& name, Callback done) = 0;
  virtual void Cancel(int question) = 0;
};

// co_await Resolve(resolver, "example.org") gives the address.
class [[nodiscard("co_await it")]] Resolve {
 public:
  Resolve(Resolver& resolver, std::string name) : resolver_(&resolver), name_(std::move(name)) {}
  Resolve(const Resolve&) = delete;
  Resolve& operator=(const Resolve&) = delete;
  ~Resolve() {  // its task may be cancelled while it waits
    if (question_) resolver_->Cancel(*question_);
  }

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> task) {
    question_ = resolver_->Ask(name_, [this, task](std::string address) {
      address_ = std::move(address);
      question_.reset();
      task.resume();
    });
  }
  std::string await_resume() { return std::move(address_); }

 private:
  Resolver* resolver_;
  std::string name_;
  std::string address_;
  std::optional<int> question_;  // while the callback is registered
};
// awaiter]

// [fake
// Each question is a task of the run, so when its callback comes is a choice.
class FakeResolver final : public Resolver {
 public:
  int Ask(const std::string& name, Callback done) override {
    const int question = ++questions_;
    callbacks_.emplace(question, std::move(done));
    answers_.Spawn(AnswerLater(question, name));
    return question;
  }
  void Cancel(int question) override { callbacks_.erase(question); }
  std::size_t pending() const { return callbacks_.size(); }

 private:
  Task<> AnswerLater(int question, std::string name) {
    co_await SleepFor(10ms);
    auto entry = callbacks_.extract(question);
    if (!entry.empty()) entry.mapped()("the address of " + name);
  }

  int questions_ = 0;
  std::map<int, Callback> callbacks_;
  TaskGroup answers_{"resolver"};  // last: its tasks use what stands above
};
// fake]

// [test
Task<> Connect(Resolver& resolver, std::string name) {
  const std::string address = co_await Resolve(resolver, std::move(name));
  Mark("connects", {{"to", address}});
}

Task<> Body() {
  FakeResolver resolver;
  co_await All(Connect(resolver, "a.org"), Connect(resolver, "b.org"));
  const auto late = co_await WithTimeout(Connect(resolver, "c.org"), 5ms);
  if (late || resolver.pending() != 0) throw std::logic_error("it should have been cancelled");
}
// test]

// [gate
Task<std::string> Ask(Resolver& resolver, std::string name) {
  Gate answered("answered");
  std::string address;
  const int question = resolver.Ask(name, [&](std::string its_address) {
    address = std::move(its_address);
    answered.Open();
  });
  static_cast<void>(question);  // not cancelled: a task that is would need the destructor above
  co_await answered.Wait();
  co_return address;
}
// gate]

// [silent
class SilentResolver final : public Resolver {
 public:
  int Ask(const std::string& /*name*/, Callback /*done*/) override { return 1; }
  void Cancel(int /*question*/) override {}
};

Task<> Unanswered() {
  SilentResolver resolver;
  co_await Resolve(resolver, "a.org");
}
// silent]

// [wrong
Task<> ConnectBoth(Resolver& resolver, TaskGroup& group) {
  const std::string port = ":80";
  // WRONG: the closure is gone at the end of the line, and with it what it captured.
  group.Spawn([&resolver, port]() -> Task<> { co_await Connect(resolver, "a.org" + port); }());
  co_await group.Join();
}
// wrong]

// [right
Task<> ConnectAll(Resolver& resolver, TaskGroup& group) {
  const std::string port = ":80";
  // What it needs is handed over: arguments are copied into the coroutine.
  group.Spawn([](Resolver& to, std::string name) -> Task<> {
    co_await Connect(to, std::move(name));
  }(resolver, "a.org" + port));

  // Or the closure has a name, and lives until its tasks have ended.
  const auto connect = [&](std::string name) -> Task<> { co_await Connect(resolver, name + port); };
  group.Spawn(connect("b.org"));
  co_await group.Join();
}
// right]

// Resumed by a thread that is not the run's.
class FromThread {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> task) const {
    std::thread([task] { task.resume(); }).join();
  }
  void await_resume() const {}
};

// Resumed in await_suspend, twice.
class AtOnce {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> task) const {
    task.resume();
    task.resume();
  }
  void await_resume() const {}
};

TEST_CASE("docs/foreign.md tells the truth") {
  DocPage page("foreign.md", "resolver.cc");
  page.CheckCode();
  const RunResult stuck = Run(Unanswered);
  CHECK(stuck.ending == Ending::kStuck);
  page.CheckText("stuck", page.WithLinesOf("silent", Describe(stuck) + "\n"));
}

TEST_CASE("the example of docs/foreign.md passes in all schedules") {
  const ExploreResult result = FindFailure(Body, {.name = "resolver", .directory = {}});
  INFO((result.failure ? result.failure->report : ""));
  CHECK(result.ok());
  CHECK(result.coverage.complete);
}

TEST_CASE("which of two callbacks of one moment comes first is a choice") {
  bool a_first = false;
  bool b_first = false;
  RandomChooser chooser(1);
  for (std::uint64_t schedule = 1; schedule <= 50; ++schedule) {
    const RunResult run = Run(Body, {.chooser = &chooser, .schedule = schedule});
    REQUIRE(run.ok());
    const std::string text = MarkText(run.trace.marks.front());
    (text == "connects {to: \"the address of a.org\"}" ? a_first : b_first) = true;
  }
  CHECK(a_first);
  CHECK(b_first);
}

TEST_CASE("the other ways of docs/foreign.md work") {
  const RunResult gate = Run([]() -> Task<> {
    FakeResolver resolver;
    const std::string address = co_await Ask(resolver, "a.org");
    CHECK(address == "the address of a.org");
  });
  CHECK(gate.ok());
  const RunResult closures = Run([]() -> Task<> {
    FakeResolver resolver;
    TaskGroup group;
    co_await ConnectAll(resolver, group);
  });
  CHECK(closures.ok());
  CHECK(closures.trace.marks.size() == 2);
  static_cast<void>(&ConnectBoth);
}

TEST_CASE("an await that is resumed twice before it goes on ends the run") {
  const RunResult run = Run([]() -> Task<> {
    co_await AtOnce();
    co_await Yield();
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK_THAT(run.message, ContainsText("was resumed twice"));
}

TEST_CASE("an await that is resumed from another thread ends the process, with a message") {
  const ChildEnd end = RunInChild([] {
    Run([]() -> Task<> { co_await FromThread(); });
    return 0;
  });
  CHECK(WIFSIGNALED(end.status));
  CHECK_THAT(end.err, ContainsText("was resumed from outside its run: by another thread, or in the "
                                   "middle of another run"));
}

}  // namespace
}  // namespace heddle::resolver_page
