// SPDX-License-Identifier: MIT
//
// Programs in which a task is cancelled, each with an end that few of its interleavings come to:
// the search by kinds comes to it, too.
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "heddle/channel.h"
#include "heddle/choosers/dpor.h"
#include "heddle/choosers/exhaustive.h"
#include "heddle/combinators.h"
#include "heddle/gate.h"
#include "heddle/run.h"
#include "heddle/shared.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "heddle/timeout.h"
#include "heddle/watch.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono_literals::operator""ms;

// How the runs of `body` end. It leaves word in the string.
using CancelBody = Task<> (*)(std::string&);
std::set<std::string> EndsOf(CancelBody body, Chooser& chooser) {
  std::set<std::string> ends;
  std::string end;
  const auto run = [&](World& world) {
    end.clear();
    world.Spawn(body(end));
  };
  internal::BodyRunner runner(run);
  Executor executor;
  while (!chooser.exhausted()) {
    executor.Execute(runner.ref(), {.chooser = &chooser, .record = RecordMode::kEvents});
    ends.insert(end);
  }
  return ends;
}

// In every order of the strands: some would come to it by luck.
void CheckEnds(CancelBody body, const std::set<std::string>& expected) {
  ExhaustiveChooser exhaustive;
  CHECK(EndsOf(body, exhaustive) == expected);
  for (std::uint64_t order = 0; order < 8; ++order) {
    INFO("order " << order);
    DporChooser dpor(order);
    CHECK(EndsOf(body, dpor) == expected);
  }
}

Task<> ReadOnce(Shared<int>& value) { co_await value.Read(); }
Task<> WriteOnce(Shared<int>& value, int number) { co_await value.Write(number); }
Task<> ReadOrWrite(Shared<int>& seen, Shared<int>& put, int number, std::string& first) {
  const auto done = co_await Any(ReadOnce(seen), WriteOnce(put, number));
  first += done.index() == 0 ? "r" : "w";
}

TEST_CASE("of two Anys that read or write, each may win by either, and each may write last") {
  CheckEnds(
      [](std::string& end) -> Task<> {
        Shared<int> x(0, "x");
        Shared<int> y(0, "y");
        std::string first;
        std::string second;
        co_await All(ReadOrWrite(x, y, 1, first), ReadOrWrite(x, y, 2, second));
        end = first + second + std::to_string(co_await y.Read());
      },
      {"rr0", "rw2", "wr1", "ww1", "ww2"});
}

Task<> TakeWithin(Channel<int>& channel, std::string& end) {
  const auto got = co_await WithTimeout(
      [](Channel<int>& from) -> Task<int> {
        co_return (co_await from.Receive()).value_or(-1);
      }(channel),
      1ms);
  end += got.has_value() ? "got" : "late";
}

TEST_CASE("of two timeouts of one instant, one may set off what the other waits for") {
  CheckEnds(
      [](std::string& end) -> Task<> {
        Channel<int> channel(1, "channel");
        Channel<int> silent(1, "silent");
        std::string ignored;
        co_await All(TakeWithin(channel, end),
                     [](Channel<int>& none, Channel<int>& to, std::string& out) -> Task<> {
                       co_await TakeWithin(none, out);
                       co_await to.Send(5);
                     }(silent, channel, ignored));
      },
      {"got", "late"});
}

TEST_CASE("who sleeps until the instant of a timeout may come before it") {
  CheckEnds(
      [](std::string& end) -> Task<> {
        Gate gate("gate");
        const auto pass = [](Gate& at) -> Task<> { co_await at.Wait(); };
        const auto sleep = []() -> Task<> { co_await SleepFor(1ms); };
        const auto open = [](Gate& to) -> Task<> {
          co_await SleepFor(1ms);
          to.Open();
        };
        const auto wait = [](Task<> a, Task<> b, std::string& out) -> Task<> {
          const auto done = co_await Any(std::move(a), std::move(b));
          out = done.index() == 0 ? "passed" : "slept";
        };
        co_await All(wait(pass(gate), sleep(), end), open(gate));
      },
      {"passed", "slept"});
}

Task<> ObserveWithin(Watch<int>& watch, std::string& end) {
  Watch<int>::Observer observer = watch.Observe();
  const auto seen = co_await WithTimeout(
      [](Watch<int>::Observer& of) -> Task<int> {
        co_return (co_await of.Next()).value_or(-1);
      }(observer),
      1ms);
  end += seen.has_value() ? "seen" : "late";
}

TEST_CASE("an observer may see a change that is made in the instant of its timeout") {
  CheckEnds(
      [](std::string& end) -> Task<> {
        Watch<int> watch(0, "watch");
        std::string ignored;
        co_await All(ObserveWithin(watch, end), [](Watch<int>& of, std::string& out) -> Task<> {
          co_await ObserveWithin(of, out);
          of.Set(1);
        }(watch, ignored));
      },
      {"late", "seen"});
}

Task<> ThrowIfOne(Shared<int>& value) {
  const int seen = co_await value.Read();
  if (seen == 1) throw std::runtime_error("one");
}
Task<> AddOne(Shared<int>& value) {
  const int seen = co_await value.Read();
  co_await value.Write(seen + 1);
}

Task<> ThrowOrAdd(Shared<int>& thrower, Shared<int>& other, std::string& end) {
  TaskGroup group;
  group.Spawn(ThrowIfOne(thrower));
  group.Spawn(AddOne(other));
  try {
    co_await group.Join();
    end = "joined";
  } catch (const std::runtime_error&) {
    end = "threw";
  }
}
Task<> WriteTwice(Shared<int>& value) {
  co_await value.Write(1);
  co_await value.Write(2);
}

TEST_CASE("a task of a group may throw before each step of another, and after its end") {
  CheckEnds(
      [](std::string& end) -> Task<> {
        Shared<int> x(0, "x");
        Shared<int> y(0, "y");
        co_await All(ThrowOrAdd(y, x, end), WriteTwice(y));
        end += std::to_string(co_await x.Read());
      },
      {"joined1", "threw0", "threw1"});
}

TEST_CASE(
    "a task that is spawned before Cancel does not run, and one that is spawned after it does") {
  CheckEnds(
      [](std::string& end) -> Task<> {
        TaskGroup group;
        const auto adds = [](std::string& text, char letter) -> Task<> {
          text += letter;
          co_return;
        };
        const auto spawns = [&]() -> Task<> {
          co_await Yield();
          group.Spawn(adds(end, 's'));
        };
        const auto cancels = [&]() -> Task<> {
          co_await Yield();
          group.Cancel();
        };
        co_await All(spawns(), cancels());
        co_await group.Join();
        end += 'j';
      },
      {"j", "sj"});
}

}  // namespace
}  // namespace heddle
