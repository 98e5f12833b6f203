// SPDX-License-Identifier: MIT
//
// Select: one arm and one only, any of those that could be taken.
#include "heddle/select.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "harness/test_choosers.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("which of the arms that could be taken is a choice, and the others stay as they are") {
  std::set<std::size_t> taken;
  const auto body = [&]() -> Task<> {
    Channel<int> from(1, "from");
    Channel<int> to(1, "to");
    co_await from.Send(1);
    const auto done = co_await Select(ReceiveFrom(from), SendTo(to, 2), After(seconds(0)));
    taken.insert(done.index());
    CHECK(from.size() == (done.index() == 0 ? 0 : 1));
    CHECK(to.size() == (done.index() == 1 ? 1 : 0));
  };
  ForRandomSchedules(50, body, [&](const RunResult& run) { REQUIRE(run.ok()); });
  CHECK(taken == std::set<std::size_t>{0, 1, 2});
}

TEST_CASE("a timer is taken when nothing else could be before it, and costs no time otherwise") {
  const RunResult run = Run([]() -> Task<> {
    Channel<int> channel(1);
    auto done = co_await Select(ReceiveFrom(channel), After(milliseconds(50)), After(seconds(9)));
    CHECK(done.index() == 1);
    CHECK(VirtualClock::now() == TimePoint(milliseconds(50)));
    co_await channel.Send(3);
    done = co_await Select(ReceiveFrom(channel), After(seconds(1)), After(seconds(9)));
    CHECK(std::get<0>(done) == 3);
  });
  CHECK(run.ok());
  CHECK(run.elapsed == milliseconds(50));
}

TEST_CASE("a closed channel can be taken: empty for a receiver, refused for a sender") {
  const RunResult run = Run([]() -> Task<> {
    Channel<int> channel(1);
    channel.Close();
    const auto received = co_await Select(ReceiveFrom(channel));
    CHECK_FALSE(std::get<0>(received).has_value());
    const auto sent = co_await Select(SendTo(channel, 1));
    CHECK_FALSE(std::get<0>(sent));
  });
  CHECK(run.ok());
}

TEST_CASE("nothing is lost or seen twice by those who select, in any schedule") {
  std::vector<int> got;
  const auto body = [&]() -> Task<> {
    got.clear();
    Channel<int> first(1, "first");
    Channel<int> second(kRendezvous, "second");
    const auto send = [&](Channel<int>& channel, int from) -> Task<> {
      for (int i = 0; i < 3; ++i) co_await channel.Send(from + i);
    };
    const auto select = [&](int count) -> Task<> {
      for (int i = 0; i < count; ++i) {
        const auto message = co_await Select(ReceiveFrom(first), ReceiveFrom(second));
        const std::optional<int>& value =
            message.index() == 0 ? std::get<0>(message) : std::get<1>(message);
        got.push_back(value.value());
      }
    };
    TaskGroup group;
    group.Spawn(send(first, 0));
    group.Spawn(send(second, 10));
    group.Spawn(select(2));
    group.Spawn(select(4));
    co_await group.Join();
  };
  ForRandomSchedules(500, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    std::sort(got.begin(), got.end());
    REQUIRE(got == std::vector<int>{0, 1, 2, 10, 11, 12});
  });
}

