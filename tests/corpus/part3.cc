// SPDX-License-Identifier: MIT
#include "corpus/part3.h"

#include <utility>

namespace heddle::corpus {
namespace {

// One access: w x=v, r x, u x.
struct Deed {
  enum Kind { kRead, kWrite, kUpdate } kind;
  int var;
  int value = 0;
};
using Deeds = std::vector<Deed>;

Task<> Do(std::vector<Var*> vars, Deeds deeds) {
  for (const Deed& deed : deeds) {
    Var& var = *vars[static_cast<std::size_t>(deed.var)];
    switch (deed.kind) {
      case Deed::kRead:
        co_await var.Read();
        break;
      case Deed::kWrite:
        co_await var.Write(deed.value);
        break;
      case Deed::kUpdate:
        co_await var.Update([](int value) { return value + 1; });
        break;
    }
  }
}

Deed R(int var) { return {.kind = Deed::kRead, .var = var}; }
Deed W(int var, int value) { return {.kind = Deed::kWrite, .var = var, .value = value}; }
Deed U(int var) { return {.kind = Deed::kUpdate, .var = var}; }

// Tasks whose accesses do not depend on what they read.
CountedRow Plain(std::string name, std::uint64_t traces, std::uint64_t schedules, int vars,
                 std::vector<Deeds> tasks) {
  return {std::move(name), traces, schedules,
          [vars, tasks = std::move(tasks)](CountedProgram& program) {
            std::vector<Var*> all;
            for (int i = 0; i < vars; ++i) {
              all.push_back(&program.NewVar(std::string(1, static_cast<char>('x' + i))));
            }
            for (const Deeds& deeds : tasks) program.Add([=] { return Do(all, deeds); });
          }};
}

std::uint64_t Factorial(std::uint64_t n) { return n < 2 ? 1 : n * Factorial(n - 1); }

std::string Named(const char* name, int n) {
  return std::string(name) + "(" + std::to_string(n) + ")";
}

CountedRow Readers(int n) {
  std::vector<Deeds> tasks(static_cast<std::size_t>(n) + 1, {R(0)});
  tasks[0] = {W(0, 42)};
  return Plain(Named("readers", n), std::uint64_t{1} << n,
               Factorial(static_cast<std::uint64_t>(n) + 1), 1, std::move(tasks));
}

CountedRow Ainc(int n) {
  const std::uint64_t orders = Factorial(static_cast<std::uint64_t>(n));
  return Plain(Named("ainc", n), orders, orders, 1,
               std::vector<Deeds>(static_cast<std::size_t>(n), {U(0)}));
}

CountedRow Binc(int n, std::uint64_t schedules) {
  const std::uint64_t orders = Factorial(static_cast<std::uint64_t>(n));
  return Plain(Named("binc", n), orders * orders, schedules, 2,
               std::vector<Deeds>(static_cast<std::size_t>(n), {U(0), U(1)}));
}

Task<> IncTask(Var& x, int add) {
  const int value = co_await x.Read();
  co_await x.Write(value + add);
}
CountedRow Inc(int n, std::uint64_t schedules) {
  const std::uint64_t orders = Factorial(static_cast<std::uint64_t>(n));
  return {Named("inc", n), orders * orders, schedules, [n](CountedProgram& program) {
            Var& x = program.NewVar("x");
            for (int i = 0; i < n; ++i) program.Add([&x, i] { return IncTask(x, 1 << i); });
          }};
}

Task<> LockIncTask(Lock& m, Var& x) {
  co_await m.Acquire();
  const int value = co_await x.Read();
  co_await x.Write(value + 1);
  co_await m.Release();
}
CountedRow LockInc(int n) {
  const std::uint64_t orders = Factorial(static_cast<std::uint64_t>(n));
  return {Named("lockinc", n), orders, orders, [n](CountedProgram& program) {
            Lock& m = program.NewLock("m");
            Var& x = program.NewVar("x");
            for (int i = 0; i < n; ++i) program.Add([&] { return LockIncTask(m, x); });
          }};
}

Task<> CasTask(Var& x, int from, int to) { co_await x.CompareExchange(from, to); }
CountedRow CasRot(int n, std::uint64_t traces) {
  return {Named("casrot", n), traces, Factorial(static_cast<std::uint64_t>(n)),
          [n](CountedProgram& program) {
            Var& x = program.NewVar("x");
            for (int i = 1; i <= n; ++i) program.Add([&x, i] { return CasTask(x, i - 1, i); });
          }};
}
CountedRow CmpXchg() {
  return {"cmpxchg(3)", 5, 6, [](CountedProgram& program) {
            Var& x = program.NewVar("x");
            for (int i = 0; i < 3; ++i) program.Add([&x, i] { return CasTask(x, i, i + 1); });
          }};
}

Task<> LastZeroReader(std::vector<Var*> a) {
  for (std::size_t i = a.size(); i-- > 0;) {
    const int value = co_await a[i]->Read();
    if (value == 0) co_return;
  }
}
Task<> LastZeroWriter(Var& from, Var& to) {
  const int value = co_await from.Read();
  co_await to.Write(value + 1);
}
CountedRow LastZero(int n, std::uint64_t traces, std::uint64_t schedules) {
  return {Named("lastzero", n), traces, schedules, [n](CountedProgram& program) {
            std::vector<Var*> a;
            for (int i = 0; i <= n; ++i) a.push_back(&program.NewVar("a" + std::to_string(i)));
            program.Add([a] { return LastZeroReader(a); });
            for (std::size_t j = 1; j < a.size(); ++j) {
              program.Add([a, j] { return LastZeroWriter(*a[j - 1], *a[j]); });
            }
          }};
}

Task<> FibTask(Var& x, Var& y, Var& to, int n) {
  for (int i = 0; i < n; ++i) {
    const int p = co_await x.Read();
    const int q = co_await y.Read();
    co_await to.Write(p + q);
  }
}
CountedRow Fib(int n, std::uint64_t traces, std::uint64_t schedules) {
  return {Named("fib_bench", n), traces, schedules, [n](CountedProgram& program) {
            Var& x = program.NewVar("x", 1);
            Var& y = program.NewVar("y", 1);
            program.Add([&x, &y, n] { return FibTask(x, y, x, n); });
            program.Add([&x, &y, n] { return FibTask(x, y, y, n); });
            program.Add([&x, &y] { return Do({&x, &y}, {R(0), R(1)}); });
          }};
}

Task<> IndexerTask(std::vector<Var*> table, int t) {
  for (int i = 0; i < 4; ++i) {
    const int w = 11 * i + t;
    std::size_t h = static_cast<std::size_t>(7 * w) % table.size();
    for (;;) {
      const bool done = co_await table[h]->CompareExchange(0, w);
      if (done) break;
      h = (h + 1) % table.size();
    }
  }
}
CountedRow Indexer(int n, std::uint64_t traces) {
  return {Named("indexer", n), traces, 0, [n](CountedProgram& program) {
            std::vector<Var*> table;
            for (int i = 0; i < 128; ++i) table.push_back(&program.NewVar(std::to_string(i)));
            for (int t = 0; t < n; ++t) program.Add([table, t] { return IndexerTask(table, t); });
          }};
}

struct FileSystemData {
  std::vector<Lock*> inode_locks, block_locks;
  std::vector<Var*> inode, busy;
};
Task<> FileSystemTask(const FileSystemData& data, std::size_t i) {
  co_await data.inode_locks[i]->Acquire();
  const int used = co_await data.inode[i]->Read();
  if (used == 0) {
    for (std::size_t b = 2 * i % 26;; b = (b + 1) % 26) {
      co_await data.block_locks[b]->Acquire();
      const int busy = co_await data.busy[b]->Read();
      if (busy == 0) {
        co_await data.busy[b]->Write(1);
        co_await data.inode[i]->Write(static_cast<int>(b) + 1);
        co_await data.block_locks[b]->Release();
        break;
      }
      co_await data.block_locks[b]->Release();
    }
  }
  co_await data.inode_locks[i]->Release();
}
CountedRow FileSystem(int n, std::uint64_t traces) {
  return {Named("file_system", n), traces, 0, [n](CountedProgram& program) {
            auto data = std::make_shared<FileSystemData>();
            for (int i = 0; i < 32; ++i) {
              data->inode_locks.push_back(&program.NewLock("I" + std::to_string(i)));
              data->inode.push_back(&program.NewVar("inode" + std::to_string(i)));
            }
            for (int i = 0; i < 26; ++i) {
              data->block_locks.push_back(&program.NewLock("B" + std::to_string(i)));
              data->busy.push_back(&program.NewVar("busy" + std::to_string(i)));
            }
            for (int i = 1; i <= n; ++i) {
              program.Add([data, i] { return FileSystemTask(*data, static_cast<std::size_t>(i)); });
            }
          }};
}

Task<> OptimalThird(Var& y, Var& z) {
  const int a = co_await y.Read();
  if (a == 0) co_await z.Write(1);
}
Task<> OptimalFourth(Var& x, Var& y, Var& z) {
  const int b = co_await z.Read();
  if (b != 1) co_return;
  const int c = co_await y.Read();
  if (c == 0) co_await x.Write(2);
}
CountedRow OptimalExample() {
  return {"optimal example", 5, 69, [](CountedProgram& program) {
            Var& x = program.NewVar("x");
            Var& y = program.NewVar("y");
            Var& z = program.NewVar("z");
            program.Add([&] { return Do({&x}, {W(0, 1)}); });
            program.Add([&] { return Do({&y}, {W(0, 1)}); });
            program.Add([&] { return OptimalThird(y, z); });
            program.Add([&] { return OptimalFourth(x, y, z); });
          }};
}

Task<> SleepingReader(Var& x, Var& y) {
  const int a = co_await x.Read();
  if (a != 0) co_await y.Read();
}
CountedRow SleepingRaces(bool write) {
  return {write ? "sleeping races 3" : "sleeping races 1", write ? 10U : 3U, 0,
          [write](CountedProgram& program) {
            Var& x = program.NewVar("x");
            Var& y = program.NewVar("y");
            program.Add([&] { return Do({&y}, {W(0, 1)}); });
            program.Add([&] { return Do({&x}, {W(0, 1)}); });
            program.Add([&] { return SleepingReader(x, y); });
            if (write) program.Add([&] { return Do({&x}, {W(0, 2)}); });
          }};
}

Task<> ManyInitialsReader(Var& x, Var& y, Var& z) {
  const int a = co_await y.Read();
  const int b = co_await z.Read();
  if (a == 1 && b == 1) co_await x.Read();
}
CountedRow ManyInitials() {
  return {"many initials", 5, 0, [](CountedProgram& program) {
            Var& x = program.NewVar("x");
            Var& y = program.NewVar("y");
            Var& z = program.NewVar("z");
            program.Add([&] { return Do({&x}, {W(0, 1)}); });
            program.Add([&] { return Do({&y}, {W(0, 1)}); });
            program.Add([&] { return Do({&z}, {W(0, 1)}); });
            program.Add([&] { return ManyInitialsReader(x, y, z); });
          }};
}

Task<> DependLong(Var& x, Var& y, Var& z) {
  const int a = co_await x.Read();
  if (a != 1) co_return;
  const int b = co_await y.Read();
  if (b == 1) co_await z.Read();
}
Task<> DependShort(Var& y, Var& z) {
  const int b = co_await y.Read();
  if (b == 1) co_await z.Read();
}
CountedRow Depend1() {
  return {"depend 1", 12, 0, [](CountedProgram& program) {
            Var& x = program.NewVar("x");
            Var& y = program.NewVar("y");
            Var& z = program.NewVar("z");
            program.Add([&] { return Do({&z}, {W(0, 1)}); });
            program.Add([&] { return Do({&x}, {W(0, 1)}); });
            program.Add([&] { return Do({&y}, {W(0, 1)}); });
            program.Add([&] { return DependLong(x, y, z); });
            program.Add([&] { return DependShort(y, z); });
          }};
}

Task<> BugAfterSecond(Var& x) {
  const int n = co_await x.Read();
  for (int i = 0; i < 6; ++i) co_await x.Write(i);
  Require(n != 5, "n is 5");
}
CountedRow BugAfter1k() {
  return {"bug after 1k", 1716, 1716, [](CountedProgram& program) {
            Var& x = program.NewVar("x");
            Deeds writes;
            for (int i = 0; i < 6; ++i) writes.push_back(W(0, i));
            program.Add([&x, writes] { return Do({&x}, writes); });
            program.Add([&x] { return BugAfterSecond(x); });
          }};
}

Task<> MutexDeadlockTask(Lock& m, Var& x) {
  co_await m.Acquire();
  co_await x.Read();
  co_await x.Write(1);
}
CountedRow MutexDeadlock(int n) {
  return {Named("mutex deadlock", n), static_cast<std::uint64_t>(n), static_cast<std::uint64_t>(n),
          [n](CountedProgram& program) {
            Lock& m = program.NewLock("m");
            Var& x = program.NewVar("x");
            for (int i = 0; i < n; ++i) program.Add([&] { return MutexDeadlockTask(m, x); });
          }};
}

Task<> PetersonTask(Var& mine, Var& other, Var& turn, Var& x, int first) {
  co_await mine.Write(1);
  co_await turn.Write(first);
  const int a = co_await other.Read();
  if (a == 1) {
    const int b = co_await turn.Read();
    if (b == first) throw AssumptionFailed();
  }
  co_await x.Write(1 - first);
  co_await x.Read();
  co_await mine.Write(0);
}
CountedRow Peterson() {
  return {"peterson", 4, 292, [](CountedProgram& program) {
            Var& f1 = program.NewVar("f1");
            Var& f2 = program.NewVar("f2");
            Var& turn = program.NewVar("turn");
            Var& x = program.NewVar("x");
            program.Add([&] { return PetersonTask(f1, f2, turn, x, 1); });
            program.Add([&] { return PetersonTask(f2, f1, turn, x, 0); });
          }};
}

}  // namespace

std::string CountedProgram::State() {
  std::string state;
  for (Var& var : vars_) state += std::to_string(var.Get()) + " ";
  return state;
}

std::vector<CountedRow> CountedRows(std::uint64_t traces_max) {
  std::vector<CountedRow> rows = {
      Plain("SB", 3, 6, 2, {{W(0, 1), R(1)}, {W(1, 1), R(0)}}),
      Plain("MP", 3, 6, 2, {{W(0, 1), W(1, 1)}, {R(1), R(0)}}),
      Plain("2+2W", 3, 6, 2, {{W(0, 1), W(1, 2)}, {W(1, 1), W(0, 2)}}),
      Plain("IRIW", 15, 180, 2, {{W(0, 1)}, {W(1, 1)}, {R(0), R(1)}, {R(1), R(0)}}),
      Readers(2),
      Readers(6),
      Readers(8),
      Readers(13),
      Binc(2, 6),
      Binc(3, 90),
      Binc(4, 2520),
      Inc(2, 6),
      Inc(3, 90),
      Inc(4, 2520),
      CmpXchg(),
      LastZero(1, 2, 0),
      LastZero(2, 5, 35),
      LastZero(3, 12, 920),
      LastZero(4, 28, 44300),
      LastZero(5, 64, 3487880),
      LastZero(10, 3328, 0),
      LastZero(15, 147456, 0),
      Fib(1, 11, 560),
      Fib(2, 140, 84084),
      Fib(3, 1698, 9237800),
      Fib(5, 218243, 0),
      Indexer(11, 1),
      Indexer(12, 8),
      Indexer(15, 4096),
      FileSystem(14, 2),
      FileSystem(15, 4),
      FileSystem(16, 8),
      Plain("hairbrush(2,2)", 6, 6, 1, {{W(0, 1), W(0, 2)}, {R(0), R(0)}}),
      Plain("hairbrush(3,3)", 20, 20, 1, {{W(0, 1), W(0, 2), W(0, 3)}, {R(0), R(0), R(0)}}),
      Plain("hairbrush(2,2,2)", 36, 90, 1, {{W(0, 1), W(0, 2)}, {R(0), R(0)}, {R(0), R(0)}}),
      Plain("hairbrush(3,3,3)", 400, 1680, 1,
            {{W(0, 1), W(0, 2), W(0, 3)}, {R(0), R(0), R(0)}, {R(0), R(0), R(0)}}),
      OptimalExample(),
      SleepingRaces(false),
      SleepingRaces(true),
      ManyInitials(),
      Depend1(),
      Plain("manywrite", 4, 24, 2, {{W(0, 1)}, {W(0, 2)}, {W(1, 1)}, {W(1, 2)}}),
      BugAfter1k(),
      MutexDeadlock(2),
      MutexDeadlock(3),
      Peterson()};
  for (int n = 2; n <= 7; ++n) {
    rows.push_back(Ainc(n));
    rows.push_back(LockInc(n));
  }
  const std::uint64_t casrot[] = {2, 5, 14, 43, 144, 523, 2048, 8597};
  for (int n = 2; n <= 9; ++n) rows.push_back(CasRot(n, casrot[n - 2]));
  std::erase_if(rows, [&](const CountedRow& row) { return row.traces > traces_max; });
  return rows;
}

void CountedBody::operator()(World& world) {
  program_ = std::make_unique<CountedProgram>();
  row_->build(*program_);
  for (const Program::Start& start : program_->starts()) world.Spawn(start());
}

}  // namespace heddle::corpus
