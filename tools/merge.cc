// SPDX-License-Identifier: MIT
#include "merge.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include "heddle/coverage.h"
#include "json.h"
#include "words.h"

namespace heddle::tools {
namespace {

using internal::ExplorationReport;

constexpr std::size_t kMissingShown = 10;

// The reports in a folder, in the order of their names.
absl::StatusOr<std::vector<std::string>> ReportsIn(const std::string& folder) {
  std::error_code code;
  std::vector<std::string> paths;
  for (std::filesystem::directory_iterator at(folder, code), end; !code && at != end;
       at.increment(code)) {
    if (at->path().extension() == ".report") paths.push_back(at->path().string());
  }
  if (code) return absl::NotFoundError(folder + ": cannot be read: " + code.message() + ".");
  if (paths.empty()) {
    return absl::NotFoundError(
        folder +
        ": holds no .report files. HEDDLE_REPORT names the folder into which "
        "explorations write them.");
  }
  std::ranges::sort(paths);
  return paths;
}

absl::StatusOr<std::vector<std::string>> FilesOf(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(path, ignored)) {
      files.push_back(path);
      continue;
    }
    const absl::StatusOr<std::vector<std::string>> reports = ReportsIn(path);
    if (!reports.ok()) return reports.status();
    files.insert(files.end(), reports->begin(), reports->end());
  }
  return files;
}

bool IsWhole(const ExplorationReport& report) { return internal::MissingShards(report, 1).empty(); }

// "2, 5 and 6"; where there are many: "2, 5, 6, ..."
std::string MissingText(const ExplorationReport& report) {
  const std::vector<std::uint64_t> missing = internal::MissingShards(report, kMissingShown);
  const std::uint64_t all = report.subject.shards - report.shards.size();
  std::string text = missing.size() == 1 ? "shard " : "shards ";
  for (std::size_t i = 0; i < missing.size(); ++i) {
    const bool last = i + 1 == missing.size() && all == missing.size();
    if (i > 0) text += last ? " and " : ", ";
    text += std::to_string(missing[i]);
  }
  return text + (all > missing.size() ? ", ..." : "") + " of " +
         std::to_string(report.subject.shards) + (all == 1 ? " is" : " are") + " missing";
}

std::string TextOf(const ExplorationReport& report, bool full) {
  const std::string begin = "heddle: \"" + Printable(report.subject.test) + "\": ";
  std::string text;
  if (!IsWhole(report)) text += begin + MissingText(report) + "; this is of the others:\n";
  if (report.failure) return text + report.failure->text;
  return text + begin + ClosingText(CoverageOf(report), report.orders, full);
}

// --- JSON ---------------------------------------------------------------------------------

std::string JsonNumber(double number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return {text.data(), end};
}

std::string JsonBool(bool value) { return value ? "true" : "false"; }

template <class T, class Make>
std::string JsonList(const std::vector<T>& values, Make make) {
  std::string json = "[";
  for (const T& value : values) json += (json.size() > 1 ? ", " : "") + make(value);
  return json + "]";
}

std::string JsonOf(const OrderSeen& order) {
  return "{\"object\": " + JsonText(order.object) + ", \"a\": " + JsonText(order.a) +
         ", \"b\": " + JsonText(order.b) + ", \"a_first\": " + std::to_string(order.a_first) +
         ", \"b_first\": " + std::to_string(order.b_first) + "}";
}

std::string JsonOf(const internal::ReportedFailure& failure) {
  return "{\"schedule\": " + std::to_string(failure.schedule) +
         ", \"summary\": " + JsonText(failure.summary) +
         ", \"recording\": " + JsonText(failure.recording) + "}";
}

std::string JsonOf(const ExplorationReport& report) {
  const internal::ExplorationSubject& subject = report.subject;
  const Coverage coverage = CoverageOf(report);
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  return "{\"test\": " + JsonText(subject.test) + ", \"program\": " + JsonText(subject.program) +
         ", \"build_id\": " + JsonText(subject.build_id) +
         ", \"strategy\": " + JsonText(subject.strategy) + ", \"seed\": " + number(subject.seed) +
         ", \"shards\": " + number(subject.shards) + ", \"missing_shards\": " +
         JsonList(internal::MissingShards(report, kMissingShown), number) +
         ", \"schedules\": " + number(coverage.schedules + (report.failure ? 1 : 0)) +
         ", \"complete\": " + JsonBool(coverage.complete) +
         ", \"interleavings\": " + number(coverage.interleavings) +
         ", \"classes\": " + number(coverage.classes) +
         ", \"unseen\": " + JsonNumber(coverage.unseen) +
         ", \"missed_of_depth_2\": " + JsonNumber(coverage.missed_of_depth_2) +
         ", \"failure\": " + (report.failure ? JsonOf(*report.failure) : "null") +
         ", \"orders\": " +
         JsonList(report.orders, [](const OrderSeen& order) { return JsonOf(order); }) + "}";
}

}  // namespace

absl::StatusOr<std::vector<ExplorationReport>> ReadAndMerge(const std::vector<std::string>& paths) {
  const absl::StatusOr<std::vector<std::string>> files = FilesOf(paths);
  if (!files.ok()) return files.status();
  std::vector<internal::ReportFile> reports;
  for (const std::string& path : *files) {
    absl::StatusOr<ExplorationReport> report = internal::ReadReport(path);
    if (!report.ok()) return report.status();
    reports.push_back({.path = path, .report = *std::move(report)});
  }
  return internal::MergeReports(std::move(reports));
}

bool AllPassed(const std::vector<ExplorationReport>& reports) {
  return std::ranges::all_of(
      reports, [](const ExplorationReport& report) { return !report.failure && IsWhole(report); });
}

std::string MergeText(const std::vector<ExplorationReport>& reports, const MergeOptions& options) {
  if (options.json) {
    return JsonList(reports,
                    [](const ExplorationReport& report) { return "\n  " + JsonOf(report); }) +
           "\n";
  }
  std::string text;
  for (const ExplorationReport& report : reports) text += TextOf(report, options.full);
  return text;
}

absl::Status WriteReports(const std::vector<ExplorationReport>& reports,
                          const std::string& folder) {
  for (const ExplorationReport& report : reports) {
    const absl::Status status =
        internal::WriteReport(folder + "/" + internal::ReportFileName(report), report);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace heddle::tools
