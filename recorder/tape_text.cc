// SPDX-License-Identifier: MIT
//
// The tape's text, written and read. It is made to be edited by hand: the parser takes any
// spacing and any comment, and about everything else it says which line is wrong and what
// was expected there.
#include "heddle/tape_text.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "heddle/choice.h"
#include "heddle/tape.h"
#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle {

namespace {

constexpr std::uint32_t kTapeVersion = 1;
constexpr std::size_t kCommentColumn = 24;
constexpr std::size_t kCommentMax = 80;
constexpr char kHexDigits[] = "0123456789abcdef";

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

void AppendHexByte(char c, std::string* out) {
  const auto byte = static_cast<unsigned char>(c);
  out->push_back(kHexDigits[byte >> 4]);
  out->push_back(kHexDigits[byte & 0xf]);
}

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (IsControl(c)) {
      out += "\\x";
      AppendHexByte(c, &out);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
  return out;
}

std::string Hex(std::string_view bytes) {
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char c : bytes) AppendHexByte(c, &out);
  return out;
}

// What a comment may hold: one line, not too long.
std::string CommentText(std::string_view text) {
  std::string out(text.substr(0, kCommentMax));
  for (char& c : out) {
    if (IsControl(c)) c = ' ';
  }
  if (text.size() > kCommentMax) out += "...";
  return out;
}

void AppendLine(std::string line, const std::string& comment, std::string* out) {
  if (!comment.empty()) {
    if (line.size() < kCommentColumn) line.resize(kCommentColumn, ' ');
    absl::StrAppend(&line, line.ends_with(' ') ? "# " : "  # ", comment);
  }
  absl::StrAppend(out, line, "\n");
}

std::string EntryText(const TapeEntry& entry) {
  return absl::StrCat("choice ", entry.choice,
                      entry.kind == ChoiceKind::kTask ? ": task " : ": value ", entry.picked);
}

std::string EntryComment(const Choice& choice, const TaskTable& tasks) {
  std::string of = absl::StrCat("of ", choice.alternatives);
  if (choice.kind != ChoiceKind::kTask) return of;
  return absl::StrCat(CommentText(tasks.Path(choice.picked)), " before ",
                      CommentText(tasks.Path(choice.first)), ", ", of);
}

// `comment_of` gives the comment of an entry.
template <class CommentOf>
std::string Text(const Tape& tape, const std::string& input_comment, CommentOf comment_of) {
  std::string out = absl::StrCat("heddle tape ", kTapeVersion, "\n");
  AppendLine("test " + Quoted(tape.test), "", &out);
  if (!tape.input.empty()) AppendLine("input " + Hex(tape.input), input_comment, &out);
  for (const TapeEntry& entry : tape.entries) {
    AppendLine(EntryText(entry), comment_of(entry), &out);
  }
  return out;
}

// One line of a tape, read from left to right.
class LineParser {
 public:
  explicit LineParser(std::string_view line) : rest_(line) { SkipSpace(); }

  // Nothing is left but a comment.
  bool AtEnd() const { return rest_.empty() || rest_.front() == '#'; }

  // Takes the next word: up to a space, a colon or a comment.
  std::string_view Word() { return Take(rest_.substr(0, rest_.find_first_of(" \t\r:#")).size()); }

  bool Colon() {
    if (rest_.empty() || rest_.front() != ':') return false;
    Take(1);
    return true;
  }

  template <class Unsigned>
  std::optional<Unsigned> Number() {
    const std::string_view word = Word();
    Unsigned number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
    return number;
  }

  std::optional<std::string> QuotedText() {
    if (rest_.empty() || rest_.front() != '"') return std::nullopt;
    std::string text;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        Take(i + 1);
        return text;
      }
      if (rest_[i] != '\\') {
        text.push_back(rest_[i]);
        continue;
      }
      const std::optional<char> escaped = Escape(&i);
      if (!escaped) return std::nullopt;
      text.push_back(*escaped);
    }
    return std::nullopt;
  }

  std::optional<std::string> HexBytes() {
    const std::string_view word = Word();
    if (word.empty() || word.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    for (std::size_t i = 0; i < word.size(); i += 2) {
      const std::optional<char> byte = HexByte(word.substr(i, 2));
      if (!byte) return std::nullopt;
      bytes.push_back(*byte);
    }
    return bytes;
  }

 private:
  static std::optional<char> HexByte(std::string_view digits) {
    unsigned char byte = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) {
      return std::nullopt;
    }
    return static_cast<char>(byte);
  }

  // The character that the escape at *position stands for; moves to its last character.
  std::optional<char> Escape(std::size_t* position) const {
    if (++*position >= rest_.size()) return std::nullopt;
    switch (rest_[*position]) {
      case '"':
        return '"';
      case '\\':
        return '\\';
      case 'n':
        return '\n';
      case 'x': {
        const std::optional<char> byte = HexByte(rest_.substr(*position + 1, 2));
        *position += 2;
        return byte;
      }
      default:
        return std::nullopt;
    }
  }

  std::string_view Take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    SkipSpace();
    return taken;
  }

  void SkipSpace() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r"), rest_.size()));
  }

  std::string_view rest_;
};

