// SPDX-License-Identifier: MIT
//
// Shard: which part of an exploration this process is to run.
#ifndef HEDDLE_REPLAYER_SHARD_H_
#define HEDDLE_REPLAYER_SHARD_H_

#include <cstdint>
#include <string>

namespace heddle::internal {

struct Shard {
  std::uint64_t number = 1;  // from 1
  std::uint64_t count = 1;

  bool valid() const { return number >= 1 && number <= count; }
};

// "2/8"
std::string ToString(const Shard& shard);

// HEDDLE_SHARD, or `given` where that is not set. "auto" asks whoever started the process: Bazel, a
// Slurm array, or a Kubernetes indexed job, which does not say how many there are: "auto/8".
// Throws UsageError.
Shard ShardFromEnvironment(const Shard& given);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_SHARD_H_
