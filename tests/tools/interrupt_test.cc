// SPDX-License-Identifier: MIT
#include "interrupt.h"

#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigaction is POSIX's

#include <atomic>
#include <filesystem>
#include <string>

#include "files.h"
#include "heddle/trace_io.h"
#include "process.h"
#include "support/catch.h"
#include "tools/shop_run.h"

namespace heddle::tools {
namespace {

std::atomic<int> ended_by = 0;

// What a signal does in the end.
class TermHandler {
 public:
  TermHandler() {
    ended_by = 0;
    struct sigaction action{};
    action.sa_handler = [](int signal) { ended_by = signal; };
    sigaction(SIGTERM, &action, &before_);
  }
  TermHandler(const TermHandler&) = delete;
  TermHandler& operator=(const TermHandler&) = delete;
  ~TermHandler() { sigaction(SIGTERM, &before_, nullptr); }

 private:
  struct sigaction before_{};
};

TEST_CASE("a signal takes effect once all is cleaned up") {
  const TermHandler handler;
  {
    const UntilClean outer;
    {
      const UntilClean inner;
      raise(SIGTERM);
      CHECK(IsInterrupted());
    }
    CHECK(ended_by == 0);
  }
  CHECK(ended_by == SIGTERM);
  CHECK(!IsInterrupted());
}

TEST_CASE("a file that is being replaced is left as it was by a signal, and nothing beside it") {
  const TermHandler handler;
  const TempDirectory temp = TempDirectory::Make().value();
  const std::string path = temp.Path("run.dot");
  REQUIRE(ReplaceText(path, "before").ok());
  raise(SIGTERM);
  CHECK(absl::IsCancelled(ReplaceText(path, "after")));
  CHECK(ReadText(path) == "before");
  std::size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(temp.Path(""))) {
    files += file.is_regular_file() ? 1 : 0;
  }
  CHECK(files == 1);
}

TEST_CASE("a heddle that is told to end takes its program with it, and its temporary files") {
  const TempDirectory temp = TempDirectory::Make().value();
  const std::string own_temp = temp.Path("tmp");
  std::filesystem::create_directory(own_temp);
  // A Graphviz that has the heddle that called it told to end, and would go on for long.
  REQUIRE(WriteText(temp.Path("dot"), "#!/bin/sh\necho $$ > '" + temp.Path("pid") +
                                          "'\nkill -TERM $PPID\nexec /bin/sleep 100\n")
              .ok());
  std::filesystem::permissions(temp.Path("dot"), std::filesystem::perms::owner_all);
  REQUIRE(WriteText(temp.Path("run.heddle"), EncodeRecording(ShopRun())).ok());
  Command command;
  command.arguments = {HEDDLE_COMMAND, "graph", temp.Path("run.heddle"), "-o",
                       temp.Path("run.svg")};
  command.environment = {{"PATH", temp.Path("")}, {"TMPDIR", own_temp}};
  command.output = temp.Path("output");
  const absl::StatusOr<ProcessEnd> end = RunProcess(command);
  REQUIRE(end.ok());
  CHECK(end->signal == SIGTERM);
  CHECK(std::filesystem::is_empty(own_temp));
  CHECK(!std::filesystem::exists(temp.Path("run.svg")));
  const std::string pid = ReadText(temp.Path("pid"));
  REQUIRE(!pid.empty());
  CHECK(kill(std::stoi(pid), 0) != 0);
}

}  // namespace
}  // namespace heddle::tools
