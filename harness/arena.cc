// SPDX-License-Identifier: MIT
#include "heddle/internal/arena.h"

#include <bit>
#include <new>

#include "heddle/check.h"

namespace heddle::internal {

void* Arena::AllocateOutside(std::size_t size) {
  auto* header = static_cast<Header*>(::operator new(sizeof(Header) + size));
  header->arena = nullptr;
  return header + 1;
}

void Arena::FreeOutside(Header* header) noexcept { ::operator delete(header); }

void Arena::Free(void* pointer, std::size_t size) noexcept {
  auto* header = static_cast<Header*>(pointer) - 1;
  if (header->arena == nullptr) return FreeOutside(header);
  header->arena->FreeHere(header, size);
}

void Arena::FreeHere(Header* header, std::size_t size) noexcept {
  const std::size_t size_class = ClassOf(size);
  if (size_class < kClasses) {
    auto* node = reinterpret_cast<FreeNode*>(header + 1);
    node->next = free_[size_class];
    free_[size_class] = node;
    used_classes_ |= std::uint64_t{1} << size_class;
  } else {
    FreeLarge(header);
  }
  if (--live_ == 0 && orphan_) delete this;
}

void Arena::FreeLarge(Header* header) noexcept { ::operator delete(header); }

void* Arena::AllocateLarge(std::size_t bytes) {
  auto* header = static_cast<Header*>(::operator new(bytes));
  header->arena = this;
  return header + 1;
}

void Arena::NextBlock() {
  if (next_block_ == blocks_.size()) {
    blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(kBlockBytes));
  }
  next_ = blocks_[next_block_++].get();
  end_ = next_ + kBlockBytes;
}

void Arena::Reset() {
  HEDDLE_CHECK(live_ == 0, "an arena was reset while frames still lived in it");
  for (; used_classes_ != 0; used_classes_ &= used_classes_ - 1) {
    free_[std::countr_zero(used_classes_)] = nullptr;
  }
  next_block_ = blocks_.empty() ? 0 : 1;
  next_ = blocks_.empty() ? nullptr : blocks_.front().get();
  end_ = blocks_.empty() ? nullptr : next_ + kBlockBytes;
}

}  // namespace heddle::internal
