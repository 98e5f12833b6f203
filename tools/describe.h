// SPDX-License-Identifier: MIT
//
// Describe: the manual page and the completions of the shells, made of the same description of
// the command line by which it is parsed; so they cannot lag behind it. A value whose type name
// is "chrome|otlp" is one of these, "PATH" is a file, and a positional argument is a recording.
#ifndef HEDDLE_TOOLS_DESCRIBE_H_
#define HEDDLE_TOOLS_DESCRIBE_H_

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's
class App;
}  // namespace CLI

namespace heddle::tools {

std::string ManPage(const CLI::App& app, const std::string& version);
std::string BashCompletion(const CLI::App& app);
std::string ZshCompletion(const CLI::App& app);
std::string FishCompletion(const CLI::App& app);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_DESCRIBE_H_
