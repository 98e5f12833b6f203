// SPDX-License-Identifier: MIT
//
// The line that tells how far an exploration is: on a terminal, which here is a pseudo-terminal,
// and nowhere else.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include "heddle/explore.h"
#include "heddle/world.h"
#include "replayer/surroundings.h"
#include "support/catch.h"

namespace heddle {
namespace {

// From here on standard error is a terminal of so many columns, and Text() what it was sent.
class TerminalStderr {
 public:
  explicit TerminalStderr(unsigned short columns)
      : master_(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)),
        before_(dup(STDERR_FILENO)) {
    const bool ready =
        master_ >= 0 && before_ >= 0 && grantpt(master_) == 0 && unlockpt(master_) == 0;
    const char* const name = ready ? ptsname(master_) : nullptr;
    const int slave = name != nullptr ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
    if (slave < 0) throw std::runtime_error("there are no pseudo-terminals here");
    winsize size{};
    size.ws_col = columns;
    ioctl(slave, TIOCSWINSZ, &size);
    dup2(slave, STDERR_FILENO);
    close(slave);
  }
  TerminalStderr(const TerminalStderr&) = delete;
  TerminalStderr& operator=(const TerminalStderr&) = delete;
  ~TerminalStderr() {
    dup2(before_, STDERR_FILENO);
    close(before_);
    close(master_);
  }

  std::string Text() const {
    std::fflush(stderr);
    std::string text;
    std::array<char, 4096> bytes{};
    for (ssize_t size = 0; (size = read(master_, bytes.data(), bytes.size())) > 0;) {
      text.append(bytes.data(), static_cast<std::size_t>(size));
    }
    return text;
  }

 private:
  int master_;
  int before_;
};

// A root without a mounted /dev/pts has none.
bool ThereAreTerminals() {
  try {
    const TerminalStderr terminal(80);
    return true;
  } catch (const std::runtime_error& error) {
    WARN(std::string(error.what()) + ": what a terminal shows is not tested");
    return false;
  }
}

// Two schedules of it take longer than it takes to the first line.
Task<> Slow(World& world) {
  std::this_thread::sleep_for(std::chrono::milliseconds(105));
  static_cast<void>(world.Draw(1000));
  co_return;
}

const ExploreOptions kOptions = {.name = "a slow test",
                                 .schedules = 2,
                                 .strategy = "pos",
                                 .check_determinism = false,
                                 .directory = {}};

TEST_CASE("on a terminal a line tells how far it is, and goes when the exploration is over") {
  if (!ThereAreTerminals()) return;
  const TerminalStderr terminal(120);
  Explore(Slow, kOptions);
  const std::string text = terminal.Text();
  CHECK_THAT(text, StartsWithText("\r\x1b[Kheddle: \"a slow test\": "));
  CHECK_THAT(text, ContainsText(" of 2 schedules, ") && ContainsText("/s, "));
  CHECK_THAT(text, ContainsText(" % new, ") && ContainsText(" s left\r\x1b[K"));
  CHECK_THAT(text, ContainsText("\r\x1b[Kheddle: \"a slow test\": 2 schedules passed, of "));
}

TEST_CASE("under a budget of time the line names no number of schedules") {
  if (!ThereAreTerminals()) return;
  const TerminalStderr terminal(60);
  const EnvironmentVariable budget("HEDDLE_BUDGET", "1h");
  ExploreOptions options = kOptions;
  options.name = "a test whose name is longer than a terminal is wide";
  // It ends sooner: at its end it knows that this is all.
  Explore(
      [](World& world) -> Task<> {
        std::this_thread::sleep_for(std::chrono::milliseconds(105));
        static_cast<void>(world.Draw(2));
        co_return;
      },
      [&] {
        options.strategy = "exhaustive";
        return options;
      }());
  const std::string text = terminal.Text();
  const std::string line = text.substr(0, text.find('\r', 1));
  CHECK_THAT(line, ContainsText(" schedule") && ContainsText("/s, "));
  CHECK_THAT(line, !ContainsText(" of "));
  CHECK(line.size() <= 60 + std::string("\r\x1b[K").size());
}

TEST_CASE("where standard error is no terminal nothing is told") {
  const CapturedStderr captured;
  Explore(Slow, kOptions);
  CHECK(captured.Text().empty());
}

}  // namespace
}  // namespace heddle
