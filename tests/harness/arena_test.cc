// SPDX-License-Identifier: MIT
//
// Arena, and what it is for: no malloc in the loop of an exploration. A program of its own,
// because it replaces the global operator new by one that counts.
#include "heddle/internal/arena.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>
#include <vector>

#include "heddle/combinators.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "support/catch.h"

namespace {

std::size_t allocations = 0;

void* CountedAllocation(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size); memory != nullptr) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return CountedAllocation(size); }
void* operator new[](std::size_t size) { return CountedAllocation(size); }
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return CountedAllocation(size);
}
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return CountedAllocation(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

namespace heddle {
namespace {

using internal::Arena;

// How many allocations `call` makes.
template <class Call>
std::size_t AllocationsOf(Call call) {
  const std::size_t before = allocations;
  call();
  return allocations - before;
}

// --- the arena ------------------------------------------------------------------------------

TEST_CASE("a freed piece is given out again for the same size") {
  Arena arena;
  void* first = Arena::Allocate(&arena, 100);
  void* second = Arena::Allocate(&arena, 100);
  CHECK(first != second);
  CHECK(arena.live() == 2);
  Arena::Free(first, 100);
  CHECK(arena.live() == 1);
  CHECK(Arena::Allocate(&arena, 100) == first);
  Arena::Free(first, 100);
  Arena::Free(second, 100);
  CHECK(arena.live() == 0);
}

TEST_CASE("after a reset the same requests give the same addresses, in many blocks") {
  constexpr std::size_t kPieces = 1000;  // 300 KiB: five blocks
  Arena arena;
  const auto fill = [&] {
    std::vector<void*> pieces;
    for (std::size_t i = 0; i < kPieces; ++i) {
      pieces.push_back(Arena::Allocate(&arena, 100 + i % 400));
    }
    return pieces;
  };
  const auto empty = [&](const std::vector<void*>& pieces) {
    for (std::size_t i = 0; i < kPieces; ++i) Arena::Free(pieces[i], 100 + i % 400);
    arena.Reset();
  };
  const std::vector<void*> first = fill();
  empty(first);
  const std::vector<void*> second = fill();
  CHECK(first == second);
  empty(second);
}

TEST_CASE("pieces of every size are aligned and do not overlap") {
  Arena arena;
  struct Piece {
    unsigned char* memory;
    std::size_t size;
  };
  std::vector<Piece> pieces;
  for (std::size_t size = 1; size < 5000; size += 37) {
    auto* memory = static_cast<unsigned char*>(Arena::Allocate(&arena, size));
    CHECK(reinterpret_cast<std::uintptr_t>(memory) % alignof(std::max_align_t) == 0);
    std::fill_n(memory, size, static_cast<unsigned char>(size));
    pieces.push_back({memory, size});
  }
  for (const Piece& piece : pieces) {
    const auto value = static_cast<unsigned char>(piece.size);
    CHECK(std::all_of(piece.memory, piece.memory + piece.size,
                      [&](unsigned char byte) { return byte == value; }));
    Arena::Free(piece.memory, piece.size);
  }
  CHECK(arena.live() == 0);
}

TEST_CASE("outside an arena memory comes from operator new and goes back there") {
  void* memory = nullptr;
  CHECK(AllocationsOf([&] { memory = Arena::Allocate(nullptr, 64); }) == 1);
  Arena::Free(memory, 64);
}

TEST_CASE("an orphaned arena lives until its last piece is freed") {
  auto* arena = new Arena;
  auto* first = static_cast<int*>(Arena::Allocate(arena, sizeof(int)));
  void* second = Arena::Allocate(arena, 5000);
  arena->Orphan();
  Arena::Free(second, 5000);
  *first = 7;
  CHECK(*first == 7);
  Arena::Free(first, sizeof(int));  // and with it the arena; the leak checker watches
}

// --- runs -------------------------------------------------------------------------------------

Task<> LockAndYield(Mutex& mutex) {
  for (int i = 0; i < 10; ++i) {
    const MutexGuard guard = co_await mutex.Lock();
    co_await Yield();
  }
}

Task<int> Large() {
  std::array<volatile char, 4096> bytes = {};  // all read again below: none can be left out
  co_await Yield();
  int sum = 0;
  for (const volatile char& byte : bytes) sum += byte;
  co_return sum;
}

// The allocations of the third run of `body` on one executor: by then it is warm.
template <class Body>
std::size_t AllocationsOfWarmRun(Body body, RecordMode record) {
  Executor executor;
  RandomChooser chooser(1);
  internal::BodyRunner runner(body);
  const RunOptions options = {.chooser = &chooser, .record = record, .schedule = 1};
  for (int i = 0; i < 2; ++i) executor.Execute(runner.ref(), options);
  return AllocationsOf([&] { executor.Execute(runner.ref(), options); });
}

TEST_CASE("a warm run of spawns, yields and locks allocates nothing") {
  Mutex mutex("ledger");
  const auto body = [&](World& world) {
    for (int i = 0; i < 5; ++i) world.Spawn(LockAndYield(mutex));
  };
  CHECK(AllocationsOfWarmRun(body, RecordMode::kChoices) == 0);
  CHECK(AllocationsOfWarmRun(body, RecordMode::kEvents) == 0);
}

TEST_CASE("a warm run of sleeps, calls, All and Any allocates nothing") {
  const auto sleeps = [](int how_long) -> Task<int> {
    co_await SleepFor(std::chrono::milliseconds(how_long));
    co_return how_long;
  };
  const auto body = [&]() -> Task<> {
    for (int i = 0; i < 5; ++i) {
      co_await sleeps(i);
      co_await All(sleeps(i), sleeps(2 * i));
      co_await Any(sleeps(i), sleeps(2 * i));
    }
  };
  CHECK(AllocationsOfWarmRun(body, RecordMode::kChoices) == 0);
  CHECK(AllocationsOfWarmRun(body, RecordMode::kEvents) == 0);
}

TEST_CASE("frames of more than 2 KiB work, and cost an allocation each") {
  int sum = 0;
  const auto body = [&]() -> Task<> {
    for (int i = 0; i < 3; ++i) sum += co_await Large() + 1;
  };
  CHECK(AllocationsOfWarmRun(body, RecordMode::kChoices) == 3);
  CHECK(sum == 9);
}

TEST_CASE("a frame that was freed is used again: many calls need no more memory than one") {
  Executor executor;
  const auto calls = [](int count) {
    return [count]() -> Task<> {
      const auto nothing = []() -> Task<> { co_return; };
      for (int i = 0; i < count; ++i) co_await nothing();
    };
  };
  auto one = calls(1);
  auto many = calls(10'000);
  internal::BodyRunner run_one(one);
  internal::BodyRunner run_many(many);
  const RunOptions options = {.record = RecordMode::kChoices};
  executor.Execute(run_one.ref(), options);
  CHECK(AllocationsOf([&] { executor.Execute(run_many.ref(), options); }) == 0);
}

TEST_CASE("the same schedule puts its frames at the same addresses") {
  Executor executor;
  std::vector<const void*> addresses;
  const auto notes = [&](int value) -> Task<> {
    addresses.push_back(&value);  // a parameter lives in the frame
    co_await Yield();
    addresses.push_back(&value);
  };
  auto body = [&](World& world) {
    for (int i = 0; i < 4; ++i) world.Spawn(notes(i));
  };
  internal::BodyRunner runner(body);
  RandomChooser chooser(3);
  const RunOptions options = {.chooser = &chooser, .schedule = 5};
  executor.Execute(runner.ref(), options);
  const std::vector<const void*> first = std::exchange(addresses, {});
  executor.Execute(runner.ref(), options);
  CHECK(addresses == first);
}

}  // namespace
}  // namespace heddle
