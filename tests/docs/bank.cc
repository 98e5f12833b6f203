// SPDX-License-Identifier: MIT
//
// What docs/properties.md shows: a program of its own, because one of its properties fails. The
// other tests pass: properties_test.cc runs them all.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.h"
// Behind Catch2's own header.
#include "heddle/catch.h"
#include "heddle/heddle.h"
#include "heddle/property.h"

// [type
struct Transfer {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::int32_t cents = 0;

  template <class Archive>
  void serialize(Archive& archive) {  // for the recording
    archive(from, to, cents);
  }
  friend std::ostream& operator<<(std::ostream& out, const Transfer& transfer) {  // for people
    return out << transfer.from << "->" << transfer.to << ": " << transfer.cents;
  }
};

template <>
struct rc::Arbitrary<Transfer> {  // for rapidcheck
  static Gen<Transfer> arbitrary() {
    return gen::build<Transfer>(gen::set(&Transfer::from, gen::inRange(0U, 3U)),
                                gen::set(&Transfer::to, gen::inRange(0U, 3U)),
                                gen::set(&Transfer::cents, gen::inRange(1, 100)));
  }
};
// type]

using heddle::Task;

// [property
class Bank {
 public:
  Task<> Move(Transfer transfer) {
    const std::int32_t balance = balances_[transfer.from];
    if (transfer.cents > 10) co_await Audit();  // the balance that was read may become wrong
    balances_[transfer.from] = balance - transfer.cents;
    balances_[transfer.to] += transfer.cents;
  }
  Task<> Audit() { co_await heddle::Yield(); }
  std::int32_t total() const { return balances_[0] + balances_[1] + balances_[2]; }

 private:
  std::array<std::int32_t, 3> balances_ = {100, 100, 100};
};

TEST_CASE("no money is lost") {
  heddle::Property("transfers keep the total", [](std::vector<Transfer> transfers) -> Task<> {
    Bank bank;
    heddle::TaskGroup moves;
    for (const Transfer& transfer : transfers) moves.Spawn(bank.Move(transfer));
    co_await moves.Join();
    RC_ASSERT(bank.total() == 300);
  });
}
// property]

// [arguments
Task<> Sends(heddle::Channel<std::string>& channel, std::string text) {
  co_await channel.Send(std::move(text));
}

TEST_CASE("what is sent arrives") {
  heddle::Property("a text arrives",
                   [](heddle::World& world, std::uint8_t room, const std::string& text) -> Task<> {
                     RC_PRE(room > 0);  // else this input is passed over
                     heddle::Channel<std::string> channel(room);
                     const std::uint32_t texts = 1 + world.Draw(3);  // a choice of the schedule
                     heddle::TaskGroup senders;
                     for (std::uint32_t i = 0; i < texts; ++i) senders.Spawn(Sends(channel, text));
                     for (std::uint32_t i = 0; i < texts; ++i) {
                       const std::optional<std::string> got = co_await channel.Receive();
                       RC_ASSERT(got == text);
                     }
                   });
}
// arguments]

// [options
TEST_CASE("fewer inputs, and more schedules of each") {
  heddle::PropertyOptions options;
  options.cases = 20;
  options.schedules = 50;
  const auto body = [](std::uint8_t number) -> Task<> {
    co_await heddle::Yield();
    RC_ASSERT(number < 256);
  };
  heddle::Property("a byte is small", body, options);
}
// options]

// [wrapped
struct Percent {
  int value = 0;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(value);
  }
  friend std::ostream& operator<<(std::ostream& out, Percent percent) {
    return out << percent.value << " %";
  }
};

template <>
struct rc::Arbitrary<Percent> {
  static Gen<Percent> arbitrary() {
    return gen::map(gen::inRange(0, 101), [](int value) { return Percent{value}; });
  }
};

TEST_CASE("a percentage is no more than a hundred") {
  heddle::Property("percentages", [](Percent percent) -> Task<> {
    RC_ASSERT(percent.value <= 100);
    co_return;
  });
}
// wrapped]
