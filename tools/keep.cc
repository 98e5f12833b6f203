// SPDX-License-Identifier: MIT
//
// Implements keep.h.
#include "keep.h"

#include <filesystem>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "files.h"
#include "heddle/internal/file_stem.h"
#include "heddle/losses.h"
#include "heddle/tape.h"
#include "heddle/tape_text.h"
#include "words.h"

namespace heddle::tools {
namespace {

// The folder, made if it is not there.
absl::StatusOr<std::string> FolderFor(const Trace& trace, const KeepOptions& options) {
  const TraceHeader& header = trace.header;
  std::string folder = options.folder;
  if (folder.empty()) {
    folder = KeptFolder(header.source);
    if (folder.empty()) {
      return absl::FailedPreconditionError(
          options.file +
          ": does not say which source file its test is in\n"
          "  FindFailure and FindCounterexample do not say it, and run nothing that is kept: look "
          "with Explore or\n  Property, which do. To keep it for a test of theirs that has this "
          "name, give the folder: heddle keep\n  FILE FOLDER, and HEDDLE_KEPT=FOLDER to the test");
    }
    // A compiler that was given a relative path was run somewhere else.
    if (!std::filesystem::exists(header.source)) {
      return absl::FailedPreconditionError(absl::StrCat(
          options.file, ": the source file of its test is not here: ", Printable(header.source),
          "\n  give the folder: heddle keep FILE FOLDER"));
    }
  }
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) {
    return absl::UnknownError(
        absl::StrCat("cannot make the folder '", folder, "': ", code.message()));
  }
  return folder;
}

// "folder/stem.tape", "folder/stem-2.tape", ...: the first that is not there or says the same.
std::string PathFor(const std::string& folder, const std::string& test, const std::string& text) {
  const std::string stem = absl::StrCat(folder, "/", internal::FileStem(test));
  std::string path = stem + ".tape";
  for (int number = 2; std::filesystem::exists(path) && ReadText(path) != text; ++number) {
    path = absl::StrCat(stem, "-", number, ".tape");
  }
  return path;
}

// The tape, and in its second line what it is kept for.
std::string TextOf(const Trace& trace) {
  const std::string text = TapeText(trace);
  const std::string& message = trace.header.message;
  std::string why(Name(trace.header.ending));
  if (!message.empty()) absl::StrAppend(&why, ": ", message.substr(0, message.find('\n')));
  const std::size_t second = text.find('\n') + 1;
  return absl::StrCat(text.substr(0, second), "# ", Printable(why), "\n", text.substr(second));
}

}  // namespace

absl::StatusOr<std::string> Keep(const Trace& trace, const KeepOptions& options) {
  if (trace.header.test.empty()) {
    return absl::FailedPreconditionError(
        options.file +
        ": is of no test, so no test would run what is kept of it\n"
        "  keep what Explore or a property recorded");
  }
  if (trace.losses.begins_late()) {
    return absl::FailedPreconditionError(absl::StrCat(
        options.file, ": cannot be kept, because the choices at its beginning are missing: ",
        LossText(trace.losses), "\n  keep a recording of the whole run"));
  }
  const absl::StatusOr<std::string> folder = FolderFor(trace, options);
  if (!folder.ok()) return folder.status();
  const std::string text = TextOf(trace);
  const std::string path = PathFor(*folder, trace.header.test, text);
  const bool was_there = std::filesystem::exists(path);
  if (absl::Status status = ReplaceText(path, text); !status.ok()) return status;
  std::string said =
      absl::StrCat(was_there ? "kept already: " : "kept: ", internal::PathFromHere(path), "\n");
  if (!options.folder.empty() && options.folder != KeptFolder(trace.header.source)) {
    absl::StrAppend(&said, "Explore and Property look there with HEDDLE_KEPT=", options.folder,
                    "\n");
  } else {
    absl::StrAppend(&said, "From now on the test runs it first. Commit the file.\n");
  }
  return said;
}

}  // namespace heddle::tools
