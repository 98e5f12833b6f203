// SPDX-License-Identifier: MIT
//
// Broadcast: everything to everybody, in one order, and never further apart than the capacity.
#include "heddle/broadcast.h"

#include <cstddef>
#include <optional>
#include <vector>

#include "harness/test_choosers.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::seconds;

TEST_CASE("every subscriber gets every message in the same order, in every schedule") {
  for (const std::size_t capacity : {1U, 2U, 8U}) {
    std::vector<int> got[2];
    const auto body = [&]() -> Task<> {
      for (std::vector<int>& list : got) list.clear();
      Broadcast<int> broadcast(capacity, "prices");
      Broadcast<int>::Subscription subscriptions[] = {broadcast.Subscribe(), broadcast.Subscribe()};
      int senders = 2;
      const auto receive = [&](std::size_t self) -> Task<> {
        for (;;) {
          const std::optional<int> message = co_await subscriptions[self].Receive();
          if (!message) co_return;
          got[self].push_back(*message);
          CHECK(subscriptions[1 - self].unseen() <= capacity);
        }
      };
      const auto send = [&](int first) -> Task<> {
        for (int i = 0; i < 3; ++i) {
          const bool accepted = co_await broadcast.Send(first + i);
          CHECK(accepted);
        }
        if (--senders == 0) broadcast.Close();
      };
      TaskGroup group;
      group.Spawn(receive(0));
      group.Spawn(receive(1));
      group.Spawn(send(0));
      group.Spawn(send(10));
      co_await group.Join();
    };
    ForRandomSchedules(200, body, [&](const RunResult& run) {
      REQUIRE(run.ok());
      REQUIRE(got[0].size() == 6);
      REQUIRE(got[0] == got[1]);
    });
  }
}

TEST_CASE("a sender waits for the slowest subscriber, and no longer when that one leaves") {
  const RunResult run = Run([]() -> Task<> {
    Broadcast<int> broadcast(1, "prices");
    std::optional<Broadcast<int>::Subscription> slow(std::in_place, broadcast);
    Broadcast<int>::Subscription quick = broadcast.Subscribe();
    int sent = 0;
    const auto send = [&]() -> Task<> {
      for (; sent < 3; ++sent) co_await broadcast.Send(sent);
    };
    TaskGroup group;
    group.Spawn(send());
    co_await SleepFor(seconds(1));
    const std::optional<int> first = co_await quick.Receive();
    CHECK(first == 0);
    co_await SleepFor(seconds(1));
    CHECK(sent == 1);
    slow.reset();
    co_await SleepFor(seconds(1));
    CHECK(sent == 2);
    CHECK(quick.TryReceive() == 1);
    co_await group.Join();
    CHECK(quick.TryReceive() == 2);
    CHECK_FALSE(quick.TryReceive().has_value());
  });
  CHECK(run.ok());
}

TEST_CASE("without subscribers messages are dropped, and a closed broadcast takes none") {
  const RunResult run = Run([]() -> Task<> {
    Broadcast<int> broadcast(1);
    for (int i = 0; i < 5; ++i) {
      const bool accepted = co_await broadcast.Send(i);
      CHECK(accepted);
    }
    Broadcast<int>::Subscription late = broadcast.Subscribe();
    CHECK(late.unseen() == 0);
    int message = 7;
    CHECK(broadcast.TrySend(message));
    CHECK_FALSE(broadcast.TrySend(message));
    broadcast.Close();
    broadcast.Close();
    const bool accepted = co_await broadcast.Send(8);
    CHECK_FALSE(accepted);
    std::optional<int> next = co_await late.Receive();
    CHECK(next == 7);
    next = co_await late.Receive();
    CHECK_FALSE(next.has_value());
  });
  CHECK(run.ok());
  CHECK_THROWS_AS(Broadcast<int>(0), UsageError);
}

TEST_CASE("who is cancelled at a broadcast leaves it, and who waits for ever is named") {
  const RunResult run = Run([]() -> Task<> {
    Broadcast<int> broadcast(1, "prices");
    Broadcast<int>::Subscription mine = broadcast.Subscribe();
    const auto receive = [&]() -> Task<> { co_await mine.Receive(); };
    {
      TaskGroup group;
      group.Spawn(receive());
      co_await SleepFor(seconds(1));
    }
    co_await broadcast.Send(1);
    co_await mine.Receive();
    co_await mine.Receive();
  });
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 1);
  CHECK(run.waiting[0].object == "Broadcast prices");
  CHECK_THAT(run.waiting[0].site, ContainsText("broadcast_test.cc:"));
}

}  // namespace
}  // namespace heddle
