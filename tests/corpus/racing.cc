// SPDX-License-Identifier: MIT
//
// B03, B09, B13 to B18: programs that race on counters, flags and pointers. After SCTBench and
// the evaluation set of PERIOD (models of kernel and browser CVEs); B18 after the demos of shuttle.
#include <array>

#include "corpus/model.h"
#include "corpus/programs.h"

namespace heddle::corpus {
namespace {

// B03. A driver is stopped between a request's look at the flag and its announcement.
class Bluetooth final : public Program {
 public:
  Bluetooth() {
    Add([this] { return Stop(); });
    Add([this] { return Request(); });
  }

 private:
  Task<> Stop() {
    co_await stopping_.Write(1);
    co_await Leave();
    const int event = co_await event_.Read();
    if (event != 0) co_await stopped_.Write(1);
  }
  Task<> Request() {
    const int stopping = co_await stopping_.Read();
    if (stopping == 0) {
      co_await g_.Acquire();
      ++io_;
      co_await g_.Release();
      const int stopped = co_await stopped_.Read();
      Require(stopped == 0, "used after stop");
    }
    co_await Leave();
  }
  Task<> Leave() {
    co_await g_.Acquire();
    const int left = --io_;
    co_await g_.Release();
    if (left == 0) co_await event_.Write(1);
  }

  Lock g_{"g"};
  int io_ = 1;
  Var stopping_{0, "stopping"};
  Var event_{0, "event"};
  Var stopped_{0, "stopped"};
};

// B09. Fails when some setter has made its first write and none its second.
class Reorder final : public Program {
 public:
  Reorder(int setters, int checkers) {
    for (int i = 0; i < setters; ++i) Add([this] { return Set(); });
    for (int i = 0; i < checkers; ++i) Add([this] { return Check(); });
  }

 private:
  Task<> Set() {
    co_await a_.Write(1);
    co_await b_.Write(-1);
  }
  Task<> Check() {
    int a = co_await a_.Read();
    if (a == 0) {
      const int b = co_await b_.Read();
      if (b == 0) co_return;
    }
    a = co_await a_.Read();
    if (a == 1) {
      const int b = co_await b_.Read();
      if (b == -1) co_return;
    }
    Require(false, "torn");
  }

  Var a_{0, "a"};
  Var b_{0, "b"};
};

// B13, CVE-2009-3547.
class NullAfterTeardown final : public Program {
 public:
  NullAfterTeardown() {
    Add([this] { return Use(); });
    Add([this] { return TearDown(); });
  }

 private:
  Task<> Use() {
    co_await m_.Acquire();
    Require(object_, "null");
    co_await m_.Release();
  }
  Task<> TearDown() {
    co_await m_.Acquire();
    object_ = false;
    co_await m_.Release();
  }

  Lock m_{"m"};
  bool object_ = true;
};

// B14, CVE-2013-1792. The fast path trusts the first of two fields.
class TwoFieldInstall final : public Program {
 public:
  TwoFieldInstall() {
    Add([this] { return LookUp(); });
    Add([this] { return Install(); });
  }

 private:
  Task<> Install() {
    int uid = co_await uid_.Read();
    if (uid != 0) co_return;
    co_await m_.Acquire();
    uid = co_await uid_.Read();
    if (uid == 0) {
      co_await uid_.Write(1);
      co_await session_.Write(1);
    }
    co_await m_.Release();
  }
  Task<> LookUp() {
    int session = co_await session_.Read();
    if (session == 0) co_await Install();
    session = co_await session_.Read();
    Require(session != 0, "null key");
  }

  Lock m_{"m"};
  Var uid_{0, "uid"};
  Var session_{0, "session"};
};

// B15, CVE-2016-1972. Whoever leaves last frees the lock.
class LastOneFrees final : public Program {
 public:
  LastOneFrees() {
    for (int i = 0; i < 2; ++i) Add([this] { return Work(); });
  }

