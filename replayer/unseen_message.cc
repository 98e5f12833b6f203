// SPDX-License-Identifier: MIT
#include "unseen_message.h"

#include <algorithm>
#include <string_view>

namespace heddle::internal {

std::string MessageWithoutNames(const TraceHeader& header) {
  if (header.ending == Ending::kThrew) return header.message;
  constexpr std::string_view kThrew = " threw, and nobody has seen it: ";
  std::string text;
  for (std::string_view left = header.message; !left.empty();) {
    const std::string_view line = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(line.size() + 1, left.size()));
    const std::size_t name = line.find(kThrew);
    text.append(name == std::string_view::npos ? line : line.substr(name)) += '\n';
  }
  return text;
}

}  // namespace heddle::internal
