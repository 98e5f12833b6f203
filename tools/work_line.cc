// SPDX-License-Identifier: MIT
//
// Implements work_line.h, with a thread: the work goes on in code that knows nothing of a line.
#include "work_line.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "heddle/internal/read_progress.h"
#include "heddle/internal/terminal.h"
#include "words.h"

namespace heddle::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBeforeFirst(1000);
constexpr std::chrono::milliseconds kBetween(200);
constexpr std::size_t kBar = 20;

std::string Bar(std::uint64_t percent) {
  const std::size_t full = kBar * percent / 100;
  return "[" + std::string(full, '#') + std::string(kBar - full, '-') + "]";
}

}  // namespace

std::string WorkText(const std::string& file, const WorkStage& stage, std::size_t width) {
  const bool reads = stage.read < stage.size;
  std::string text = absl::StrCat("heddle: ", Printable(file), reads ? ": reading " : ": working");
  if (reads) {
    const std::uint64_t percent = stage.read * 100 / stage.size;
    absl::StrAppend(&text, Bar(percent), " ", percent, " %");
  }
  absl::StrAppend(&text, ", ", static_cast<std::uint64_t>(stage.seconds), " s");
  return text.size() <= width ? text : text.substr(text.size() - width);
}

WorkLine::WorkLine(const std::string& path) : file_(path.substr(path.rfind('/') + 1)) {
  if (isatty(STDERR_FILENO) != 0) thread_ = std::thread([this] { Show(); });
}

WorkLine::~WorkLine() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    done_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void WorkLine::Show() {
  const Clock::time_point begin = Clock::now();
  std::unique_lock lock(mutex_);
  bool shown = false;
  while (!wake_.wait_for(lock, shown ? kBetween : kBeforeFirst, [this] { return done_; })) {
    shown = true;
    const WorkStage stage{.read = internal::read_progress.done,
                          .size = internal::read_progress.size,
                          .seconds = std::chrono::duration<double>(Clock::now() - begin).count()};
    std::fputs(("\r\x1b[K" + WorkText(file_, stage, internal::WidthOfTerminal())).c_str(), stderr);
    std::fflush(stderr);
  }
  if (!shown) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

}  // namespace heddle::tools
