// SPDX-License-Identifier: MIT
//
// Implements usage_text.h. CLI11 tells only the last thing that it noticed: that an argument is
// missing, say, where a flag was mistyped. So what it could not place is looked at first. Of its
// own messages only the names of the options are used, in the order in which they stand there.
#include "usage_text.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>
#include <system_error>
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

// "--flow", "FILE".
std::string NameOf(const CLI::Option& option) { return option.get_name(); }

// Whether `name` stands in `text` at `at`, and not as a part of a longer one.
bool IsWordAt(std::string_view text, std::size_t at, std::string_view name) {
  const auto is_of_name = [&](std::size_t i) {
    return i < text.size() && (text[i] == '-' || std::isalnum(static_cast<unsigned char>(text[i])));
  };
  return (at == 0 || !is_of_name(at - 1)) && !is_of_name(at + name.size());
}

// The options that a message of CLI11 is about.
std::vector<const CLI::Option*> OptionsIn(std::string_view message, const CLI::App& app,
                                          const CLI::App* command) {
  std::vector<const CLI::Option*> all = app.get_options();
  if (command != nullptr) {
    const std::vector<const CLI::Option*> own = command->get_options();
    all.insert(all.end(), own.begin(), own.end());
  }
  std::vector<std::pair<std::size_t, const CLI::Option*>> places;
  for (const CLI::Option* const option : all) {
    const std::string name = NameOf(*option);
    const std::size_t at = message.find(name);
    if (at != std::string_view::npos && IsWordAt(message, at, name))
      places.emplace_back(at, option);
  }
  std::sort(places.begin(), places.end());
  std::vector<const CLI::Option*> options;
  options.reserve(places.size());
  for (const auto& [at, option] : places) options.push_back(option);
  return options;
}

// What helps whoever does not know what to write there.
std::string NextStep(std::string_view option) {
  if (option == "FILE") {
    return "\n  a test that fails leaves one in heddle-failures, and its report names it";
  }
  if (option == "OTHER") return "\n  heddle diff FILE OTHER compares two recordings";
  if (option == "--flow") return "\n  heddle show FILE --list names the requests";
  if (option == "--task") return "\n  heddle show FILE --table names the tasks";
  if (option == "--between") return "\n  a place is an event (4711) or a time (2.5ms)";
  return "";
}

// "NAME: the request to show, by name or number (3 or '#3')".
std::string WhatItTakes(const CLI::Option& option) {
  return option.get_type_name() + ": " + option.get_description();
}

// The same with the name of the option.
std::string Described(const CLI::Option& option) {
  return NameOf(option) + (option.get_type_name().empty() ? "" : " ") + WhatItTakes(option);
}

// In place of what CLI11 says; empty: it says something else.
std::string OptionIsWrong(const CLI::App& app, const CLI::App* command, const CLI::Error& error) {
  const std::string message = error.what();
  const std::vector<const CLI::Option*> options = OptionsIn(message, app, command);
  if (options.empty()) return "";
  const CLI::Option& option = *options.front();
  const std::string name = NameOf(option);
  const std::string kind = error.get_name();
  const std::string who = command == nullptr ? "heddle" : command->get_name();
  if (kind == "RequiredError") return who + " needs " + Described(option) + NextStep(name);
  if (kind == "ArgumentMismatch") {
    const bool is_missing = message.ends_with("missing") || option.get_items_expected_max() > 1;
    return is_missing ? name + " needs " + WhatItTakes(option) + NextStep(name)
                      : name + " is given more than once, and takes one " + option.get_type_name();
  }
  if (kind == "ConversionError" && option.get_items_expected_max() == 0) {
    return name + " takes no value: it is there, or it is not";
  }
  if (kind == "ConversionError") {
    return name + ": must be a whole number, not " +
           Printable(option.results().empty() ? "" : option.results().back());
  }
  if (options.size() < 2) return "";
  const std::string other = NameOf(*options[1]);
  if (kind == "ExcludesError") return name + " and " + other + " do not go together: leave one out";
  if (kind == "RequiresError") return name + " needs " + Described(*options[1]);
  return "";
}

std::string WhatIsWrong(const CLI::App& app, const CLI::App* command, const CLI::Error& error) {
  const std::vector<std::string> unplaced = app.remaining(/*recurse=*/true);
  const auto flag = std::find_if(unplaced.begin(), unplaced.end(), [](const std::string& word) {
    return word.starts_with('-') && word != "-" && word != "--";
  });
  if (flag != unplaced.end()) return NoSuchFlag(app, command, *flag);
  if (unplaced.empty()) {
    const std::string text = OptionIsWrong(app, command, error);
    return text.empty() ? error.what() : text;
  }
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

std::function<std::string(const std::string&)> NumberFrom(std::uint64_t least, std::uint64_t most) {
  return [least, most](const std::string& text) -> std::string {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = error == std::errc() && end == text.data() + text.size();
    if (is_number && number >= least && number <= most) return "";
    return "must be a whole number from " + Grouped(least) +
           (most == kAnyNumber ? " on" : " to " + Grouped(most)) + ", not " + Printable(text);
  };
}

std::function<std::string(const std::string&)> OneOf(std::vector<std::string> words) {
  return [words = std::move(words)](const std::string& word) -> std::string {
    if (std::find(words.begin(), words.end(), word) != words.end()) return "";
    return "must be " + Alternatives(words) + ", not " + Printable(word) + DidYouMean(word, words);
  };
}

}  // namespace heddle::tools
