// SPDX-License-Identifier: MIT
//
// B01, B02, B04 to B08, B10, B12: programs whose tasks meet at locks and conditions. After
// SCTBench (Thomson, Donaldson and Betts, "Concurrency testing using controlled schedulers", TOPC
// 2016) and the evaluation set of PERIOD (ICSE 2022).
#include <array>
#include <cstddef>
#include <deque>
#include <string>

#include "corpus/model.h"
#include "corpus/programs.h"

namespace heddle::corpus {
namespace {

// B01. The assertion itself is wrong, and is met only when the check runs last.
class Account final : public Program {
 public:
  Account() {
    Add([this] { return Check(); });
    Add([this] { return Deposit(); });
    Add([this] { return Withdraw(); });
  }

 private:
  Task<> Check() {
    co_await m_.Acquire();
    Require(!deposited_ || !withdrawn_ || balance_ == -5, "balance");
    co_await m_.Release();
  }
  Task<> Deposit() {
    co_await m_.Acquire();
    balance_ += 2;
    deposited_ = true;
    co_await m_.Release();
  }
  Task<> Withdraw() {
    co_await m_.Acquire();
    balance_ -= 4;
    withdrawn_ = true;
    co_await m_.Release();
  }

  Lock m_{"m"};
  int balance_ = 1;
  bool deposited_ = false;
  bool withdrawn_ = false;
};

// B02. Fails always: a deadlock in it would be a wake-up that we lost.
class Arithmetic final : public Program {
 public:
  Arithmetic() {
    Add([this] { return Produce(); });
    Add([this] { return Consume(); });
  }
  void AtEnd() override { Require(total_.Get() != 6, "total"); }

 private:
  Task<> Produce() {
    for (int i = 0; i < 3; ++i) {
      co_await m_.Acquire();
      int num = co_await num_.Read();
      while (num > 0) {
        co_await empty_.Wait(m_);
        num = co_await num_.Read();
      }
      co_await num_.Update([](int value) { return value + 1; });
      co_await m_.Release();
      co_await full_.Signal();
    }
  }
  Task<> Consume() {
    int total = 0;
    for (int i = 0; i < 3; ++i) {
      co_await m_.Acquire();
      int num = co_await num_.Read();
      while (num == 0) {
        co_await full_.Wait(m_);
        num = co_await num_.Read();
      }
      total += i;
      co_await num_.Update([](int value) { return value - 1; });
      co_await m_.Release();
      co_await empty_.Signal();
    }
    co_await total_.Write(total + 3);
  }

  Lock m_{"m"};
  Condition empty_{"empty"};
  Condition full_{"full"};
  Var num_{0, "num"};
  Var total_{0, "total"};
};

// B04. A wasted turn of either side shifts the index.
class CircularBuffer final : public Program {
 public:
  CircularBuffer() {
    Add([this] { return Produce(); });
    Add([this] { return Consume(); });
  }

 private:
  static constexpr int kTurns = 7;

  Task<> Produce() {
    for (int i = 0; i < kTurns; ++i) {
      co_await m_.Acquire();
      if (send_) {
        buffer_[next_++] = i;
        send_ = false;
        receive_ = true;
      }
      co_await m_.Release();
    }
  }
  Task<> Consume() {
    for (int i = 0; i < kTurns; ++i) {
      co_await m_.Acquire();
      if (receive_) {
        const int element = next_ > 0 && first_ < buffer_.size() ? buffer_[first_++] : -1;
        Require(element == i, "element");
        receive_ = false;
        send_ = true;
      }
      co_await m_.Release();
    }
  }

  Lock m_{"m"};
  std::array<int, 10> buffer_{};
  std::size_t first_ = 0;
  std::size_t next_ = 0;
  bool send_ = true;
  bool receive_ = false;
};

// B05. Two locks, in two orders.
class LockOrder final : public Program {
 public:
  LockOrder() {
    Add([this] { return First(); });
    Add([this] { return Second(); });
  }

 private:
  Task<> First() {
    co_await a_.Acquire();
    co_await b_.Acquire();
    co_await b_.Release();
    co_await a_.Release();
  }
  Task<> Second() {
    co_await b_.Acquire();
    co_await a_.Acquire();
    co_await a_.Release();
    co_await b_.Release();
  }

  Lock a_{"a"};
  Lock b_{"b"};
};

// B06. Two writers and a check, in the order of SCTBench or in that of PERIOD.
class Lazy final : public Program {
 public:
  explicit Lazy(bool check_first) {
    if (check_first) Add([this] { return Check(); });
    Add([this, check_first] { return Increase(check_first ? 2 : 1); });
    Add([this, check_first] { return Increase(check_first ? 1 : 2); });
    if (!check_first) Add([this] { return Check(); });
  }

 private:
  Task<> Increase(int amount) {
    co_await m_.Acquire();
    data_ += amount;
    co_await m_.Release();
  }
  Task<> Check() {
    co_await m_.Acquire();
    Require(data_ < 3, "data");
    co_await m_.Release();
  }

  Lock m_{"m"};
  int data_ = 0;
};

// B07. Philosophers that all eat; only a lost update of the counter hides it.
class Philosophers final : public Program {
 public:
  explicit Philosophers(int count) : count_(count) {
    for (int i = 0; i < count; ++i) {
      forks_.emplace_back("fork" + std::to_string(i));
      Add([this, i] { return Dine(i); });
    }
  }

