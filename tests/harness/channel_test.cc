// SPDX-License-Identifier: MIT
//
// Channel: bounded, closable, nothing lost and nothing twice in any schedule.
// (No co_await inside CHECK: Catch2 v2 repeats the expression in the condition of a loop, and
// g++ 12 then loops for ever.)
#include "heddle/channel.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/test_choosers.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "support/catch.h"

namespace heddle {
namespace {

TEST_CASE("a rendezvous takes a message only while somebody waits for it") {
  std::string log;
  const auto body = [&]() -> Task<> {
    log.clear();
    Channel<int> channel(kRendezvous, "hand");
    const auto send = [&]() -> Task<> {
      const bool accepted = co_await channel.Send(7);
      log += accepted ? "sent " : "refused ";
    };
    TaskGroup group;
    group.Spawn(send());
    co_await SleepFor(std::chrono::seconds(1));
    CHECK(log.empty());
    CHECK_FALSE(channel.TryReceive().has_value());
    const std::optional<int> message = co_await channel.Receive();
    CHECK(message == 7);
    CHECK(log == "sent ");
    group.Spawn(send());
    co_await SleepFor(std::chrono::seconds(1));
    channel.Close();
    co_await group.Join();
    CHECK(log == "sent refused ");
  };
  ForRandomSchedules(50, body, [](const RunResult& run) { REQUIRE(run.ok()); });
}

TEST_CASE("when the receiver of a rendezvous is cancelled the sender waits on") {
  Channel<int> channel(kRendezvous, "hand");
  const auto receive = [&]() -> Task<> { co_await channel.Receive(); };
  const RunResult run = Run([&]() -> Task<> {
    {
      TaskGroup group;
      group.Spawn(receive());
      co_await SleepFor(std::chrono::seconds(1));
    }
    int message = 1;
    CHECK_FALSE(channel.TrySend(message));
    co_await channel.Send(2);
  });
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 1);
  CHECK(run.waiting[0].object == "Channel hand");
}

TEST_CASE("an unbounded channel takes whatever comes") {
  const RunResult run = Run([]() -> Task<> {
    Channel<int> channel(kUnbounded);
    for (int i = 0; i < 1000; ++i) co_await channel.Send(i);
    CHECK(channel.size() == 1000);
  });
  CHECK(run.ok());
}

TEST_CASE("messages come out in the order in which they went in") {
  const RunResult run = Run([]() -> Task<> {
    Channel<int> channel(3);
    for (int i = 0; i < 3; ++i) {
      const bool sent = co_await channel.Send(i);
      CHECK(sent);
    }
    CHECK(channel.size() == 3);
    for (int i = 0; i < 3; ++i) {
      const std::optional<int> received = co_await channel.Receive();
      CHECK(received == i);
    }
    CHECK(channel.size() == 0);
  });
  CHECK(run.ok());
}

TEST_CASE("TrySend and TryReceive do not wait, and say whether they did anything") {
  const RunResult run = Run([]() -> Task<> {
    Channel<std::unique_ptr<int>> channel(1);
    CHECK_FALSE(channel.TryReceive().has_value());
    auto first = std::make_unique<int>(1);
    auto second = std::make_unique<int>(2);
    CHECK(channel.TrySend(first));
    CHECK(first == nullptr);
    CHECK_FALSE(channel.TrySend(second));
    CHECK(second != nullptr);  // only moved from when it was accepted
    CHECK(**channel.TryReceive() == 1);
    channel.Close();
    CHECK_FALSE(channel.TrySend(second));
    CHECK(second != nullptr);
    CHECK_FALSE(channel.TryReceive().has_value());
    co_return;
  });
  CHECK(run.ok());
  CHECK(run.steps == 1);
}

TEST_CASE("a channel holds no more than its capacity") {
  std::size_t largest = 0;
  const auto body = [&](World& world) {
    struct Work {
      static Task<> Send(Channel<int>& channel, std::size_t& largest) {
        for (int i = 0; i < 5; ++i) {
          co_await channel.Send(i);
          largest = std::max(largest, channel.size());
        }
      }
      static Task<> Receive(Channel<int>& channel) {
        for (int i = 0; i < 10; ++i) co_await channel.Receive();
      }
    };
    static Channel<int> channel(2);
    world.Spawn(Work::Send(channel, largest));
    world.Spawn(Work::Send(channel, largest));
    world.Spawn(Work::Receive(channel));
  };
  ForRandomSchedules(200, body, [&](const RunResult& run) { REQUIRE(run.ok()); });
  CHECK(largest == 2);
}

TEST_CASE("after Close what is left is received, then nothing") {
  const RunResult run = Run([]() -> Task<> {
    Channel<int> channel(2);
    co_await channel.Send(1);
    channel.Close();
    channel.Close();  // doing so twice is doing it once
    CHECK(channel.is_closed());
    const bool accepted = co_await channel.Send(2);
    CHECK_FALSE(accepted);
    const std::optional<int> left = co_await channel.Receive();
    CHECK(left == 1);
    for (int i = 0; i < 2; ++i) {
      const std::optional<int> nothing = co_await channel.Receive();
      CHECK(nothing == std::nullopt);
    }
  });
  CHECK(run.ok());
}

TEST_CASE("Close lets go those who wait to send and those who wait to receive") {
  int refused = 0;
  int empty = 0;
  Channel<int> full(1);
  Channel<int> drained(1);
  const auto sends = [&]() -> Task<> { refused += co_await full.Send(2) ? 0 : 1; };
  const auto receives = [&]() -> Task<> { empty += co_await drained.Receive() ? 0 : 1; };
  const RunResult run = Run([&](World& world) -> Task<> {
    co_await full.Send(1);
    for (int i = 0; i < 2; ++i) {
      world.Spawn(sends());
      world.Spawn(receives());
    }
    co_await SleepFor(std::chrono::seconds(1));
    full.Close();
    drained.Close();
  });
  CHECK(run.ok());
  CHECK(refused == 2);
  CHECK(empty == 2);
  CHECK(full.size() == 1);
}

// Three senders with four messages each, two receivers until the channel is closed.
class Crowd {
 public:
  static constexpr int kSenders = 3;
  static constexpr int kMessages = 4;

