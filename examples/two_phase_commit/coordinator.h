// SPDX-License-Identifier: MIT
//
// The coordinator: carries out the orders, each as often as it takes, and says what was decided. It
// presumes abort: only commits are written down, and a transaction that it knows nothing of was
// aborted. So an abort costs no write, needs no answer, and a crash aborts whatever was open.
#ifndef HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_COORDINATOR_H_
#define HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_COORDINATOR_H_

#include <heddle/channel.h>
#include <heddle/task.h>
#include <heddle/task_group.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "log.h"
#include "machine.h"
#include "message.h"
#include "network.h"
#include "version.h"

namespace two_phase_commit {

struct CoordinatorRecord {
  enum class Kind : std::uint8_t {
    kStarted,     // a life, so that no attempt has the number of one in an earlier life
    kCommitted,   // this is the commit point: from here on there is no way back
    kEverywhere,  // all branches have committed
    kRefused,     // the transfer will not be tried again
  };

  Kind kind;
  TransactionId id;
};

class Coordinator final : public Program {
 public:
  // `orders` are on its disk, with numbers from 0 in their order.
  Coordinator(std::vector<Transfer> orders, Network& network, Faults& faults, Version version);

  // Before the first life: by their numbers.
  void Connect(std::vector<Machine*> branches) { branches_ = std::move(branches); }

  void LosePower() override { log_.LoseTail(); }
  void Recover() override;
  heddle::Task<> Live() override;

  Machine& machine() { return machine_; }
  const std::vector<CoordinatorRecord>& log() const { return log_.records(); }
  // Whether it is up, and waits for nothing but messages.
  bool is_idle() const { return machine_.has_nothing_to_do() && memory_->tasks.pending() == 1; }

 private:
  // The votes on an open transaction.
  struct Poll {
    heddle::Channel<Voted> votes{heddle::kUnbounded, "votes"};
  };

  // What is gone after a crash.
  struct Memory {
    Memory() : tasks("coordinator") {}

    int life = 0;
    std::map<TransactionId, Poll> open;  // not decided yet
    std::set<TransactionId> committed;
    std::map<TransactionId, std::set<int>> unconfirmed;  // by these branches
    std::set<int> done;                                  // transfers
    heddle::TaskGroup tasks;
  };

  heddle::Task<> Begin();
  heddle::Task<> Serve();
  void Handle(const Message& message);
  void Answer(const InDoubt& question);

  heddle::Task<> CarryOut(Transfer transfer);
  heddle::Task<bool> Attempt(Transfer transfer, TransactionId id);
  heddle::Task<bool> AllVoteYes(heddle::Channel<Voted>& votes);
  heddle::Task<> Commit(TransactionId id);
  heddle::Task<> TellUntilConfirmed(TransactionId id);

  void TellToAbort(TransactionId id);
  Machine& Branch(int number) { return *branches_.at(static_cast<std::size_t>(number)); }
  std::set<int> BranchesOf(TransactionId id) const;
  const Transfer& OrderOf(TransactionId id) const {
    return orders_.at(static_cast<std::size_t>(id.transfer));
  }

  std::vector<Transfer> orders_;
  Network& network_;
  Version version_;
  std::vector<Machine*> branches_;
  Machine machine_;
  Log<CoordinatorRecord> log_;
  std::optional<Memory> memory_;
};

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_COORDINATOR_H_
