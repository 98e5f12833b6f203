// SPDX-License-Identifier: MIT
#include "heddle/internal/arena.h"

#include <bit>
#include <new>

#include "heddle/check.h"

namespace heddle::internal {

void* Arena::AllocateApart(Arena* arena, std::size_t size) {
  auto* start = static_cast<std::byte*>(::operator new(kPadding + sizeof(Header) + size));
  auto* header = reinterpret_cast<Header*>(start + kPadding);
  header->arena = arena;
  return header + 1;
}

void Arena::FreeApart(Header* header) noexcept {
  ::operator delete(reinterpret_cast<std::byte*>(header) - kPadding);
}

void Arena::Free(void* pointer, std::size_t size) noexcept {
  auto* header = static_cast<Header*>(pointer) - 1;
  if (header->arena == nullptr) return FreeApart(header);
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
    FreeApart(header);
  }
  if (--live_ == 0 && orphan_) delete this;
}

void Arena::NextBlock() {
  if (next_block_ == blocks_.size()) {
    blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(kBlockBytes));
  }
  UseBlock(blocks_[next_block_++].get());
}

void Arena::Reset() {
  HEDDLE_CHECK(live_ == 0, "an arena was reset while frames still lived in it");
  for (; used_classes_ != 0; used_classes_ &= used_classes_ - 1) {
    free_[std::countr_zero(used_classes_)] = nullptr;
  }
  if (blocks_.empty()) return;
  next_block_ = 1;
  UseBlock(blocks_.front().get());
}

}  // namespace heddle::internal
