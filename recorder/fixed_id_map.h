// SPDX-License-Identifier: MIT
//
// FixedIdMap: gives keys numbers from 1, in the order in which they come up, in room that was made
// beforehand. What does not fit has the number 0. For signal handlers.
#ifndef HEDDLE_RECORDER_FIXED_ID_MAP_H_
#define HEDDLE_RECORDER_FIXED_ID_MAP_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace heddle::internal {

template <class Key>
class FixedIdMap {
 public:
  explicit FixedIdMap(std::size_t keys_max)
      : slots_(std::bit_ceil(2 * keys_max)), keys_(keys_max) {}

  void Clear() {
    ++generation_;
    count_ = 0;
  }

  std::size_t size() const { return count_; }
  bool is_full() const { return count_ == keys_.size(); }
  // Number `number`, from 1.
  Key key(std::size_t number) const { return keys_[number - 1]; }

  // 0: it is not there.
  std::uint32_t Find(Key key) const {
    const Slot& slot = slots_[SlotOf(key)];
    return IsTaken(slot) ? slot.number : 0;
  }

  std::uint32_t Add(Key key) {
    const std::uint32_t known = Find(key);
    if (known != 0 || is_full()) return known;
    Set(key, static_cast<std::uint32_t>(count_ + 1));
    return static_cast<std::uint32_t>(count_);
  }
  // A new `key` has the number of another one.
  void Set(Key key, std::uint32_t number) {
    if (is_full()) return;
    keys_[count_++] = key;
    slots_[SlotOf(key)] = {.key = key, .number = number, .generation = generation_};
  }

  // Numbers them anew, in ascending order.
  void Sort() {
    const auto end = keys_.begin() + static_cast<std::ptrdiff_t>(count_);
    std::sort(keys_.begin(), end);
    for (std::size_t i = 0; i < count_; ++i) {
      slots_[SlotOf(keys_[i])].number = static_cast<std::uint32_t>(i + 1);
    }
  }

 private:
  struct Slot {
    Key key{};
    std::uint32_t number = 0;
    std::uint32_t generation = 0;  // another one than that of the map: free
  };

  bool IsTaken(const Slot& slot) const { return slot.generation == generation_; }

  // At most every second slot is taken, so the search meets a free one.
  std::size_t SlotOf(Key key) const {
    std::uint64_t hash = 0;
    if constexpr (std::is_pointer_v<Key>) {
      hash = reinterpret_cast<std::uintptr_t>(key);
    } else {
      hash = key;
    }
    hash *= 0x9e3779b97f4a7c15u;
    std::size_t at = static_cast<std::size_t>(hash >> 32) & (slots_.size() - 1);
    while (IsTaken(slots_[at]) && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
    return at;
  }

  std::vector<Slot> slots_;
  std::vector<Key> keys_;
  std::size_t count_ = 0;
  std::uint32_t generation_ = 1;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_FIXED_ID_MAP_H_
