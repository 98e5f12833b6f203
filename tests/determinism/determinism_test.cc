// SPDX-License-Identifier: MIT
//
// Determinism itself: one seed, ten runs, two processes, the same bytes. (Two compilers: the
// outputs of determinism_probe are compared by continuous integration.)
#include <array>
#include <cstdio>
#include <memory>
#include <set>
#include <string>

#include "determinism/every_primitive.h"
#include "support/catch.h"

namespace heddle {
namespace {

struct ClosePipe {
  void operator()(std::FILE* pipe) const { pclose(pipe); }
};

std::string OutputOf(const std::string& command) {
  const std::unique_ptr<std::FILE, ClosePipe> pipe(popen(command.c_str(), "r"));
  REQUIRE(pipe != nullptr);
  std::string output;
  std::array<char, 4096> buffer;
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) {
    output.append(buffer.data(), got);
  }
  return output;
}

TEST_CASE("one seed gives the same bytes in ten runs and two other processes") {
  for (const std::uint64_t seed : {1U, 2U, 42U}) {
    const std::string text = TextOfEveryPrimitive(seed);
    for (int i = 0; i < 10; ++i) REQUIRE(TextOfEveryPrimitive(seed) == text);
    const std::string probe = HEDDLE_PROBE " " + std::to_string(seed);
    CHECK(OutputOf(probe) == text);
    CHECK(OutputOf(probe) == text);
  }
}

TEST_CASE("different seeds give different runs") {
  std::set<std::string> texts;
  for (std::uint64_t seed = 0; seed < 20; ++seed) texts.insert(TextOfEveryPrimitive(seed));
  CHECK(texts.size() == 20);
}

TEST_CASE("the run that is compared uses every kind of event and operation") {
  std::string text;
  for (std::uint64_t seed = 0; seed < 20; ++seed) text += TextOfEveryPrimitive(seed);
  for (const char* word :
       {"spawn", "start", "suspend", "wake",    "resume",  "finish",  "mark",      "draw",
        "time",  "send",  "receive", "acquire", "release", "flow",    "chosen",    "yield",
        "sleep", "call",  "join",    "wait",    "lock",    "foreign", "exception", "cancelled"}) {
    CHECK_THAT(text, ContainsText(std::string("  ") + word));
  }
}

}  // namespace
}  // namespace heddle
