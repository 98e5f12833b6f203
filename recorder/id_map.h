// SPDX-License-Identifier: MIT
//
// IdMap: what is known of each task, object or message, by its number. Numbers count from 0,
// so an array does; but those of a damaged recording may be anything, and those go to a hash
// table. Never iterated.
#ifndef HEDDLE_RECORDER_ID_MAP_H_
#define HEDDLE_RECORDER_ID_MAP_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace heddle::internal {

template <class Value>
class IdMap {
 public:
  // Makes it where it is not there.
  Value& operator[](std::uint32_t id) {
    ++asked_;
    if (id < dense_.size()) return dense_[id];
    return Slow(id);
  }

  // A Value that was just made where there is none.
  const Value& Get(std::uint32_t id) const {
    static const Value nothing{};
    if (id < dense_.size()) return dense_[id];
    if (sparse_.empty()) return nothing;
    const auto found = sparse_.find(id);
    return found == sparse_.end() ? nothing : found->second;
  }

 private:
  // The array grows with what was asked for, and not because a number says so.
  Value& Slow(std::uint32_t id) {
    const std::size_t enough = 4 * asked_ + 16;
    if (id >= enough) return sparse_[id];
    std::vector<Value> grown(std::clamp(2 * dense_.size(), std::size_t{id} + 1, enough));
    std::move(dense_.begin(), dense_.end(), grown.begin());
    for (auto entry = sparse_.begin(); entry != sparse_.end();) {
      if (entry->first >= grown.size()) {
        ++entry;
        continue;
      }
      grown[entry->first] = std::move(entry->second);
      entry = sparse_.erase(entry);
    }
    dense_ = std::move(grown);
    return dense_[id];
  }

  std::vector<Value> dense_;
  std::unordered_map<std::uint32_t, Value> sparse_;
  std::size_t asked_ = 0;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_ID_MAP_H_
