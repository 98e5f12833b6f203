// SPDX-License-Identifier: MIT
//
// The heddle command as its user meets it: a real process, its exit codes, its messages.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "files.h"
#include "heddle/trace_io.h"
#include "heddle/trace_text.h"
#include "process.h"
#include "support/catch.h"
#include "tools/shop_run.h"

namespace heddle::tools {
namespace {

// A directory of its own for each test case.
class Workbench {
 public:
  struct Said {
    int code = 0;
    std::string text;  // both outputs
  };

  Said Heddle(std::vector<std::string> arguments) const {
    Command command;
    command.arguments = std::move(arguments);
    command.arguments.insert(command.arguments.begin(), HEDDLE_COMMAND);
    command.environment = environment;
    command.output = Path("output");
    const absl::StatusOr<ProcessEnd> end = RunProcess(command);
    REQUIRE(end.ok());
    REQUIRE(end->signal == 0);
    return {end->code, ReadText(command.output)};
  }

  std::string File(std::string_view name, std::string_view bytes) const {
    REQUIRE(WriteText(Path(name), bytes).ok());
    return Path(name);
  }

  std::string Recording() const { return File("run.heddle", EncodeRecording(ShopRun())); }

  std::string Path(std::string_view name) const { return temp_.Path(name); }

  std::map<std::string, std::string> environment;

