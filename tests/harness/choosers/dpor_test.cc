// SPDX-License-Identifier: MIT
//
// The search that runs each kind once: on random programs over the primitives it makes as many runs
// as there are kinds among all interleavings, and ends in the same states.
#include "heddle/choosers/dpor.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/channel.h"
#include "heddle/check.h"
#include "heddle/choosers/exhaustive.h"
#include "heddle/combinators.h"
#include "heddle/gate.h"
#include "heddle/internal/step_history.h"
#include "heddle/mutex.h"
#include "heddle/random.h"
#include "heddle/run.h"
#include "heddle/shared.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

enum class Deed : std::uint8_t {
  kRead,
  kWrite,
  kUpdate,
  kExchange,
  kLock,
  kGuard,
  kSend,
  kReceive,
  kOpen,
  kWait,
  kYield,
  kSleep,
  kDraw,
  kSpawn,
  kThrow,
};
constexpr std::uint32_t kDeeds = 15;

// A program over a few objects, which writes down what each task saw.
class RandomProgram {
 public:
  RandomProgram(std::uint64_t seed, std::uint32_t deeds_max) {
    Random random(seed);
    const std::uint32_t tasks = 2 + random.Below(2);
    const std::uint32_t of = 2 + random.Below(kDeeds - 1);  // some programs use few kinds
    const std::uint32_t from = random.Below(kDeeds);
    tasks_.resize(tasks);
    for (auto& task : tasks_) {
      task.resize(1 + random.Below(deeds_max));
      for (auto& [deed, argument] : task) {
        deed = static_cast<Deed>((from + random.Below(of)) % kDeeds);
        argument = random.Below(2);
      }
    }
  }

  void operator()(World& world) {
    world_ = &world;
    data_ = std::make_unique<Data>();
    data_->logs.resize(tasks_.size() + 8);
    for (std::size_t i = 0; i < tasks_.size(); ++i) world.Spawn(Play(i));
  }

  // What can be told of the last run when it is over.
  std::string State(Ending ending) const {
    if (ending == Ending::kThrew) return "failed";
    std::string state(Name(ending));
    for (const std::string& log : data_->logs) state += "|" + log;
    for (Shared<int>& value : data_->values) state += " " + std::to_string(value.Get());
    return state;
  }

 private:
  struct Data {
    Data() {
      for (const std::string_view name : {"a", "b"}) {
        values.emplace_back(0, name);
        mutexes.emplace_back(name);
      }
    }

    std::deque<Shared<int>> values;
    std::deque<Mutex> mutexes;
    Channel<int> channel{1};
    Gate gate;
    int guarded[2] = {0, 0};  // each by its mutex
    std::vector<std::string> logs;
  };

  Task<> Child(std::size_t log) {
    const int old = co_await data_->values[0].Update([](int value) { return value + 10; });
    data_->logs[log] += std::to_string(old) + ",";
  }

  Task<> Play(std::size_t self) {
    std::string& log = data_->logs[self];
    int written = static_cast<int>(self) * 100;
    for (const auto& [deed, argument] : tasks_[self]) {
      Shared<int>& value = data_->values[argument];
      switch (deed) {
        case Deed::kRead: {
          const int seen = co_await value.Read();
          log += std::to_string(seen) + ",";
          break;
        }
        case Deed::kWrite:
          co_await value.Write(++written);
          break;
        case Deed::kUpdate: {
          const int seen = co_await value.Update([](int old) { return 2 * old + 1; });
          log += std::to_string(seen) + ",";
          break;
        }
        case Deed::kExchange: {
          const bool done = co_await value.CompareExchange(0, ++written);
          log += done ? "y," : "n,";
          break;
        }
        case Deed::kLock: {
          const MutexGuard guard = co_await data_->mutexes[argument].Lock();
          log += std::to_string(data_->guarded[argument]) + ",";
          co_await value.Write(++written);
          break;
        }
        case Deed::kGuard: {
          const MutexGuard guard = co_await data_->mutexes[0].Lock();
          log += "l" + std::to_string(++data_->guarded[0]) + ",";
          break;
        }
        case Deed::kSend: {
          const bool sent = co_await data_->channel.Send(++written);
          log += sent ? "s," : "c,";
          break;
        }
        case Deed::kReceive: {
          const std::optional<int> got = co_await data_->channel.Receive();
          log += std::to_string(got.value_or(-1)) + ",";
          break;
        }
        case Deed::kOpen:
          data_->gate.Open();
          break;
        case Deed::kWait:
          co_await data_->gate.Wait();
          log += "w,";
          break;
        case Deed::kYield:
          co_await Yield();
          break;
        case Deed::kSleep:
          co_await SleepFor(milliseconds(argument));
          log += "z,";
          break;
        case Deed::kDraw:
          log += std::to_string(world_->Draw(2)) + ",";
          break;
        case Deed::kSpawn:
          co_await All(Child(tasks_.size() + 2 * self), Child(tasks_.size() + 2 * self + 1));
          log += "j,";
          break;
        case Deed::kThrow: {
          const int seen = co_await value.Read();
          if (seen > 100) throw std::runtime_error("too large");
          break;
        }
      }
    }
  }

