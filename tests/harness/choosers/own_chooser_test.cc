// SPDX-License-Identifier: MIT
//
// The chooser that docs/choosers.md shows: it compiles, does what the page says, and is the one
// that stands there.
#include <fstream>
#include <sstream>
#include <string>

#include "harness/choosers/letters.h"
#include "support/catch.h"

// [own chooser
#include <heddle/chooser.h>

// Starves one task: it runs only when nobody else can.
class StarveFirst : public heddle::Chooser {
 public:
  explicit StarveFirst(std::uint64_t seed) : seed_(seed), random_(seed) {}

  void BeginRun(std::uint64_t schedule) override {
    random_ = heddle::Random(heddle::Random::Mix(seed_ + schedule));
  }
  std::size_t ChooseTask(const heddle::ReadySet& ready) override {
    const std::size_t picked = random_.Below(static_cast<std::uint32_t>(ready.size()));
    if (ready[picked].strand() != 0) return picked;
    return picked == 0 ? ready.size() - 1 : picked - 1;
  }
  std::uint32_t ChooseValue(std::uint32_t alternatives) override {
    return random_.Below(alternatives);
  }
  std::string_view name() const override { return "starve-first"; }
  std::uint64_t seed() const override { return seed_; }

 private:
  std::uint64_t seed_;
  heddle::Random random_;
};
// own chooser]

namespace heddle {
namespace {

TEST_CASE("the chooser of the documentation starves the first task") {
  Letters letters({2, 4, 3});
  StarveFirst chooser(1);
  for (const auto& [log, count] : CountLogs(chooser, letters, 100)) {
    CHECK_THAT(log, EndsWithText("aa"));
  }
}

std::string ReadSource(const std::string& path) {
  std::ifstream file(HEDDLE_SOURCE_DIR "/" + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST_CASE("docs/choosers.md shows the chooser that is tested") {
  const std::string source = ReadSource("tests/harness/choosers/own_chooser_test.cc");
  const std::string mark = "// [own chooser\n";
  const std::size_t begin = source.find("\n" + mark) + 1 + mark.size();
  const std::string code = source.substr(begin, source.find("// own chooser]") - begin);
  CHECK_THAT(ReadSource("docs/choosers.md"), ContainsText("```cpp\n" + code + "```\n"));
}

}  // namespace
}  // namespace heddle
