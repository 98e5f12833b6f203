// SPDX-License-Identifier: MIT
//
// LostLocks: locks that went while somebody held them. Their guards are still there, and must not
// unlock what is gone.
#ifndef HEDDLE_INTERNAL_LOST_LOCKS_H_
#define HEDDLE_INTERNAL_LOST_LOCKS_H_

#include <algorithm>
#include <vector>

namespace heddle::internal {

class LostLocks {
 public:
  void Add(const void* lock) { locks_.push_back(lock); }
  // Whether it is one of them. It is one no more: something else may come to live there.
  bool Take(const void* lock) { return !locks_.empty() && TakeOf(lock); }
  void Clear() { locks_.clear(); }

 private:
  [[gnu::cold, gnu::noinline]] bool TakeOf(const void* lock) {
    const auto place = std::find(locks_.begin(), locks_.end(), lock);
    if (place == locks_.end()) return false;
    locks_.erase(place);
    return true;
  }

  std::vector<const void*> locks_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_LOST_LOCKS_H_
