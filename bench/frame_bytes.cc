// SPDX-License-Identifier: MIT
//
// Besides remembering, this operator new does what the one of the library does, so the
// times are what they are without it.
#include "frame_bytes.h"

#include <cstdlib>
#include <new>

namespace heddle::bench {
namespace {

std::size_t last_allocation_bytes = 0;

}  // namespace

std::size_t LastAllocationBytes() { return last_allocation_bytes; }
void ForgetLastAllocation() { last_allocation_bytes = 0; }

}  // namespace heddle::bench

void* operator new(std::size_t size) {
  heddle::bench::last_allocation_bytes = size;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
