// SPDX-License-Identifier: MIT
//
// What Explore does where nobody says anything: it finds the failure of every program of the
// corpus, and proves by a search to the end that the fixed real bugs have none.
#include <chrono>
#include <string>

#include "corpus/program.h"
#include "corpus/programs.h"
#include "heddle/explore.h"
#include "support/catch.h"

namespace heddle::corpus {
namespace {

ExploreResult Look(const Entry& entry, StartMode mode) {
  ExploreOptions options;
  options.name = "corpus";
  options.directory.clear();  // nothing is kept
  options.shrink = false;
  options.search_to_end_max = std::chrono::hours(1);  // also on a slow machine
  ProgramBody body(entry, mode);
  return FindFailure(body, options);
}

TEST_CASE("a default exploration finds the failure of every program") {
  for (const Entry& entry : BugPrograms()) {
    INFO(entry.name);
    CHECK(Look(entry, StartMode::kAllAtOnce).failure);
    CHECK(Look(entry, StartMode::kOneByOne).failure);
  }
}

TEST_CASE("a default exploration finds every real bug") {
  for (const RealBug& bug : Gallery()) {
    INFO(bug.buggy.name);
    CHECK(Look(bug.buggy, StartMode::kAllAtOnce).failure);
  }
}

TEST_CASE("a real bug that is fixed is proved to be gone") {
  for (const RealBug& bug : Gallery()) {
    INFO(bug.fixed.name);
    const ExploreResult result = Look(bug.fixed, StartMode::kAllAtOnce);
    CHECK(result.ok());
    CHECK(result.coverage.complete);
  }
}

}  // namespace
}  // namespace heddle::corpus
