// SPDX-License-Identifier: MIT
#include "heddle/internal/run_summary.h"

#include <algorithm>
#include <cstddef>

namespace heddle::internal {

std::string SummaryOf(const RunResult& run) {
  if (run.ending == Ending::kStuck && !run.waiting.empty()) {
    // Who waits for a call waits as one with what it calls.
    const auto calls = [](const WaitingTask& task) { return task.operation == Operation::kCall; };
    const auto first = std::ranges::find_if_not(run.waiting, calls);
    if (first == run.waiting.end()) return "the run is stuck";
    const auto others =
        run.waiting.end() - first - 1 - std::count_if(first, run.waiting.end(), calls);
    std::string text = "the run is stuck: " + ToString(*first);
    if (others > 0) text += ", and " + std::to_string(others) + " more wait";
    // What a task threw that nobody has joined is likely why.
    const std::string thrown = run.message.substr(0, run.message.find('\n'));
    return thrown.empty() ? text : thrown + "; " + text;
  }
  if (run.ending == Ending::kAbandoned && !run.abandoned.empty()) {
    const std::size_t others = run.abandoned.size() - 1;
    std::string text = "the run finished, but " + run.abandoned.front() +
                       (others > 0 ? " and " + std::to_string(others) + " more" : "") +
                       " never ran";
    return text + ": nobody awaited " + (others > 0 ? "them" : "it");
  }
  std::string line = Describe(run);
  line.resize(std::min(line.size(), line.find('\n')));
  // What follows is a list.
  if (const std::size_t end = line.rfind(". "); line.ends_with(':') && end != std::string::npos) {
    line.resize(end + 1);
  }
  return line;
}

}  // namespace heddle::internal