 private:
  Task<> Dine(int i) {
    Lock& left = forks_[static_cast<std::size_t>((i + 1) % count_)];
    Lock& right = forks_[static_cast<std::size_t>(i)];
    co_await table_.Acquire();
    co_await left.Acquire();
    co_await right.Acquire();
    co_await right.Release();
    co_await left.Release();
    co_await table_.Release();
    const int before = co_await eaten_.Read();
    co_await eaten_.Write(before + 1);
    const int after = co_await eaten_.Read();
    Require(after != count_, "all have eaten");
  }

  int count_;
  Lock table_{"table"};
  std::deque<Lock> forks_;
  Var eaten_{0, "eaten"};
};

// B08. The producer can never go on.
class StuckProducer final : public Program {
 public:
  StuckProducer() {
    Add([this] { return Produce(); });
    Add([this] { return Consume(); });
  }

 private:
  Task<> Produce() {
    co_await m_.Acquire();
    int num = co_await num_.Read();
    while (num > 0) {
      co_await empty_.Wait(m_);
      num = co_await num_.Read();
    }
    co_await num_.Update([](int value) { return value + 1; });
    co_await m_.Release();
    co_await full_.Signal();
  }
  Task<> Consume() {
    co_await m_.Acquire();
    int num = co_await num_.Read();
    while (num == 0) {
      co_await full_.Wait(m_);
      num = co_await num_.Read();
    }
    co_await m_.Release();
    co_await empty_.Signal();
  }

  Lock m_{"m"};
  Condition empty_{"empty"};
  Condition full_{"full"};
  Var num_{1, "num"};
};

// B10. One task guards the value with another lock than the rest.
class WrongLock final : public Program {
 public:
  explicit WrongLock(int others) {
    Add([this] { return UseWrongLock(); });
    for (int i = 0; i < others; ++i) Add([this] { return UseLock(); });
  }

 private:
  Task<> UseWrongLock() {
    co_await d_.Acquire();
    const int x = co_await v_.Read();
    const int y = co_await v_.Read();
    co_await v_.Write(y + 1);
    const int z = co_await v_.Read();
    Require(z == x + 1, "somebody else wrote");
    co_await d_.Release();
  }
  Task<> UseLock() {
    co_await t_.Acquire();
    const int y = co_await v_.Read();
    co_await v_.Write(y + 1);
    co_await t_.Release();
  }

  Lock d_{"d"};
  Lock t_{"t"};
  Var v_{0, "v"};
};

// B12. A ring with room for two, whose consumers give the lock back between the test and the use.
class BoundedBuffer final : public Program {
 public:
  explicit BoundedBuffer(int items) : items_(items) {
    for (int i = 0; i < 2; ++i) Add([this] { return Produce(); });
    for (int i = 0; i < 2; ++i) Add([this] { return Consume(); });
  }

 private:
  static constexpr int kSize = 3;

  Task<> Produce() {
    for (int i = 0; i < items_; ++i) co_await Put();
  }
  Task<> Consume() {
    for (int i = 0; i < items_; ++i) co_await Take();
  }
  Task<> Put() {
    co_await m_.Acquire();
    bool waited = false;
    for (;;) {
      const int rear = co_await rear_.Read();
      if ((rear + 1) % kSize != head_.Get()) break;
      if (!waited) co_await producers_waiting_.Update([](int value) { return value + 1; });
      waited = true;
      co_await not_full_.Wait(m_);
    }
    co_await rear_.Update([](int rear) { return (rear + 1) % kSize; });
    if (waited) producers_waiting_.Set(producers_waiting_.Get() - 1);
    if (consumers_waiting_.Get() > 0) co_await not_empty_.Signal();
    co_await m_.Release();
  }
  Task<> Take() {
    co_await m_.Acquire();
    bool waited = false;
    for (;;) {
      const int head = co_await head_.Read();
      if (head != rear_.Get()) break;
      if (!waited) co_await consumers_waiting_.Update([](int value) { return value + 1; });
      waited = true;
      co_await not_empty_.Wait(m_);
    }
    if (waited) co_await consumers_waiting_.Update([](int value) { return value - 1; });
    co_await m_.Release();
    co_await m_.Acquire();
    const int head = co_await head_.Update([](int value) { return (value + 1) % kSize; });
    Require(head != rear_.Get(), "empty");
    if (producers_waiting_.Get() > 0) co_await not_full_.Signal();
    co_await m_.Release();
  }

  int items_;
  Lock m_{"m"};
  Condition not_full_{"not full"};
  Condition not_empty_{"not empty"};
  Var head_{0, "head"};
  Var rear_{0, "rear"};
  Var producers_waiting_{0, "pw"};
  Var consumers_waiting_{0, "cw"};
};

}  // namespace

std::vector<Entry> LockingPrograms() {
  return {
      MakeEntry<Account>("B01 account"),
      MakeEntry<Arithmetic>("B02 arithmetic"),
      MakeEntry<CircularBuffer>("B04 circular_buffer"),
      MakeEntry<LockOrder>("B05 deadlock01"),
      MakeEntry<Lazy>("B06 lazy01", false),
      MakeEntry<Lazy>("B06 lazy01, check first", true),
      MakeEntry<Philosophers>("B07 philosophers 2", 2),
      MakeEntry<Philosophers>("B07 philosophers 3", 3),
      MakeEntry<StuckProducer>("B08 sync01"),
      MakeEntry<WrongLock>("B10 wronglock_3", 3),
      MakeEntry<WrongLock>("B10 wronglock", 7),
      MakeEntry<BoundedBuffer>("B12 boundedBuffer", 4),
  };
}

Entry SmallBoundedBuffer() { return MakeEntry<BoundedBuffer>("B12 boundedBuffer, 2 items", 2); }

}  // namespace heddle::corpus
