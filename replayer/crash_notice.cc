// SPDX-License-Identifier: MIT
#include "crash_notice.h"

#include <unistd.h>

#include <cstring>
#include <string_view>

#include "child_process.h"
#include "heddle/executor.h"
#include "heddle/internal/environment.h"
#include "heddle/process_info.h"
#include "report_text.h"
#include "subject.h"

namespace heddle::internal {
namespace {

void WriteError(std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void WriteNumber(std::uint64_t number) noexcept {
  std::array<char, 20> digits;
  std::size_t begin = digits.size();
  do {
    digits[--begin] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  WriteError(std::string_view(digits.data() + begin, digits.size() - begin));
}

std::string WayBack(const ExploreOptions& options, bool reads_environment) {
  if (!options.input.empty()) return "";  // a property's
  const std::string why = "To have it recorded and shown, let a process of its own die of it: ";
  TraceHeader process;
  DescribeProcess(process);
  if (!reads_environment || process.command.empty()) {
    const std::string how = reads_environment ? "set HEDDLE_WORKERS=2." : ".workers = 2.";
    return Wrapped("  " + why + how, 2);
  }
  return Wrapped("  " + why, 2) + "    HEDDLE_WORKERS=2 " + ShellCommand(process.command) + "\n";
}

}  // namespace

CrashNotice::CrashNotice(const ExploreOptions& options, bool reads_environment)
    : before_("heddle: \"" + options.name + "\" crashed in schedule "),
      behind_((options.schedules == kAsManyAsThereIsTimeFor
                   ? ""
                   : " of " + std::to_string(options.schedules)) +
              " (seed " + std::to_string(options.seed) + "): "),
      way_back_(WayBack(options, reads_environment)) {
  for (std::size_t i = 0; i < signals_.size(); ++i) signals_[i] = SignalText(kFatalSignals[i]);
  NeedSignalStack();
  ListenForCrashes(this);
}

void CrashNotice::OnCrash(std::size_t index) noexcept {
  const std::uint64_t schedule = schedule_.load(std::memory_order_relaxed);
  if (schedule == 0 || Executor::Current() == nullptr) return;  // another thread's
  WriteError(before_);
  WriteNumber(schedule);
  WriteError(behind_);
  WriteError(signals_[index]);
  WriteError(".\n");
  WriteError(way_back_);
}

}  // namespace heddle::internal
