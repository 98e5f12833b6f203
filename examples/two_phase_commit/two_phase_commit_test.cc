// SPDX-License-Identifier: MIT
//
// Two-phase commit: money goes from one bank to another, or stays where it is, whatever crashes.
// Three times. Two versions are what one writes first: a bank that gives up waiting, as it would in
// any other protocol, and a coordinator that tells the banks before it writes down what it decided.
// Both work until the coordinator crashes at one particular moment, and a search finds that moment.
// The third version is what came of the two reports.
#include <heddle/catch.h>
#include <heddle/heddle.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>  // Catch2 v3
#else
#include <catch2/catch.hpp>  // Catch2 v2
#endif

namespace {

using heddle::Task;
using std::chrono_literals::operator""ms;

constexpr auto kVoteTimeout = 10ms;      // how long the coordinator waits for votes
constexpr auto kRestart = 20ms;          // how long it is away after a crash
constexpr auto kPatience = 15ms;         // how long an impatient bank waits for the decision
constexpr heddle::Duration kFast = 1ms;  // what a bank's disk takes
constexpr heddle::Duration kSlow = 12ms;

enum class Message { kPrepare, kCommit, kAbort };
enum class State { kWorking, kPrepared, kCommitted, kAborted };

using Inbox = heddle::Channel<Message>;
using Votes = heddle::Channel<bool>;

// --- a bank -------------------------------------------------------------------------------

// Has one account, and a part in one transfer. What it says of its state is on its disk.
class Bank {
 public:
  Bank(const std::string& name, int balance, int change)
      : inbox_(heddle::kUnbounded, name), balance_(balance), change_(change) {}

  Inbox& inbox() { return inbox_; }
  State state() const { return state_; }
  int balance() const { return balance_; }

  // `patient`: waits for the decision however long it takes.
  Task<> Serve(Votes& votes, bool patient) {
    while (state_ == State::kWorking || state_ == State::kPrepared) {
      const std::optional<Message> message = co_await Next(patient);
      if (!message) {
        Decide(State::kAborted);  // nobody comes any more, it thinks
      } else if (*message == Message::kPrepare) {
        co_await Prepare(votes);
      } else {
        Decide(*message == Message::kCommit ? State::kCommitted : State::kAborted);
      }
    }
  }

 private:
  Task<std::optional<Message>> Next(bool patient) {
    if (patient) co_return co_await inbox_.Receive();
    const auto first =
        co_await heddle::Select(heddle::ReceiveFrom(inbox_), heddle::After(kPatience));
    if (first.index() == 0) co_return std::get<0>(first);
    co_return std::nullopt;
  }

  // Once it has voted yes it may neither commit nor abort by itself.
  Task<> Prepare(Votes& votes) {
    const auto disk = heddle::Input("disk", {kFast, kSlow});
    co_await heddle::SleepFor(disk);
    const bool vote = balance_ + change_ >= 0 && !heddle::Buggify("account locked", 0.25);
    if (vote) state_ = State::kPrepared;
    co_await votes.Send(vote);
  }

  void Decide(State state) {
    state_ = state;
    if (state == State::kCommitted) balance_ += change_;
  }

  Inbox inbox_;
  State state_ = State::kWorking;
  int balance_;
  int change_;
};

using Banks = std::array<Bank, 2>;

// --- the coordinator ----------------------------------------------------------------------

struct Crash {};

class Coordinator {
 public:
  // `writes_first`: its decision is on its disk before anybody hears of it.
  Coordinator(Banks& banks, bool writes_first)
      : banks_(banks), writes_first_(writes_first), votes_(heddle::kUnbounded, "votes") {}

  Votes& votes() { return votes_; }
  // What is on its disk.
  std::optional<Message> decision() const { return decision_; }

  // Is started again after a crash, and then knows only what is on its disk.
  Task<> Run() {
    const bool survived = co_await Survives(Transfer());
    if (survived) co_return;
    co_await heddle::SleepFor(kRestart);
    co_await Recover();
  }

 private:
  static Task<bool> Survives(Task<> task) {
    try {
      co_await std::move(task);
    } catch (const Crash&) {
      co_return false;
    }
    co_return true;
  }

