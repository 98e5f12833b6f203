// SPDX-License-Identifier: MIT
#include "heddle/internal/strand_heap.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

void StrandHeap::Clear() {
  size_ = 0;
  entries_.assign(kSpare, Entry());
  positions_.clear();
}

void StrandHeap::Move(const Entry& entry) {
  if (!Contains(entry.strand)) return Add(entry);
  const std::size_t at = positions_[entry.strand];
  if (entry.priority > entries_[at].priority) {
    Rise(at, entry);
  } else {
    Sink(at, entry);
  }
}

void StrandHeap::Add(const Entry& entry) {
  if (entry.strand >= positions_.size()) {
    positions_.resize(std::size_t{entry.strand} + 1, kNowhere);
  }
  entries_.emplace_back();
  Rise(size_++, entry);
}

void StrandHeap::TakeOut(StrandNumber strand) {
  const std::size_t at = positions_[strand];
  positions_[strand] = kNowhere;
  const Entry last = entries_[--size_];
  entries_[size_] = {};
  entries_.pop_back();
  if (at == size_) return;
  if (at > 0 && last.priority > entries_[Parent(at)].priority) {
    Rise(at, last);
  } else {
    Sink(at, last);
  }
}

void StrandHeap::Rise(std::size_t at, Entry entry) {
  while (at > 0 && entries_[Parent(at)].priority < entry.priority) {
    Place(at, entries_[Parent(at)]);
    at = Parent(at);
  }
  Place(at, entry);
}

void StrandHeap::Sink(std::size_t at, Entry entry) {
  while (2 * at + 1 < size_) {
    const std::size_t left = 2 * at + 1;
    const std::size_t child =
        left + (entries_[left + 1].priority > entries_[left].priority ? 1 : 0);
    if (entries_[child].priority <= entry.priority) break;
    Place(at, entries_[child]);
    at = child;
  }
  Place(at, entry);
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT
