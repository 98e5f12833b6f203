// SPDX-License-Identifier: MIT
#include "progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "heddle/internal/environment.h"
#include "heddle/internal/terminal.h"
#include "report_text.h"

namespace heddle::internal {
namespace {

constexpr std::chrono::milliseconds kBetweenLines(200);

std::string OneDecimal(double number) {
  const auto tenths = static_cast<std::uint64_t>(std::llround(number * 10));
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

// The sooner of what the rate says and what the limit says.
double SecondsLeft(const Stage& stage, double rate) {
  const double by_rate = static_cast<double>(stage.schedules - stage.done) / rate;
  if (stage.seconds_max <= 0) return by_rate;
  return std::min(by_rate, std::max(0.0, stage.seconds_max - stage.seconds));
}

std::string Figures(const Stage& stage) {
  const bool beyond = stage.done > stage.schedules;  // to the end of a search, wherever that is
  const bool counted = stage.schedules != kAsManyAsThereIsTimeFor && !beyond;
  std::string text = Grouped(stage.done);
  if (counted) text += " of " + Grouped(stage.schedules);
  text += stage.done == 1 && !counted ? " schedule" : " schedules";
  const double rate = stage.seconds > 0 ? static_cast<double>(stage.done) / stage.seconds : 0;
  if (rate > 0) text += ", " + Grouped(static_cast<std::uint64_t>(rate)) + "/s";
  if (stage.classes > 0) {
    text += ", " + Grouped(stage.classes) + (stage.classes == 1 ? " class, " : " classes, ") +
            OneDecimal(100 * stage.fresh) + " % new";
  }
  if (rate <= 0 || beyond) return text;
  return text + ", " + Grouped(static_cast<std::uint64_t>(SecondsLeft(stage, rate)) + 1) +
         " s left";
}

}  // namespace

std::string ProgressLine(const std::string& name, const Stage& stage, std::size_t width) {
  const std::string begin = "heddle: \"";
  const std::string end = "\": " + Figures(stage);
  constexpr std::size_t kShortestName = 8;
  const std::size_t taken = Width(begin) + Width(end);
  const std::size_t left = width > taken ? width - taken : 0;
  return Cut(begin + Cut(Printable(name), std::max(left, kShortestName)) + end, width);
}

Progress::Progress(std::string name, std::uint64_t schedules, std::chrono::nanoseconds time_max)
    : on_(isatty(STDERR_FILENO) != 0), name_(std::move(name)) {
  if (!on_) return;
  stage_.schedules = schedules;
  stage_.seconds_max = std::chrono::duration<double>(time_max).count();
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
  if (done > stage_.done) {
    stage_.fresh =
        static_cast<double>(classes - stage_.classes) / static_cast<double>(done - stage_.done);
  }
  stage_.done = done;
  stage_.classes = classes;
  stage_.seconds = std::chrono::duration<double>(now - begin_).count();
  std::fputs(("\r\x1b[K" + ProgressLine(name_, stage_, WidthOfTerminal())).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace heddle::internal
