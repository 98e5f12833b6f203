// SPDX-License-Identifier: MIT
//
// Names of places for people. Most of it reads what compilers print for a function:
//
//   g++    shop::Box<int>::Get() const::<lambda(int)>
//          heddle::traced::Task<T> shop::{anonymous}::Twice(T) [with T = int]
//   clang  auto shop::Box<int>::Get()::(anonymous class)::operator()(int) const
//          Task<T> shop::(anonymous namespace)::Twice(T) [T = int]
#include "heddle/site.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory_resource>
#include <utility>
#include <vector>

#include "display_name.h"

namespace heddle {
namespace {

// No identifier is spelled like this, so a function called `lambda` is not one.
constexpr std::string_view kLambda = "<lambda>";

bool IsWordChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

// Reads the text from left to right. The name is the last qualified name that a parameter
// list follows: a return type has none, and the function around a lambda or a local class
// is overtaken by what stands inside it.
class FunctionName {
 public:
  using Text = std::pmr::string;

  // Needs no other memory than that of `memory`.
  FunctionName(std::string_view text, std::pmr::memory_resource* memory)
      : text_(text), parts_(memory), part_(memory), name_(memory) {}

  Text Read() {
    while (at_ < text_.size()) ReadPiece();
    if (name_.empty()) EndName();
    if (name_.empty()) name_ = text_;
    return std::move(name_);
  }

 private:
  bool Sees(std::string_view piece) const { return text_.substr(at_).starts_with(piece); }

  void ReadPiece() {
    const char c = text_[at_];
    if (IsWordChar(c)) {
      ReadWord();
    } else if (Sees("::")) {
      EndPart();
      at_ += 2;
    } else if (Sees("<lambda(")) {
      SkipGroup();
      part_ = kLambda;
      EndName();
    } else if (c == '<' || c == '{') {  // template arguments, {anonymous}
      SkipGroup();
    } else if (c == '(') {
      ReadParenthesis();
    } else if (c == '[') {
      ReadBracket();
    } else {  // whatever came before was a return type or `static`
      parts_.clear();
      part_.clear();
      ++at_;
    }
  }

  void ReadWord() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && IsWordChar(text_[at_])) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word == "operator") {
      ReadOperator();
    } else if (word == "requires") {
      // An expression up to the end of the text, or up to what is inside the function; of
      // that only a lambda can be told from the expression.
      at_ = std::min(text_.find("::<lambda(", at_), text_.size());
    } else if (word != "const") {  // `Get() const::<lambda()>`
      part_ += word;
    }
  }

  void ReadParenthesis() {
    if (!part_.empty()) {
      EndName();
    } else if (Sees("(lambda") || Sees("(anonymous class)")) {
      part_ = kLambda;
    }
    SkipGroup();
  }

  // ` [with T = int]` ends the name; `[abi:cxx11]` is a part of it that nobody reads.
  void ReadBracket() {
    if (at_ > 0 && text_[at_ - 1] == ' ') {
      at_ = text_.size();
    } else {
      SkipGroup();
    }
  }

  void ReadOperator() {
    part_ = "operator";
    if (Sees("\"\"")) {
      part_ += "\"\"";
      at_ += 2;
    } else if (Sees(" ")) {
      ReadConversion();
    } else {
      const std::string_view symbol = text_.substr(at_, SymbolLength());
      part_ += symbol;
      at_ += symbol.size();
    }
    if (Sees(" ")) ++at_;  // `operator< <int>`, `operator"" _s`
  }

  std::size_t SymbolLength() const {
    constexpr std::array<std::string_view, 25> kLongSymbols = {
        "<=>", "->*", "<<=", ">>=", "()", "[]", "<<", ">>", "<=", ">=", "==", "!=", "&&",
        "||",  "++",  "--",  "->",  "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^="};
    for (const std::string_view symbol : kLongSymbols) {
      if (Sees(symbol)) return symbol.size();
    }
    return 1;
  }

  // `operator heddle::traced::Task<int>` of g++ and `operator Task` of clang.
  void ReadConversion() {
    Text type(memory());
    ++at_;
    while (at_ < text_.size() && text_[at_] != '(') {
      if (text_[at_] == '<') {
        SkipGroup();
      } else if (Sees("::")) {
        type.clear();
        at_ += 2;
      } else {
        type += text_[at_++];
      }
    }
    part_ += ' ';
    part_ += type;
  }

  void EndPart() {
    if (!part_.empty()) parts_.push_back(std::move(part_));
    part_.clear();
  }

  void EndName() {
    const bool lambda = part_ == kLambda || (!parts_.empty() && parts_.back() == kLambda);
    EndPart();
    if (lambda) {
      name_ = "lambda";
    } else {
      JoinParts();
    }
    parts_.clear();
  }

  void JoinParts() {
    // Our inline namespaces: g++ prints them, clang does not.
    if (parts_.size() > 2 && parts_[0] == "heddle" &&
        (parts_[1] == "traced" || parts_[1] == "untraced" || parts_[1] == "live")) {
      parts_.erase(parts_.begin() + 1);
    }
    name_.clear();
    for (const Text& part : parts_) {
      if (!name_.empty()) name_ += "::";
      name_ += part;
    }
  }

  // Steps over a bracketed group and all groups in it. `<` opens one only where types are:
  // between parentheses it may as well be a comparison.
  void SkipGroup() {
    Text closers(memory());
    do {
      const char c = text_[at_];
      if (c == '\'' || c == '"') {
        SkipQuoted(c);
        continue;
      }
      if (c == '(') {
        closers += ')';
      } else if (c == '[') {
        closers += ']';
      } else if (c == '{') {
        closers += '}';
      } else if (c == '<' && (closers.empty() || closers.back() == '>')) {
        closers += '>';
      } else if (c == closers.back()) {
        closers.pop_back();
      }
      ++at_;
    } while (at_ < text_.size() && !closers.empty());
  }

  // A character or string as a template argument. A quote alone is part of a file's name.
  void SkipQuoted(char quote) {
    for (std::size_t end = at_ + 1; end < text_.size(); ++end) {
      if (text_[end] == '\\') {
        ++end;
      } else if (text_[end] == quote) {
        at_ = end;
        break;
      }
    }
    ++at_;
  }

  std::pmr::memory_resource* memory() const { return name_.get_allocator().resource(); }

  std::string_view text_;
  std::size_t at_ = 0;
  std::pmr::vector<Text> parts_;  // the qualified name so far, without its last part
  Text part_;                     // its last part so far
  Text name_;
};

}  // namespace

std::string_view FileName(std::string_view path) {
  const std::size_t separator = path.find_last_of("/\\");
  return separator == std::string_view::npos ? path : path.substr(separator + 1);
}

std::string ToString(const Site& site) {
  if (site.file.empty()) return "?";
  std::string text(FileName(site.file));
  if (site.line != 0) text += ":" + std::to_string(site.line);
  return text;
}

std::string DisplayName(std::string_view function_name) {
  return std::string(internal::DisplayNameIn(function_name, std::pmr::get_default_resource()));
}

namespace internal {

std::pmr::string DisplayNameIn(std::string_view function_name, std::pmr::memory_resource* memory) {
  return FunctionName(function_name, memory).Read();
}

}  // namespace internal

}  // namespace heddle