  std::vector<std::vector<std::pair<Deed, std::uint32_t>>> tasks_;
  World* world_ = nullptr;
  std::unique_ptr<Data> data_;
};

// All interleavings, each with its kind.
class ClassifyingChooser final : public Chooser {
 public:
  void BeginRun(std::uint64_t schedule) override {
    exhaustive_.BeginRun(schedule);
    history_.BeginRun();
    steps_ = 0;
    last_ = 0;
  }
  std::size_t ChooseTask(const ReadySet& ready) override {
    history_.See(ready, steps_++, last_);
    const std::size_t index = ready.size() == 1 ? 0 : exhaustive_.ChooseTask(ready);
    last_ = history_.StrandOf(ready[index].strand());
    return index;
  }
  std::uint32_t ChooseValue(std::uint32_t alternatives) override {
    return exhaustive_.ChooseValue(alternatives);
  }
  void EndRun(const Recorder& recorder, Ending ending) override {
    exhaustive_.EndRun(recorder, ending);
    history_.Read(recorder);
  }
  bool wants_every_step() const override { return true; }
  bool wants_events() const override { return true; }
  bool exhausted() const override { return exhaustive_.exhausted(); }
  std::uint64_t run_class() const override { return history_.Digest(); }
  std::string_view name() const override { return "classifying"; }

 private:
  ExhaustiveChooser exhaustive_;
  internal::StepHistory history_;
  internal::StepIndex steps_ = 0;
  internal::StrandIndex last_ = 0;
};

// How the runs of a search end, and of which kinds they are.
struct Seen {
  std::uint64_t runs = 0;
  bool failed = false;
  std::set<std::string> states;
  std::set<std::uint64_t> kinds;
};

// Nothing if there are too many runs.
std::optional<Seen> Search(RandomProgram& program, Chooser& chooser, std::uint64_t runs_max) {
  Seen seen;
  internal::BodyRunner<RandomProgram> runner(program);
  Executor executor;
  while (!chooser.exhausted()) {
    if (++seen.runs > runs_max) return std::nullopt;
    const Ending ending =
        executor.Execute(runner.ref(), {.chooser = &chooser, .record = RecordMode::kEvents});
    executor.TearDown();
    seen.failed |= ending == Ending::kThrew;
    seen.states.insert(program.State(ending));
    seen.kinds.insert(chooser.run_class());
  }
  return seen;
}

// A failing run ends at its failure: not all kinds of failing runs are made.
TEST_CASE("a search by kinds makes one run of each kind, and ends in the same states as all runs") {
  int compared = 0;
  std::uint64_t all_runs = 0;
  std::uint64_t kinds = 0;
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    RandomProgram program(seed, 3);
    ClassifyingChooser classifying;
    const std::optional<Seen> all = Search(program, classifying, 150);
    if (!all) continue;
    ++compared;
    for (const std::uint64_t order : {std::uint64_t{0}, std::uint64_t{7}}) {
      INFO("seed " << seed << ", order " << order);
      DporChooser dpor(order);
      const std::optional<Seen> by_kinds = Search(program, dpor, 10 * all->runs + 100);
      REQUIRE(by_kinds);
      CHECK(by_kinds->states == all->states);
      if (all->failed) continue;
      CHECK(by_kinds->kinds == all->kinds);
      CHECK(by_kinds->runs == all->kinds.size());
      CHECK(dpor.redundant() == 0);
      all_runs += all->runs;
      kinds += by_kinds->runs;
    }
  }
  CHECK(compared > 30);
  CHECK(kinds * 2 < all_runs);
}

// The first task writes to `a` or to `b`, by what it read: which of them it is cannot be known of a
// run that was never made.
TEST_CASE("a search by kinds finds what a step touches only after another one") {
  std::set<std::string> seen;
  for (const std::uint64_t order : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2}}) {
    seen.clear();
    DporChooser dpor(order);
    Executor executor;
    std::string log;
    const auto body = [&log](World& world) {
      struct Data {
        Shared<int> key{0, "key"};
        Shared<int> a{0, "a"};
        Shared<int> b{0, "b"};
      };
      const auto data = std::make_shared<Data>();
      log.clear();
      world.Spawn([](std::shared_ptr<Data> shared) -> Task<> {
        const int key = co_await shared->key.Read();
        (key == 0 ? shared->a : shared->b).Set(1);
      }(data));
      world.Spawn(
          [](std::shared_ptr<Data> shared) -> Task<> { co_await shared->key.Write(1); }(data));
      world.Spawn([](std::shared_ptr<Data> shared, std::string& out) -> Task<> {
        out += std::to_string(co_await shared->a.Read());
        out += std::to_string(co_await shared->b.Read());
      }(data, log));
    };
    internal::BodyRunner runner(body);
    while (!dpor.exhausted()) {
      executor.Execute(runner.ref(), {.chooser = &dpor, .record = RecordMode::kEvents});
      executor.TearDown();
      seen.insert(log);
    }
    CHECK(seen == std::set<std::string>{"00", "01", "10"});
  }
}

}  // namespace
}  // namespace heddle
