// SPDX-License-Identifier: MIT
//
// Reads a robots.txt line by line. A line that is not understood is passed over, as the RFC says.
#include "robots.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <utility>

namespace crawler {
namespace {

std::string_view Trim(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r"), text.size());
  return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

bool SameWord(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// Takes the first line off `text`, and gives what stands on either side of its colon.
std::pair<std::string_view, std::string_view> NextLine(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  line = line.substr(0, line.find('#'));
  const std::size_t colon = std::min(line.find(':'), line.size());
  return {Trim(line.substr(0, colon)), Trim(line.substr(std::min(colon + 1, line.size())))};
}

}  // namespace

RobotsRules RobotsRules::Parse(std::string_view text) {
  RobotsRules rules;
  bool is_for_all = false;  // the group of lines that we are in
  bool was_a_name = false;  // several names may stand above one group
  while (!text.empty()) {
    const auto [key, value] = NextLine(text);
    const bool is_a_name = SameWord(key, "user-agent");
    if (is_a_name) {
      is_for_all = value == "*" || (was_a_name && is_for_all);
    } else if (is_for_all) {
      rules.Take(key, value);
    }
    was_a_name = is_a_name;
  }
  return rules;
}

void RobotsRules::Take(std::string_view key, std::string_view value) {
  const bool allows = SameWord(key, "allow");
  // An empty Disallow forbids nothing.
  if ((allows || SameWord(key, "disallow")) && !value.empty()) {
    rules_.push_back({.prefix = std::string(value), .allows = allows});
  } else if (SameWord(key, "crawl-delay")) {
    double seconds = 0;
    std::from_chars(value.data(), value.data() + value.size(), seconds);
    crawl_delay_ = std::chrono::duration_cast<heddle::Duration>(
        std::chrono::duration<double>(std::clamp(seconds, 0.0, 60.0)));
  }
}

bool RobotsRules::Allows(std::string_view path) const {
  std::size_t longest = 0;
  bool allows = true;
  for (const Rule& rule : rules_) {
    if (!path.starts_with(rule.prefix) || rule.prefix.size() < longest) continue;
    allows = rule.allows || (allows && rule.prefix.size() == longest);
    longest = rule.prefix.size();
  }
  return allows;
}

}  // namespace crawler
