// SPDX-License-Identifier: MIT
//
// The heddle command: reads the command line and the recording, calls what makes the text
// (show.h, graph.h, replay.h), writes it, and turns what happened into an exit code.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "files.h"
#include "graph.h"
#include "heddle/trace_io.h"
#include "heddle/trace_text.h"
#include "process.h"
#include "replay.h"
#include "show.h"

namespace heddle::tools {
namespace {

enum ExitCode { kOk = 0, kNo = 1, kUsage = 2, kFile = 3 };

int Fail(const std::string& message, ExitCode code) {
  std::cerr << "heddle: " << message << "\n";
  return code;
}

int Fail(const absl::Status& status, ExitCode code) {
  return Fail(std::string(status.message()), code);
}

// What was asked for is not in the recording, or the question is wrong.
int FailToAnswer(const absl::Status& status) {
  return Fail(status, absl::IsNotFound(status) ? kNo : kUsage);
}

int WriteOut(std::string_view text) {
  std::cout << text << std::flush;
  return std::cout.good() ? kOk
                          : Fail("cannot write to the standard output\n  is the disk full?", kFile);
}

bool ColorWanted() {
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  if (no_color != nullptr && *no_color != '\0') return false;
  if (terminal != nullptr && std::string_view(terminal) == "dumb") return false;
  return isatty(STDOUT_FILENO) != 0;
}

// Calls `use` with the trace in `path`. A damaged recording is used as far as it goes, and
// then the answer is no better than kNo.
template <class Use>
int WithTrace(const std::string& path, Use use) {
  const absl::StatusOr<Recording> recording = ReadRecording(path);
  if (!recording.ok()) return Fail(recording.status(), kFile);
  const int code = use(recording->trace);
  if (recording->damage.ok()) return code;
  std::cerr << "heddle: warning: " << recording->damage.message() << "\n";
  return code == kOk ? kNo : code;
}

struct ShowCommand {
  std::string file;
  ShowOptions options;
  bool text = false;

  int Run() const {
    return WithTrace(file, [this](const Trace& trace) {
      if (text) return WriteOut(CanonicalText(trace));
      const absl::StatusOr<std::string> shown = ShowText(trace, options);
      return shown.ok() ? WriteOut(*shown) : FailToAnswer(shown.status());
    });
  }
};

struct GraphCommand {
  std::string file;
  GraphOptions options;
  std::string output;

  int Run() const {
    return WithTrace(file, [this](const Trace& trace) {
      const absl::StatusOr<std::string> dot = GraphText(trace, options);
      return dot.ok() ? Write(*dot) : FailToAnswer(dot.status());
    });
  }

  int Write(const std::string& dot) const {
    if (output.empty()) return WriteOut(dot);
    if (output.ends_with(".svg")) return WriteSvg(dot);
    const absl::Status status = ReplaceText(output, dot);
    return status.ok() ? kOk : Fail(status, kFile);
  }

  int WriteSvg(const std::string& dot) const {
    const absl::StatusOr<TempDirectory> temp = TempDirectory::Make();
    if (!temp.ok()) return Fail(temp.status(), kFile);
    const std::string input = temp->Path("graph.dot");
    const std::string svg = temp->Path("graph.svg");
    absl::Status status = WriteText(input, dot);
    if (!status.ok()) return Fail(status, kFile);
    Command command;
    command.arguments = {"dot", "-Tsvg", "-o", svg, input};
    const absl::StatusOr<ProcessEnd> end = RunProcess(command);
    if (absl::IsNotFound(end.status())) {
      return Fail(
          "an SVG is drawn by Graphviz, and its program `dot` is not installed\n"
          "  apt-get install graphviz; or write the graph as text with -o FILE.dot",
          kUsage);
    }
    if (!end.ok()) return Fail(end.status(), kFile);
    if (end->code != 0 || end->signal != 0) {
      return Fail("dot could not draw the graph (" + ToString(*end) +
                      ")\n  -o FILE.dot writes it as text, to look at by hand",
                  kFile);
    }
    status = ReplaceText(output, ReadText(svg));
    return status.ok() ? kOk : Fail(status, kFile);
  }
};

struct ReplayCommand {
  ReplayOptions options;

