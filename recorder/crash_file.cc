// SPDX-License-Identifier: MIT
//
// Implements crash_file.h.
#include "crash_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace heddle::internal {
namespace {

constexpr std::array<const char*, kFatalSignals.size()> kSignalTexts = {
    "SIGSEGV: it used memory that is not its own, or its stack was full",
    "SIGBUS: it used memory that is not there",
    "SIGFPE: an arithmetic error, such as a division by 0",
    "SIGILL: an instruction that the processor does not know",
    "SIGABRT: it ended itself, by abort() or an assertion"};

}  // namespace

CrashFile::CrashFile(const std::string& path)
    : descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {}

CrashFile::~CrashFile() {
  if (is_open()) ::close(descriptor_);
}

bool CrashFile::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

CrashHeaderChunks CrashHeaders(const TraceHeader& header) {
  CrashHeaderChunks chunks;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    TraceHeader stopped = header;
    stopped.ending = Ending::kStopped;
    stopped.message = std::string("the program died of ") + kSignalTexts[i];
    chunks[i] = FixedChunks::HeaderChunk(stopped);
  }
  return chunks;
}

}  // namespace heddle::internal
