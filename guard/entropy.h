// SPDX-License-Identifier: MIT
//
// /dev/urandom as a run sees it, for the functions that open files.
#ifndef HEDDLE_GUARD_ENTROPY_H_
#define HEDDLE_GUARD_ENTROPY_H_

#include <cstddef>

#include "heddle/executor.h"

namespace heddle::guard {

// Where it ends.
inline constexpr std::size_t kEntropyFileBytes = std::size_t{64} * 1024;

// A descriptor of a file in memory with bytes of the run's stream; -1 and errno where there is
// none.
int OpenEntropy(Executor& run);

}  // namespace heddle::guard

#endif  // HEDDLE_GUARD_ENTROPY_H_
