// SPDX-License-Identifier: MIT
#include "heddle/internal/kept.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "exploration.h"
#include "heddle/check.h"
#include "heddle/failure_report.h"
#include "heddle/internal/environment.h"
#include "heddle/internal/file_stem.h"
#include "heddle/internal/held_checks.h"
#include "heddle/tape.h"
#include "heddle/tape_text.h"
#include "report_text.h"
#include "subject.h"

namespace heddle::internal {
namespace {

namespace fs = std::filesystem;

// Empty: there is none.
fs::path FolderOf(const std::string& source) {
  const std::string given = Environment("HEDDLE_KEPT");
  if (given == "0") return {};
  std::error_code code;
  if (!given.empty()) {
    if (fs::is_directory(given, code)) return given;
    throw UsageError("heddle: HEDDLE_KEPT='" + given +
                     "' is not a folder. Name the one that `heddle keep` wrote to, or unset it.");
  }
  const fs::path beside = KeptFolder(source);
  return fs::is_directory(beside, code) ? beside : fs::path();
}

std::vector<fs::path> TapesIn(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code code;
  for (fs::directory_iterator file(folder, code), end; !code && file != end; file.increment(code)) {
    if (file->path().extension() == ".tape") paths.push_back(file->path());
  }
  if (code) {
    throw UsageError("heddle: cannot read the folder of kept schedules '" + folder.string() +
                     "': " + code.message());
  }
  std::ranges::sort(paths);
  return paths;
}

Tape ReadTape(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw UsageError("heddle: cannot read the kept schedule '" + path.string() + "'");
  absl::StatusOr<Tape> tape = ParseTape(text.str(), path.string());
  if (!tape.ok()) {
    throw UsageError("heddle: a kept schedule cannot be read: " +
                     std::string(tape.status().message()) + " Mend it, or delete the file.");
  }
  return *std::move(tape);
}

void SayThatItDoesNotFit(const KeptTape& kept, std::size_t lost) {
  const std::string text =
      "heddle: \"" + kept.tape.test + "\": the schedule that was kept in " + kept.path +
      " does not fit any more: " + std::to_string(lost) + " of its " +
      Count(kept.tape.entries.size(), "choice") +
      " asked for a task or a value that was not there. Delete it, or keep a new one.\n";
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace

std::vector<KeptTape> ReadKept(const std::string& source, const std::string& test) {
  std::vector<KeptTape> kept;
  const fs::path folder = FolderOf(source);
  if (folder.empty()) return kept;
  for (const fs::path& path : TapesIn(folder)) {
    Tape tape = ReadTape(path);
    if (tape.test == test)
      kept.push_back({.path = PathFromHere(path.string()), .tape = std::move(tape)});
  }
  return kept;
}

std::optional<Failure> RunKept(ExploredBody& body, const ExploreOptions& options,
                               const KeptTape& kept) {
  Failure failure;
  {
    const HeldChecks held;
    TapeChooser chooser(kept.tape);
    failure.run = RunBody(
        body.ref(),
        {.chooser = &chooser, .steps_max = options.steps_max, .tasks_max = options.tasks_max});
    if (chooser.lost() > 0) SayThatItDoesNotFit(kept, chooser.lost());
    if (failure.run.ok()) return std::nullopt;
    if (EndedByCheck(failure.run)) failure.checks = held.checks();
    SetSubject(failure.run.trace.header, options);
    if (options.shrink) TakeSimplest(body, options, held, failure);
  }
  std::string error;
  WriteFailure(options, failure, error);
  failure.report =
      FailureReport(failure.run.trace, {.recording = failure.recording,
                                        .recording_error = error,
                                        .shrunk = failure.shrunk ? &*failure.shrunk : nullptr,
                                        .kept = kept.path});
  return failure;
}

}  // namespace heddle::internal
