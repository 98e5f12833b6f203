// SPDX-License-Identifier: MIT
//
// Arena: where coroutine frames of a run live. A frame costs a pointer bump, a freed frame
// goes to the free list of its size, and Reset() between runs forgets them all at once:
// no malloc in the loop of an exploration, and the same addresses in the same schedule.
//
// Every allocation is preceded by a header that names its arena, so that a frame may be
// freed anywhere; one created outside a run has none and comes from operator new. An arena
// whose frames outlive its owner stays until the last of them is gone (Orphan).
#ifndef HEDDLE_INTERNAL_ARENA_H_
#define HEDDLE_INTERNAL_ARENA_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace heddle::internal {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // From `arena`, or from operator new where it is null.
  static void* Allocate(Arena* arena, std::size_t size) {
    if (arena == nullptr) return AllocateApart(nullptr, size);
    return arena->Allocate(size);
  }

  // Not inline: it ends every coroutine, and would cost each resumption its registers.
  static void Free(void* pointer, std::size_t size) noexcept;

  // Allocations not yet freed.
  std::size_t live() const { return live_; }

  // Forgets everything. Only when nothing is live.
  void Reset();

  // Gives the arena away to its own last frame: it deletes itself when that is freed.
  // Only when something is live; the arena must come from new.
  void Orphan() { orphan_ = true; }

 private:
  struct Header {
    Arena* arena;
  };
  struct FreeNode {
    FreeNode* next;
  };

  // A piece is a header and what is asked for; kGrain tells the sizes apart. It begins behind some
  // padding, so that what is asked for, and not the header, is aligned.
  static constexpr std::size_t kGrain = 32;
  static constexpr std::size_t kPadding = alignof(std::max_align_t) - sizeof(Header);
  static constexpr std::size_t kClasses = 64;  // pieces below 2 KiB have a free list
  static constexpr std::size_t kBlockBytes = std::size_t{64} * 1024;

  static std::size_t ClassOf(std::size_t size) {
    return (sizeof(Header) + size + kGrain - 1) / kGrain;
  }
  // A piece from operator new.
  static void* AllocateApart(Arena* arena, std::size_t size);
  static void FreeApart(Header* header) noexcept;

  void* Allocate(std::size_t size) {
    const std::size_t size_class = ClassOf(size);
    const std::size_t bytes = size_class * kGrain;
    ++live_;
    if (size_class >= kClasses) return AllocateApart(this, size);
    if (FreeNode* node = free_[size_class]; node != nullptr) {
      free_[size_class] = node->next;
      return node;
    }
    if (static_cast<std::size_t>(end_ - next_) < bytes) NextBlock();
    auto* header = reinterpret_cast<Header*>(next_);
    next_ += bytes;
    header->arena = this;
    return header + 1;
  }

  void FreeHere(Header* header, std::size_t size) noexcept;
  void NextBlock();
  void UseBlock(std::byte* block) {
    next_ = block + kPadding;
    end_ = block + kBlockBytes;
  }

  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  std::size_t live_ = 0;
  std::uint64_t used_classes_ = 0;  // whose free lists may hold something
  bool orphan_ = false;
  FreeNode* free_[kClasses] = {};
  std::size_t next_block_ = 0;  // the first of blocks_ not in use
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_ARENA_H_
