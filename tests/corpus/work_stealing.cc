// SPDX-License-Identifier: MIT
//
// B11: a work-stealing deque whose owner, by a wrong test of the capacity, overwrites an item
// that a thief has claimed and not yet read. After the Chess programs of SCTBench.
#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "corpus/model.h"
#include "corpus/programs.h"

namespace heddle::corpus {
namespace {

constexpr int kNoItem = -1;
constexpr int kItems = 4;

template <class LockType>
class WorkStealing final : public Program {
 public:
  WorkStealing() {
    Add([this] { return Own(); });
    Add([this] { return Thieve(); });
  }
  void AtEnd() override {
    for (Var& field : fields_) Require(field.Get() == 1, "an item was worked on twice, or not");
  }

 private:
  Task<> Own() {
    int next = 0;
    for (int i = 0; i < 2; ++i) {
      co_await Push(next++);
      co_await Push(next++);
      co_await Work(co_await Pop());
    }
    for (int i = 0; i < 2; ++i) co_await Work(co_await Pop());
  }
  Task<> Thieve() {
    for (int i = 0; i < 2; ++i) co_await Work(co_await Steal());
  }
  Task<> Work(int item) {
    if (item == kNoItem) co_return;
    Var& field = fields_[static_cast<std::size_t>(item)];
    const int times = co_await field.Read();
    co_await field.Write(times + 1);
  }

  Task<> Push(int item) {
    const int t = co_await tail_.Read();
    const int h = co_await head_.Read();
    const int m = co_await mask_.Read();
    if (t >= h + m + 1) {  // should be h + m
      co_await PushLocked(item, m);
      co_return;
    }
    co_await Slot(m, t).Write(item);
    co_await tail_.Write(t + 1);
  }
  Task<> PushLocked(int item, int m) {
    co_await lock_.Acquire();
    int h = co_await head_.Read();
    const int count = co_await tail_.Read() - h;
    h &= m;
    co_await head_.Write(h);
    co_await tail_.Write(h + count);
    if (count >= m) {
      const int larger = 2 * (m + 1) - 1;
      for (int i = 0; i < count; ++i) {
        const int moved = co_await Slot(m, h + i).Read();
        co_await Slot(larger, i).Write(moved);
      }
      m = larger;
      co_await mask_.Write(m);
      co_await head_.Write(0);
      co_await tail_.Write(count);
    }
    const int t = co_await tail_.Read();
    co_await Slot(m, t).Write(item);
    co_await tail_.Write(t + 1);
    co_await lock_.Release();
  }
  Task<int> Pop() {
    const int t = co_await tail_.Read() - 1;
    co_await tail_.Write(t);
    const int h = co_await head_.Read();
    if (h <= t) {
      const int m = co_await mask_.Read();
      co_return co_await Slot(m, t).Read();
    }
    co_await tail_.Write(t + 1);
    co_return co_await PopLocked();
  }
  Task<int> PopLocked() {
    int item = kNoItem;
    co_await lock_.Acquire();
    const int t = co_await tail_.Read() - 1;
    co_await tail_.Write(t);
    int h = co_await head_.Read();
    if (h <= t) {
      const int m = co_await mask_.Read();
      item = co_await Slot(m, t).Read();
    } else {
      co_await tail_.Write(t + 1);
      h = co_await head_.Read();
      if (h > t) {
        co_await head_.Write(0);
        co_await tail_.Write(0);
      }
    }
    co_await lock_.Release();
    co_return item;
  }
  Task<int> Steal() {
    int item = kNoItem;
    co_await lock_.Acquire();
    const int h = co_await head_.Read();
    co_await head_.Write(h + 1);
    const int t = co_await tail_.Read();
    if (h < t) {
      const int m = co_await mask_.Read();
      item = co_await Slot(m, h).Read();
    } else {
      co_await head_.Write(h);
    }
    co_await lock_.Release();
    co_return item;
  }

  Var& Slot(int mask, int index) {
    const auto place = static_cast<std::size_t>(index & mask);
    return mask == 1 ? slots_.at(place) : larger_slots_.at(place);
  }

  LockType lock_{"lock"};
  Var head_{0, "head"};
  Var tail_{0, "tail"};
  Var mask_{1, "mask"};
  std::array<Var, 2> slots_{Var(kNoItem, "slot"), Var(kNoItem, "slot")};
  std::array<Var, 4> larger_slots_{Var(kNoItem, "slot"), Var(kNoItem, "slot"), Var(kNoItem, "slot"),
                                   Var(kNoItem, "slot")};
  std::array<Var, kItems> fields_{Var(0, "field"), Var(0, "field"), Var(0, "field"),
                                  Var(0, "field")};
};

}  // namespace

std::vector<Entry> WorkStealingPrograms() {
  return {MakeEntry<WorkStealing<Lock>>("B11 WSQ"), MakeEntry<WorkStealing<SpinLock>>("B11 IWSQ")};
}

std::vector<Entry> BugPrograms() {
  std::map<std::string, std::vector<Entry>> by_number;
  for (const auto& family : {LockingPrograms(), RacingPrograms(), WorkStealingPrograms()}) {
    for (const Entry& entry : family) by_number[entry.name.substr(0, 3)].push_back(entry);
  }
  std::vector<Entry> programs;
  for (const auto& [number, entries] : by_number) {
    programs.insert(programs.end(), entries.begin(), entries.end());
  }
  return programs;
}

}  // namespace heddle::corpus
