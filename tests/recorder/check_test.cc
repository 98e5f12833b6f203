// SPDX-License-Identifier: MIT
#include "heddle/check.h"

#include <sys/wait.h>

#include <csignal>
#include <string>

#include "support/catch.h"
#include "support/child_process.h"

namespace heddle {

TEST_CASE("a check that holds evaluates its condition once and says nothing") {
  int evaluations = 0;
  HEDDLE_CHECK(++evaluations == 1, "evaluated once");  // NOLINT(bugprone-assert-side-effect)
  CHECK(evaluations == 1);
}

TEST_CASE("a check that fails says where, what and in which run, and aborts") {
  const ChildEnd end = RunInChild([] {
    internal::SetCheckContext([] { return std::string("seed 42, event 17"); });
    HEDDLE_CHECK(1 + 1 == 3, "sums are off");
    return 0;
  });
  CHECK(WIFSIGNALED(end.status));
  CHECK(WTERMSIG(end.status) == SIGABRT);
  CHECK_THAT(end.err, StartsWithText("heddle: internal error at "));
  CHECK_THAT(end.err, ContainsText("check_test.cc:"));
  CHECK_THAT(end.err, EndsWithText(": sums are off (1 + 1 == 3). While: seed 42, event 17. "
                                   "Please report this with the recording.\n"));
}

TEST_CASE("a check that fails while the run is described does not go round in circles") {
  const ChildEnd end = RunInChild([] {
    internal::SetCheckContext([]() -> std::string {
      HEDDLE_CHECK(false, "inner");
      return "";
    });
    HEDDLE_CHECK(false, "outer");
    return 0;
  });
  CHECK(WIFSIGNALED(end.status));
  CHECK(WTERMSIG(end.status) == SIGABRT);
  CHECK_THAT(end.err, ContainsText(": inner (false). While: no run."));
}

TEST_CASE("a usage error carries its text to whoever catches it") {
  CHECK_THROWS_WITH(throw UsageError("run inside a run"), "run inside a run");
}

}  // namespace heddle
