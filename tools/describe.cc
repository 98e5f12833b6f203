// SPDX-License-Identifier: MIT
//
// Implements describe.h. What CLI11 knows is first put into plain values; each writer then
// knows one language and nothing of CLI11.
#include "describe.h"

#include <CLI/CLI.hpp>
#include <string_view>
#include <vector>

namespace heddle::tools {
namespace {

struct Flag {
  std::vector<std::string> short_names;  // "o"
  std::vector<std::string> long_names;   // "output"
  std::string value;                     // the name of its value; empty: it takes none
  std::string description;
};

struct DescribedCommand {
  std::string name;
  std::string description;
  std::vector<std::string> arguments;  // the names of positional arguments
  std::vector<Flag> flags;
  std::string footer;
};

DescribedCommand CommandOf(const CLI::App& app) {
  DescribedCommand command;
  command.name = app.get_name();
  command.description = app.get_description();
  command.footer = app.get_footer();
  for (const CLI::Option* const option :
       app.get_options([](const CLI::Option* o) { return !o->get_group().empty(); })) {
    if (option->get_positional()) {
      command.arguments.push_back(option->get_name(true));
      continue;
    }
    command.flags.push_back(
        {.short_names = option->get_snames(),
         .long_names = option->get_lnames(),
         .value = option->get_items_expected_max() == 0 ? "" : option->get_type_name(),
         .description = option->get_description()});
  }
  return command;
}

// Those that `app --help` lists.
std::vector<DescribedCommand> CommandsOf(const CLI::App& app) {
  const auto listed =
      app.get_subcommands([](const CLI::App* c) { return !c->get_group().empty(); });
  std::vector<DescribedCommand> commands;
  commands.reserve(listed.size());
  for (const CLI::App* const command : listed) commands.push_back(CommandOf(*command));
  return commands;
}

// "-o" and "--output".
std::vector<std::string> NamesOf(const Flag& flag) {
  std::vector<std::string> names;
  names.reserve(flag.short_names.size() + flag.long_names.size());
  for (const std::string& name : flag.short_names) names.push_back("-" + name);
  for (const std::string& name : flag.long_names) names.push_back("--" + name);
  return names;
}

std::string Joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) {
    if (&word != words.data()) text += between;
    text += word;
  }
  return text;
}

// "auto always never" of "auto|always|never"; empty where a value is not one of a few.
std::string WordsOf(const std::string& value) {
  if (value.find('|') == std::string::npos) return "";
  std::string words = value;
  for (char& c : words) {
    if (c == '|') c = ' ';
  }
  return words;
}

std::string Replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// --- the manual page ----------------------------------------------------------------------------

// Text for troff: no line of it is taken for a request, no sign for an escape.
std::string Roff(const std::string& text) {
  std::string line = Replaced(Replaced(text, "\\", "\\e"), "-", "\\-");
  line = Replaced(line, "\n.", "\n\\&.");
  line = Replaced(line, "\n'", "\n\\&'");
  return line.starts_with('.') || line.starts_with('\'') ? "\\&" + line : line;
}

void AddFlags(const std::vector<Flag>& flags, std::string& page) {
  for (const Flag& flag : flags) {
    page += ".TP\n\\fB" + Roff(Joined(NamesOf(flag), ", ")) + "\\fR";
    if (!flag.value.empty()) page += " \\fI" + Roff(flag.value) + "\\fR";
    page += "\n" + Roff(flag.description) + "\n";
  }
}

void AddFooter(const std::string& footer, std::string& page) {
  page += ".PP\n.nf\n" + Roff(footer) + "\n.fi\n";
}

// --- fish and zsh -------------------------------------------------------------------------------

// For any shell.
std::string Quoted(const std::string& text) { return "'" + Replaced(text, "'", "'\\''") + "'"; }