 private:
  Task<> Work() {
    int done = co_await done_.Read();
    if (done != 0) co_return;
    int waiters = co_await waiters_.Read();
    co_await waiters_.Write(waiters + 1);
    int live = co_await live_.Read();
    Require(live != 0, "use after free");
    co_await mx_.Acquire();
    done = co_await done_.Read();
    if (done == 0) co_await done_.Write(1);
    co_await mx_.Release();
    waiters = co_await waiters_.Read();
    co_await waiters_.Write(waiters - 1);
    if (waiters - 1 != 0) co_return;
    live = co_await live_.Read();
    Require(live != 0, "double free");
    co_await live_.Write(0);
  }

  Var done_{0, "done"};
  Var waiters_{0, "waiters"};
  Var live_{1, "live"};
  Lock mx_{"mx"};
};

// B16, CVE-2016-9806. A slot that the other one has filled meanwhile.
class SharedSlot final : public Program {
 public:
  SharedSlot() {
    for (int i = 0; i < 2; ++i) Add([this, i] { return Free(i); });
  }

 private:
  Task<> Free(int i) {
    co_await m_.Acquire();
    co_await slot_.Write(i);
    co_await m_.Release();
    const int slot = co_await slot_.Read();
    const int old = co_await freed_[static_cast<std::size_t>(slot)].Update([](int) { return 1; });
    Require(old == 0, "double free");
  }

  Lock m_{"m"};
  Var slot_{-1, "slot"};
  std::array<Var, 2> freed_{Var(0, "freed 1"), Var(0, "freed 2")};
};

// B17, CVE-2016-7911. Tested, and read again.
class CheckThenUse final : public Program {
 public:
  CheckThenUse() {
    Add([this] { return Use(); });
    Add([this] { return Exit(); });
  }

 private:
  Task<> Use() {
    int p = co_await p_.Read();
    if (p == 0) co_return;
    p = co_await p_.Read();
    p = co_await p_.Read();
    Require(p != 0, "null");
  }
  Task<> Exit() {
    co_await m_.Acquire();
    co_await p_.Read();
    co_await p_.Write(0);
    co_await m_.Release();
  }

  Lock m_{"m"};
  Var p_{1, "p"};
};

// B18. Fails when the short write comes last.
class ShortAgainstLong final : public Program {
 public:
  // `tasks` tasks that write `writes` times each.
  ShortAgainstLong(int tasks, int writes) {
    Add([this] { return Write(0, 1); });
    for (int i = 0; i < tasks; ++i) Add([this, writes] { return Write(1, writes); });
  }
  void AtEnd() override { Require(x_.Get() != 0, "x"); }

 private:
  Task<> Write(int value, int times) {
    for (int i = 0; i < times; ++i) co_await x_.Write(value);
  }

  Var x_{1, "x"};
};

}  // namespace

std::vector<Entry> RacingPrograms() {
  return {
      MakeEntry<Bluetooth>("B03 bluetooth"),
      MakeEntry<Reorder>("B09 reorder_3", 2, 1),
      MakeEntry<Reorder>("B09 reorder_4", 3, 1),
      MakeEntry<Reorder>("B09 reorder_5", 4, 1),
      MakeEntry<Reorder>("B09 reorder_10", 9, 1),
      MakeEntry<Reorder>("B09 reorder_20", 10, 10),
      MakeEntry<Reorder>("B09 reorder_50", 40, 10),
      MakeEntry<Reorder>("B09 reorder_100", 99, 1),
      MakeEntry<NullAfterTeardown>("B13 CVE-2009-3547"),
      MakeEntry<TwoFieldInstall>("B14 CVE-2013-1792"),
      MakeEntry<LastOneFrees>("B15 CVE-2016-1972"),
      MakeEntry<SharedSlot>("B16 CVE-2016-9806"),
      MakeEntry<CheckThenUse>("B17 CVE-2016-7911"),
  };
}

Entry LongAgainstShort() { return MakeEntry<ShortAgainstLong>("B18 long against short", 1, 25); }
Entry ManyAgainstShort() { return MakeEntry<ShortAgainstLong>("B18 many against short", 25, 1); }

}  // namespace heddle::corpus
