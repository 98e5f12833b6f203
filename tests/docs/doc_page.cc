// SPDX-License-Identifier: MIT
#include "docs/doc_page.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "support/catch.h"
#include "support/golden.h"

namespace heddle {
namespace {

std::string TextOfFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  INFO("cannot read " << path);
  REQUIRE(file.is_open());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// `new_line` gives what stands in place of the number of a line of `file`, in as many columns.
template <class NewLine>
std::string WithOtherLines(std::string text, const std::string& file, const NewLine& new_line) {
  for (std::size_t at = text.find(file); at != std::string::npos; at = text.find(file, at + 1)) {
    const std::size_t begin = at + file.size();
    const std::size_t end = std::min(text.find_first_not_of("0123456789", begin), text.size());
    if (begin == end) continue;
    std::string line = new_line(std::stol(text.substr(begin, end - begin)));
    // In a table, whose columns are two spaces apart.
    if (text.compare(end, 2, "  ") == 0) line.resize(end - begin, ' ');
    text.replace(begin, end - begin, line);
  }
  return text;
}

}  // namespace

DocPage::DocPage(const std::string& page, const std::string& source)
    : path_(HEDDLE_SOURCE_DIR "/docs/" + page),
      text_(TextOfFile(path_)),
      source_name_(source),
      source_(TextOfFile(HEDDLE_SOURCE_DIR "/tests/docs/" + source)) {}

void DocPage::CheckCode() {
  const std::string marker = "<!-- code: ";
  std::size_t blocks = 0;
  for (std::size_t at = text_.find(marker); at != std::string::npos; at = text_.find(marker, at)) {
    at += marker.size();
    const std::string name = text_.substr(at, text_.find(' ', at) - at);
    CheckCode(name);
    ++blocks;
  }
  CHECK(blocks > 0);
  const std::string fence = "```cpp\n";
  for (std::size_t at = text_.find(fence); at != std::string::npos;
       at = text_.find(fence, at + 1)) {
    --blocks;
  }
  CHECK(blocks == 0);
}

void DocPage::CheckCode(const std::string& name) {
  CheckBlock("<!-- code: " + name + " -->\n```cpp\n", CodeOf(name));
}

void DocPage::CheckText(const std::string& name, const std::string& expected) {
  CheckBlock("<!-- text: " + name + " -->\n```\n", expected);
}

std::string DocPage::WithLinesOf(const std::string& block, std::string text) const {
  const std::size_t begin = source_.find("// [" + block + "\n");
  REQUIRE(begin != std::string::npos);
  const auto before =
      1 + std::count(source_.begin(), source_.begin() + static_cast<std::ptrdiff_t>(begin), '\n');
  text = WithOtherLines(std::move(text), source_name_ + ":",
                        [&](long line) { return std::to_string(line - before); });
  text = WithOtherLines(std::move(text), ".h:", [](long /*line*/) { return std::string("N"); });
  return WithoutSpacesAtEnds(text);
}

std::string DocPage::CodeOf(const std::string& block) const {
  const std::string begin = "// [" + block + "\n";
  INFO(source_name_ << " has no part " << block);
  const std::size_t from = source_.find(begin);
  REQUIRE(from != std::string::npos);
  const std::size_t to = source_.find("// " + block + "]\n", from);
  REQUIRE(to != std::string::npos);
  return source_.substr(from + begin.size(), to - from - begin.size());
}

void DocPage::CheckBlock(const std::string& line, const std::string& expected) {
  INFO("If the page is to change, run this test once with HEDDLE_UPDATE_GOLDEN=1: " << path_);
  INFO("the block after " << line);
  const std::size_t at = text_.find(line);
  REQUIRE(at != std::string::npos);
  const std::size_t begin = at + line.size();
  const std::size_t end = text_.find("```", begin);
  REQUIRE(end != std::string::npos);
  if (!GoldenUpdateIsWanted()) {
    CHECK(text_.substr(begin, end - begin) == expected);
    return;
  }
  text_.replace(begin, end - begin, expected);
  std::ofstream file(path_, std::ios::binary);
  file << text_ << std::flush;
  CHECK(file.good());
}

}  // namespace heddle
