// SPDX-License-Identifier: MIT
//
// The life of the coordinator: what it does for an order begins in CarryOut, what it does about a
// message in Handle. The two meet in its memory, which Recover fills from the log.
#include "coordinator.h"

#include <heddle/mark.h>
#include <heddle/select.h>
#include <heddle/sleep.h>
#include <heddle/timeout.h>

#include <cstddef>
#include <string>
#include <utility>
#include <variant>

namespace two_phase_commit {
namespace {

using CoordinatorEntry = CoordinatorRecord::Kind;

constexpr heddle::Duration kVoteTimeout = 20ms;
constexpr heddle::Duration kResendAfter = 8ms;
constexpr heddle::Duration kTryAgainAfter = 5ms;  // more with each attempt
constexpr int kAttemptsMax = 8;                   // in one life

}  // namespace

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
    if (kind == CoordinatorEntry::kStarted) ++memory_->life;
    if (kind == CoordinatorEntry::kCommitted) {
      memory_->committed.insert(id);
      memory_->unconfirmed[id] = BranchesOf(id);
    }
    if (kind == CoordinatorEntry::kEverywhere) memory_->unconfirmed.erase(id);
    if (kind == CoordinatorEntry::kCommitted || kind == CoordinatorEntry::kRefused)
      memory_->done.insert(id.transfer);
  }
}

heddle::Task<> Coordinator::Live() {
  memory_->tasks.Spawn(Serve());
  memory_->tasks.Spawn(Begin());
  co_await memory_->tasks.Join();
}

heddle::Task<> Coordinator::Begin() {
  log_.Append({.kind = CoordinatorEntry::kStarted, .id = {}});
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
  heddle::Mark("answers", {{"branch", question.branch}, {"commit", commit}});
  network_.Send(Branch(question.branch), Decided{.id = question.id, .commit = commit});
}

// --- orders -------------------------------------------------------------------------------

heddle::Task<> Coordinator::CarryOut(Transfer transfer) {
  heddle::BeginFlow("transfer " + std::to_string(transfer.number));
  TransactionId id = {.transfer = transfer.number, .attempt = 100 * memory_->life};
  for (int tries = 1; tries <= kAttemptsMax; ++tries) {
    ++id.attempt;
    const bool committed = co_await Attempt(transfer, id);
    if (committed) co_return;
    TellToAbort(id);
    co_await heddle::SleepFor(kTryAgainAfter * tries);
  }
  heddle::Mark("refuses");
  log_.Append({.kind = CoordinatorEntry::kRefused, .id = id});
}

heddle::Task<bool> Coordinator::Attempt(Transfer transfer, TransactionId id) {
  Poll& poll = memory_->open[id];
  for (const Part& part : {transfer.from, transfer.to}) {
    network_.Send(Branch(part.branch), Prepare{.id = id, .part = part});
  }
  const bool commit = co_await AllVoteYes(poll.votes);
  // The first version is done with the poll here. But what it decides is not in `committed` before
  // the disk has it, and who asks in between is told of a transaction that is neither open nor
  // committed: it was aborted. Between one table and the other there must be no gap.
  if (version_.closing == Closing::kWhenVotesAreIn) memory_->open.erase(id);
  if (commit) co_await Commit(id);
  memory_->open.erase(id);
  co_return commit;
}

heddle::Task<bool> Coordinator::AllVoteYes(heddle::Channel<Voted>& votes) {
  const heddle::Deadline deadline(kVoteTimeout);
  std::set<int> yes;  // by branch, because a vote may come twice
  while (yes.size() < 2) {
    const auto first =
        co_await heddle::Select(heddle::ReceiveFrom(votes), heddle::At(deadline.when()));
    if (first.index() == 1) co_return false;
    const Voted& voted = *std::get<0>(first);
    if (!voted.yes) co_return false;
    yes.insert(voted.branch);
  }
  co_return true;
}

heddle::Task<> Coordinator::Commit(TransactionId id) {
  heddle::Mark("decides to commit", {{"attempt", id.attempt}});
  log_.Append({.kind = CoordinatorEntry::kCommitted, .id = id});
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
      network_.Send(Branch(branch), Decided{.id = id, .commit = true});
    }
    co_await heddle::SleepFor(kResendAfter);
    if (memory_->unconfirmed.at(id).empty()) break;
  }
  memory_->unconfirmed.erase(id);
  log_.Append({.kind = CoordinatorEntry::kEverywhere, .id = id});
}

std::set<int> Coordinator::BranchesOf(TransactionId id) const {
  const Transfer& order = OrderOf(id);
  return {order.from.branch, order.to.branch};
}

void Coordinator::TellToAbort(TransactionId id) {
  for (const int branch : BranchesOf(id)) {
    network_.Send(Branch(branch), Decided{.id = id, .commit = false});
  }
}

}  // namespace two_phase_commit
