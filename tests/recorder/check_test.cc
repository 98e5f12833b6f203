// SPDX-License-Identifier: MIT
#include "heddle/check.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

#include "support/catch.h"

namespace heddle {
namespace {

struct Death {
  int signal = 0;
  std::string last_words;  // what it wrote to standard error
};

// Runs `body` in a child process.
template <class Body>
Death DeathOf(Body body) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // Catch2's handler would report the abort as its own
    dup2(ends[1], STDERR_FILENO);
    body();
    _exit(0);
  }
  close(ends[1]);
  Death death;
  std::array<char, 256> buffer{};
  for (ssize_t got = 0; (got = read(ends[0], buffer.data(), buffer.size())) > 0;) {
    death.last_words.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) death.signal = WTERMSIG(status);
  return death;
}

}  // namespace

TEST_CASE("a check that holds evaluates its condition once and says nothing") {
  int evaluations = 0;
  HEDDLE_CHECK(++evaluations == 1, "evaluated once");  // NOLINT(bugprone-assert-side-effect)
  CHECK(evaluations == 1);
}

TEST_CASE("a check that fails says where, what and in which run, and aborts") {
  const Death death = DeathOf([] {
    internal::SetCheckContext([] { return std::string("seed 42, event 17"); });
    HEDDLE_CHECK(1 + 1 == 3, "sums are off");
  });
  CHECK(death.signal == SIGABRT);
  CHECK_THAT(death.last_words, StartsWithText("heddle: internal error at "));
  CHECK_THAT(death.last_words, ContainsText("check_test.cc:"));
  CHECK_THAT(death.last_words,
             EndsWithText(": sums are off (1 + 1 == 3). While: seed 42, event 17. "
                          "Please report this with the recording.\n"));
}

TEST_CASE("a check that fails while the run is described does not go round in circles") {
  const Death death = DeathOf([] {
    internal::SetCheckContext([]() -> std::string {
      HEDDLE_CHECK(false, "inner");
      return "";
    });
    HEDDLE_CHECK(false, "outer");
  });
  CHECK(death.signal == SIGABRT);
  CHECK_THAT(death.last_words, ContainsText(": inner (false). While: no run."));
}

TEST_CASE("a usage error carries its text to whoever catches it") {
  CHECK_THROWS_WITH(throw UsageError("run inside a run"), "run inside a run");
}

}  // namespace heddle
