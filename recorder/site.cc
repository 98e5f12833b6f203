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
#include <utility>
#include <vector>

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
  explicit FunctionName(std::string_view text) : text_(text) {}

  std::string Read() {
    while (at_ < text_.size()) ReadPiece();
    if (name_.empty()) EndName();
    return name_.empty() ? std::string(text_) : name_;
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
    std::string type;
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
    part_ += " " + type;
  }

  void EndPart() {
    if (!part_.empty()) parts_.push_back(std::exchange(part_, {}));
  }

  void EndName() {
    const bool lambda = part_ == kLambda || (!parts_.empty() && parts_.back() == kLambda);
    EndPart();
    name_ = lambda ? "lambda" : JoinParts();
    parts_.clear();
  }

  std::string JoinParts() {
    // Our inline namespaces: g++ prints them, clang does not.
    if (parts_.size() > 2 && parts_[0] == "heddle" &&
        (parts_[1] == "traced" || parts_[1] == "untraced")) {
      parts_.erase(parts_.begin() + 1);
    }
    std::string name;
    for (const std::string& part : parts_) {
      if (!name.empty()) name += "::";
      name += part;
    }
    return name;
  }

  // Steps over a bracketed group and all groups in it. `<` opens one only where types are:
  // between parentheses it may as well be a comparison.
  void SkipGroup() {
    std::string closers;
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

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string> parts_;  // the qualified name so far, without its last part
  std::string part_;                // its last part so far
  std::string name_;
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
  return FunctionName(function_name).Read();
}

}  // namespace heddle
