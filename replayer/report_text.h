// SPDX-License-Identifier: MIT
//
// The text of a report, whatever it is about: printable, in columns, and no wider than a line.
#ifndef HEDDLE_REPLAYER_REPORT_TEXT_H_
#define HEDDLE_REPLAYER_REPORT_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::internal {

inline constexpr std::size_t kWidth = 100;

// `text` with control characters, and bytes that are not UTF-8, spelled out.
std::string Printable(std::string_view text);

// In code points.
std::size_t Width(std::string_view text);

// Its beginning, its end, where it is too wide.
std::string Cut(std::string text, std::size_t width);
std::string CutFront(const std::string& text, std::size_t width);

// A path that is too wide loses its front, at a slash where that is possible.
std::string CutPath(const std::string& path, std::size_t width);

// With blanks behind it, where it is too narrow.
std::string Padded(std::string text, std::size_t width);

// "10 000"
std::string Grouped(std::uint64_t number);

// "1 task", "3 tasks"
std::string Count(std::uint64_t number, std::string_view noun);

// Printable, one by one.
std::vector<std::string> Lines(std::string_view text);

// `text` as lines that fit: broken at a blank where there is one; all but the first begin
// with `indent` blanks.
std::string Wrapped(std::string text, std::size_t indent);

// A word of a POSIX shell.
std::string Quoted(const std::string& word);
// Such words as a command.
std::string ShellCommand(const std::vector<std::string>& words);

// Cells in columns, the lines indented.
std::string Columns(const std::vector<std::vector<std::string>>& lines);

// `intro` and the text behind it, or below it where it has more than a line.
std::string TextBlock(const std::string& intro, const std::string& text);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_REPORT_TEXT_H_
