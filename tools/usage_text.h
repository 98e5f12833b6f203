// SPDX-License-Identifier: MIT
//
// Usage text: what a person is told whose command line was wrong: what is wrong with it, what was
// probably meant, and where to read more. Used by heddle.cc.
#ifndef HEDDLE_TOOLS_USAGE_TEXT_H_
#define HEDDLE_TOOLS_USAGE_TEXT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's
class App;
class Error;
}  // namespace CLI

namespace heddle::tools {

// Without "heddle: " and without a newline at its end.
std::string UsageText(const CLI::App& app, const CLI::Error& error);

inline constexpr std::uint64_t kAnyNumber = static_cast<std::uint64_t>(-1);

// A check for CLI11: a whole number in that range.
std::function<std::string(const std::string&)> NumberFrom(std::uint64_t least, std::uint64_t most);

// A check for CLI11 whose message names all `words`.
std::function<std::string(const std::string&)> OneOf(std::vector<std::string> words);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_USAGE_TEXT_H_
