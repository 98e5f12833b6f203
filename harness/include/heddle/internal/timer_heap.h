// SPDX-License-Identifier: MIT
//
// TimerHeap: sleeping tasks, soonest first; those of one instant in the order in which they
// went to sleep. A binary heap whose entries know their place, so that a sleeper that is
// cancelled is taken out in O(log n).
#ifndef HEDDLE_INTERNAL_TIMER_HEAP_H_
#define HEDDLE_INTERNAL_TIMER_HEAP_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heddle/event.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// Sleeper has a member `std::uint32_t timer_index`.
template <class Sleeper>
class TimerHeap {
 public:
  bool empty() const { return entries_.empty(); }
  VirtualNanos soonest() const { return entries_.front().at; }

  void Push(Sleeper& sleeper, VirtualNanos at) {
    entries_.push_back({at, next_order_++, &sleeper});
    SiftUp(entries_.size() - 1, entries_.back());
  }

  Sleeper& PopSoonest() {
    Sleeper& sleeper = *entries_.front().sleeper;
    Remove(sleeper);
    return sleeper;
  }

  void Remove(Sleeper& sleeper) {
    const std::size_t hole = sleeper.timer_index;
    sleeper.timer_index = static_cast<std::uint32_t>(-1);
    const Entry last = entries_.back();
    entries_.pop_back();
    if (hole == entries_.size()) return;
    if (hole > 0 && last.Sooner(entries_[Parent(hole)])) {
      SiftUp(hole, last);
    } else {
      SiftDown(hole, last);
    }
  }

  void Clear() {
    entries_.clear();
    next_order_ = 0;
  }

 private:
  struct Entry {
    VirtualNanos at;
    std::uint64_t order;
    Sleeper* sleeper;

    bool Sooner(const Entry& other) const {
      return at != other.at ? at < other.at : order < other.order;
    }
  };

  static std::size_t Parent(std::size_t index) { return (index - 1) / 2; }

  void Place(std::size_t index, const Entry& entry) {
    entries_[index] = entry;
    entry.sleeper->timer_index = static_cast<std::uint32_t>(index);
  }

  void SiftUp(std::size_t hole, Entry entry) {
    for (; hole > 0 && entry.Sooner(entries_[Parent(hole)]); hole = Parent(hole)) {
      Place(hole, entries_[Parent(hole)]);
    }
    Place(hole, entry);
  }

  void SiftDown(std::size_t hole, Entry entry) {
    for (;;) {
      std::size_t child = 2 * hole + 1;
      if (child >= entries_.size()) break;
      if (child + 1 < entries_.size() && entries_[child + 1].Sooner(entries_[child])) ++child;
      if (!entries_[child].Sooner(entry)) break;
      Place(hole, entries_[child]);
      hole = child;
    }
    Place(hole, entry);
  }

  std::vector<Entry> entries_;
  std::uint64_t next_order_ = 0;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_TIMER_HEAP_H_
