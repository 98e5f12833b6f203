// SPDX-License-Identifier: MIT
//
// Puts the parts together, and finds out when there is nothing left to do. The bank stands outside
// the protocol: it may look into every machine, and tells none of them anything but to close.
#include "bank.h"

#include <heddle/clock.h>
#include <heddle/sleep.h>
#include <heddle/task_group.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "audit.h"
#include "branch.h"
#include "coordinator.h"
#include "network.h"

namespace two_phase_commit {
namespace {

constexpr heddle::Duration kLookEvery = 20ms;
constexpr int kLooksMax = 500;

class Bank {
 public:
  explicit Bank(Setup setup)
      : setup_(std::move(setup)),
        faults_(setup_.faults),
        network_(faults_),
        coordinator_(setup_.orders, network_, faults_, setup_.version) {
    std::vector<Machine*> machines;
    for (const Balances& opening : setup_.opening) {
      Branch& branch =
          branches_.emplace_back(static_cast<int>(branches_.size()), opening,
                                 coordinator_.machine(), network_, faults_, setup_.version);
      machines.push_back(&branch.machine());
    }
    coordinator_.Connect(std::move(machines));
  }

  heddle::Task<> Run() {
    const std::function<void()> audit = [this] { CheckLogs(Collect()); };
    Cents at_first = 0;
    for (const Balances& opening : setup_.opening) at_first += Books(opening).Total();
    heddle::TaskGroup machines("machines");
    machines.Spawn(coordinator_.machine().KeepRunning(coordinator_, audit));
    for (Branch& branch : branches_) machines.Spawn(branch.machine().KeepRunning(branch, audit));
    machines.Spawn(CloseWhenSettled());
    co_await machines.Join();
    CheckLogs(Collect());
    CheckBooks(at_first, AllBooks());
  }

  Outcome outcome() const {
    Outcome outcome;
    for (const Branch& branch : branches_) outcome.balances.push_back(branch.books().balances());
    for (const TransactionId& id : Collect().decided) outcome.committed.insert(id.transfer);
    return outcome;
  }

 private:
  heddle::Task<> CloseWhenSettled() {
    for (int looks = 0; !IsSettled(); ++looks) {
      if (looks == kLooksMax) throw AuditFailed("the bank does not come to rest");
      co_await heddle::SleepFor(kLookEvery);
    }
    coordinator_.machine().inbox().Close();
    for (Branch& branch : branches_) branch.machine().inbox().Close();
  }

  bool IsSettled() const {
    return network_.is_quiet() && coordinator_.is_idle() &&
           std::all_of(branches_.begin(), branches_.end(),
                       [](const Branch& branch) { return branch.is_idle(); });
  }

  Evidence Collect() const {
    Evidence evidence;
    for (const CoordinatorRecord& record : coordinator_.log()) {
      if (record.kind == CoordinatorRecord::Kind::kCommitted) evidence.decided.insert(record.id);
    }
    for (const Branch& branch : branches_) evidence.logs.push_back(branch.log());
    return evidence;
  }

  std::vector<Books> AllBooks() const {
    std::vector<Books> books;
    for (const Branch& branch : branches_) books.push_back(branch.books());
    return books;
  }

  Setup setup_;
  Faults faults_;
  Network network_;
  Coordinator coordinator_;
  std::deque<Branch> branches_;
};

}  // namespace

heddle::Task<Outcome> RunBank(Setup setup) {
  Bank bank(std::move(setup));
  co_await bank.Run();
  co_return bank.outcome();
}

}  // namespace two_phase_commit
