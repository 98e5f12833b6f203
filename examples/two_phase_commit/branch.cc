// SPDX-License-Identifier: MIT
//
// The life of a branch. Each message is handled by a task of its own, because some of them wait for
// a lock or for the disk, and those behind them must not wait for that: the decision that frees the
// lock is one of them. So two handlers of one message that came twice may be under way at once.
#include "branch.h"

#include <heddle/mark.h>
#include <heddle/sleep.h>

#include <string>
#include <variant>

namespace two_phase_commit {
namespace {

constexpr heddle::Duration kAskAfter = 8ms;

}  // namespace

Branch::Branch(int number, Balances opening, Machine& coordinator, Network& network, Faults& faults,
               Version version)
    : number_(number),
      opening_(std::move(opening)),
      coordinator_(coordinator),
      network_(network),
      version_(version),
      machine_("branch " + std::to_string(number), faults),
      log_(machine_) {}

void Branch::Recover() {
  memory_.emplace(Books::Replay(opening_, log()));
  for (const auto& [id, part] : books().prepared()) {
    memory_->locks.TakeBack(part.account, id);
  }
  // A Prepare that comes late must not begin again what is over.
  for (const BranchRecord& record : log()) memory_->asked_to_prepare.insert(record.id);
}

heddle::Task<> Branch::Live() {
  memory_->tasks.Spawn(Serve());
  for (const auto& [id, part] : books().prepared()) memory_->tasks.Spawn(AskUntilDecided(id));
  co_await memory_->tasks.Join();
}

heddle::Task<> Branch::Serve() {
  while (true) {
    const std::optional<Message> message = co_await machine_.inbox().Receive();
    if (!message) co_return;
    memory_->tasks.Spawn(Handle(*message));
  }
}

heddle::Task<> Branch::Handle(Message message) {
  if (const auto* prepare = std::get_if<Prepare>(&message)) {
    co_await OnPrepare(*prepare);
  } else if (const auto* decided = std::get_if<Decided>(&message)) {
    if (!decided->commit) co_return OnAbort(decided->id);
    co_await OnCommit(decided->id);
  }
}

heddle::Task<> Branch::OnPrepare(Prepare prepare) {
  const bool is_new = memory_->asked_to_prepare.insert(prepare.id).second;
  if (!is_new || memory_->aborted.contains(prepare.id)) co_return;  // doubled, or overtaken
  const bool yes = co_await VoteOn(prepare);
  network_.Send(coordinator_, Voted{.id = prepare.id, .branch = number_, .yes = yes});
  co_await AskUntilDecided(prepare.id);
}

heddle::Task<bool> Branch::VoteOn(Prepare prepare) {
  const auto [id, part] = prepare;
  const bool locked = co_await memory_->locks.Lock(part.account, id);
  if (!locked) co_return false;  // try again later
  if (!books().CanPay(part) || memory_->aborted.contains(id)) {
    memory_->locks.Unlock(part.account);
    co_return false;
  }
  log_.Append({.kind = BranchRecord::Kind::kPrepared, .id = id, .part = part});
  memory_->books.Prepare(id, part);
  co_await log_.Sync();
  heddle::Mark("prepared", {{"branch", number_}, {"attempt", id.attempt}});
  co_return true;
}

// Says that it has committed when that is safe, also where it was another message that made it do
// so: the coordinator may forget the transaction then.
heddle::Task<> Branch::OnCommit(TransactionId id) {
  const std::optional<Part> part = books().PreparedPart(id);
  if (part) log_.Append({.kind = BranchRecord::Kind::kCommitted, .id = id, .part = *part});
  // The first version books only what is on the disk. But while it waits for the disk, the same
  // message may come again, and that handler too finds the transaction prepared: both book it.
  // What is found and what is done about it belong into one step. A crash does no harm in between:
  // the books go with it, and the log says what they were.
  if (part && version_.booking == Booking::kAtOnce) Book(id, *part);
  co_await log_.Sync();
  if (part && version_.booking == Booking::kWhenWritten) Book(id, *part);
  network_.Send(coordinator_, Committed{.id = id, .branch = number_});
}

void Branch::Book(TransactionId id, const Part& part) {
  heddle::Mark("books", {{"branch", number_}, {"attempt", id.attempt}, {"change", part.change}});
  memory_->books.Commit(id, part);
  memory_->locks.Unlock(part.account);
}

// Without a sync: if the record is lost, the branch asks again, and is told the same.
void Branch::OnAbort(TransactionId id) {
  memory_->aborted.insert(id);
  const std::optional<Part> part = books().PreparedPart(id);
  if (!part) return;
  heddle::Mark("aborts", {{"branch", number_}, {"attempt", id.attempt}});
  log_.Append({.kind = BranchRecord::Kind::kAborted, .id = id, .part = *part});
  memory_->books.Abort(id);
  memory_->locks.Unlock(part->account);
}

heddle::Task<> Branch::AskUntilDecided(TransactionId id) {
  while (books().PreparedPart(id)) {
    co_await heddle::SleepFor(kAskAfter);
    if (!books().PreparedPart(id)) co_return;
    heddle::Mark("asks", {{"branch", number_}, {"attempt", id.attempt}});
    network_.Send(coordinator_, InDoubt{.id = id, .branch = number_});
  }
}

}  // namespace two_phase_commit
