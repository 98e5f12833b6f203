// SPDX-License-Identifier: MIT
#include "progress.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "report_text.h"

namespace heddle::internal {
namespace {

constexpr std::chrono::milliseconds kBetweenLines(200);

}  // namespace

std::string ProgressLine(const std::string& name, std::uint64_t done, std::uint64_t schedules,
                         std::uint64_t classes, double seconds) {
  std::string line = "heddle: \"" + Printable(name) + "\": " + Grouped(done) + " of " +
                     Grouped(schedules) + " schedules";
  if (classes > 0) line += ", " + Grouped(classes) + (classes == 1 ? " class" : " classes");
  if (done == 0 || seconds <= 0) return line;
  const double rate = static_cast<double>(done) / seconds;
  const double left = static_cast<double>(schedules - done) / rate;
  return line + ", " + Grouped(static_cast<std::uint64_t>(rate)) + "/s, " +
         Grouped(static_cast<std::uint64_t>(left) + 1) + " s left";
}

Progress::Progress(std::string name, std::uint64_t schedules)
    : on_(isatty(STDERR_FILENO) != 0), name_(std::move(name)), schedules_(schedules) {
  if (!on_) return;
  begin_ = Clock::now();
  next_ = begin_ + kBetweenLines;
}

Progress::~Progress() {
  if (!shown_) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

void Progress::ShowNow(std::uint64_t done, std::uint64_t classes) {
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + kBetweenLines;
  shown_ = true;
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  std::fputs(("\r\x1b[K" + ProgressLine(name_, done, schedules_, classes, seconds)).c_str(),
             stderr);
  std::fflush(stderr);
}

}  // namespace heddle::internal
