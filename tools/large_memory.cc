// SPDX-License-Identifier: MIT
//
// What the heddle command allocates with. A recording of a million events is hundreds of megabytes
// of arrays, and to fault them in 4 KiB at a time took half of the time of `heddle diff`: large
// ones are asked for in pages of 2 MiB (compare recorder/huge_pages.h).
#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t kPage = std::size_t{2} << 20;

void* Allocate(std::size_t size) {
  if (size < 2 * kPage) return std::malloc(size == 0 ? 1 : size);
  const std::size_t whole = (size + kPage - 1) & ~(kPage - 1);
  if (whole < size) return nullptr;
  void* const memory = std::aligned_alloc(kPage, whole);
  if (memory != nullptr) ::madvise(memory, whole, MADV_HUGEPAGE);  // may be refused: no matter
  return memory;
}

}  // namespace

void* operator new(std::size_t size) {
  void* const memory = Allocate(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept { std::free(memory); }

void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
