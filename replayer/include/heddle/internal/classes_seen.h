// SPDX-License-Identifier: MIT
//
// ClassesSeen: in which block of an exploration each class of schedules came up for the first time,
// and in which again. So the classes of several processes can be put together, and those behind a
// failure be left out, and what comes of it is what one process would have counted.
#ifndef HEDDLE_INTERNAL_CLASSES_SEEN_H_
#define HEDDLE_INTERNAL_CLASSES_SEEN_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "heddle/random.h"

namespace heddle::internal {

inline constexpr std::uint64_t kNoBlock = std::numeric_limits<std::uint64_t>::max();

struct ClassSeen {
  std::uint64_t run_class = 0;
  std::uint64_t first = kNoBlock;  // the block
  std::uint64_t again = kNoBlock;  // the same one, or one behind it

  friend bool operator==(const ClassSeen&, const ClassSeen&) = default;
};

// A hash table of 64-bit keys. Blocks may come in any order.
class ClassesSeen {
 public:
  void Add(std::uint64_t run_class, std::uint64_t block) {
    if (2 * seen_ >= buckets_.size()) Grow();
    ClassSeen& bucket = Find(run_class);
    bucket.run_class = run_class;
    if (bucket.first == kNoBlock) {
      bucket.first = block;
      ++seen_;
      return;
    }
    if (bucket.again == kNoBlock) ++seen_again_;
    if (block < bucket.first) std::swap(block, bucket.first);
    bucket.again = std::min(bucket.again, block);
  }

  std::uint64_t seen() const { return seen_; }
  std::uint64_t seen_once() const { return seen_ - seen_again_; }

  // In the order of their numbers.
  std::vector<ClassSeen> Sorted() const {
    std::vector<ClassSeen> sorted;
    sorted.reserve(seen_);
    for (const ClassSeen& bucket : buckets_) {
      if (bucket.first != kNoBlock) sorted.push_back(bucket);
    }
    std::ranges::sort(sorted, {}, &ClassSeen::run_class);
    return sorted;
  }

 private:
  ClassSeen& Find(std::uint64_t run_class) {
    const std::size_t mask = buckets_.size() - 1;
    std::size_t at = Random::Mix(run_class) & mask;
    while (buckets_[at].first != kNoBlock && buckets_[at].run_class != run_class) {
      at = (at + 1) & mask;
    }
    return buckets_[at];
  }

  void Grow() {
    std::vector<ClassSeen> before(buckets_.empty() ? 64 : 2 * buckets_.size());
    before.swap(buckets_);
    for (const ClassSeen& bucket : before) {
      if (bucket.first != kNoBlock) Find(bucket.run_class) = bucket;
    }
  }

  std::vector<ClassSeen> buckets_;
  std::uint64_t seen_ = 0;
  std::uint64_t seen_again_ = 0;
};

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_CLASSES_SEEN_H_