  Task<> Transfer() {
    for (Bank& bank : banks_) co_await bank.inbox().Send(Message::kPrepare);
    const bool all_can = co_await AllVoteYes();
    const Message decision = all_can ? Message::kCommit : Message::kAbort;
    MayCrash();
    if (writes_first_) decision_ = decision;
    co_await Tell(decision);
    decision_ = decision;
  }

  // Nobody can have been told to commit if nothing is written: then it is to abort.
  Task<> Recover() {
    if (!decision_) decision_ = Message::kAbort;
    crashes_ = false;
    co_await Tell(*decision_);
  }

  Task<bool> AllVoteYes() {
    const heddle::Deadline deadline(kVoteTimeout);
    for (std::size_t i = 0; i < banks_.size(); ++i) {
      const auto first =
          co_await heddle::Select(heddle::ReceiveFrom(votes_), heddle::After(deadline.remaining()));
      const bool yes = first.index() == 0 && std::get<0>(first) == true;
      if (!yes) co_return false;
    }
    co_return true;
  }

  Task<> Tell(Message decision) {
    for (Bank& bank : banks_) {
      MayCrash();
      co_await bank.inbox().Send(decision);
    }
  }

  void MayCrash() const {
    if (crashes_ && heddle::Buggify("coordinator crashes", 0.25)) throw Crash();
  }

  Banks& banks_;
  bool writes_first_;
  Votes votes_;
  std::optional<Message> decision_;
  bool crashes_ = true;  // once is enough
};

// --- a transfer, and what has to hold -----------------------------------------------------

struct Version {
  bool patient_banks = true;
  bool writes_first = true;
};

constexpr int kAmount = 30;

void CheckOutcome(const Banks& banks, const Coordinator& coordinator) {
  const auto& [from, to] = banks;
  if (from.balance() + to.balance() != 150) {
    throw std::runtime_error("money was made or lost: " + std::to_string(from.balance()) + " and " +
                             std::to_string(to.balance()));
  }
  const bool committed = coordinator.decision() == Message::kCommit;
  for (const Bank& bank : banks) {
    if ((bank.state() == State::kCommitted) == committed) continue;
    throw std::runtime_error("a bank did something else than was decided");
  }
}

auto TransferWith(Version version) {
  return [version]() -> Task<> {
    Banks banks = {Bank("from", 100, -kAmount), Bank("to", 50, kAmount)};
    Coordinator coordinator(banks, version.writes_first);
    heddle::TaskGroup group("transfer");
    for (Bank& bank : banks) group.Spawn(bank.Serve(coordinator.votes(), version.patient_banks));
    group.Spawn(coordinator.Run());
    co_await group.Join();
    CheckOutcome(banks, coordinator);
  };
}

// --- the tests ----------------------------------------------------------------------------

heddle::RunResult FailureOf(Version version) {
  const auto body = TransferWith(version);
  CHECK(heddle::Run(body).ok());  // as long as nothing goes wrong, all is well
  heddle::ExploreResult result = heddle::FindFailure(body, {.directory = {}});
  REQUIRE_FALSE(result.ok());
  REQUIRE_FALSE(result.failure->divergence.has_value());
  return result.failure->run;
}

bool Crashed(const heddle::RunResult& run) {
  for (const heddle::MarkRecord& mark : run.trace.marks) {
    if (mark.name == "coordinator crashes") return true;
  }
  return false;
}

TEST_CASE("banks that give up waiting lose money when the coordinator crashes") {
  const heddle::RunResult run = FailureOf({.patient_banks = false});
  CHECK(Crashed(run));
}

TEST_CASE("a coordinator that tells before it writes loses money when it crashes between the two") {
  const heddle::RunResult run = FailureOf({.writes_first = false});
  CHECK(Crashed(run));
  CHECK(run.message.find("money was made or lost") != std::string::npos);
}

TEST_CASE("patient banks and a coordinator that writes first: no schedule and no crash hurts") {
  heddle::Explore(TransferWith({}));
}

}  // namespace
