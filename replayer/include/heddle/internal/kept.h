// SPDX-License-Identifier: MIT
//
// Schedules that were kept (`heddle keep`): tapes in a folder, which a test has to pass before
// anything else is looked at.
#ifndef HEDDLE_INTERNAL_KEPT_H_
#define HEDDLE_INTERNAL_KEPT_H_

#include <optional>
#include <string>
#include <vector>

#include "heddle/explore.h"
#include "heddle/tape.h"

namespace heddle::internal {

struct KeptTape {
  std::string path;  // as short as can be, seen from where the process is
  Tape tape;
};

// Those of the test, whatever their input, by name. HEDDLE_KEPT says where, else they are beside
// `source`. Throws UsageError for a folder or a file that cannot be read.
std::vector<KeptTape> ReadKept(const std::string& source, const std::string& test);

// Runs it; a failure is recorded and has its report. Says on standard error so where the tape does
// not fit the body any more.
std::optional<Failure> RunKept(ExploredBody& body, const ExploreOptions& options,
                               const KeptTape& kept);

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_KEPT_H_
