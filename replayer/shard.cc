// SPDX-License-Identifier: MIT
#include "shard.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

#include "heddle/check.h"
#include "heddle/internal/environment.h"

namespace heddle::internal {
namespace {

// How an engine tells a process which of several it is.
struct Engine {
  const char* index;
  const char* first;  // the index of the first process; null: 0
  const char* step;   // from one index to the next; null: 1
  const char* count;  // null: it does not say
};

constexpr Engine kEngines[] = {
    // Bazel
    {"TEST_SHARD_INDEX", nullptr, nullptr, "TEST_TOTAL_SHARDS"},
    // What runs programs of GoogleTest
    {"GTEST_SHARD_INDEX", nullptr, nullptr, "GTEST_TOTAL_SHARDS"},
    // A Slurm array
    {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_STEP",
     "SLURM_ARRAY_TASK_COUNT"},
    // A Kubernetes indexed job
    {"JOB_COMPLETION_INDEX", nullptr, nullptr, nullptr},
};

std::optional<std::uint64_t> Number(std::string_view text) {
  std::uint64_t number = 0;
  const char* begin = text.data();
  const char* end = begin + text.size();
  const auto [stopped, error] = std::from_chars(begin, end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

// `count`: what HEDDLE_SHARD says of it, for an engine that does not.
std::optional<Shard> ShardOf(const Engine& engine, std::optional<std::uint64_t> count) {
  const std::optional<std::uint64_t> index = Number(Environment(engine.index));
  if (!index) return std::nullopt;
  const auto number = [](const char* variable, std::uint64_t otherwise) {
    return variable != nullptr ? Number(Environment(variable)).value_or(otherwise) : otherwise;
  };
  const std::uint64_t first = number(engine.first, 0);
  const std::uint64_t step = std::max<std::uint64_t>(number(engine.step, 1), 1);
  if (!count && engine.count != nullptr) count = Number(Environment(engine.count));
  return Shard{.number = (*index - first) / step + 1, .count = count.value_or(0)};
}

// Bazel runs the test once, and not in shards, unless the test touches a file.
void TellBazel() {
  const std::string path = Environment("TEST_SHARD_STATUS_FILE");
  if (!path.empty()) std::ofstream(path, std::ios::app).flush();
}

std::optional<Shard> AskEngine(std::optional<std::uint64_t> count) {
  for (const Engine& engine : kEngines) {
    if (const std::optional<Shard> shard = ShardOf(engine, count)) {
      TellBazel();
      return shard;
    }
  }
  return std::nullopt;
}

std::optional<Shard> Parse(std::string_view text) {
  constexpr std::string_view kAuto = "auto";
  if (text == kAuto) return AskEngine(std::nullopt);
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<std::uint64_t> count = Number(text.substr(slash + 1));
  if (!count) return std::nullopt;
  if (text.substr(0, slash) == kAuto) return AskEngine(count);
  const std::optional<std::uint64_t> number = Number(text.substr(0, slash));
  if (!number) return std::nullopt;
  return Shard{.number = *number, .count = *count};
}

}  // namespace

std::string ToString(const Shard& shard) {
  return std::to_string(shard.number) + "/" + std::to_string(shard.count);
}

Shard ShardFromEnvironment(const Shard& given) {
  const std::string text = Environment("HEDDLE_SHARD");
  if (text.empty()) return given;
  const std::optional<Shard> shard = Parse(text);
  if (shard && shard->valid()) return *shard;
  if (!text.starts_with("auto")) {
    throw UsageError("heddle: HEDDLE_SHARD='" + text +
                     "' is not a shard. Give one like 2/8, the second of eight, or unset it.");
  }
  throw UsageError(
      "heddle: HEDDLE_SHARD='" + text + "', but " +
      (shard ? "what started this process says it is shard " + ToString(*shard) + ". "
             : "neither Bazel, a Slurm array nor a Kubernetes job started this process. ") +
      "Give the number of processes, as in auto/8, or the shard, as in 2/8.");
}

}  // namespace heddle::internal