void AddFish(const Flag& flag, const std::string& condition, std::string& script) {
  script += "complete -c heddle -n '" + condition + "'";
  for (const std::string& name : flag.short_names) script += " -s " + name;
  for (const std::string& name : flag.long_names) script += " -l " + name;
  if (!flag.value.empty()) script += flag.value == "PATH" ? " -r -F" : " -x";
  if (const std::string words = WordsOf(flag.value); !words.empty())
    script += " -a '" + words + "'";
  script += " -d " + Quoted(flag.description) + "\n";
}

// A text within a specification of _arguments.
std::string ZshText(const std::string& text) {
  std::string escaped = Replaced(text, "\\", "\\\\");
  for (const std::string_view sign : {"[", "]", ":"}) {
    escaped = Replaced(std::move(escaped), sign, "\\" + std::string(sign));
  }
  return Replaced(std::move(escaped), "'", "'\\''");
}

void AddZsh(const Flag& flag, std::string& script) {
  for (const std::string& name : NamesOf(flag)) {
    const bool is_long = name.starts_with("--");
    script += " \\\n        '" + name;
    if (!flag.value.empty()) script += is_long ? "=" : "+";
    script += "[" + ZshText(flag.description) + "]";
    if (!flag.value.empty()) {
      const std::string words = WordsOf(flag.value);
      script += ":" + ZshText(flag.value) + ":" +
                (flag.value == "PATH" ? "_files"
                 : words.empty()      ? " "
                                      : "(" + words + ")");
    }
    script += "'";
  }
}

// --- bash ---------------------------------------------------------------------------------------

std::string AllNames(const std::vector<Flag>& flags) {
  std::vector<std::string> names;
  for (const Flag& flag : flags) {
    for (std::string& name : NamesOf(flag)) names.push_back(std::move(name));
  }
  return Joined(names, " ");
}

// What comes behind a flag of `command` that takes a value.
void AddBash(const Flag& flag, const std::string& command, std::string& script) {
  if (flag.value.empty()) return;
  std::vector<std::string> patterns;
  for (const std::string& name : NamesOf(flag)) {
    patterns.emplace_back("\"").append(command).append(name).append("\"");
  }
  const std::string words = WordsOf(flag.value);
  script += "    " + Joined(patterns, " | ") + ") " +
            (flag.value == "PATH" ? "compopt -o default; return"
             : words.empty()      ? "return"
                                  : "_heddle_words " + Quoted(words) + "; return") +
            " ;;\n";
}

}  // namespace

std::string ManPage(const CLI::App& app, const std::string& version) {
  const DescribedCommand top = CommandOf(app);
  std::string page = ".TH HEDDLE 1 \"\" \"heddle " + Roff(version) +
                     "\" \"User Commands\"\n.SH NAME\nheddle \\- shows, draws, compares and "
                     "replays recordings of asynchronous runs\n.SH SYNOPSIS\n";
  const std::vector<DescribedCommand> commands = CommandsOf(app);
  for (const DescribedCommand& command : commands) {
    page += ".br\n\\fBheddle " + command.name + "\\fR [\\fIOPTION\\fR]... \\fI" +
            Roff(Joined(command.arguments, " ")) + "\\fR\n";
  }
  page += ".SH OPTIONS\n";
  AddFlags(top.flags, page);
  page += ".SH COMMANDS\n";
  for (const DescribedCommand& command : commands) {
    page += ".SS heddle " + command.name + "\n" + Roff(command.description) + ".\n";
    AddFlags(command.flags, page);
    AddFooter(command.footer, page);
  }
  return page +
         ".SH ENVIRONMENT\n.TP\n\\fBNO_COLOR\\fR\nIf it is set and not empty, there is no colour "
         "unless \\fB\\-\\-color\\fR asks for it.\n";
}

