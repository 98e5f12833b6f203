// SPDX-License-Identifier: MIT
//
// Implements usage_text.h. CLI11 tells only the last thing that it noticed: that an argument is
// missing, say, where a flag was mistyped. So what it could not place is looked at first.
#include "usage_text.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>
#include <utility>

#include "requests.h"
#include "words.h"

namespace heddle::tools {
namespace {

// "a", "a or b", "a, b or c".
std::string Alternatives(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::string DidYouMean(const std::string& word, const std::vector<std::string>& known) {
  const std::vector<std::string> near = NearNames(word, known);
  return near.empty() ? "" : "\n  did you mean " + Alternatives(near) + "?";
}

// Those that `app --help` lists.
std::vector<std::string> CommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* const command :
       app.get_subcommands([](const CLI::App* c) { return !c->get_group().empty(); })) {
    names.push_back(command->get_name());
  }
  return names;
}

void AddFlagNames(const CLI::App& app, std::vector<std::string>& names) {
  for (const CLI::Option* const option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
}

std::string NoSuchFlag(const CLI::App& app, const CLI::App* command, const std::string& argument) {
  const std::string flag = argument.substr(0, argument.find('='));
  std::vector<std::string> known;
  if (command != nullptr) AddFlagNames(*command, known);
  AddFlagNames(app, known);
  return (command == nullptr ? "there is no flag " : command->get_name() + " has no flag ") +
         Printable(flag) + (flag.starts_with("--") ? DidYouMean(flag, known) : "");
}

std::string NoSuchCommand(const CLI::App& app, const std::string& word) {
  const std::string text = "there is no command " + Printable(word);
  if (word.ends_with(".heddle")) {
    return text + "\n  did you mean heddle show " + Printable(word) + "?";
  }
  return text + DidYouMean(word, CommandNames(app));
}

std::string WhatIsWrong(const CLI::App& app, const CLI::App* command, const CLI::Error& error) {
  const std::vector<std::string> unplaced = app.remaining(/*recurse=*/true);
  const auto flag = std::find_if(unplaced.begin(), unplaced.end(), [](const std::string& word) {
    return word.starts_with('-') && word != "-" && word != "--";
  });
  if (flag != unplaced.end()) return NoSuchFlag(app, command, *flag);
  if (unplaced.empty()) return error.what();
  if (command == nullptr) return NoSuchCommand(app, unplaced.front());
  return command->get_name() + " takes no further argument: " + Printable(unplaced.front());
}

}  // namespace

std::string UsageText(const CLI::App& app, const CLI::Error& error) {
  const std::vector<const CLI::App*> commands =
      app.get_subcommands([](const CLI::App* command) { return command->parsed(); });
  const CLI::App* const command = commands.empty() ? nullptr : commands.front();
  return WhatIsWrong(app, command, error) + "\n  heddle" +
         (command == nullptr ? "" : " " + command->get_name()) + " --help says how";
}

std::function<std::string(const std::string&)> OneOf(std::vector<std::string> words) {
  return [words = std::move(words)](const std::string& word) -> std::string {
    if (std::find(words.begin(), words.end(), word) != words.end()) return "";
    return "must be " + Alternatives(words) + ", not " + Printable(word) + DidYouMean(word, words);
  };
}

}  // namespace heddle::tools
