// SPDX-License-Identifier: MIT
//
// Implements summary.h.
#include "summary.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/ending.h"
#include "heddle/losses.h"
#include "table.h"
#include "words.h"

namespace heddle::tools {
namespace {

std::string Hex(std::uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), kDigits[number % 16]);
    number /= 16;
  } while (number > 0);
  return "0x" + text;
}

std::string EndingLine(const Trace& trace, const TaskTable& tasks) {
  const TraceHeader& header = trace.header;
  std::string line(Name(header.ending));
  if (header.failed_task != kNoTask) line += " in " + Printable(tasks.Path(header.failed_task));
  return line;
}

std::vector<std::string> WaitingLines(const TraceHeader& header) {
  constexpr std::size_t kLinesMax = 12;
  std::vector<std::string> lines;
  for (const WaitingTask& waiting : header.waiting) {
    if (lines.size() == kLinesMax) {
      lines.push_back("... and " + Grouped(header.waiting.size() - kLinesMax) + " more");
      break;
    }
    lines.push_back(Printable(ToString(waiting)));
  }
  return lines;
}

// ", since 2026-11-24 00:36:03 UTC"
std::string SinceText(const TraceHeader& header) {
  if (header.began <= 0) return "";
  const auto seconds = static_cast<std::time_t>(header.began / 1'000'000'000);
  std::tm utc{};
  if (gmtime_r(&seconds, &utc) == nullptr) return "";
  std::array<char, 64> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), ", since %Y-%m-%d %H:%M:%S UTC", &utc);
  return {text.data(), size};
}

std::string ChooserLine(const TraceHeader& header) {
  std::string line = Printable(header.chooser) + ", seed " + Hex(header.seed);
  if (header.schedule > 0) line += ", schedule " + std::to_string(header.schedule);
  return line;
}

std::string ChoicesLine(const Overview& overview) {
  std::string line = Grouped(overview.choices);
  if (overview.choices > 0) {
    line += ", " + Grouped(overview.deviations) + " not first-in-first-out";
  }
  return line;
}

std::string LengthLine(const TraceHeader& header, const Overview& overview) {
  const std::size_t requests = overview.request_count;
  // The header of a run that was killed, or that crashed, does not know.
  const std::size_t steps = header.steps == 0 ? overview.steps : header.steps;
  std::string line = Count(steps, "step") + ", " + Count(overview.tasks, "task");
  if (requests > 0) line += ", " + Count(requests, "request");
  if (overview.events > 0) line += ", " + FormatNanos(overview.end);
  return line;
}

// Which steps' order decides, as the report said it.
std::vector<std::string> WhyLines(const Explanation& explanation) {
  constexpr std::size_t kWidth = 91;
  std::vector<std::string> lines;
  const auto add = [&lines](const std::string& text, std::string margin) {
    for (const std::string& line : FittingLines(text, kWidth - margin.size())) {
      lines.push_back(margin + line);
      margin.assign(margin.size(), ' ');
    }
  };
  const std::vector<ExplainedStep>& steps = explanation.steps;
  if (!steps.empty()) {
    add("it fails where " + Count(steps.size(), "step") + " come in this order" +
            (explanation.fails_plain ? ":" : ", and everything else first in, first out:"),
        "");
  }
  for (std::size_t i = 0; i < steps.size(); ++i)
    add(steps[i].text, "  " + std::to_string(i + 1) + "  ");
  if (explanation.verdict.empty()) return lines;
  for (const std::string& paragraph : PrintableLines(explanation.verdict)) add(paragraph, "");
  return lines;
}

}  // namespace

std::string SummaryText(const Trace& trace, const TaskTable& tasks, const Overview& overview,
                        bool color) {
  const TraceHeader& header = trace.header;
  const bool failed = header.ending != Ending::kFinished;
  std::vector<std::vector<Cell>> lines;
  if (!header.test.empty()) lines.push_back({{"test", kDim}, {Printable(header.test), kBold}});
  if (IsLive(header)) {
    lines.push_back(
        {{"live", kDim}, {"a snapshot of a program in production" + SinceText(header), kPlain}});
  } else {
    lines.push_back({{"ending", kDim}, {EndingLine(trace, tasks), failed ? kRedBold : kPlain}});
  }
  if (!header.message.empty()) {
    for (const std::string& line : PrintableLines(header.message)) {
      lines.push_back({{"", kDim}, {line, kPlain}});
    }
  }
  for (const std::string& line : WaitingLines(header)) {
    lines.push_back({{"", kDim}, {line, kPlain}});
  }
  std::string_view label = "why";
  for (const std::string& line : WhyLines(header.explanation)) {
    lines.push_back({{std::string(std::exchange(label, "")), kDim}, {line, kPlain}});
  }
  if (!header.input_text.empty()) {
    lines.push_back({{"input", kDim}, {FirstLine(header.input_text), kPlain}});
  }
  if (!IsLive(header)) {
    lines.push_back({{"chooser", kDim}, {ChooserLine(header), kPlain}});
    lines.push_back({{"choices", kDim}, {ChoicesLine(overview), kPlain}});
  }
  lines.push_back({{"length", kDim}, {LengthLine(header, overview), kPlain}});
  if (const std::size_t lost = overview.lost_contexts; lost > 0) {
    lines.push_back(
        {{"lost", kDim},
         {Count(lost, "time") + " the request that a task worked for; heddle check says where",
          kRedBold}});
  }
  for (const std::string& line : LossLines(trace.losses)) {
    lines.push_back({{"missing", kDim}, {Printable(line), kRedBold}});
  }
  return TableText({{}, {}}, lines, color);
}

}  // namespace heddle::tools
