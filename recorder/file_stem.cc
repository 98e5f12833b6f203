// SPDX-License-Identifier: MIT
#include "heddle/internal/file_stem.h"

#include <cstddef>
#include <filesystem>
#include <system_error>

namespace heddle::internal {

std::string FileStem(std::string_view name) {
  constexpr std::size_t kLongest = 80;
  std::string stem;
  for (const char c : name) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool upper = c >= 'A' && c <= 'Z';
    const bool digit = c >= '0' && c <= '9';
    if (lower || digit) {
      stem += c;
    } else if (upper) {
      stem += static_cast<char>(c - 'A' + 'a');
    } else if (!stem.empty() && stem.back() != '-') {
      stem += '-';
    }
    if (stem.size() == kLongest) break;
  }
  while (!stem.empty() && stem.back() == '-') stem.pop_back();
  return stem.empty() ? "unnamed" : stem;
}

std::string PathFromHere(const std::string& path) {
  std::error_code code;
  const std::string relative = std::filesystem::proximate(path, code).string();
  return code || relative.empty() || relative.starts_with("..") ? path : relative;
}

}  // namespace heddle::internal
