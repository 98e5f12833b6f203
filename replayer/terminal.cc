// SPDX-License-Identifier: MIT
#include "heddle/internal/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace heddle::internal {

std::size_t WidthOfTerminal() {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return (known ? size.ws_col : kUsual) - 1;
}

}  // namespace heddle::internal
