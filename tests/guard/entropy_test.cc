// SPDX-License-Identifier: MIT
//
// Random numbers in a run with the guard: the same in the same schedule, others in another, and
// outside a run the machine's.
#include <fcntl.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): <cstdlib> does not promise random()
#include <sys/random.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "heddle/guard.h"
#include "heddle/replay.h"
#include "heddle/run.h"
#include "support/catch.h"

namespace heddle {
namespace {

using Source = std::function<std::uint64_t()>;

std::uint64_t FromStream(const char* path) {
  std::uint64_t value = 0;
  std::ifstream stream(path, std::ios::binary);
  CHECK(stream.read(reinterpret_cast<char*>(&value), sizeof(value)).good());
  return value;
}

std::uint64_t FromDescriptor(int file) {
  std::uint64_t value = 0;
  CHECK(read(file, &value, sizeof(value)) == sizeof(value));
  close(file);
  return value;
}

std::uint64_t FromStdio(const char* path) {
  std::uint64_t value = 0;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path, "rb"), &std::fclose);
  CHECK(std::fread(&value, sizeof(value), 1, file.get()) == 1);
  return value;
}

std::vector<std::pair<std::string, Source>> Sources() {
  return {
      {"getrandom",
       [] {
         std::uint64_t value = 0;
         CHECK(getrandom(&value, sizeof(value), 0) == sizeof(value));
         return value;
       }},
      {"getentropy",
       [] {
         std::uint64_t value = 0;
         CHECK(getentropy(&value, sizeof(value)) == 0);
         return value;
       }},
      {"std::random_device", [] { return std::uint64_t{std::random_device()()}; }},
      {"open(/dev/urandom)", [] { return FromDescriptor(open("/dev/urandom", O_RDONLY)); }},
      {"openat(/dev/random)",
       [] { return FromDescriptor(openat(AT_FDCWD, "/dev/random", O_RDONLY)); }},
      {"fopen(/dev/urandom)", [] { return FromStdio("/dev/urandom"); }},
      {"ifstream(/dev/urandom)", [] { return FromStream("/dev/urandom"); }},
      {"rand", [] { return static_cast<std::uint64_t>(rand()); }},
      {"random", [] { return static_cast<std::uint64_t>(random()); }},
  };
}

// Two numbers of `source` in each run of `chooser`.
std::vector<std::uint64_t> TwoOf(const Source& source, Chooser& chooser) {
  std::vector<std::uint64_t> numbers;
  const auto body = [&]() -> Task<> {
    numbers = {source(), source()};
    co_return;
  };
  CHECK(Run(body, {.chooser = &chooser}).ok());
  return numbers;
}

TEST_CASE("every source gives the same numbers in the same schedule, and others in another") {
  for (const auto& [name, source] : Sources()) {
    INFO(name);
    RandomChooser chooser(7);
    const std::vector<std::uint64_t> first = TwoOf(source, chooser);
    CHECK(TwoOf(source, chooser) == first);
    CHECK(first[0] != first[1]);
    RandomChooser other(8);
    CHECK(TwoOf(source, other) != first);
  }
}

TEST_CASE("a run draws its random numbers once, and a replay has them again") {
  std::vector<std::uint64_t> numbers;
  const auto body = [&]() -> Task<> {
    numbers.clear();
    for (const auto& [name, source] : Sources()) numbers.push_back(source());
    co_return;
  };
  RandomChooser chooser(3);
  const RunResult run = Run(body, {.chooser = &chooser});
  REQUIRE(run.ok());
  CHECK(run.trace.choices.size() == 1);
  const std::vector<std::uint64_t> recorded = std::exchange(numbers, {});
  CHECK(Replay(run.trace, body).reproduced());
  CHECK(numbers == recorded);
}

TEST_CASE("outside a run random numbers are the machine's, also after one") {
  for (const auto& [name, source] : Sources()) {
    INFO(name);
    REQUIRE(Run([&]() -> Task<> {
              source();
              co_return;
            }).ok());
    std::set<std::uint64_t> numbers;
    for (int i = 0; i < 8; ++i) numbers.insert(source());
    CHECK(numbers.size() > 1);
  }
  srand(1);
  const int first = rand();
  srand(1);
  CHECK(rand() == first);
}

TEST_CASE("a seed of the program's own decides its numbers, in every schedule") {
  const auto numbers_of = [](std::uint64_t schedule_seed, unsigned int seed) {
    RandomChooser chooser(schedule_seed);
    std::vector<std::int64_t> numbers;
    CHECK(Run(
              [&]() -> Task<> {
                srand(seed);
                numbers = {rand(), rand()};
                srandom(seed);
                numbers.push_back(random());
                co_return;
              },
              {.chooser = &chooser})
              .ok());
    return numbers;
  };
  CHECK(numbers_of(1, 5) == numbers_of(2, 5));
  CHECK(numbers_of(1, 5) != numbers_of(1, 6));
  CHECK(numbers_of(1, 5)[0] == numbers_of(1, 5)[2]);
}

TEST_CASE("rand and random stay within their range") {
  CHECK(Run([]() -> Task<> {
          for (int i = 0; i < 1000; ++i) {
            const int number = rand();
            const std::int64_t other = random();
            REQUIRE((number >= 0 && number <= RAND_MAX));
            REQUIRE((other >= 0 && other <= RAND_MAX));
          }
          co_return;
        }).ok());
}

TEST_CASE("random bytes of any number are filled, and no byte beyond them") {
  CHECK(Run([]() -> Task<> {
          for (std::size_t size = 0; size < 40; ++size) {
            std::vector<unsigned char> bytes(size + 1, 0xa5);
            CHECK(getrandom(bytes.data(), size, 0) == static_cast<ssize_t>(size));
            CHECK(bytes.back() == 0xa5);
          }
          co_return;
        }).ok());
}

}  // namespace
}  // namespace heddle