 private:
  TempDirectory temp_ = TempDirectory::Make().value();
};

TEST_CASE("view makes a page, and takes no name that says something else") {
  const Workbench bench;
  const auto said = bench.Heddle({"view", bench.Recording(), "-o", bench.Path("v.txt")});
  CHECK(said.code == 2);
  CHECK_THAT(said.text, ContainsText("must end in .html"));
  CHECK(bench.Heddle({"view", bench.Recording(), "-o", bench.Path("v.html")}).code == 0);
}

TEST_CASE("keep writes a tape into a folder and exits with 0, or with 3 where it cannot") {
  const Workbench bench;
  const std::string folder = bench.Path("kept");
  const auto said = bench.Heddle({"keep", bench.Recording(), folder});
  CHECK(said.code == 0);
  CHECK_THAT(said.text, StartsWithText("kept: " + folder + "/"));
  CHECK(bench.Heddle({"keep", bench.Recording()}).code == 3);
}

TEST_CASE("show prints to a pipe without colour and exits with 0") {
  const Workbench bench;
  const auto said = bench.Heddle({"show", bench.Recording()});
  CHECK(said.code == 0);
  CHECK_THAT(said.text, ContainsText("throws: REQUIRE( shop.charges() == 1 ) ..."));
  CHECK(said.text.find('\x1b') == std::string::npos);
}

TEST_CASE("pack makes a recording smaller, unpack what it was, and every command reads both") {
  Workbench bench;
  const std::string path = bench.Recording();
  const std::string bytes = ReadText(path);
  const std::string shown = bench.Heddle({"show", path}).text;
  const auto packed = bench.Heddle({"pack", path});
  if (packed.code == 3) {  // built without zstd
    CHECK_THAT(packed.text, ContainsText("Install libzstd-dev"));
    CHECK(ReadText(path) == bytes);
    return;
  }
  REQUIRE(packed.code == 0);
  CHECK_THAT(packed.text, StartsWithText(path + ": ") && ContainsText(" bytes, was "));
  CHECK(ReadText(path).size() < bytes.size());
  CHECK(bench.Heddle({"show", path}).text == shown);
  const std::string other = path + ".unpacked";
  CHECK(bench.Heddle({"unpack", path, "-o", other}).code == 0);
  CHECK(ReadText(other) == bytes);
  CHECK(bench.Heddle({"diff", path, other}).code == 0);
  CHECK(bench.Heddle({"pack", path + ".none"}).code == 3);
  CHECK(bench.Heddle({"pack"}).code == 2);
}

TEST_CASE("--color decides whatever the output is, before or behind the command") {
  Workbench bench;
  const std::string path = bench.Recording();
  const auto has_color = [](const Workbench::Said& said) {
    return said.code == 0 && said.text.find('\x1b') != std::string::npos;
  };
  CHECK(has_color(bench.Heddle({"--color", "always", "show", path})));
  CHECK(has_color(bench.Heddle({"show", path, "--color=always"})));
  bench.environment["NO_COLOR"] = "1";
  CHECK(has_color(bench.Heddle({"show", path, "--color=always"})));
  CHECK(!has_color(bench.Heddle({"show", path, "--color=never"})));
  CHECK(bench.Heddle({"show", path, "--color=sometimes"}).code == 2);
}

TEST_CASE("a place that is none exits with 2, and one that is not there with 1") {
  const Workbench bench;
  const std::string path = bench.Recording();
  CHECK(bench.Heddle({"show", path, "--around", "2ms", "--context", "3"}).code == 0);
  CHECK(bench.Heddle({"show", path, "--between", "0", "2ms"}).code == 0);
  CHECK(bench.Heddle({"show", path, "--around", "soon"}).code == 2);
  CHECK(bench.Heddle({"show", path, "--between", "2ms"}).code == 2);
  CHECK(bench.Heddle({"show", path, "--context", "3"}).code == 2);
  CHECK(bench.Heddle({"show", path, "--depth", "2", "--table"}).code == 2);
  CHECK(bench.Heddle({"show", path, "--around", "100000"}).code == 1);
}

TEST_CASE("whoever mistypes is told what is wrong, what was meant, and where to read more") {
  const Workbench bench;
  const auto said = [&bench](std::vector<std::string> arguments) {
    const Workbench::Said answer = bench.Heddle(std::move(arguments));
    CHECK(answer.code == 2);
    return answer.text;
  };
  CHECK(said({"shw", "x"}) ==
        "heddle: there is no command shw\n  did you mean show?\n  heddle --help says how\n");
  CHECK(said({"fly", "x"}) == "heddle: there is no command fly\n  heddle --help says how\n");
  CHECK(said({"run.heddle"}) ==
        "heddle: there is no command run.heddle\n  did you mean heddle show run.heddle?\n"
        "  heddle --help says how\n");
  CHECK(said({"show", "x", "--flwo", "3"}) ==
        "heddle: show has no flag --flwo\n  did you mean --flow?\n  heddle show --help says how\n");
  CHECK(said({"show", "--lits=3", "x"}) ==
        "heddle: show has no flag --lits\n  did you mean --list?\n  heddle show --help says how\n");
  CHECK(said({"show", "x", "-q"}) ==
        "heddle: show has no flag -q\n  heddle show --help says how\n");
  CHECK(said({"--hlep"}) ==
        "heddle: there is no flag --hlep\n  did you mean --help?\n  heddle --help says how\n");
  CHECK(said({"show", "a", "b"}) ==
        "heddle: show takes no further argument: b\n  heddle show --help says how\n");
  CHECK(said({"export", "x", "--format", "chrom"}) ==
        "heddle: --format: must be chrome, otlp or csv, not chrom\n  did you mean chrome?\n"
        "  heddle export --help says how\n");
  CHECK(said({"check", "x", "--long-wait", "soon"}) ==
        "heddle: --long-wait: must be a number of seconds, not soon\n"
        "  heddle check --help says how\n");
  CHECK(said({"check", "x", "--long-step-ms", "-1"}) ==
        "heddle: --long-step-ms: must be a number of milliseconds, not -1\n"
        "  heddle check --help says how\n");
}

TEST_CASE("what is missing or does not go together is said in words, with the next step") {
  const Workbench bench;
  const auto said = [&bench](std::vector<std::string> arguments) {
    const Workbench::Said answer = bench.Heddle(std::move(arguments));
    CHECK(answer.code == 2);
    return answer.text;
  };
  CHECK(said({"show"}) ==
        "heddle: show needs FILE: the recording, a .heddle file\n"
        "  a test that fails leaves one in heddle-failures, and its report names it\n"
        "  heddle show --help says how\n");
  CHECK(said({"show", "x", "--flow"}) ==
        "heddle: --flow needs NAME: the request to show, by name or number (3 or '#3')\n"
        "  heddle show FILE --list names the requests\n  heddle show --help says how\n");
  CHECK(said({"export", "x"}) ==
        "heddle: export needs --format chrome|otlp|csv: for which of them\n"
        "  heddle export --help says how\n");
  CHECK(said({"show", "x", "--between", "2ms"}) ==
        "heddle: --between needs PLACE PLACE: what happened from one place to another\n"
        "  a place is an event (4711) or a time (2.5ms)\n  heddle show --help says how\n");
  CHECK(
      said({"show", "x", "--context", "3"}) ==
      "heddle: --context needs --around PLACE: what happened there, in all tasks: an event (4711) "
      "or a time (2.5ms)\n  heddle show --help says how\n");
  CHECK(said({"show", "x", "--all", "--list"}) ==
        "heddle: --list and --all do not go together: leave one out\n"
        "  heddle show --help says how\n");
  CHECK(said({"show", "x", "--flow", "a", "--flow", "b"}) ==
        "heddle: --flow is given more than once, and takes one NAME\n"
        "  heddle show --help says how\n");
  CHECK(said({"show", "x", "--list=maybe"}) ==
        "heddle: --list takes no value: it is there, or it is not\n"
        "  heddle show --help says how\n");
  CHECK(said({"show", "x", "--depth", "0"}) ==
        "heddle: --depth: must be a whole number from 1 to 1,000, not 0\n"
        "  heddle show --help says how\n");
  CHECK(said({"graph", "x", "--max-steps", "many"}) ==
        "heddle: --max-steps: must be a whole number from 0 on, not many\n"
        "  heddle graph --help says how\n");
}

TEST_CASE("show --text prints the canonical text") {
  const Workbench bench;
  CHECK(bench.Heddle({"show", bench.Recording(), "--text"}).text == CanonicalText(ShopRun()));
}

TEST_CASE("a request that is not there exits with 1 and names its neighbours") {
  const Workbench bench;
  for (const std::string command : {"show", "graph"}) {
    const auto said = bench.Heddle({command, bench.Recording(), "--flow", "order-1"});
    CHECK(said.code == 1);
    CHECK_THAT(said.text, StartsWithText("heddle: no request is called \"order-1\""));
    CHECK_THAT(said.text, ContainsText("\"order-17\""));
  }
}

TEST_CASE("diff exits with 0 for the same run and with 1 for another") {
  const Workbench bench;
  const std::string path = bench.Recording();
  CHECK(bench.Heddle({"diff", path, path}).code == 0);
  Trace other = ShopRun();
  other.events.pop_back();
  const auto said = bench.Heddle({"diff", path, bench.File("b.heddle", EncodeRecording(other))});
  CHECK(said.code == 1);
  CHECK_THAT(said.text, ContainsText("(the run is over)"));
  CHECK(bench.Heddle({"diff", path}).code == 2);
  CHECK(bench.Heddle({"diff", path, bench.Path("missing.heddle")}).code == 3);
}

TEST_CASE("check exits with 1 where it finds something") {
  const Workbench bench;
  CHECK(bench.Heddle({"check", bench.Recording()}).code == 0);
  const auto said = bench.Heddle({"check", bench.Recording(), "--long-wait", "0.001"});
  CHECK(said.code == 1);
  CHECK_THAT(said.text, ContainsText("long wait: "));
  CHECK(bench.Heddle({"check", bench.Recording(), "--long-wait", "soon"}).code == 2);
}

TEST_CASE("stats and export write to the standard output, or to a file") {
  const Workbench bench;
  CHECK_THAT(bench.Heddle({"stats", bench.Recording()}).text, ContainsText("coroutine"));
  const std::string path = bench.Path("run.csv");
  const auto said = bench.Heddle({"export", bench.Recording(), "--format", "csv", "-o", path});
  CHECK(said.code == 0);
  CHECK(said.text.empty());
  CHECK(ReadText(path) == bench.Heddle({"export", bench.Recording(), "--format", "csv"}).text);
  CHECK(bench.Heddle({"export", bench.Recording(), "--format", "xml"}).code == 2);
  CHECK(bench.Heddle({"export", bench.Recording()}).code == 2);
}

TEST_CASE("every command has a help that says its exit codes") {
  const Workbench bench;
  for (const std::string command :
       {"show", "graph", "diff", "stats", "check", "export", "pack", "unpack", "replay"}) {
    const auto said = bench.Heddle({command, "--help"});
    CHECK(said.code == 0);
    CHECK_THAT(said.text, ContainsText("Exit codes:") && ContainsText("Example"));
  }
}

TEST_CASE("a file that is not there exits with 3") {
  const Workbench bench;
  for (const std::string command : {"show", "graph", "stats", "check", "replay"}) {
    const auto said = bench.Heddle({command, bench.Path("missing.heddle")});
    CHECK(said.code == 3);
    CHECK_THAT(said.text, ContainsText("missing.heddle"));
  }
}

TEST_CASE("an empty, a foreign or a directory for a file exits with 3") {
  const Workbench bench;
  CHECK(bench.Heddle({"show", bench.File("empty.heddle", "")}).code == 3);
  CHECK(bench.Heddle({"show", bench.File("photo.heddle", "\x89PNG and so on")}).code == 3);
  CHECK(bench.Heddle({"show", "/"}).code == 3);
}

TEST_CASE("a recording of a newer format asks for a newer heddle") {
  const Workbench bench;
  std::string bytes = EncodeRecording(ShopRun());
  bytes[8] = static_cast<char>(kFormatVersion + 1);  // after the magic; docs/trace_format.md
  const auto said = bench.Heddle({"show", bench.File("newer.heddle", bytes)});
  CHECK(said.code == 3);
  CHECK_THAT(said.text, ContainsText("update heddle"));
}

TEST_CASE("a torn recording is shown as far as it goes, and exits with 1") {
  const Workbench bench;
  const std::string bytes = EncodeRecording(ShopRun());
  const std::string torn = bench.File("torn.heddle", bytes.substr(0, bytes.size() - 8));
  const auto said = bench.Heddle({"show", torn, "--all"});
  CHECK(said.code == 1);
  CHECK_THAT(said.text, ContainsText("no interleaving charges twice"));
  CHECK_THAT(said.text, ContainsText("heddle: warning: "));
  CHECK(bench.Heddle({"replay", torn}).code == 3);
}

TEST_CASE("a recording with any flipped bit is shown in part or refused") {
  const Workbench bench;
  const std::string bytes = EncodeRecording(ShopRun());
  for (std::size_t i = 0; i < bytes.size(); i += 97) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
    const int code = bench.Heddle({"show", bench.File("flipped.heddle", flipped)}).code;
    CHECK((code == 1 || code == 3));
  }
}

TEST_CASE("a wrong flag, a missing file name and no command exit with 2 and point to the help") {
  const Workbench bench;
  const auto flag = bench.Heddle({"show", bench.Recording(), "--colour"});
  CHECK(flag.code == 2);
  CHECK_THAT(flag.text, ContainsText("heddle show --help"));
  const auto neither = bench.Heddle({"show", "--colour"});
  CHECK(neither.code == 2);
  CHECK_THAT(neither.text, ContainsText("--colour"));
  CHECK(bench.Heddle({"graph"}).code == 2);
  CHECK(bench.Heddle({"weave"}).code == 2);
  CHECK(bench.Heddle({"show", bench.Recording(), "--all", "--list"}).code == 2);
  const auto none = bench.Heddle({});
  CHECK(none.code == 2);
  CHECK_THAT(none.text, ContainsText("show"));
}

TEST_CASE("help has examples and exit codes") {
  const Workbench bench;
  for (const std::string command : {"show", "graph", "stats", "check", "replay"}) {
    const auto said = bench.Heddle({command, "--help"});
    CHECK(said.code == 0);
    CHECK_THAT(said.text, ContainsText("Examples:\n  heddle " + command));
    CHECK_THAT(said.text, ContainsText("Exit codes:"));
  }
  CHECK_THAT(bench.Heddle({"show", "--help"}).text,
             ContainsText("`longest for` is what took longest in total"));
  CHECK(bench.Heddle({"--help"}).code == 0);
  CHECK_THAT(bench.Heddle({"--version"}).text, StartsWithText("heddle "));
}

TEST_CASE("graph writes DOT to a file, and refuses other endings") {
  const Workbench bench;
  const std::string recording = bench.Recording();
  CHECK(bench.Heddle({"graph", recording, "-o", bench.Path("run.dot")}).code == 0);
  CHECK_THAT(ReadText(bench.Path("run.dot")), StartsWithText("digraph heddle {"));
  CHECK(bench.Heddle({"graph", recording, "-o", bench.Path("run.png")}).code == 2);
  CHECK(bench.Heddle({"graph", recording, "-o", "/nonexistent/run.dot"}).code == 3);
}

TEST_CASE("graph draws an SVG with Graphviz, and says what to do without it") {
  Workbench bench;
  const std::string recording = bench.Recording();
  const std::string svg = bench.Path("run.svg");
  if (!FindProgram("dot", "").empty()) {
    CHECK(bench.Heddle({"graph", recording, "-o", svg}).code == 0);
    CHECK_THAT(ReadText(svg), ContainsText("<svg"));
  }
  bench.environment["PATH"] = "/nonexistent";
  const auto said = bench.Heddle({"graph", recording, "-o", svg});
  CHECK(said.code == 2);
  CHECK_THAT(said.text, ContainsText("apt-get install graphviz"));
}

TEST_CASE("replay passes on what stands after two dashes") {
  const Workbench bench;
  Trace trace = ShopRun();
  trace.header.command = {HEDDLE_FAKE_PROGRAM};
  trace.header.test = "";
  const std::string recording = bench.File("run.heddle", EncodeRecording(trace));
  const auto same = bench.Heddle({"replay", recording, "--times", "2", "--", "same", "-x"});
  CHECK(same.code == 0);
  CHECK(same.text == "replayed: 2 of 2 byte-identical\n");
  const auto other = bench.Heddle({"replay", recording, "--", "other"});
  CHECK(other.code == 1);
  CHECK_THAT(other.text, ContainsText("replayed: 0 of 1 byte-identical"));
}

TEST_CASE("replay without its program exits with 2") {
  const Workbench bench;
  const auto said = bench.Heddle({"replay", bench.Recording()});
  CHECK(said.code == 2);
  CHECK_THAT(said.text, ContainsText("--program PATH"));
}

}  // namespace
}  // namespace heddle::tools
