// SPDX-License-Identifier: MIT
//
// Implements report_text.h. What a recorded program says may be any bytes: nothing here trusts
// them to be UTF-8.
#include "report_text.h"

#include <algorithm>

#include "heddle/internal/unseen_text.h"

namespace heddle::internal {
namespace {

constexpr std::size_t kMessageLinesMax = 20;

// How many bytes the code point that begins `text` has; 0 if it is not UTF-8, a control character,
// or a mark of direction.
std::size_t PrintableLength(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return lead < 0x20 || lead == 0x7f ? 0 : 1;
  const std::size_t length = (lead & 0xe0) == 0xc0   ? 2
                             : (lead & 0xf0) == 0xe0 ? 3
                             : (lead & 0xf8) == 0xf0 ? 4
                                                     : 0;
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if (MovesText(text.substr(0, length))) return 0;
  return lead == 0xc2 && byte(1) < 0xa0 ? 0 : length;
}

std::string EscapedByte(char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

bool BeginsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

// Where column `width` of `text` begins, in bytes.
std::size_t OffsetOf(std::string_view text, std::size_t width) {
  std::size_t offset = 0;
  for (; offset < text.size(); ++offset) {
    if (BeginsCodePoint(text[offset]) && width-- == 0) break;
  }
  return offset;
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = PrintableLength(text);
    if (length != 0) {
      result += text.substr(0, length);
    } else if (text[0] == '\n') {
      result += "\\n";
    } else if (text[0] == '\t') {
      result += "    ";
    } else {
      result += EscapedByte(text[0]);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), BeginsCodePoint));
}

std::string Cut(std::string text, std::size_t width) {
  if (Width(text) <= width) return text;
  const std::size_t kept = width < 3 ? 0 : width - 3;
  text.resize(OffsetOf(text, kept));
  return text.append(std::min<std::size_t>(width, 3), '.');
}

std::string CutFront(const std::string& text, std::size_t width) {
  const std::size_t all = Width(text);
  if (all <= width || width < 3) return Cut(text, width);
  return "..." + text.substr(OffsetOf(text, all - (width - 3)));
}

std::string CutPath(const std::string& path, std::size_t width) {
  if (Width(path) <= width) return path;
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    if (Width(path) - Width(path.substr(0, slash)) + 3 <= width) return "..." + path.substr(slash);
  }
  return CutFront(path.substr(path.rfind('/') + 1), width);
}

std::string Padded(std::string text, std::size_t width) {
  const std::size_t used = Width(text);
  return text.append(width - std::min(used, width), ' ');
}

std::string Grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, " ");
  return digits;
}

std::string Count(std::uint64_t number, std::string_view noun) {
  return Grouped(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(Printable(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string Wrapped(std::string text, std::size_t indent) {
  std::string result;
  while (Width(text) > kWidth) {
    const std::size_t limit = OffsetOf(text, kWidth);
    const std::size_t start = text.find_first_not_of(' ');
    std::size_t end = text.rfind(' ', limit);
    if (end == std::string::npos || end <= start) end = limit;
    const std::size_t next = std::min(text.find_first_not_of(' ', end), text.size());
    result.append(text, 0, text.find_last_not_of(' ', end - 1) + 1).append("\n");
    text.replace(0, next, indent, ' ');
  }
  return result.append(text, 0, text.find_last_not_of(' ') + 1).append("\n");
}

std::string Columns(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths;
  for (const std::vector<std::string>& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], Width(line[i]));
  }
  std::string text;
  for (const std::vector<std::string>& line : lines) {
    std::string row(4, ' ');
    for (std::size_t i = 0; i < line.size(); ++i) row += Padded(line[i], widths[i] + 2);
    text += Wrapped(row, 8);
  }
  return text;
}

std::string TextBlock(const std::string& intro, const std::string& text) {
  const std::vector<std::string> lines = Lines(text);
  if (lines.size() == 1) return Wrapped("  " + intro + " " + lines[0], 4);
  std::string block = "  " + intro + "\n";
  const std::size_t shown = std::min(lines.size(), kMessageLinesMax);
  for (std::size_t i = 0; i < shown; ++i) {
    block += lines[i].empty() ? "\n" : Wrapped("    " + lines[i], 6);
  }
  if (shown < lines.size()) block += "    ... " + Count(lines.size() - shown, "more line") + "\n";
  return block;
}

std::string Quoted(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  if (word.find_first_of("\"\\$`!") == std::string::npos) return "\"" + word + "\"";
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string ShellCommand(const std::vector<std::string>& words) {
  std::string command;
  for (const std::string& word : words) command += (command.empty() ? "" : " ") + Quoted(word);
  return command;
}

}  // namespace heddle::internal
