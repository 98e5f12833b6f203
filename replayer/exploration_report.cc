// SPDX-License-Identifier: MIT
#include "heddle/internal/exploration_report.h"

#include <unistd.h>

#include <algorithm>
#include <cereal/archives/portable_binary.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>

#include "digest.h"
#include "heddle/internal/file_stem.h"
#include "report_archive.h"
#include "strategies.h"
#include "words.h"

namespace heddle::internal {

template <class Archive>
void serialize(Archive& archive, BlockReport& block) {
  archive(block.block, block.on_main_line, block.classified, block.result);
}

template <class Archive>
void serialize(Archive& archive, ClassSeen& seen) {
  archive(seen.run_class, seen.first, seen.again);
}

template <class Archive>
void serialize(Archive& archive, ExplorationSubject& subject) {
  archive(subject.test, subject.program, subject.build_id, subject.heddle_version, subject.compiler,
          subject.strategy, subject.seed, subject.schedules, subject.steps_max, subject.tasks_max,
          subject.check_determinism, subject.shards);
}

template <class Archive>
void serialize(Archive& archive, ReportedFailure& failure) {
  archive(failure.block, failure.schedule, failure.summary, failure.text, failure.recording);
}

template <class Archive>
void serialize(Archive& archive, ExplorationReport& report) {
  archive(report.subject, report.shards, report.blocks, report.classes, report.orders,
          report.failure);
}

namespace {

constexpr std::string_view kMagic = "heddlerp";
constexpr std::size_t kReportHeader = 4 * kWordBytes;  // magic, version, size, digest

std::string Encode(const ExplorationReport& report) {
  std::ostringstream payload;
  {
    cereal::PortableBinaryOutputArchive archive(payload);
    archive(report);
  }
  const std::string body = std::move(payload).str();
  std::string bytes(kMagic);
  AppendWord(bytes, kReportVersion);
  AppendWord(bytes, body.size());
  AppendWord(bytes, Digest(body));
  return bytes + body;
}

absl::Status Bad(const std::string& path, const std::string& what) {
  return absl::DataLossError(path + ": " + what);
}

absl::StatusOr<ExplorationReport> Decode(const std::string& path, std::string_view bytes) {
  const std::string again = " Copy it anew, or run its shard again.";
  if (bytes.size() < kReportHeader || !bytes.starts_with(kMagic)) {
    const bool cut = kMagic.starts_with(bytes.substr(0, kMagic.size()));
    return cut ? Bad(path, "is cut off: a report begins with 32 bytes, and there are " +
                               std::to_string(bytes.size()) + "." + again)
               : Bad(path,
                     "is not a report of an exploration. Give the files that HEDDLE_REPORT "
                     "named, or their folder.");
  }
  const std::uint64_t version = WordAt(bytes, 1);
  if (version != kReportVersion) {
    return Bad(path, "is a report of format " + std::to_string(version) +
                         ", and this heddle reads format " + std::to_string(kReportVersion) +
                         ". Use the heddle that the tests were built with.");
  }
  const std::string_view body = bytes.substr(kReportHeader);
  const std::uint64_t size = WordAt(bytes, 2);
  if (body.size() < size) {
    return Bad(path, "is cut off: " + std::to_string(size - body.size()) + " of " +
                         std::to_string(kReportHeader + size) + " bytes are missing." + again);
  }
  if (body.size() > size || Digest(body) != WordAt(bytes, 3)) {
    return Bad(path, "is damaged: its bytes are not those that were written." + again);
  }
  try {
    std::istringstream payload{std::string(body)};
    cereal::PortableBinaryInputArchive archive(payload);
    ExplorationReport report;
    archive(report);
    return report;
  } catch (const std::exception&) {  // an honest digest of what is no report
    return Bad(path, "is damaged: its digest is right, and what it holds is no report." + again);
  }
}

absl::Status CannotWrite(const std::string& path, const std::error_code& code) {
  return absl::UnavailableError(path + ": cannot be written: " + code.message() + ".");
}

std::error_code LastError() { return {errno, std::generic_category()}; }

}  // namespace

Coverage CoverageOf(std::span<const BlockReport> blocks, const ClassesSeen& classes,
                    bool searched) {
  Coverage coverage;
  double missed_on_main_line = 1;
  double missed_elsewhere = 1;
  std::uint64_t interleavings = 0;
  std::uint64_t classified = 0;
  for (const BlockReport& block : blocks) {
    coverage.schedules += block.result.schedules;
    if (!searched) classified += block.classified;
    if (block.on_main_line) {
      missed_on_main_line = block.result.missed_of_depth_2;
      interleavings = block.result.interleavings;
    } else {
      missed_elsewhere *= block.result.missed_of_depth_2;
    }
  }
  const BlockEnd end = blocks.empty() ? BlockEnd::kPassed : blocks.back().result.end;
  const std::uint64_t run = coverage.schedules;
  if (end == BlockEnd::kFailed) --coverage.schedules;
  coverage.complete = end == BlockEnd::kExhausted && run > 0;
  coverage.unfinished = searched && !coverage.complete && end != BlockEnd::kFailed;
  coverage.classes = classes.seen();
  coverage.classified = classified;
  if (coverage.complete) {
    coverage.interleavings = interleavings;
    coverage.unseen = 0;
    coverage.missed_of_depth_2 = 0;
  } else {
    // Good and Turing's estimate. (Good, "The population frequencies of species", Biometrika 1953.)
    coverage.unseen = classified == 0 ? 1
                                      : static_cast<double>(classes.seen_once()) /
                                            static_cast<double>(classified);
    coverage.missed_of_depth_2 = missed_on_main_line * missed_elsewhere;
  }
  return coverage;
}

Coverage CoverageOf(const ExplorationReport& report) {
  ClassesSeen classes;
  for (const ClassSeen& seen : report.classes) {
    classes.Add(seen.run_class, seen.first);
    if (seen.again != kNoBlock) classes.Add(seen.run_class, seen.again);
  }
  return CoverageOf(report.blocks, classes, IsSearch(report.subject.strategy));
}

std::vector<std::uint64_t> MissingShards(const ExplorationReport& report, std::size_t most) {
  std::vector<std::uint64_t> missing;
  for (std::uint64_t shard = 1; shard <= report.subject.shards && missing.size() < most; ++shard) {
    if (!std::ranges::binary_search(report.shards, shard)) missing.push_back(shard);
  }
  return missing;
}

absl::Status WriteReport(const std::string& path, const ExplorationReport& report) {
  std::error_code code;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, code);
  if (code) return CannotWrite(path, code);
  const std::string beside = path + "." + std::to_string(getpid());
  errno = 0;
  std::ofstream file(beside, std::ios::binary);
  file << Encode(report) << std::flush;
  if (!file.good()) {
    const absl::Status status = CannotWrite(path, LastError());
    std::remove(beside.c_str());
    return status;
  }
  file.close();
  std::filesystem::rename(beside, path, code);
  return code ? CannotWrite(path, code) : absl::OkStatus();
}

absl::StatusOr<ExplorationReport> ReadReport(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  if (file.good()) bytes << file.rdbuf();
  if (!file.good()) {
    const std::error_code code = LastError();
    return absl::NotFoundError(path + ": cannot be read" + (code ? ": " + code.message() : "") +
                               ". Check the path; HEDDLE_REPORT names the folder of the reports.");
  }
  return Decode(path, std::move(bytes).str());
}

std::string ReportFileName(const ExplorationReport& report) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr int kShown = 8;
  const ExplorationSubject& subject = report.subject;
  std::string name = FileStem(subject.test) + "-";
  std::uint64_t digest = Digest(subject.program + '\n' + subject.test);
  for (int i = 0; i < kShown; ++i, digest >>= 4) name += kDigits[digest & 0xf];
  if (subject.shards > 1 && report.shards.size() == 1) {
    name += "." + std::to_string(report.shards.front()) + "-of-" + std::to_string(subject.shards);
  }
  return name + ".report";
}

}  // namespace heddle::internal
