// SPDX-License-Identifier: MIT
//
// Describe: what the shells are told is what the command line takes. bash is at hand, so its
// completion is tried; what the others need is looked for.
#include "describe.h"

#include <string>
#include <string_view>
#include <vector>

#include "files.h"
#include "process.h"
#include "support/catch.h"

namespace heddle::tools {
namespace {

// What a program prints that must succeed.
std::string Output(std::vector<std::string> arguments) {
  const absl::StatusOr<TempDirectory> temp = TempDirectory::Make();
  REQUIRE(temp.ok());
  Command command;
  command.arguments = std::move(arguments);
  command.output = temp->Path("output");
  const absl::StatusOr<ProcessEnd> end = RunProcess(command);
  REQUIRE(end.ok());
  const std::string text = ReadText(command.output);
  INFO(text);
  REQUIRE(end->code == 0);
  return text;
}

std::string Description(const std::string& format) {
  return Output({HEDDLE_COMMAND, "describe", format});
}

// What bash offers for the last of `words`, in a directory that holds run.heddle and run.txt.
std::string Completed(const std::string& words) {
  const absl::StatusOr<TempDirectory> temp = TempDirectory::Make();
  REQUIRE(temp.ok());
  REQUIRE(WriteText(temp->Path("completion"), Description("bash")).ok());
  REQUIRE(WriteText(temp->Path("run.heddle"), "").ok());
  REQUIRE(WriteText(temp->Path("run.txt"), "").ok());
  const std::string script = "cd '" + temp->Path("") + "'\n. ./completion\nCOMP_WORDS=(" + words +
                             ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_heddle\n"
                             "echo \"${COMPREPLY[@]}\"";
  return Output({"bash", "-euc", script});
}

TEST_CASE("bash completes commands, flags, their values and recordings") {
  CHECK(Completed("heddle sh") == "show\n");
  CHECK(Completed("heddle show --ar") == "--around\n");
  CHECK(Completed("heddle export run.heddle --format ch") == "chrome\n");
  CHECK(Completed("heddle export run.heddle --format = o") == "otlp\n");
  CHECK(Completed("heddle --color n") == "never\n");
  CHECK(Completed("heddle show --color = n") == "never\n");
  CHECK(Completed("heddle show run") == "run.heddle\n");
  CHECK(Completed("heddle show --flow run") == "\n");
  CHECK_THAT(Completed("heddle ''"), ContainsText("show") && ContainsText("replay"));
}

TEST_CASE("the descriptions know every command and every flag of its help") {
  const std::string man = Description("man");
  const std::string bash = Description("bash");
  const std::string zsh = Description("zsh");
  const std::string fish = Description("fish");
  CHECK_THAT(man, ContainsText(".SS heddle show") && ContainsText("\\-\\-around"));
  CHECK_THAT(man, ContainsText("\\-\\-color") && ContainsText("auto|always|never"));
  CHECK_THAT(zsh, ContainsText("'show:Show what happened to one request'"));
  CHECK_THAT(zsh, ContainsText("'--around=[what happened there, in all tasks\\: an event"));
  CHECK_THAT(zsh, ContainsText("'--output=[") && ContainsText(":PATH:_files'"));
  CHECK_THAT(fish, ContainsText("__fish_seen_subcommand_from show' -l around -x -d"));
  CHECK_THAT(fish, ContainsText("-s o -l output -r -F"));
  CHECK_THAT(fish, ContainsText("-l format -x -a 'chrome otlp csv'"));
  for (const std::string& text : {man, bash, zsh, fish}) {
    for (const std::string_view name : {"show", "graph", "diff", "stats", "check", "export",
                                        "replay", "between", "mermaid", "color", "json"}) {
      CHECK_THAT(text, ContainsText(std::string(name)));
    }
    CHECK(text.find("describe FORMAT") == std::string::npos);
  }
}

TEST_CASE("no line of the manual page is taken for a request of troff that is none") {
  const std::string man = Description("man");
  for (std::size_t at = 0; at != std::string::npos && at < man.size();) {
    const std::size_t end = man.find('\n', at);
    const std::string line = man.substr(at, end - at);
    at = end == std::string::npos ? end : end + 1;
    CHECK(!line.starts_with('\''));
    if (!line.starts_with('.')) continue;
    const std::string request = line.substr(0, line.find(' '));
    INFO(line);
    CHECK_THAT(" .TH .SH .SS .TP .PP .nf .fi .br ", ContainsText(" " + request + " "));
  }
}

}  // namespace
}  // namespace heddle::tools
