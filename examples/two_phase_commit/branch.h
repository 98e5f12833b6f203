// SPDX-License-Identifier: MIT
//
// A branch of the bank, the participant of the protocol: votes, keeps the account locked until it
// knows what was decided, and asks when it hears nothing. Once it has voted yes it may decide
// nothing by itself, however long it takes.
#ifndef HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_BRANCH_H_
#define HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_BRANCH_H_

#include <heddle/task.h>
#include <heddle/task_group.h>

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "books.h"
#include "lock_table.h"
#include "log.h"
#include "machine.h"
#include "message.h"
#include "network.h"
#include "version.h"

namespace two_phase_commit {

class Branch final : public Program {
 public:
  Branch(int number, Balances opening, Machine& coordinator, Network& network, Faults& faults,
         Version version);

  void LosePower() override { log_.LoseTail(); }
  void Recover() override;
  heddle::Task<> Live() override;

  Machine& machine() { return machine_; }
  const Books& books() const { return memory_->books; }
  const std::vector<BranchRecord>& log() const { return log_.records(); }
  // Whether it is up, and waits for nothing but messages.
  bool is_idle() const { return machine_.has_nothing_to_do() && memory_->tasks.pending() == 1; }

 private:
  // What is gone after a crash.
  struct Memory {
    explicit Memory(Books from_log) : books(std::move(from_log)), locks(books.balances().size()) {}

    Books books;
    LockTable locks;
    std::set<TransactionId> asked_to_prepare;
    std::set<TransactionId> aborted;
    heddle::TaskGroup tasks{"branch"};
  };

  heddle::Task<> Serve();
  heddle::Task<> Handle(Message message);
  heddle::Task<> OnPrepare(Prepare prepare);
  heddle::Task<bool> VoteOn(Prepare prepare);
  heddle::Task<> OnCommit(TransactionId id);
  void OnAbort(TransactionId id);
  heddle::Task<> AskUntilDecided(TransactionId id);
  void Book(TransactionId id, const Part& part);

  int number_;
  Balances opening_;
  Machine& coordinator_;
  Network& network_;
  Version version_;
  Machine machine_;
  Log<BranchRecord> log_;
  std::optional<Memory> memory_;
};

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_BRANCH_H_
