// SPDX-License-Identifier: MIT
//
// The life of the coordinator: what it does for an order stands from CarryOut downwards, what it
// does when a message comes in Handle. The two meet in its memory, which Recover fills from the
// log.
#include "coordinator.h"

#include <heddle/mark.h>
#include <heddle/select.h>
#include <heddle/sleep.h>
#include <heddle/timeout.h>

#include <cstddef>
#include <string>
#include <utility>
#include <variant>

#include "timing.h"

namespace two_phase_commit {

using Kind = CoordinatorRecord::Kind;

Coordinator::Coordinator(std::vector<Transfer> orders, Network& network, Faults& faults,
                         Version version)
    : orders_(std::move(orders)),
      network_(network),
      version_(version),
      machine_("coordinator", faults),
      log_(machine_) {}

void Coordinator::Recover() {
  memory_.emplace();
  for (const auto& [kind, id] : log()) {
    if (kind == Kind::kStarted) ++memory_->life;
    if (kind == Kind::kCommitted) {
      memory_->committed.insert(id);
      memory_->unconfirmed[id] = BranchesOf(id);
    }
    if (kind == Kind::kEverywhere) memory_->unconfirmed.erase(id);
    if (kind == Kind::kCommitted || kind == Kind::kRefused) memory_->done.insert(id.transfer);
  }
}

heddle::Task<> Coordinator::Live() {
  memory_->tasks.Spawn(Serve());
  memory_->tasks.Spawn(Begin());
  co_await memory_->tasks.Join();
}

heddle::Task<> Coordinator::Begin() {
  log_.Append({.kind = Kind::kStarted, .id = {}});
  co_await log_.Sync();
  ++memory_->life;
  for (const auto& [id, branches] : memory_->unconfirmed) {
    memory_->tasks.Spawn(TellUntilConfirmed(id));
  }
  for (const Transfer& order : orders_) {
    if (!memory_->done.contains(order.number)) memory_->tasks.Spawn(CarryOut(order));
  }
}

// --- messages -----------------------------------------------------------------------------

heddle::Task<> Coordinator::Serve() {
  while (true) {
    const std::optional<Message> message = co_await machine_.inbox().Receive();
    if (!message) co_return;
    Handle(*message);
  }
}

void Coordinator::Handle(const Message& message) {
  if (const auto* voted = std::get_if<Voted>(&message)) {
    const auto poll = memory_->open.find(voted->id);
    Voted vote = *voted;
    if (poll != memory_->open.end()) poll->second.votes.TrySend(vote);
  } else if (const auto* committed = std::get_if<Committed>(&message)) {
    const auto waits = memory_->unconfirmed.find(committed->id);
    if (waits != memory_->unconfirmed.end()) waits->second.erase(committed->branch);
  } else if (const auto* question = std::get_if<InDoubt>(&message)) {
    Answer(*question);
  }
}

void Coordinator::Answer(const InDoubt& question) {
  if (memory_->open.contains(question.id)) return;  // it will be told, or ask again
  const bool commit = memory_->committed.contains(question.id);
  const Decision decision = commit ? Decision::kCommit : Decision::kAbort;
  heddle::Mark("answers", {{"branch", question.branch}, {"decision", Name(decision)}});
  network_.Send(Branch(question.branch), Decided{.id = question.id, .decision = decision});
}

// --- orders -------------------------------------------------------------------------------

heddle::Task<> Coordinator::CarryOut(Transfer transfer) {
  heddle::BeginFlow("transfer " + std::to_string(transfer.number));
  TransactionId id = {.transfer = transfer.number, .attempt = 100 * memory_->life};
  for (int tries = 1; tries <= kAttemptsMax; ++tries) {
    ++id.attempt;
    const Outcome outcome = co_await Attempt(transfer, id);
    if (outcome == Outcome::kCommitted) co_return;
    TellToAbort(id);
    if (outcome == Outcome::kNoFunds) break;
    co_await heddle::SleepFor(kTryAgainAfter * tries);
  }
  heddle::Mark("refuses");
  log_.Append({.kind = Kind::kRefused, .id = id});
}

heddle::Task<Coordinator::Outcome> Coordinator::Attempt(Transfer transfer, TransactionId id) {
  Poll& poll = memory_->open[id];
  for (const Part& part : PartsOf(transfer)) {
    network_.Send(Branch(part.account.branch), Prepare{.id = id, .part = part});
  }
  const Outcome outcome = co_await CollectVotes(poll.votes);
  // The first version is done with the poll here. But what it decides is not in `committed` before
  // the disk has it, and who asks in between is told of a transaction that is neither open nor
  // committed: it was aborted. Between one table and the other there must be no gap.
  if (version_.closing == Closing::kWhenVotesAreIn) memory_->open.erase(id);
  if (outcome == Outcome::kCommitted) co_await Commit(id);
  memory_->open.erase(id);
  co_return outcome;
}

heddle::Task<Coordinator::Outcome> Coordinator::CollectVotes(heddle::Channel<Voted>& votes) {
  const heddle::Deadline deadline(kVoteTimeout);
  std::set<int> yes;  // by branch, because a vote may come twice
  while (yes.size() < 2) {
    const auto first =
        co_await heddle::Select(heddle::ReceiveFrom(votes), heddle::At(deadline.when()));
    if (first.index() == 1) co_return Outcome::kTryAgain;
    const Voted& voted = *std::get<0>(first);
    if (voted.vote == Vote::kNoFunds) co_return Outcome::kNoFunds;
    if (voted.vote == Vote::kBusy) co_return Outcome::kTryAgain;
    yes.insert(voted.branch);
  }
  co_return Outcome::kCommitted;
}

heddle::Task<> Coordinator::Commit(TransactionId id) {
  heddle::Mark("decides to commit", {{"attempt", id.attempt}});
  log_.Append({.kind = Kind::kCommitted, .id = id});
  memory_->unconfirmed[id] = BranchesOf(id);
  // The first version saves the time of the disk. But a decision that somebody was told cannot be
  // forgotten any more, and a crash forgets what is not on the disk: then the one branch has
  // committed, and the other one, which asks after the crash, is told to abort.
  if (version_.telling == Telling::kWhileWriting) memory_->tasks.Spawn(TellUntilConfirmed(id));
  co_await log_.Sync();
  heddle::Mark("commit is safe", {{"attempt", id.attempt}});
  memory_->committed.insert(id);
  if (version_.telling == Telling::kWhenWritten) memory_->tasks.Spawn(TellUntilConfirmed(id));
}

heddle::Task<> Coordinator::TellUntilConfirmed(TransactionId id) {
  while (true) {
    for (const int branch : memory_->unconfirmed.at(id)) {
      network_.Send(Branch(branch), Decided{.id = id, .decision = Decision::kCommit});
    }
    co_await heddle::SleepFor(kResendAfter);
    if (memory_->unconfirmed.at(id).empty()) break;
  }
  memory_->unconfirmed.erase(id);
  log_.Append({.kind = Kind::kEverywhere, .id = id});
}

std::set<int> Coordinator::BranchesOf(TransactionId id) const {
  const Transfer& order = OrderOf(id);
  return {order.from.branch, order.to.branch};
}

void Coordinator::TellToAbort(TransactionId id) {
  for (const int branch : BranchesOf(id)) {
    network_.Send(Branch(branch), Decided{.id = id, .decision = Decision::kAbort});
  }
}

}  // namespace two_phase_commit
