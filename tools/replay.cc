// SPDX-License-Identifier: MIT
//
// Implements replay.h: find the program, run it, compare what it recorded.
#include "replay.h"

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "build_id.h"
#include "files.h"
#include "heddle/trace_io.h"
#include "heddle/trace_text.h"
#include "process.h"
#include "words.h"

namespace heddle::tools {
namespace {

constexpr std::string_view kOtherProgram =
    "\n  --program PATH names another one, and runs it in the same way";

bool IsDirectory(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

std::string Absolute(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

// Where to run the program: where it was recorded; or here, if that place is gone and the
// caller brought a program of his own.
absl::StatusOr<std::string> DirectoryOf(const TraceHeader& header, const ReplayOptions& options) {
  if (header.directory.empty() || IsDirectory(header.directory)) return header.directory;
  if (!options.program.empty()) return "";
  return absl::NotFoundError(
      "the directory where it was recorded is not there: " + Printable(header.directory) +
      "\n  was it moved or removed?" + std::string(kOtherProgram) + ", in this directory");
}

absl::StatusOr<std::string> ProgramOf(const TraceHeader& header, const ReplayOptions& options,
                                      const std::string& directory) {
  if (!options.program.empty()) {
    std::string program = Absolute(options.program);
    if (!FindProgram(program, "").empty()) return program;
    return absl::NotFoundError("no such program: " + Printable(options.program) +
                               "\n  is it built, and may it be executed?");
  }
  if (header.command.empty() || header.command[0].empty()) {
    return absl::NotFoundError("the recording does not say which program made it" +
                               std::string(kOtherProgram));
  }
  std::string program = FindProgram(header.command[0], directory);
  if (!program.empty()) return program;
  return absl::NotFoundError(
      "the recorded program is not there: " + Printable(header.command[0]) +
      (directory.empty() ? "" : " (in " + Printable(directory) + ")") +
      "\n  was it moved, or not built? build it again, for example with: cmake --build BUILD" +
      std::string(kOtherProgram));
}

void WarnOfOtherBuild(const TraceHeader& header, const std::string& program, std::ostream& err) {
  const std::string build_id = ReadBuildId(program);
  if (header.build_id.empty() || build_id.empty() || build_id == header.build_id) return;
  err << "heddle: warning: " << Printable(program) << " was built anew since the recording\n"
      << "  recorded by build " << Printable(header.build_id) << ", this is " << build_id
      << "\n  where the code changed, the replay may differ\n";
}

// How one replay came out; empty where it was identical.
std::string Verdict(const std::string& recorded_text, const std::string& out_file,
                    const ProcessEnd& end) {
  if (!std::filesystem::exists(out_file)) {
    return "the program wrote no replay (" + ToString(end) +
           ")\n  did it run the recorded test, and is it built with HEDDLE_TRACING=1?\n";
  }
  const absl::StatusOr<Recording> replayed = ReadRecording(out_file);
  if (!replayed.ok()) return std::string(replayed.status().message()) + "\n";
  if (!replayed->damage.ok()) return std::string(replayed->damage.message()) + "\n";
  const std::string replayed_text = CanonicalText(replayed->trace);
  return replayed_text == recorded_text ? "" : FirstDifference(recorded_text, replayed_text);
}

// Text without its trailing newline, cut in lines.
std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// The end of what the program said, indented; colours and the like are spelled out.
std::string OutputText(const std::string& output) {
  constexpr std::size_t kLinesMax = 40;
  const std::vector<std::string_view> lines = Lines(output);
  if (lines.empty()) return "";
  std::string text = "its output:\n";
  const std::size_t skipped = lines.size() > kLinesMax ? lines.size() - kLinesMax : 0;
  if (skipped > 0) text += "  ... " + Count(skipped, "line") + " before this\n";
  for (std::size_t i = skipped; i < lines.size(); ++i) text += "  " + Printable(lines[i]) + "\n";
  return text;
}

}  // namespace

std::vector<std::string> ReplayArguments(const TraceHeader& header, const ReplayOptions& options) {
  std::vector<std::string> arguments;
  if (!header.command.empty()) {
    arguments.assign(header.command.begin() + 1, header.command.end());
  }
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  return arguments;
}

std::string FirstDifference(const std::string& recorded, const std::string& replayed) {
  const std::vector<std::string_view> expected = Lines(recorded);
  const std::vector<std::string_view> got = Lines(replayed);
  std::size_t line = 0;
  while (line < expected.size() && line < got.size() && expected[line] == got[line]) ++line;
  const auto text = [line](const std::vector<std::string_view>& lines) {
    return line < lines.size() ? Printable(lines[line]) : "(ends here)";
  };
  return "it first differs in line " + std::to_string(line + 1) +
         " of its text (heddle show --text):\n  recorded  " + text(expected) + "\n  replayed  " +
         text(got) + "\n";
}

absl::StatusOr<bool> Replay(const Trace& recorded, const ReplayOptions& options, std::ostream& out,
                            std::ostream& err) {
  if (IsLive(recorded.header)) {
    return absl::FailedPreconditionError(
        options.file +
        ": is a snapshot of a program in production, where nobody chose who goes on\n"
        "  heddle show and heddle stats read it; what a test explores can be replayed");
  }
  const absl::StatusOr<std::string> directory = DirectoryOf(recorded.header, options);
  if (!directory.ok()) return directory.status();
  const absl::StatusOr<std::string> program = ProgramOf(recorded.header, options, *directory);
  if (!program.ok()) return program.status();
  const absl::StatusOr<TempDirectory> temp = TempDirectory::Make();
  if (!temp.ok()) return temp.status();
  WarnOfOtherBuild(recorded.header, *program, err);

  // One run talks to the caller's terminal; many would only repeat themselves.
  const std::string log = options.times == 1 ? "" : temp->Path("output");
  const std::string replay = temp->Path("replay.heddle");
  Command command{
      .arguments = {Absolute(*program)},
      .directory = *directory,
      .environment = {{"HEDDLE_REPLAY", Absolute(options.file)}, {"HEDDLE_REPLAY_OUT", replay}},
      .output = log};
  for (std::string& argument : ReplayArguments(recorded.header, options)) {
    command.arguments.push_back(std::move(argument));
  }

  const std::string recorded_text = CanonicalText(recorded);
  std::size_t identical = 0;
  bool told = false;
  for (std::size_t i = 1; i <= options.times; ++i) {
    std::filesystem::remove(replay);
    const absl::StatusOr<ProcessEnd> end = RunProcess(command);
    if (!end.ok()) return end.status();
    const std::string verdict = Verdict(recorded_text, replay, *end);
    if (verdict.empty()) {
      ++identical;
    } else if (!std::exchange(told, true)) {
      err << "heddle: replay " << i << " is not what was recorded: " << verdict
          << (log.empty() ? "" : OutputText(ReadText(log)));
    }
  }
  out << "replayed: " << identical << " of " << options.times << " byte-identical\n";
  return identical == options.times;
}

}  // namespace heddle::tools
