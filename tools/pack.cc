// SPDX-License-Identifier: MIT
//
// Implements pack.h.
#include "pack.h"

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "files.h"
#include "heddle/trace_io.h"
#include "heddle/trace_scan.h"

namespace heddle::tools {
namespace {

using Change = absl::StatusOr<std::string> (*)(std::string_view bytes, const std::string& name);

// "317 bytes", "4.2 kB", "1.3 MB": three digits say enough.
std::string SizeText(std::size_t bytes) {
  if (bytes < 1000) return absl::StrCat(bytes, " bytes");
  std::size_t unit = 1000;
  const char* name = " kB";
  for (const char* larger : {" MB", " GB"}) {
    if (bytes < 1000 * unit) break;
    unit *= 1000;
    name = larger;
  }
  const std::size_t tenths = (bytes * 10 + unit / 2) / unit;
  return absl::StrCat(tenths / 10, ".", tenths % 10, name);
}

absl::StatusOr<std::string> Rewrite(const PackOptions& options, Change change) {
  const absl::StatusOr<std::string> bytes = ReadRecordingBytes(options.file);
  if (!bytes.ok()) return bytes.status();
  const absl::StatusOr<std::string> changed = change(*bytes, options.file);
  if (!changed.ok()) return changed.status();
  const std::string& path = options.output.empty() ? options.file : options.output;
  if (absl::Status status = ReplaceText(path, *changed); !status.ok()) return status;
  return absl::StrCat(path, ": ", SizeText(changed->size()), ", was ", SizeText(bytes->size()),
                      "\n");
}

}  // namespace

absl::StatusOr<std::string> Pack(const PackOptions& options) {
  return Rewrite(options, &PackRecording);
}

absl::StatusOr<std::string> Unpack(const PackOptions& options) {
  return Rewrite(options, &UnpackRecording);
}

}  // namespace heddle::tools
