// SPDX-License-Identifier: MIT
//
// The recording: a trace in a file. docs/trace_format.md draws the bytes; the reader and
// the writer are trace_reader.cc and trace_writer.cc.
#ifndef HEDDLE_TRACE_IO_H_
#define HEDDLE_TRACE_IO_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "heddle/trace.h"

namespace heddle {

inline constexpr std::uint32_t kFormatVersion = 1;

// What could be read of a recording.
struct Recording {
  Trace trace;
  // Ok: all of it. Otherwise what is wrong, and where; `trace` holds everything
  // before that place.
  absl::Status damage;
};

// Writes beside `path` and renames at the end, so that a recording that was already
// there survives a full disk, a crash or a kill. Errors name the file and the cause.
absl::Status WriteRecording(const std::string& path, const Trace& trace);

// Errors name file, record and offset. Only a file with no usable header is an error;
// a torn or damaged tail is reported in Recording::damage.
//   NotFound            no such file
//   InvalidArgument     not a recording
//   Unimplemented       written by a newer version of the format
//   DataLoss            damaged before anything could be read
absl::StatusOr<Recording> ReadRecording(const std::string& path);

// The same on bytes in memory; `name` stands for the file in messages.
std::string EncodeRecording(const Trace& trace);
absl::StatusOr<Recording> DecodeRecording(std::string_view bytes, const std::string& name);

// The bytes of a recording, compressed, and back, byte for byte: what readers make of them is the
// same. Errors: those of ReadRecording(), also of what is torn; Unimplemented, where heddle was
// built without zstd.
absl::StatusOr<std::string> PackRecording(std::string_view bytes, const std::string& name);
absl::StatusOr<std::string> UnpackRecording(std::string_view bytes, const std::string& name);

}  // namespace heddle

#endif  // HEDDLE_TRACE_IO_H_
