// SPDX-License-Identifier: MIT
//
// CrashFile: where a signal handler writes a snapshot to (crash_signals.h), and what its header
// says, which is made beforehand.
#ifndef HEDDLE_RECORDER_CRASH_FILE_H_
#define HEDDLE_RECORDER_CRASH_FILE_H_

#include <array>
#include <string>
#include <string_view>

#include "fixed_chunks.h"
#include "heddle/internal/crash_signals.h"
#include "heddle/trace.h"

namespace heddle::internal {

class CrashFile final : public ByteSink {
 public:
  explicit CrashFile(const std::string& path);
  CrashFile(const CrashFile&) = delete;
  CrashFile& operator=(const CrashFile&) = delete;
  ~CrashFile();

  bool is_open() const { return descriptor_ >= 0; }
  bool Write(std::string_view bytes) override;

 private:
  int descriptor_;
};

// The chunk of the header, for each signal of kFatalSignals.
using CrashHeaderChunks = std::array<std::string, kFatalSignals.size()>;
CrashHeaderChunks CrashHeaders(const TraceHeader& header);

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_CRASH_FILE_H_
