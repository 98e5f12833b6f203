// SPDX-License-Identifier: MIT
//
// The search that runs each kind once: on random programs over the primitives it ends in the same
// states as the search through all interleavings.
#include "heddle/choosers/dpor.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "heddle/channel.h"
#include "heddle/check.h"
#include "heddle/choosers/exhaustive.h"
#include "heddle/combinators.h"
#include "heddle/gate.h"
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
    std::deque<Shared<int>> values = std::deque<Shared<int>>(2);
    std::deque<Mutex> mutexes = std::deque<Mutex>(2);
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

// The states in which the runs of a search end; nothing if there are too many.
std::set<std::string> States(RandomProgram& program, Chooser& chooser, std::uint64_t runs_max,
                             std::uint64_t* runs) {
  std::set<std::string> states;
  internal::BodyRunner<RandomProgram> runner(program);
  Executor executor;
  while (!chooser.exhausted()) {
    if (++*runs > runs_max) return {};
    const RecordMode record = chooser.wants_events() ? RecordMode::kEvents : RecordMode::kChoices;
    const Ending ending = executor.Execute(runner.ref(), {.chooser = &chooser, .record = record});
    executor.TearDown();
    states.insert(program.State(ending));
  }
  return states;
}

TEST_CASE("a search by kinds ends in the same states as one through all interleavings") {
  int compared = 0;
  std::uint64_t all_runs = 0;
  std::uint64_t kinds = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    RandomProgram program(seed, 3);
    ExhaustiveChooser exhaustive;
    std::uint64_t runs = 0;
    const std::set<std::string> expected = States(program, exhaustive, 1500, &runs);
    if (expected.empty()) continue;
    ++compared;
    all_runs += runs;
    for (const std::uint64_t order : {std::uint64_t{0}, std::uint64_t{7}}) {
      DporChooser dpor(order);
      std::uint64_t dpor_runs = 0;
      INFO("seed " << seed << ", order " << order);
      CHECK(States(program, dpor, 10 * runs + 100, &dpor_runs) == expected);
      if (order == 0) kinds += dpor_runs;
    }
  }
  CHECK(compared > 200);
  CHECK(kinds * 2 < all_runs);
}

}  // namespace
}  // namespace heddle
