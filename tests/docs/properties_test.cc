// SPDX-License-Identifier: MIT
//
// Whether docs/properties.md tells the truth: its code is that of bank.cc, and its texts are what
// that program prints.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "docs/doc_page.h"
#include "heddle/tape_text.h"
#include "heddle/trace_io.h"
#include "support/catch.h"

namespace heddle::properties_page {
namespace {

// Where the program is called as on the page, and leaves what it leaves.
class Workplace {
 public:
  Workplace()
      : folder_(std::filesystem::temp_directory_path() /
                ("heddle-properties-page-" + std::to_string(::getpid()))) {
    std::filesystem::create_directory(folder_);
    std::filesystem::create_symlink(HEDDLE_BANK_PAGE, folder_ / "bank_test");
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  ~Workplace() { std::filesystem::remove_all(folder_); }

  std::filesystem::path PathOf(const std::string& name) const { return folder_ / name; }

  // What the shell command prints.
  std::string Run(const std::string& command) const {
    const std::string whole =
        "cd '" + folder_.string() +
        "' && unset HEDDLE_REPLAY HEDDLE_SEED HEDDLE_SCHEDULES HEDDLE_BUDGET && "
        // Unset, RC_PARAMS would be set by our own main().
        "export HEDDLE_KEPT=0 RC_PARAMS= && " +
        command;
    FILE* const pipe = popen(whole.c_str(), "r");  // NOLINT(cert-env33-c)
    REQUIRE(pipe != nullptr);
    std::string text;
    std::array<char, 4096> part{};
    for (std::size_t got = 0; (got = fread(part.data(), 1, part.size(), pipe)) > 0;) {
      text.append(part.data(), got);
    }
    pclose(pipe);
    return text;
  }

 private:
  std::filesystem::path folder_;
};

TEST_CASE("docs/properties.md tells the truth") {
  DocPage page("properties.md", "bank.cc");
  page.CheckCode();
  const Workplace here;
  CHECK_THAT(here.Run("./bank_test '~no money is lost' 2>&1 && echo they pass"),
             ContainsText("they pass"));
  const std::string report = here.Run("./bank_test 'no money is lost' 2>&1 >/dev/null");
  page.CheckText("report", page.WithLinesOf("property", report));
  const std::string file = "heddle-failures/no-money-is-lost.heddle";
  const std::string replayed =
      here.Run("HEDDLE_REPLAY=" + file + " ./bank_test 'no money is lost' 2>&1 >/dev/null");
  page.CheckText("replay", page.WithLinesOf("property", replayed));
  const auto recording = ReadRecording(here.PathOf(file));
  REQUIRE(recording.ok());
  const std::string tape = TapeText(recording->trace);  // what `heddle keep` writes
  std::filesystem::create_directory(here.PathOf("kept"));
  std::ofstream(here.PathOf("kept/no-money-is-lost.tape")) << tape;
  page.CheckText("tape", page.WithLinesOf("property", tape));
  const std::string kept =
      here.Run("HEDDLE_KEPT=kept ./bank_test 'no money is lost' 2>&1 >/dev/null");
  page.CheckText("kept", page.WithLinesOf("property", kept.substr(0, kept.find("\n\n") + 1)));
}

}  // namespace
}  // namespace heddle::properties_page