  explicit Crowd(std::size_t capacity) : channel_(capacity) {}

  void operator()(World& world) {
    for (std::vector<int>& got : received_) got.clear();
    senders_left_ = kSenders;
    channel_.emplace();
    for (int sender = 0; sender < kSenders; ++sender) world.Spawn(Send(sender));
    for (std::vector<int>& got : received_) world.Spawn(Receive(got));
  }

  const std::vector<int>& received(std::size_t receiver) const { return received_[receiver]; }

 private:
  // A channel that is new in every run.
  class Fresh {
   public:
    explicit Fresh(std::size_t capacity) : capacity_(capacity) {}
    void emplace() { channel_.emplace(capacity_, "crowd"); }
    Channel<int>* operator->() { return &*channel_; }

   private:
    std::size_t capacity_;
    std::optional<Channel<int>> channel_;
  };

  Task<> Send(int sender) {
    for (int i = 0; i < kMessages; ++i) co_await channel_->Send(sender * kMessages + i);
    if (--senders_left_ == 0) channel_->Close();
  }
  Task<> Receive(std::vector<int>& got) {
    for (;;) {
      const std::optional<int> message = co_await channel_->Receive();
      if (!message) co_return;
      got.push_back(*message);
    }
  }

  Fresh channel_;
  int senders_left_ = 0;
  std::vector<int> received_[2];
};

TEST_CASE("no message is lost or received twice in any schedule, and each sender's stay in order") {
  for (const std::size_t capacity : {0U, 1U, 2U, 20U}) {
    Crowd crowd(capacity);
    ForRandomSchedules(700, std::ref(crowd), [&](const RunResult& run) {
      REQUIRE(run.ok());
      std::vector<int> all;
      for (const std::size_t receiver : {0U, 1U}) {
        const std::vector<int>& got = crowd.received(receiver);
        all.insert(all.end(), got.begin(), got.end());
        for (int sender = 0; sender < Crowd::kSenders; ++sender) {
          std::vector<int> of_sender;
          std::copy_if(got.begin(), got.end(), std::back_inserter(of_sender),
                       [&](int message) { return message / Crowd::kMessages == sender; });
          REQUIRE(std::is_sorted(of_sender.begin(), of_sender.end()));
        }
      }
      std::sort(all.begin(), all.end());
      std::vector<int> expected(Crowd::kSenders * Crowd::kMessages);
      std::iota(expected.begin(), expected.end(), 0);
      REQUIRE(all == expected);
    });
  }
}

TEST_CASE("a channel with room is a scheduling point: both orders of two senders are seen") {
  std::string order;
  const auto body = [&](World& world) {
    order.clear();
    struct Work {
      static Task<> Send(Channel<char>& channel, std::string& order, char name) {
        order += 's';
        co_await channel.Send(name);
        order += name;
      }
    };
    static Channel<char> channel(1000);
    world.Spawn(Work::Send(channel, order, 'a'));
    world.Spawn(Work::Send(channel, order, 'b'));
  };
  std::set<std::string> orders;
  ForRandomSchedules(100, body, [&](const RunResult&) { orders.insert(order); });
  CHECK(orders == std::set<std::string>{"ssab", "ssba", "sasb", "sbsa"});
}

TEST_CASE("a receiver that is overtaken by TryReceive waits for the next message") {
  Channel<int> channel(2);
  std::string log;
  const auto receives = [&]() -> Task<> { log += std::to_string(*co_await channel.Receive()); };
  const auto overtakes = [&]() -> Task<> {
    int message = 1;
    channel.TrySend(message);
    log += '(' + std::to_string(*channel.TryReceive()) + ')';
    message = 2;
    channel.TrySend(message);
    co_return;
  };
  const RunResult run = Run([&](World& world) {
    world.Spawn(receives());
    world.Spawn(overtakes());
  });
  CHECK(run.ok());
  CHECK(log == "(1)2");
}

TEST_CASE("cancelling those who wait on a channel loses no message") {
  Channel<int> channel(1);
  const auto sends = [&]() -> Task<> { co_await channel.Send(99); };
  const auto receives = [&]() -> Task<> { co_await channel.Receive(); };
  const RunResult run = Run([&]() -> Task<> {
    {
      TaskGroup group;
      group.Spawn(receives());
      co_await SleepFor(std::chrono::seconds(1));
    }
    co_await channel.Send(1);
    {
      TaskGroup group;
      group.Spawn(sends());
      co_await SleepFor(std::chrono::seconds(1));
    }
    const std::optional<int> received = co_await channel.Receive();
    CHECK(received == 1);
    CHECK(channel.size() == 0);
  });
  CHECK(run.ok());
}

TEST_CASE("the trace says which message went in and came out, and how much room there is") {
  const RunResult run = Run([]() -> Task<> {
    Channel<int> channel(2, "orders");
    co_await channel.Send(10);
    co_await channel.Send(11);
    co_await channel.Receive();
    co_await channel.Receive();
  });
  std::string log;
  for (const Event& event : run.trace.events) {
    if (event.kind == EventKind::kSend) log += "s" + std::to_string(event.value);
    if (event.kind == EventKind::kReceive) log += "r" + std::to_string(event.value);
    if (event.kind == EventKind::kSuspend && event.op() == Operation::kSend) {
      CHECK(event.value == 2);
    }
  }
  CHECK(log == "s0s1r0r1");
}

}  // namespace
}  // namespace heddle