  // A damaged recording lacks choices or events, so no replay could be equal to it.
  int Run() const {
    const absl::StatusOr<Recording> recording = ReadRecording(options.file);
    if (!recording.ok()) return Fail(recording.status(), kFile);
    if (!recording->damage.ok()) return Fail(recording->damage, kFile);
    const absl::StatusOr<bool> identical = Replay(recording->trace, options, std::cout, std::cerr);
    if (!identical.ok()) return Fail(identical.status(), kUsage);
    std::cout << std::flush;
    return *identical ? kOk : kNo;
  }
};

// What all commands share.
void AddFile(CLI::App* command, std::string& file) {
  command->group("Commands");
  command->add_option("FILE", file, "the recording, a .heddle file")->required()->type_name("");
}

CLI::App* AddShow(CLI::App& app, ShowCommand& show) {
  CLI::App* const command = app.add_subcommand("show", "Show what happened to one request");
  AddFile(command, show.file);
  CLI::Option* const flow = command
                                ->add_option("--flow", show.options.flow,
                                             "the request to show, by name or number (3 or '#3')")
                                ->type_name("NAME");
  command
      ->add_option("--task", show.options.task,
                   "only these tasks: Charge, Charge#1 or Checkout#0/Charge#1")
      ->type_name("TASK");
  CLI::Option* const list = command->add_flag("--list", show.options.list, "list the requests");
  CLI::Option* const all = command->add_flag("--all", show.options.all, "show the whole run");
  CLI::Option* const text = command->add_flag(
      "--text", show.text, "print the canonical text, by which runs are compared");
  list->excludes(all)->excludes(flow)->excludes(text);
  all->excludes(flow)->excludes(text);
  command->footer(
      "Without an option: the request in which the run failed; if it failed in none, the\n"
      "list of requests; if there are no two of them, the whole run.\n\n"
      "Examples:\n"
      "  heddle show heddle-failures/checkout.heddle\n"
      "  heddle show run.heddle --list\n"
      "  heddle show run.heddle --flow order-17\n"
      "  heddle show run.heddle --task Charge\n\n"
      "Exit codes:\n"
      "  0  shown\n"
      "  1  no such request or task, or the recording is damaged and shown in part\n"
      "  2  wrong usage\n"
      "  3  the file cannot be read, or the output not be written");
  return command;
}

CLI::App* AddGraph(CLI::App& app, GraphCommand& graph) {
  CLI::App* const command = app.add_subcommand("graph", "Draw one request as a graph of causes");
  AddFile(command, graph.file);
  CLI::Option* const flow = command
                                ->add_option("--flow", graph.options.flow,
                                             "the request to draw, by name or number (3 or '#3')")
                                ->type_name("NAME");
  command->add_flag("--all", graph.options.all, "draw the whole run")->excludes(flow);
  command
      ->add_option("-o,--output", graph.output,
                   "a .dot or .svg file; without it, DOT on the standard output")
      ->type_name("PATH")
      ->check([](const std::string& path) {
        const bool known = path.ends_with(".dot") || path.ends_with(".svg");
        return known ? "" : "must end in .dot or .svg, not " + path;
      });
  command->footer(
      "Without --flow and --all: the request in which the run failed, or the whole run if it\n"
      "has no two requests. Dashed: what another request did that had to come before.\n\n"
      "Examples:\n"
      "  heddle graph run.heddle -o run.svg\n"
      "  heddle graph run.heddle --flow order-17 | dot -Tpng -o order-17.png\n\n"
      "Exit codes:\n"
      "  0  drawn\n"
      "  1  no such request, or the recording is damaged and drawn in part\n"
      "  2  wrong usage, or an SVG without Graphviz\n"
      "  3  the file cannot be read, or the output not be written");
  return command;
}

CLI::App* AddReplay(CLI::App& app, ReplayCommand& replay) {
  CLI::App* const command =
      app.add_subcommand("replay", "Run the recorded program again and compare");
  AddFile(command, replay.options.file);
  command->add_option("--times", replay.options.times, "how often, each in a fresh process")
      ->check(CLI::Range(1, 1'000'000).description(""))
      ->type_name("N");
  command
      ->add_option("--program", replay.options.program, "run this one in place of the recorded one")
      ->type_name("PATH");
  command
      ->add_option("ARGUMENTS", replay.options.arguments,
                   "after `--`: further arguments for the program")
      ->type_name("");
  command->footer(
      "Runs the program that made the recording, where it was made, with its arguments (or\n"
      "else the name of the recorded test), and with HEDDLE_REPLAY set. Says how many runs\n"
      "were the recorded one again, in every event.\n\n"
      "Examples:\n"
      "  heddle replay heddle-failures/checkout.heddle\n"
      "  heddle replay run.heddle --times 100\n"
      "  heddle replay run.heddle --program build/shop_test -- --reporter compact\n\n"
      "Exit codes:\n"
      "  0  every replay was byte-identical\n"
      "  1  one was not\n"
      "  2  wrong usage, or the program is not there\n"
      "  3  the file cannot be read, or is damaged");
  return command;
}

int Main(int argc, char** argv) {
  CLI::App app("heddle shows, draws and replays recordings of asynchronous runs.", "heddle");
  app.set_version_flag("--version", "heddle " HEDDLE_VERSION ", recordings of format " +
                                        std::to_string(kFormatVersion));
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.require_subcommand(0, 1);
  app.footer("heddle COMMAND --help tells more, with examples and exit codes.");
  ShowCommand show;
  GraphCommand graph;
  ReplayCommand replay;
  const CLI::App* const show_command = AddShow(app, show);
  const CLI::App* const graph_command = AddGraph(app, graph);
  const CLI::App* const replay_command = AddReplay(app, replay);
  app.failure_message([](const CLI::App* failed, const CLI::Error& error) {
    const auto commands = failed->get_subcommands();
    const std::string name = commands.empty() ? "" : " " + commands[0]->get_name();
    return std::string("heddle: ") + error.what() + "\n  heddle" + name + " --help says how\n";
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  show.options.color = ColorWanted();
  if (show_command->parsed()) return show.Run();
  if (graph_command->parsed()) return graph.Run();
  if (replay_command->parsed()) return replay.Run();
  std::cerr << app.help();
  return kUsage;
}

}  // namespace
}  // namespace heddle::tools

int main(int argc, char** argv) { return heddle::tools::Main(argc, argv); }