// Reads a tape line by line. The first thing that is wrong is the result.
class TapeParser {
 public:
  explicit TapeParser(const std::string& name) : name_(name) {}

  absl::StatusOr<Tape> Parse(std::string_view text) {
    while (!text.empty()) {
      const std::size_t size = std::min(text.find('\n'), text.size());
      line_ = text.substr(0, size);
      text.remove_prefix(std::min(size + 1, text.size()));
      ++line_number_;
      if (absl::Status status = ParseLine(); !status.ok()) return status;
    }
    if (!has_version_) return NotATape();
    return std::move(tape_);
  }

 private:
  absl::Status ParseLine() {
    LineParser line(line_);
    if (line.AtEnd()) return absl::OkStatus();
    const std::string_view directive = line.Word();
    absl::Status status;
    if (!has_version_) {
      status = ParseVersion(directive, &line);
    } else if (directive == "test") {
      status = ParseTest(&line);
    } else if (directive == "input") {
      status = ParseInput(&line);
    } else if (directive == "choice") {
      status = ParseChoice(&line);
    } else {
      return Wrong("a tape has lines that begin with `test`, `input` or `choice`");
    }
    if (status.ok() && !line.AtEnd()) {
      return Wrong("there is more on the line than belongs there; a comment begins with `#`");
    }
    return status;
  }

  absl::Status ParseVersion(std::string_view directive, LineParser* line) {
    if (directive != "heddle" || line->Word() != "tape") return NotATape();
    const std::optional<std::uint32_t> version = line->Number<std::uint32_t>();
    if (!version || *version == 0) return NotATape();
    if (*version > kTapeVersion) {
      return absl::UnimplementedError(absl::StrCat(Here(), "was written by tape version ", *version,
                                                   ", this heddle reads up to ", kTapeVersion,
                                                   ": update heddle."));
    }
    has_version_ = true;
    return absl::OkStatus();
  }

  absl::Status ParseTest(LineParser* line) {
    if (has_test_) return Wrong("a tape has one `test` line");
    has_test_ = true;
    std::optional<std::string> test = line->QuotedText();
    if (!test) {
      return Wrong("expected `test \"NAME\"`; in a name, write \\\" for \" and \\\\ for \\");
    }
    tape_.test = *std::move(test);
    return absl::OkStatus();
  }

  absl::Status ParseInput(LineParser* line) {
    if (has_input_) return Wrong("a tape has one `input` line");
    has_input_ = true;
    std::optional<std::string> input = line->HexBytes();
    if (!input) return Wrong("expected `input` and bytes in hex, two digits each: `input 0a00`");
    tape_.input = *std::move(input);
    return absl::OkStatus();
  }

  absl::Status ParseChoice(LineParser* line) {
    TapeEntry entry;
    const std::optional<std::uint64_t> number = line->Number<std::uint64_t>();
    const bool colon = line->Colon();
    const std::string_view kind = line->Word();
    const std::optional<std::uint32_t> picked = line->Number<std::uint32_t>();
    if (!number || !colon || !picked || (kind != "task" && kind != "value")) {
      return Wrong("expected `choice NUMBER: task ID` or `choice NUMBER: value NUMBER`");
    }
    if (!tape_.entries.empty() && *number <= tape_.entries.back().choice) {
      return Wrong(absl::StrCat("choices are in ascending order, and choice ",
                                tape_.entries.back().choice, " came before"));
    }
    entry.choice = *number;
    entry.kind = kind == "task" ? ChoiceKind::kTask : ChoiceKind::kValue;
    entry.picked = *picked;
    tape_.entries.push_back(entry);
    return absl::OkStatus();
  }

  // "shop.tape:4: "
  std::string Here() const { return absl::StrCat(name_, ":", line_number_, ": "); }

  absl::Status Wrong(const std::string& why) const {
    return absl::InvalidArgumentError(
        absl::StrCat(Here(), why, ". The line is `", CommentText(line_), "`."));
  }

  absl::Status NotATape() const {
    return absl::InvalidArgumentError(absl::StrCat(
        name_, ": is not a tape: its first line should be `heddle tape ", kTapeVersion,
        "`. Likely cause: the path of another file. `heddle keep` makes a tape of a recording."));
  }

  const std::string& name_;
  std::string_view line_;
  std::size_t line_number_ = 0;
  bool has_version_ = false;
  bool has_test_ = false;
  bool has_input_ = false;
  Tape tape_;
};

}  // namespace

std::string TapeText(const Trace& trace) {
  const TaskTable tasks(trace);
  return Text(TapeOf(trace), CommentText(trace.header.input_text), [&](const TapeEntry& entry) {
    return EntryComment(trace.choices[static_cast<std::size_t>(entry.choice)], tasks);
  });
}

std::string TapeText(const Tape& tape) {
  return Text(tape, "", [](const TapeEntry&) { return std::string(); });
}

absl::StatusOr<Tape> ParseTape(std::string_view text, const std::string& name) {
  return TapeParser(name).Parse(text);
}

}  // namespace heddle
