// SPDX-License-Identifier: MIT
//
// Usage text: what a person is told whose command line was wrong: what is wrong with it, what was
// probably meant, and where to read more. Used by heddle.cc.
#ifndef HEDDLE_TOOLS_USAGE_TEXT_H_
#define HEDDLE_TOOLS_USAGE_TEXT_H_

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

// A check for CLI11 whose message names all `words`.
std::function<std::string(const std::string&)> OneOf(std::vector<std::string> words);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_USAGE_TEXT_H_
