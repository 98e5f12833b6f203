// SPDX-License-Identifier: MIT
//
// StrandHeap: strands by priority, the highest on top. A binary heap that knows where each strand
// stands; memory is kept between runs.
//
// Asking for the top is free, and another priority for it costs next to nothing where it stays
// near the top. That is what choosers do at each step: the strand that ran gets its next priority.
#ifndef HEDDLE_INTERNAL_STRAND_HEAP_H_
#define HEDDLE_INTERNAL_STRAND_HEAP_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heddle/internal/strands.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

class StrandHeap {
 public:
  StrandHeap() : entries_(kSpare) {}

  void Clear();

  // kNoStrand when there is none.
  StrandNumber Top() const { return entries_[0].strand; }
  // Its priority; 0 when there is none.
  std::uint64_t highest() const { return entries_[0].priority; }

  // Adds the strand, or gives it another priority.
  void Set(StrandNumber strand, std::uint64_t priority) {
    const bool stays_on_top = entries_[0].strand == strand && priority > entries_[1].priority &&
                              priority > entries_[2].priority;
    if (stays_on_top) [[likely]] {
      entries_[0].priority = priority;
    } else {
      Move({.priority = priority, .strand = strand});
    }
  }

  // Nothing for one that is not there.
  void Remove(StrandNumber strand) {
    if (Contains(strand)) TakeOut(strand);
  }

 private:
  struct Entry {
    std::uint64_t priority = 0;
    StrandNumber strand = kNoStrand;
  };

  static std::size_t Parent(std::size_t at) { return (at - 1) / 2; }

  void Move(const Entry& entry);
  void Add(const Entry& entry);
  void TakeOut(StrandNumber strand);
  // `entry` takes the place `at`, or one above it.
  void Rise(std::size_t at, Entry entry);
  // `entry` takes the place `at`, or one below it.
  void Sink(std::size_t at, Entry entry);
  void Place(std::size_t at, const Entry& entry) {
    entries_[at] = entry;
    positions_[entry.strand] = static_cast<std::uint32_t>(at);
  }
  bool Contains(StrandNumber strand) const {
    return strand < positions_.size() && positions_[strand] != kNowhere;
  }

  // So that a strand alone has two below it, too.
  static constexpr std::size_t kSpare = 3;

  std::size_t size_ = 0;
  // That at i is above those at 2i + 1 and 2i + 2. From size_ on they are no strands.
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> positions_;  // by strand; kNowhere: it is not there
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_STRAND_HEAP_H_
