// SPDX-License-Identifier: MIT
//
// The heddle command: reads the command line and the recording, calls what makes the text
// (show.h, graph.h, diff.h, stats.h, red_flags.h, export.h, keep.h, merge.h, pack.h, replay.h),
// writes it, and turns what happened into an exit code.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "describe.h"
#include "diff.h"
#include "export.h"
#include "files.h"
#include "graph.h"
#include "heddle/losses.h"
#include "heddle/trace_io.h"
#include "heddle/trace_text.h"
#include "keep.h"
#include "merge.h"
#include "pack.h"
#include "process.h"
#include "red_flags.h"
#include "replay.h"
#include "show.h"
#include "stats.h"
#include "torn.h"
#include "usage_text.h"
#include "view.h"
#include "work_line.h"

namespace heddle::tools {
namespace {

enum ExitCode { kOk = 0, kNo = 1, kUsage = 2, kFile = 3 };

// Of the command that runs, until it says something.
std::optional<WorkLine> work_line;

int Fail(const std::string& message, ExitCode code) {
  work_line.reset();
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

constexpr char kCannotWriteOut[] = "cannot write to the standard output\n  is the disk full?";

int WriteOut(std::string_view text) {
  work_line.reset();
  std::cout << text << std::flush;
  return std::cout.good() ? kOk : Fail(kCannotWriteOut, kFile);
}

// Where -o says; without it, or with "-", to the standard output.
int WriteOutput(const std::string& path, std::string_view text) {
  if (path.empty() || path == "-") return WriteOut(text);
  const absl::Status status = ReplaceText(path, text);
  return status.ok() ? kOk : Fail(status, kFile);
}

// What --color says; "auto": if the output is a terminal that shows it.
bool ColorWanted(std::string_view when) {
  if (when != "auto") return when == "always";
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  if (no_color != nullptr && *no_color != '\0') return false;
  if (terminal != nullptr && std::string_view(terminal) == "dumb") return false;
  return isatty(STDOUT_FILENO) != 0;
}

// Says what of the run in `path` is not in what was shown with this `code`.
int Warn(const std::string& path, const Losses& losses, const absl::Status& damage, int code) {
  work_line.reset();
  Losses others = losses;
  std::erase_if(others.list, [](const Loss& loss) { return loss.reason == LossReason::kTorn; });
  if (!others.empty()) {
    std::cerr << "heddle: note: " << path << ": " << LossText(others) << "\n";
  }
  if (damage.ok()) return code;
  std::cerr << "heddle: warning: " << damage.message() << "\n";
  return code == kOk ? kNo : code;
}

// Calls `use` with the recording in `path`. A damaged one is used as far as it goes, and then the
// answer is no better than kNo.
template <class Use>
int WithRecording(const std::string& path, Use use) {
  work_line.emplace(path);
  absl::StatusOr<Recording> recording = ReadRecording(path);
  if (!recording.ok()) return Fail(recording.status(), kFile);
  NoteTorn(*recording);
  return Warn(path, recording->trace.losses, recording->damage, use(*recording));
}

// The same with its trace.
template <class Use>
int WithTrace(const std::string& path, Use use) {
  return WithRecording(path, [&use](const Recording& recording) { return use(recording.trace); });
}

// For what wants all of it: a damaged one is an error.
absl::StatusOr<Trace> ReadWhole(const std::string& path) {
  absl::StatusOr<Recording> recording = ReadRecording(path);
  if (!recording.ok()) return recording.status();
  if (!recording->damage.ok()) return recording->damage;
  return std::move(recording->trace);
}

struct ShowCommand {
  std::string file;
  ShowOptions options;
  bool text = false;

  int Run() const {
    if (text) {
      return WithTrace(file, [](const Trace& trace) { return WriteOut(CanonicalText(trace)); });
    }
    work_line.emplace(file);
    const absl::StatusOr<Shown> shown = ShowFile(file, options);
    if (!shown.ok()) return Fail(shown.status(), kFile);
    const int code = shown->text.ok() ? WriteOut(*shown->text) : FailToAnswer(shown->text.status());
    return Warn(file, shown->losses, shown->damage, code);
  }
};

struct ViewCommand {
  std::string file;
  ViewOptions options;
  std::string output;

  int Run() const {
    const std::string path = !output.empty()             ? output
                             : file.ends_with(".heddle") ? file.substr(0, file.size() - 7) + ".html"
                                                         : file + ".html";
    return WithTrace(file, [&](const Trace& trace) {
      const absl::StatusOr<std::string> page = ViewPage(trace, options);
      if (!page.ok()) return FailToAnswer(page.status());
      if (path == "-") return WriteOut(*page);
      const absl::Status status = ReplaceText(path, *page);
      if (!status.ok()) return Fail(status, kFile);
      return WriteOut("open it in a browser: " + path + "\n");
    });
  }
};

struct GraphCommand {
  std::string file;
  GraphOptions options;
  std::string output;

  int Run() const {
    GraphOptions wanted = options;
    wanted.mermaid = wanted.mermaid || output.ends_with(".mmd");
    return WithTrace(file, [&](const Trace& trace) {
      const absl::StatusOr<std::string> dot = GraphText(trace, wanted);
      return dot.ok() ? Write(*dot) : FailToAnswer(dot.status());
    });
  }

  int Write(const std::string& dot) const {
    return output.ends_with(".svg") ? WriteSvg(dot) : WriteOutput(output, dot);
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
    return WriteOutput(output, ReadText(svg));
  }
};

struct StatsCommand {
  std::string file;
  StatsOptions options;

  int Run() const {
    return WithTrace(file,
                     [this](const Trace& trace) { return WriteOut(StatsText(trace, options)); });
  }
};

struct CheckCommand {
  std::string file;
  double long_wait = 10;  // seconds
  double long_step_ms = 100;
  CheckOptions options;

  int Run() {
    constexpr double kNanos = 1e9;
    options.long_wait = static_cast<VirtualNanos>(long_wait * kNanos);
    options.long_live_step = static_cast<VirtualNanos>(long_step_ms * kNanos / 1000);
    return WithRecording(file, [this](const Recording& recording) {
      const Trace& trace = recording.trace;
      options.torn = !recording.damage.ok();
      const std::vector<RedFlag> flags = FindRedFlags(trace, options);
      const int code = WriteOut(RedFlagsText(trace, flags, options));
      return code == kOk && !flags.empty() ? kNo : code;
    });
  }
};

struct ExportCommand {
  std::string file;
  std::string format;
  std::string output;

  int Run() const {
    return WithTrace(file, [this](const Trace& trace) {
      const std::string text = format == "chrome" ? ChromeText(trace)
                               : format == "otlp" ? OtlpText(trace)
                                                  : CsvText(trace);
      return WriteOutput(output, text);
    });
  }
};

struct DiffCommand {
  DiffOptions options;

  int Run() const {
    return WithTrace(options.name_a, [this](const Trace& a) {
      return WithTrace(options.name_b, [&](const Trace& b) {
        const NamedRun first(a);
        const NamedRun second(b);
        const RunDiff diff = Compare(first, second);
        const int code = WriteOut(DiffText(first, second, diff, options));
        return code == kOk && !diff.same ? kNo : code;
      });
    });
  }
};

struct ReplayCommand {
  ReplayOptions options;

  // A damaged recording lacks choices or events, so no replay could be equal to it.
  int Run() const {
    const absl::StatusOr<Trace> trace = ReadWhole(options.file);
    if (!trace.ok()) return Fail(trace.status(), kFile);
    if (const Losses& losses = trace->losses; !losses.empty()) {
      return Fail(absl::FailedPreconditionError(
                      options.file + ": cannot be compared with a replay: " + LossText(losses) +
                      "\n  record the run without a filter or a window"),
                  kFile);
    }
    const absl::StatusOr<bool> identical = Replay(*trace, options, std::cout, std::cerr);
    if (!identical.ok()) return Fail(identical.status(), kUsage);
    std::cout << std::flush;
    return *identical ? kOk : kNo;
  }
};

struct MergeCommand {
  MergeOptions options;
  std::string output;

  int Run() const {
    const auto reports = ReadAndMerge(options.paths);
    if (!reports.ok()) {
      return Fail(reports.status(), absl::IsFailedPrecondition(reports.status()) ? kUsage : kFile);
    }
    if (!output.empty()) {
      const absl::Status status = WriteReports(*reports, output);
      if (!status.ok()) return Fail(status, kFile);
    }
    const int code = WriteOut(MergeText(*reports, options));
    return code == kOk && !AllPassed(*reports) ? kNo : code;
  }
};

struct KeepCommand {
  KeepOptions options;

  int Run() const {
    const absl::StatusOr<Trace> trace = ReadWhole(options.file);
    if (!trace.ok()) return Fail(trace.status(), kFile);
    const absl::StatusOr<std::string> said = Keep(*trace, options);
    return said.ok() ? WriteOut(*said) : Fail(said.status(), kFile);
  }
};

struct PackCommand {
  PackOptions options;

  // `pack_or_unpack`: one of the two.
  int Run(absl::StatusOr<std::string> (*pack_or_unpack)(const PackOptions&)) const {
    const absl::StatusOr<std::string> said = pack_or_unpack(options);
    return said.ok() ? WriteOut(*said) : Fail(said.status(), kFile);
  }
};

struct DescribeCommand {
  std::string format;

  int Run(const CLI::App& app) const {
    if (format == "man") return WriteOut(ManPage(app, HEDDLE_VERSION));
    return WriteOut(format == "bash"  ? BashCompletion(app)
                    : format == "zsh" ? ZshCompletion(app)
                                      : FishCompletion(app));
  }
};

// What all commands share.
void AddFile(CLI::App* command, std::string& file) {
  command->group("Commands");
  command->add_option("FILE", file, "the recording, a .heddle file")->required()->type_name("");
}

// A variable of the shell that is not set.
std::string NotEmpty(const std::string& text) { return text.empty() ? "must not be empty" : ""; }

CLI::App* AddShow(CLI::App& app, ShowCommand& show) {
  CLI::App* const command = app.add_subcommand("show", "Show what happened to one request");
  AddFile(command, show.file);
  CLI::Option* const flow = command
                                ->add_option("--flow", show.options.flow,
                                             "the request to show, by name or number (3 or '#3')")
                                ->check(NotEmpty)
                                ->type_name("NAME");
  command
      ->add_option("--task", show.options.task,
                   "only these tasks: Charge, Charge#1 or Checkout#0/Charge#1")
      ->check(NotEmpty)
      ->type_name("TASK");
  CLI::Option* const around =
      command
          ->add_option("--around", show.options.around,
                       "what happened there, in all tasks: an event (4711) or a time (2.5ms)")
          ->type_name("PLACE");
  command
      ->add_option("--context", show.options.context,
                   "how many events --around shows on each side (default: 20)")
      ->needs(around)
      ->check(NumberFrom(0, 1'000'000))
      ->type_name("N");
  CLI::Option* const between =
      command
          ->add_option("--between", show.options.between, "what happened from one place to another")
          ->expected(2)
          ->type_name("PLACE PLACE");
  CLI::Option* const depth =
      command->add_option("--depth", show.options.depth, "only so many levels of the tree")
          ->check(NumberFrom(1, 1'000))
          ->type_name("N");
  CLI::Option* const table = command->add_flag("--table", show.options.table,
                                               "a table of tasks: where the time of each went");
  CLI::Option* const list = command->add_flag("--list", show.options.list, "list the requests");
  command->add_flag("--full", show.options.full,
                    "every request of a long list, and every task of many like ones");
  CLI::Option* const all = command->add_flag("--all", show.options.all, "show the whole run");
  CLI::Option* const text = command->add_flag(
      "--text", show.text, "print the canonical text, by which runs are compared");
  CLI::Option* const json = command->add_flag("--json", show.options.json, "print JSON");
  json->excludes(text)->excludes(depth);
  list->excludes(all)->excludes(flow)->excludes(text);
  all->excludes(flow)->excludes(text);
  around->excludes(between)->excludes(list)->excludes(all)->excludes(text);
  between->excludes(list)->excludes(all)->excludes(text);
  depth->excludes(around)->excludes(between)->excludes(list)->excludes(text);
  table->excludes(depth)->excludes(around)->excludes(between)->excludes(list)->excludes(text);
  command->footer(
      "Without an option: the request in which the run failed; if it failed in none, the\n"
      "list of requests; if there are no two of them, the whole run.\n\n"
      "`longest for` is what took longest in total: all waits of a request for the same thing at\n"
      "the same place together, and in a table all of a task for the same thing. It is no single\n"
      "wait, unless there was one only.\n\n"
      "Examples:\n"
      "  heddle show heddle-failures/checkout.heddle\n"
      "  heddle show run.heddle --list\n"
      "  heddle show run.heddle --flow order-17\n"
      "  heddle show run.heddle --task Charge\n"
      "  heddle show run.heddle --flow order-17 --table\n"
      "  heddle show run.heddle --around 167.2s --context 50\n"
      "  heddle show run.heddle --list --json\n\n"
      "JSON (times in nanoseconds; a version may add keys):\n"
      "  the list     {test, ending, requests: [{number, name, start_ns, took_ns, running_ns,\n"
      "               ready_ns, waiting_ns, longest_for, tasks, outcome, failed}]}; kept: false\n"
      "               where a filter took its steps, and then the parts of its time are null\n"
      "  one request  {test, ending, request, rows: [row]}; request is null for the whole run\n"
      "  its table    {test, ending, request, tasks: [{path, start_ns, took_ns, in_calls_ns,\n"
      "               waited_ns, waits, passed_over, outcome, longest, longest_ns}]};\n"
      "               longest is null where it waited for no time. part: true where the task\n"
      "               worked for other requests too; outcome is null where its end is of those\n"
      "  a stretch    {test, ending, request, around, events: [{event, time_ns, task, what,\n"
      "               site, request}]}; around is null for --between\n"
      "  a row        {kind: task, await, mark or act; time_ns, text, site, took_ns, note,\n"
      "               other_steps, failed, rows: [row]}; took_ns may be null\n"
      "Each has missing: [text] where the recording is not whole. What began before a window has\n"
      "began_before_window: true and at_least, which says whether it took longer than took_ns.\n\n"
      "Exit codes:\n"
      "  0  shown\n"
      "  1  no such request, task or place, or the recording is damaged and shown in part\n"
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
                                ->check(NotEmpty)
                                ->type_name("NAME");
  command->add_flag("--all", graph.options.all, "draw the whole run")->excludes(flow);
  command
      ->add_option("-o,--output", graph.output,
                   "a .dot, .svg or .mmd (Mermaid) file; without it, the standard output")
      ->type_name("PATH")
      ->check([](const std::string& path) {
        const bool known = path == "-" || path.ends_with(".dot") || path.ends_with(".svg") ||
                           path.ends_with(".mmd");
        return known ? "" : "must end in .dot, .svg or .mmd, not " + path;
      });
  command->add_flag("--mermaid", graph.options.mermaid, "Mermaid in place of DOT");
  command
      ->add_option("--max-steps", graph.options.steps_max,
                   "how many steps a picture may have (default: 1000)")
      ->check(NumberFrom(0, kAnyNumber))
      ->type_name("N");
  command->footer(
      "Without --flow and --all: the request in which the run failed, or the whole run if it\n"
      "has no two requests. Dashed: what another request did that had to come before. Red and\n"
      "thick: what waits where the run ends, and who has the lock. A circle is a deadlock.\n\n"
      "Examples:\n"
      "  heddle graph run.heddle -o run.svg\n"
      "  heddle graph run.heddle --flow order-17 | dot -Tpng -o order-17.png\n"
      "  heddle graph run.heddle --mermaid\n\n"
      "Exit codes:\n"
      "  0  drawn\n"
      "  1  no such request, or the recording is damaged and drawn in part\n"
      "  2  wrong usage, or an SVG without Graphviz\n"
      "  3  the file cannot be read, or the output not be written");
  return command;
}

CLI::App* AddView(CLI::App& app, ViewCommand& view) {
  CLI::App* const command =
      app.add_subcommand("view", "Make a page for a browser: requests, tasks, steps and causes");
  AddFile(command, view.file);
  command
      ->add_option("--flow", view.options.flow, "only this request, by name or number (3 or '#3')")
      ->type_name("NAME");
  command
      ->add_option("-o,--output", view.output,
                   "a .html file (default: the recording's name with .html)")
      ->check([](const std::string& path) {
        return path.ends_with(".html") || path == "-" ? "" : "must end in .html, not " + path;
      })
      ->type_name("PATH");
  command
      ->add_option("--max-events", view.options.events_max,
                   "how many events a page may have (default: 400000)")
      ->check(NumberFrom(0, kAnyNumber))
      ->type_name("N");
  command->footer(
      "The page is one file, which needs no server and no network. It has a timeline of all\n"
      "tasks, step by step or by time, and says of each step why it could go on. Its keys\n"
      "are at its foot.\n\n"
      "Examples:\n"
      "  heddle view heddle-failures/checkout.heddle\n"
      "  heddle view slow.heddle --flow \"GET /\" -o slow.html\n\n"
      "Exit codes:\n"
      "  0  made\n"
      "  1  no such request, or the recording is damaged and shown in part\n"
      "  2  wrong usage, or too many events\n"
      "  3  the file cannot be read, or the page not be written");
  return command;
}

CLI::App* AddStats(CLI::App& app, StatsCommand& stats) {
  CLI::App* const command =
      app.add_subcommand("stats", "Count how often and how long tasks wait, place by place");
  AddFile(command, stats.file);
  command->add_flag("--json", stats.options.json, "print JSON");
  command->footer(
      "Times are virtual, and real in a snapshot of a program in production. `open` counts what\n"
      "had not ended when the run had; `steps` are those of other tasks meanwhile; `of paths` is\n"
      "the share in the critical paths of all requests, which is what their ends waited for. What\n"
      "took longest in total comes first.\n\n"
      "Examples:\n"
      "  heddle stats run.heddle\n"
      "  heddle stats run.heddle --json\n\n"
      "JSON: {awaits: [line], tasks: [line], critical_paths_ns}; a line is {what, site, count,\n"
      "open, total_ns, p50_ns, p99_ns, max_ns, critical_path_ns}, of awaits with p50_steps and\n"
      "p99_steps, of tasks with waiting_ns and running_ns. Where the recording is not whole: "
      "missing:\n"
      "[text], requests_not_kept, and of tasks began_before_window, how many had begun before.\n\n"
      "Exit codes:\n"
      "  0  counted\n"
      "  1  the recording is damaged and counted in part\n"
      "  2  wrong usage\n"
      "  3  the file cannot be read, or the output not be written");
  return command;
}

// Not negative, and not more nanoseconds than there can be.
bool IsAmount(const std::string& text) {
  char* end = nullptr;
  const double amount = std::strtod(text.c_str(), &end);
  return !text.empty() && *end == '\0' && amount >= 0 && amount <= 9e9;
}

CLI::App* AddCheck(CLI::App& app, CheckCommand& check) {
  CLI::App* const command = app.add_subcommand("check", "Look for what is rarely meant to be so");
  AddFile(command, check.file);
  command
      ->add_option("--long-wait", check.long_wait,
                   "from how many seconds of virtual time on a wait is long (default: 10)")
      ->check([](const std::string& text) {
        return IsAmount(text) ? "" : "must be a number of seconds, not " + text;
      })
      ->type_name("SECONDS");
  command
      ->add_option("--long-step", check.options.long_step,
                   "how many events without an await make a step long (default: 100000)")
      ->check(NumberFrom(1, kAnyNumber))
      ->type_name("N");
  command
      ->add_option("--long-step-ms", check.long_step_ms,
                   "from how many milliseconds on a step in production is long (default: 100)")
      ->check([](const std::string& text) {
        return IsAmount(text) ? "" : "must be a number of milliseconds, not " + text;
      })
      ->type_name("MS");
  command
      ->add_option("--passed-over", check.options.passed_over,
                   "how many steps of others while a task is ready are many (default: 10000)")
      ->check(NumberFrom(1, kAnyNumber))
      ->type_name("N");
  command->add_flag("--json", check.options.json, "print JSON");
  command->footer(
      "Looks for tasks that never ran, tasks that outlived the run, locks that were never given\n"
      "back, long waits, long steps, tasks that were ready and passed over, and steps of which\n"
      "it is not known for which request they were. Of a run that did not get to its end it says\n"
      "why: a deadlock, a lost wake-up, a livelock, ...\n\n"
      "Examples:\n"
      "  heddle check run.heddle\n"
      "  heddle check run.heddle --long-wait 0.5\n\n"
      "JSON: [{kind, event, time_ns, text, advice}]. Where the recording is not whole, it ends "
      "with an\n"
      "entry of kind missing for each loss, whose event and time_ns are null; they are no red "
      "flags.\n\n"
      "Exit codes:\n"
      "  0  nothing found\n"
      "  1  something found, or the recording is damaged\n"
      "  2  wrong usage\n"
      "  3  the file cannot be read, or the output not be written");
  return command;
}

CLI::App* AddExport(CLI::App& app, ExportCommand& exported) {
  CLI::App* const command = app.add_subcommand("export", "Write a recording for other tools");
  AddFile(command, exported.file);
  command->add_option("--format", exported.format, "for which of them")
      ->required()
      ->check(OneOf({"chrome", "otlp", "csv"}))
      ->type_name("chrome|otlp|csv");
  command->add_option("-o,--output", exported.output, "a file; without it, the standard output")
      ->type_name("PATH");
  command->footer(
      "chrome: JSON that https://ui.perfetto.dev and chrome://tracing open, with a lane for each\n"
      "        task that runs beside others, and an arrow for each cause between lanes. The\n"
      "        events of one instant follow each other by two nanoseconds.\n"
      "otlp:   JSON of OpenTelemetry's protocol, a span for each task.\n"
      "csv:    a line for each event.\n\n"
      "Examples:\n"
      "  heddle export run.heddle --format chrome -o run.json\n"
      "  heddle export run.heddle --format csv | head\n\n"
      "Exit codes:\n"
      "  0  written\n"
      "  1  the recording is damaged and written in part\n"
      "  2  wrong usage\n"
      "  3  the file cannot be read, or the output not be written");
  return command;
}

CLI::App* AddDiff(CLI::App& app, DiffCommand& diff) {
  CLI::App* const command = app.add_subcommand("diff", "Say where two runs part, and why");
  AddFile(command, diff.options.name_a);
  command->add_option("OTHER", diff.options.name_b, "another recording of the same program")
      ->required()
      ->type_name("");
  command
      ->add_option("--lines", diff.options.lines_max, "how many steps of each sort (default: 12)")
      ->check(NumberFrom(0, kAnyNumber))
      ->type_name("N");
  command->add_flag("--json", diff.options.json, "print JSON: numbers of events");
  command->footer(
      "Shows the first event that differs, the choice behind it, and the steps that only one of\n"
      "the runs has, or has in another order. Tasks are told by their names.\n\n"
      "Examples:\n"
      "  heddle diff good.heddle bad.heddle\n\n"
      "JSON: {same: true}, or {same: false, first_a, first_b, choice, only_a: [event], only_b: "
      "[event],\n"
      "moved: [[event in a, event in b]]}; choice is the text of the choice behind it. Where a\n"
      "recording is not whole: missing: [text].\n\n"
      "Exit codes:\n"
      "  0  the same run\n"
      "  1  not the same, or a recording is damaged\n"
      "  2  wrong usage\n"
      "  3  a file cannot be read, or the output not be written");
  return command;
}

CLI::App* AddMerge(CLI::App& app, MergeCommand& merge) {
  CLI::App* const command =
      app.add_subcommand("merge", "Join what the shards of an exploration found");
  command->group("Commands");
  command
      ->add_option("REPORT", merge.options.paths,
                   "the reports of all shards, or folders that hold them")
      ->required()
      ->type_name("");
  command->add_flag("--full", merge.options.full,
                    "all orders of conflicting steps, with their counts");
  command->add_flag("--json", merge.options.json, "print JSON");
  command->add_option("-o,--output", merge.output, "a folder, to write the joined reports into")
      ->type_name("PATH");
  command->footer(
      "A test that explores writes a report where HEDDLE_REPORT names a folder. Joined, they say\n"
      "what one process would have said that runs all schedules: the same figures, and the "
      "failure\n"
      "with the lowest number. Reports of another build, or of other options, are refused.\n\n"
      "Examples:\n"
      "  HEDDLE_SHARD=2/8 HEDDLE_REPORT=reports ./shop_test\n"
      "  heddle merge reports\n"
      "  heddle merge node*/reports --json\n\n"
      "Exit codes:\n"
      "  0  no shard found a failure\n"
      "  1  one did, or shards are missing\n"
      "  2  wrong usage, or reports that do not belong together\n"
      "  3  a file cannot be read or is damaged, or the output not be written");
  return command;
}

CLI::App* AddPack(CLI::App& app, PackCommand& pack) {
  CLI::App* const command = app.add_subcommand("pack", "Make a recording smaller");
  AddFile(command, pack.options.file);
  command
      ->add_option("-o,--output", pack.options.output, "write this file, and leave the other alone")
      ->type_name("PATH");
  command->footer(
      "Compresses what is in the recording, with zstd. All commands read it as before, and\n"
      "`heddle unpack` makes the same bytes of it again. A damaged recording is left as it is.\n\n"
      "Examples:\n"
      "  heddle pack night.heddle\n"
      "  heddle pack night.heddle -o small.heddle\n\n"
      "Exit codes:\n"
      "  0  done\n"
      "  2  wrong usage\n"
      "  3  the file cannot be read or written, is damaged, or this heddle has no zstd");
  return command;
}

CLI::App* AddUnpack(CLI::App& app, PackCommand& unpack) {
  CLI::App* const command =
      app.add_subcommand("unpack", "Make of a packed recording what it was before");
  AddFile(command, unpack.options.file);
  command
      ->add_option("-o,--output", unpack.options.output,
                   "write this file, and leave the other alone")
      ->type_name("PATH");
  command->footer(
      "For programs that read recordings by themselves, or a heddle that has no zstd.\n\n"
      "Examples:\n"
      "  heddle unpack small.heddle -o night.heddle\n\n"
      "Exit codes:\n"
      "  0  done\n"
      "  2  wrong usage\n"
      "  3  the file cannot be read or written, is damaged, or this heddle has no zstd");
  return command;
}

CLI::App* AddReplay(CLI::App& app, ReplayCommand& replay) {
  CLI::App* const command =
      app.add_subcommand("replay", "Run the recorded program again and compare");
  AddFile(command, replay.options.file);
  command->add_option("--times", replay.options.times, "how often, each in a fresh process")
      ->check(NumberFrom(1, 1'000'000))
      ->type_name("N");
  command
      ->add_option("--program", replay.options.program, "run this one in place of the recorded one")
      ->type_name("PATH");
  command
      ->add_option("ARGUMENTS", replay.options.arguments,
                   "after `--`: further arguments for the program")
      ->type_name("");
  command->footer(
      "Runs the program that the recording names: replay only what you trust.\n"
      "It is the one that made the recording, where it was made, with its arguments (or\n"
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

CLI::App* AddKeep(CLI::App& app, KeepCommand& keep) {
  CLI::App* const command = app.add_subcommand("keep", "Make a regression test of a recording");
  AddFile(command, keep.options.file);
  command
      ->add_option("FOLDER", keep.options.folder,
                   "where to (default: heddle-kept, beside the test's source file)")
      ->type_name("");
  command->footer(
      "Writes the schedule as a tape: a short text that says what it does otherwise than\n"
      "first in, first out, and the input if it is a property's. Explore and Property run the\n"
      "tapes of their test before all else, so commit it with the repair. Where the tapes are\n"
      "not beside the source file, HEDDLE_KEPT=FOLDER tells the test.\n\n"
      "Examples:\n"
      "  heddle keep heddle-failures/checkout.heddle\n"
      "  heddle keep heddle-failures/checkout.heddle tests/kept\n\n"
      "Exit codes:\n"
      "  0  kept, or was kept already\n"
      "  2  wrong usage\n"
      "  3  the file cannot be read, is damaged or incomplete, or the tape not be written");
  return command;
}

// For whoever packs heddle: not in the help.
CLI::App* AddDescribe(CLI::App& app, DescribeCommand& describe) {
  CLI::App* const command =
      app.add_subcommand("describe", "Print the manual page, or a shell's completion");
  command->group("");
  command->add_option("FORMAT", describe.format)
      ->required()
      ->check(OneOf({"man", "bash", "zsh", "fish"}))
      ->type_name("man|bash|zsh|fish");
  return command;
}

int Main(int argc, char** argv) {
  CLI::App app("heddle shows, draws, compares and replays recordings of asynchronous runs.",
               "heddle");
  app.set_version_flag("--version", "heddle " HEDDLE_VERSION ", recordings of format " +
                                        std::to_string(kFormatVersion));
  std::string color = "auto";
  app.add_option("--color", color, "auto (the default): on a terminal, unless NO_COLOR is set")
      ->check(OneOf({"auto", "always", "never"}))
      ->type_name("auto|always|never");
  app.fallthrough();
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.require_subcommand(0, 1);
  app.footer("heddle COMMAND --help tells more, with examples and exit codes.");
  ShowCommand show;
  GraphCommand graph;
  ViewCommand view;
  DiffCommand diff;
  StatsCommand stats;
  CheckCommand check;
  ExportCommand exported;
  MergeCommand merge;
  PackCommand pack;
  PackCommand unpack;
  ReplayCommand replay;
  KeepCommand keep;
  DescribeCommand describe;
  const CLI::App* const show_command = AddShow(app, show);
  const CLI::App* const graph_command = AddGraph(app, graph);
  const CLI::App* const view_command = AddView(app, view);
  const CLI::App* const diff_command = AddDiff(app, diff);
  const CLI::App* const stats_command = AddStats(app, stats);
  const CLI::App* const check_command = AddCheck(app, check);
  const CLI::App* const export_command = AddExport(app, exported);
  const CLI::App* const merge_command = AddMerge(app, merge);
  const CLI::App* const pack_command = AddPack(app, pack);
  const CLI::App* const unpack_command = AddUnpack(app, unpack);
  const CLI::App* const replay_command = AddReplay(app, replay);
  const CLI::App* const keep_command = AddKeep(app, keep);
  const CLI::App* const describe_command = AddDescribe(app, describe);
  app.failure_message([](const CLI::App* failed, const CLI::Error& error) {
    return "heddle: " + UsageText(*failed, error) + "\n";
  });
  // "help show" is "show --help".
  std::vector<const char*> words(argv, argv + argc);
  if (argc > 1 && std::string_view(argv[1]) == "help") {
    words.erase(words.begin() + 1);
    words.insert(words.begin() + std::min<std::ptrdiff_t>(2, std::ssize(words)), "--help");
  }
  try {
    app.parse(static_cast<int>(words.size()), words.data());
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error) == 0 ? kOk : kUsage;
    return std::cout.flush().good() ? code : Fail(kCannotWriteOut, kFile);
  }
  show.options.color = diff.options.color = stats.options.color = check.options.color =
      ColorWanted(color);
  if (show_command->parsed()) return show.Run();
  if (graph_command->parsed()) return graph.Run();
  if (view_command->parsed()) return view.Run();
  if (diff_command->parsed()) return diff.Run();
  if (stats_command->parsed()) return stats.Run();
  if (check_command->parsed()) return check.Run();
  if (export_command->parsed()) return exported.Run();
  if (merge_command->parsed()) return merge.Run();
  if (pack_command->parsed()) return pack.Run(&Pack);
  if (unpack_command->parsed()) return unpack.Run(&Unpack);
  if (replay_command->parsed()) return replay.Run();
  if (keep_command->parsed()) return keep.Run();
  if (describe_command->parsed()) return describe.Run(app);
  std::cerr << app.help();
  return kUsage;
}

}  // namespace
}  // namespace heddle::tools

int main(int argc, char** argv) { return heddle::tools::Main(argc, argv); }
