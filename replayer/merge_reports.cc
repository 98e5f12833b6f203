// SPDX-License-Identifier: MIT
//
// The reports of shards as the one that a single process would have written. A shard goes on where
// another has found a failure, because it cannot know: what lies behind the failure is left out.
#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "heddle/internal/environment.h"
#include "heddle/internal/exploration_report.h"
#include "report_text.h"

namespace heddle::internal {
namespace {

struct Field {
  std::string name;
  std::string a;
  std::string b;
};

std::vector<Field> FieldsOf(const ExplorationSubject& a, const ExplorationSubject& b) {
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  const auto schedules = [&](std::uint64_t asked_for) {
    return asked_for == kAsManyAsThereIsTimeFor ? "as many as there was time for"
                                                : number(asked_for);
  };
  const auto check = [](bool on) { return std::string(on ? "on" : "off"); };
  const auto strategy = [](const ExplorationSubject& subject) {
    return subject.strategy.empty() ? "a chooser of the test's own" : subject.strategy;
  };
  return {{"the build of the program", a.build_id, b.build_id},
          {"the version of heddle", a.heddle_version, b.heddle_version},
          {"the compiler", a.compiler, b.compiler},
          {"the strategy", strategy(a), strategy(b)},
          {"the seed", number(a.seed), number(b.seed)},
          {"the number of schedules", schedules(a.schedules), schedules(b.schedules)},
          {"the number of shards", number(a.shards), number(b.shards)},
          {"steps_max", number(a.steps_max), number(b.steps_max)},
          {"tasks_max", number(a.tasks_max), number(b.tasks_max)},
          {"check_determinism", check(a.check_determinism), check(b.check_determinism)}};
}

absl::Status Unlike(const ReportFile& a, const ReportFile& b) {
  std::string text = "'" + a.path + "' and '" + b.path + "' are both of \"" +
                     Printable(a.report.subject.test) + "\", but not of one exploration.\n";
  for (const Field& field : FieldsOf(a.report.subject, b.report.subject)) {
    if (field.a == field.b) continue;
    text += "  " + field.name + ": " + Printable(field.a.empty() ? "unknown" : field.a) + " and " +
            Printable(field.b.empty() ? "unknown" : field.b) + "\n";
  }
  return absl::FailedPreconditionError(
      text +
      "  Run every shard with the same program and options, and merge only what they wrote.");
}

absl::Status Twice(const ReportFile& a, const ReportFile& b, std::uint64_t shard) {
  return absl::FailedPreconditionError(
      "'" + a.path + "' and '" + b.path + "' are both shard " + std::to_string(shard) + " of \"" +
      Printable(a.report.subject.test) +
      "\", and they differ.\n  Likely cause: the shard was run twice, under a limit of time. Leave "
      "one of them out.");
}

// Which file each shard of an exploration is from; what is given twice is there once.
absl::StatusOr<std::vector<const ReportFile*>> OnePerShard(const std::vector<ReportFile>& files) {
  std::map<std::uint64_t, const ReportFile*> of_shard;
  std::vector<const ReportFile*> used;
  for (const ReportFile& file : files) {
    if (file.report.subject != files.front().report.subject) return Unlike(files.front(), file);
    bool known = false;
    for (const std::uint64_t shard : file.report.shards) {
      const auto [found, added] = of_shard.emplace(shard, &file);
      if (added) continue;
      if (found->second->report != file.report) return Twice(*found->second, file, shard);
      known = true;
    }
    if (!known) used.push_back(&file);
  }
  return used;
}

template <class T>
void Append(const std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), from.begin(), from.end());
}

// What is behind the first block that ends the exploration goes. Its number, or kNoBlock.
std::uint64_t CutBlocks(std::vector<BlockReport>& blocks) {
  std::ranges::sort(blocks, {}, &BlockReport::block);
  const auto end = std::ranges::find_if(
      blocks, [](const BlockReport& block) { return EndsExploration(block.result.end); });
  if (end == blocks.end()) return kNoBlock;
  const std::uint64_t last = end->block;
  blocks.erase(std::next(end), blocks.end());
  return last;
}

std::vector<ClassSeen> JoinClasses(const std::vector<const ReportFile*>& files,
                                   std::uint64_t last) {
  ClassesSeen classes;
  for (const ReportFile* file : files) {
    for (const ClassSeen& seen : file->report.classes) {
      if (seen.first <= last) classes.Add(seen.run_class, seen.first);
      if (seen.again <= last && seen.again != kNoBlock) classes.Add(seen.run_class, seen.again);
    }
  }
  return classes.Sorted();
}

ExplorationReport Join(const std::vector<const ReportFile*>& files) {
  ExplorationReport joined;
  joined.subject = files.front()->report.subject;
  for (const ReportFile* file : files) {
    const ExplorationReport& report = file->report;
    Append(report.shards, joined.shards);
    Append(report.blocks, joined.blocks);
    AddOrders(report.orders, joined.orders);
    if (report.failure && (!joined.failure || report.failure->block < joined.failure->block)) {
      joined.failure = report.failure;
    }
  }
  std::ranges::sort(joined.shards);
  const std::uint64_t last = CutBlocks(joined.blocks);
  joined.classes = JoinClasses(files, last);
  if (last != kNoBlock) joined.orders.clear();
  if (joined.failure && joined.failure->block > last) joined.failure.reset();
  return joined;
}

}  // namespace

absl::StatusOr<std::vector<ExplorationReport>> MergeReports(std::vector<ReportFile> files) {
  std::map<std::pair<std::string, std::string>, std::vector<ReportFile>> explorations;
  for (ReportFile& file : files) {
    const ExplorationSubject& subject = file.report.subject;
    explorations[{subject.test, subject.program}].push_back(std::move(file));
  }
  std::vector<ExplorationReport> merged;
  for (const auto& [subject, its_files] : explorations) {
    const auto used = OnePerShard(its_files);
    if (!used.ok()) return used.status();
    merged.push_back(Join(*used));
  }
  return merged;
}

}  // namespace heddle::internal
