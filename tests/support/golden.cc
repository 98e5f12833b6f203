// SPDX-License-Identifier: MIT
//
// Reading, comparing and, when asked to, writing golden texts. HEDDLE_TESTS_DIR is the
// folder tests/ of the sources.
#include "support/golden.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>

#include "support/catch.h"

namespace heddle {
bool GoldenUpdateIsWanted() {
  const char* const wanted = std::getenv("HEDDLE_UPDATE_GOLDEN");
  return wanted != nullptr && std::string_view(wanted) == "1";
}

std::string WithoutSpacesAtEnds(const std::string& text) {
  std::istringstream lines(text);
  std::string trimmed;
  for (std::string line; std::getline(lines, line);) {
    line.erase(line.find_last_not_of(' ') + 1);
    trimmed += line + "\n";
  }
  return trimmed;
}

void CheckGolden(const std::string& name, const std::string& text) {
  const std::string path = HEDDLE_TESTS_DIR "/golden/" + name + ".txt";
  if (GoldenUpdateIsWanted()) {
    std::ofstream file(path, std::ios::binary);
    file << text << std::flush;
    INFO("cannot write " << path);
    CHECK(file.good());
    return;
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream golden;
  golden << file.rdbuf();
  INFO("This is not what " << path << " holds. If the new text is right, run the test once with "
                           << "HEDDLE_UPDATE_GOLDEN=1 and review the difference.");
  CHECK(file.is_open());
  CHECK(text == golden.str());
}

}  // namespace heddle
