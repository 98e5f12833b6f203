// SPDX-License-Identifier: MIT
//
// docs/verdicts.md shows what the tests of this folder are told.
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>

#include "harness/verdicts/story.h"
#include "support/catch.h"

namespace heddle {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST_CASE("docs/verdicts.md shows each of these texts as it is") {
  const std::filesystem::path source = HEDDLE_SOURCE_DIR;
  const std::string page = ReadFile(source / "docs" / "verdicts.md");
  std::size_t texts = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source / "tests" / "golden")) {
    if (!entry.path().filename().string().starts_with("verdict_")) continue;
    ++texts;
    std::istringstream lines(ReadFile(entry.path()));
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with('[')) line.erase(0, line.find("] ") + 2);
      INFO(entry.path().filename().string());
      CHECK_THAT(page, ContainsText(line + "\n"));
    }
  }
  CHECK(texts > 0);
}

}  // namespace
}  // namespace heddle