TEST_CASE("what goes in at a rendezvous is got by a Select, whatever else that waits for") {
  int given = 0;
  int got = 0;
  int late = 0;
  const auto body = [&]() -> Task<> {
    given = got = 0;
    Channel<int> first(kRendezvous, "first");
    Channel<int> second(kRendezvous, "second");
    const auto gives = [&](Channel<int>& channel) -> Task<> {
      co_await SleepFor(milliseconds(1));
      if (co_await channel.Send(1)) ++given;
    };
    const auto selects = [&]() -> Task<> {
      const auto done =
          co_await Select(ReceiveFrom(first), ReceiveFrom(second), After(milliseconds(1)));
      done.index() == 2 ? ++late : ++got;
    };
    const auto receives = [&]() -> Task<> {
      if (co_await second.Receive()) ++got;
    };
    TaskGroup group;
    for (int i = 0; i < 2; ++i) {
      group.Spawn(gives(first));
      group.Spawn(gives(second));
      group.Spawn(selects());
    }
    group.Spawn(receives());
    co_await SleepFor(milliseconds(2));
    REQUIRE(first.size() + second.size() == 0);
    first.Close();
    second.Close();
    co_await group.Join();
  };
  int most = 0;
  ForRandomSchedules(500, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    REQUIRE(given == got);
    most = std::max(most, got);
  });
  CHECK(most == 3);
  CHECK(late > 0);
}

TEST_CASE("a Select that is cancelled with the message of a rendezvous leaves it to the next") {
  const RunResult run = Run([]() -> Task<> {
    Channel<int> hand(kRendezvous, "hand");
    const auto selects = [&]() -> Task<> {
      co_await Select(ReceiveFrom(hand), After(milliseconds(9)));
    };
    int message = 5;
    {
      TaskGroup group;
      group.Spawn(selects());
      co_await SleepFor(milliseconds(1));
      CHECK(hand.TrySend(message));
    }
    CHECK(hand.size() == 1);
    const std::optional<int> left = co_await hand.Receive();
    CHECK(left == 5);
  });
  INFO(Describe(run));
  CHECK(run.ok());
}

TEST_CASE("who is cancelled in a Select leaves all its arms, and who waits for ever is named") {
  const RunResult run = Run([]() -> Task<> {
    Channel<int> first(1);
    Channel<int> second(kRendezvous);
    const auto select = [&]() -> Task<> {
      co_await Select(ReceiveFrom(first), ReceiveFrom(second), After(seconds(100)));
    };
    {
      TaskGroup group;
      group.Spawn(select());
      co_await SleepFor(seconds(1));
    }
    int message = 1;
    CHECK(first.TrySend(message));
    CHECK_FALSE(second.TrySend(message));  // nobody waits for it
    co_await Select(ReceiveFrom(second));
  });
  CHECK(run.ending == Ending::kStuck);
  CHECK(run.elapsed == seconds(1));
  REQUIRE(run.waiting.size() == 1);
  CHECK_THAT(run.waiting[0].object, StartsWithText("Select"));
  CHECK_THAT(run.waiting[0].site, ContainsText("select_test.cc:"));
}

TEST_CASE("a Select that sends to and receives from one rendezvous does not meet itself") {
  const RunResult run = Run([]() -> Task<> {
    Channel<int> hand(kRendezvous, "hand");
    const auto done = co_await Select(SendTo(hand, 1), ReceiveFrom(hand), After(milliseconds(3)));
    CHECK(done.index() == 2);
    CHECK(hand.size() == 0);
  });
  INFO(Describe(run));
  CHECK(run.ok());
  CHECK(run.elapsed == milliseconds(3));
}

TEST_CASE("two tasks that would send or receive at one rendezvous meet, whoever does which") {
  std::set<std::size_t> first_did;
  const auto body = [&]() -> Task<> {
    Channel<int> hand(kRendezvous, "hand");
    std::vector<std::size_t> did;
    const auto exchanges = [&]() -> Task<> {
      const auto done = co_await Select(SendTo(hand, 1), ReceiveFrom(hand));
      did.push_back(done.index());
    };
    TaskGroup group;
    group.Spawn(exchanges());
    group.Spawn(exchanges());
    co_await group.Join();
    CHECK(did.size() == 2);
    CHECK(did[0] != did[1]);
    first_did.insert(did[0]);
    CHECK(hand.size() == 0);
  };
  ForRandomSchedules(100, body, [](const RunResult& run) {
    INFO(Describe(run));
    REQUIRE(run.ok());
  });
  CHECK(first_did.count(0) == 1);
}

}  // namespace
}  // namespace heddle
