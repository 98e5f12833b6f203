// SPDX-License-Identifier: MIT
//
// How far the readers of this process are, for a line on a terminal (tools/work_line.h).
#ifndef HEDDLE_INTERNAL_READ_PROGRESS_H_
#define HEDDLE_INTERNAL_READ_PROGRESS_H_

#include <atomic>
#include <cstdint>

namespace heddle::internal {

// Of the recording that is read now, or was read last, in bytes of its file.
struct ReadProgress {
  std::atomic<std::uint64_t> done = 0;
  std::atomic<std::uint64_t> size = 0;
};
inline constinit ReadProgress read_progress;

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_READ_PROGRESS_H_