std::string BashCompletion(const CLI::App& app) {
  const std::vector<DescribedCommand> commands = CommandsOf(app);
  const DescribedCommand top = CommandOf(app);
  std::vector<std::string> names;
  names.reserve(commands.size());
  for (const DescribedCommand& command : commands) names.push_back(command.name);
  std::string script =
      "# Completion of heddle for bash. Made by `heddle describe bash`.\n"
      "_heddle_words() { mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$current\"); }\n\n"
      "_heddle() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} command='' word\n"
      "  local previous=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  COMPREPLY=()\n"
      "  if [[ $current == = ]]; then\n"
      "    current=''\n"
      "  elif [[ $previous == = ]]; then\n"
      "    previous=${COMP_WORDS[COMP_CWORD-2]}\n"
      "  fi\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case $word in " +
      Joined(names, " | ") +
      ") command=$word; break ;; esac\n"
      "  done\n"
      "  case \"$previous\" in\n";
  for (const Flag& flag : top.flags) AddBash(flag, "", script);
  script += "  esac\n  case \"$command $previous\" in\n";
  for (const DescribedCommand& command : commands) {
    for (const Flag& flag : command.flags) AddBash(flag, command.name + " ", script);
  }
  script += "  esac\n  case \"$command $current\" in\n    ' -'*) _heddle_words " +
            Quoted(AllNames(top.flags)) + " ;;\n";
  for (const DescribedCommand& command : commands) {
    script += "    '" + command.name + " -'*) _heddle_words " +
              Quoted(AllNames(command.flags) + " " + AllNames(top.flags)) + " ;;\n";
  }
  return script + "    ' '*) _heddle_words " + Quoted(Joined(names, " ")) +
         " ;;\n"
         "    *) mapfile -t COMPREPLY < <(compgen -f -X '!*.heddle' -- \"$current\"\n"
         "         compgen -d -- \"$current\") ;;\n"
         "  esac\n"
         "}\n"
         "complete -o filenames -F _heddle heddle\n";
}

std::string ZshCompletion(const CLI::App& app) {
  const std::vector<DescribedCommand> commands = CommandsOf(app);
  std::string script =
      "#compdef heddle\n"
      "# Completion of heddle for zsh. Made by `heddle describe zsh`.\n"
      "_heddle() {\n"
      "  local curcontext=$curcontext state line\n"
      "  local -a commands=(\n";
  for (const DescribedCommand& command : commands) {
    script += "    '" + command.name + ":" + ZshText(command.description) + "'\n";
  }
  script += "  )\n  _arguments -C";
  for (const Flag& flag : CommandOf(app).flags) AddZsh(flag, script);
  script +=
      " \\\n        '1:command:->command' '*::argument:->argument'\n"
      "  case $state in\n"
      "    command) _describe command commands ;;\n"
      "    argument)\n"
      "      case $words[1] in\n";
  for (const DescribedCommand& command : commands) {
    script += "      " + command.name + ") _arguments";
    for (const Flag& flag : command.flags) AddZsh(flag, script);
    script += " \\\n        '*:recording:_files -g \"*.heddle\"' ;;\n";
  }
  return script + "      esac ;;\n  esac\n}\n_heddle \"$@\"\n";
}

std::string FishCompletion(const CLI::App& app) {
  std::string script =
      "# Completion of heddle for fish. Made by `heddle describe fish`.\n"
      "complete -c heddle -f\n"
      "complete -c heddle -n 'not __fish_use_subcommand' -F\n";
  for (const Flag& flag : CommandOf(app).flags) AddFish(flag, "true", script);
  for (const DescribedCommand& command : CommandsOf(app)) {
    script += "complete -c heddle -n __fish_use_subcommand -a " + command.name + " -d " +
              Quoted(command.description) + "\n";
    for (const Flag& flag : command.flags) {
      if (flag.long_names != std::vector<std::string>{"help"}) {
        AddFish(flag, "__fish_seen_subcommand_from " + command.name, script);
      }
    }
  }
  return script;
}

}  // namespace heddle::tools
