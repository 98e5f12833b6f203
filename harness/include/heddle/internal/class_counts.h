// SPDX-License-Identifier: MIT
//
// ClassCounts: how many classes of runs were seen, and how many of them once. A hash table of
// 64-bit keys; nobody ever walks through it, so their order is of no account.
#ifndef HEDDLE_INTERNAL_CLASS_COUNTS_H_
#define HEDDLE_INTERNAL_CLASS_COUNTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heddle/random.h"

namespace heddle::internal {

class ClassCounts {
 public:
  // Whether this is the first run of that class.
  bool Add(std::uint64_t run_class) {
    if (2 * seen_ >= buckets_.size()) Grow();
    Bucket& bucket = Find(run_class);
    ++runs_;
    switch (++bucket.runs) {
      case 1:
        bucket.run_class = run_class;
        ++seen_;
        ++seen_once_;
        return true;
      case 2:
        --seen_once_;
        return false;
      default:
        bucket.runs = 2;
        return false;
    }
  }

  std::uint64_t runs() const { return runs_; }
  std::uint64_t seen() const { return seen_; }
  // Good and Turing's estimate of the probability that another run is of a class not seen yet.
  // (Good, "The population frequencies of species", Biometrika 1953.)
  double unseen() const {
    return runs_ == 0 ? 1 : static_cast<double>(seen_once_) / static_cast<double>(runs_);
  }

 private:
  struct Bucket {
    std::uint64_t run_class = 0;
    std::uint32_t runs = 0;  // 2 is "two or more"
  };

  Bucket& Find(std::uint64_t run_class) {
    const std::size_t mask = buckets_.size() - 1;
    std::size_t at = Random::Mix(run_class) & mask;
    while (buckets_[at].runs > 0 && buckets_[at].run_class != run_class) at = (at + 1) & mask;
    return buckets_[at];
  }

  void Grow() {
    std::vector<Bucket> before(buckets_.empty() ? 64 : 2 * buckets_.size());
    before.swap(buckets_);
    for (const Bucket& bucket : before) {
      if (bucket.runs > 0) Find(bucket.run_class) = bucket;
    }
  }

  std::vector<Bucket> buckets_;
  std::uint64_t runs_ = 0;
  std::uint64_t seen_ = 0;
  std::uint64_t seen_once_ = 0;
};

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_CLASS_COUNTS_H_
