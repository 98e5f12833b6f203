// SPDX-License-Identifier: MIT
//
// Random numbers, as a run sees them: one stream, whose seed is a draw of the run and so in its
// recording. srand() and srandom() start a stream of their own, which depends on their number
// only.
//
// std::random_device is replaced as a class, since the processor gives it numbers without a call.
#include "entropy.h"

#include <fcntl.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): <cstdlib> does not promise random()
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <source_location>

#include "ambient_call.h"
#include "heddle/random.h"

namespace heddle::guard {
namespace {

// How many streams there are to draw one of.
constexpr std::uint32_t kStreams = 1 << 16;

std::uint32_t DrawStream(Executor& run) noexcept {
  if (!run.in_run()) return 0;
  try {
    return run.Draw(kStreams, std::source_location::current());
  } catch (...) {  // a chooser that is no good: the caller is C
    run.Fail(std::current_exception());
    return 0;
  }
}

// The streams of the run that the thread is in, or was in last.
class Streams {
 public:
  static Streams& Of(Executor& run) {
    static thread_local Streams streams;
    if (streams.run_number_ != run.run_number()) streams.Begin(run);
    return streams;
  }

  Random system{0};     // getrandom, /dev/urandom, std::random_device
  Random c_library{0};  // rand, random

 private:
  void Begin(Executor& run) {
    run_number_ = run.run_number();
    const std::uint64_t seed = DrawStream(run);
    system = Random(seed);
    c_library = Random(Random::Mix(seed + 1));
  }

  std::uint64_t run_number_ = 0;
};

void Fill(Executor& run, void* buffer, std::size_t size) {
  Random& random = Streams::Of(run).system;
  auto* bytes = static_cast<char*>(buffer);
  while (size > 0) {
    const std::uint64_t word = random.Next();
    const std::size_t part = std::min(size, sizeof(word));
    std::memcpy(bytes, &word, part);
    bytes += part;
    size -= part;
  }
}

// From 0 to RAND_MAX, which is 2^31 - 1.
int NextOfCLibrary(Executor& run) {
  return static_cast<int>(Streams::Of(run).c_library.Next() >> 33);
}

void SeedCLibrary(Executor& run, unsigned int seed) { Streams::Of(run).c_library = Random(seed); }

}  // namespace

int OpenEntropy(Executor& run) {
  const int file = memfd_create("heddle entropy", MFD_CLOEXEC);
  if (file < 0) return file;
  std::array<char, 4096> page{};
  for (std::size_t written = 0; written < kEntropyFileBytes; written += page.size()) {
    Fill(run, page.data(), page.size());
    if (write(file, page.data(), page.size()) != static_cast<ssize_t>(page.size())) break;
  }
  lseek(file, 0, SEEK_SET);
  return file;
}

extern "C" {

extern const char heddle_guard_entropy = 0;  // by which the linker is told to take this file

ssize_t getrandom(void* buffer, size_t size, unsigned int flags) {
  Executor* run = HEDDLE_GUARD_RUN(kEntropy, getrandom);
  if (run == nullptr) return HEDDLE_GUARD_PASS(getrandom, buffer, size, flags);
  Fill(*run, buffer, size);
  return static_cast<ssize_t>(size);
}

int getentropy(void* buffer, size_t size) {
  Executor* run = HEDDLE_GUARD_RUN(kEntropy, getentropy);
  if (run == nullptr) return HEDDLE_GUARD_PASS(getentropy, buffer, size);
  Fill(*run, buffer, size);
  return 0;
}

int rand() noexcept {
  Executor* run = HEDDLE_GUARD_RUN(kEntropy, rand);
  if (run == nullptr) return HEDDLE_GUARD_PASS(rand);
  return NextOfCLibrary(*run);
}

void srand(unsigned int seed) noexcept {
  Executor* run = HEDDLE_GUARD_RUN(kEntropy, srand);
  if (run == nullptr) return HEDDLE_GUARD_PASS(srand, seed);
  SeedCLibrary(*run, seed);
}

long random() noexcept {  // NOLINT(google-runtime-int): its type
  Executor* run = HEDDLE_GUARD_RUN(kEntropy, random);
  if (run == nullptr) return HEDDLE_GUARD_PASS(random);
  return NextOfCLibrary(*run);
}

void srandom(unsigned int seed) noexcept {
  Executor* run = HEDDLE_GUARD_RUN(kEntropy, srandom);
  if (run == nullptr) return HEDDLE_GUARD_PASS(srandom, seed);
  SeedCLibrary(*run, seed);
}

}  // extern "C"

}  // namespace heddle::guard

#ifdef __GLIBCXX__
std::random_device::result_type std::random_device::_M_getval() {
  using heddle::guard::Category;
  constexpr const char* kSymbol = "_ZNSt13random_device9_M_getvalEv";
  heddle::Executor* run = heddle::guard::RunThatAnswers(Category::kEntropy, "std::random_device",
                                                        __builtin_return_address(0));
  if (run == nullptr) {
    using Member = result_type (*)(random_device*);
    static const auto next = reinterpret_cast<Member>(heddle::guard::FindNext(kSymbol));
    return next(this);
  }
  result_type value = 0;
  heddle::guard::Fill(*run, &value, sizeof(value));
  return value;
}
#endif
