// SPDX-License-Identifier: MIT
//
// HugePages: an allocator for arrays of many megabytes that are filled once. The kernel gives them
// memory in pages of 2 MiB, where it can, and not 4 KiB at a time.
#ifndef HEDDLE_RECORDER_HUGE_PAGES_H_
#define HEDDLE_RECORDER_HUGE_PAGES_H_

#include <sys/mman.h>

#include <cstddef>
#include <new>

namespace heddle::internal {

template <class T>
struct HugePages {
  using value_type = T;

  HugePages() = default;
  template <class Other>
  HugePages(const HugePages<Other>& /*other*/) {}  // NOLINT: it converts, as allocators do

  T* allocate(std::size_t count) {
    if (IsSmall(count)) return static_cast<T*>(::operator new(count * sizeof(T)));
    void* const memory = ::operator new(count * sizeof(T), std::align_val_t(kPage));
    ::madvise(memory, count * sizeof(T), MADV_HUGEPAGE);  // which may be refused: no matter
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) {
    if (IsSmall(count)) return ::operator delete(memory);
    ::operator delete(memory, std::align_val_t(kPage));
  }

  friend bool operator==(const HugePages&, const HugePages&) { return true; }

 private:
  static constexpr std::size_t kPage = std::size_t{2} << 20;

  static bool IsSmall(std::size_t count) { return count < 2 * kPage / sizeof(T); }
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_HUGE_PAGES_H_
