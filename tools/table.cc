// SPDX-License-Identifier: MIT
//
// Implements table.h.
#include "table.h"

#include <algorithm>
#include <utility>

#include "words.h"

namespace heddle::tools {
namespace {

std::size_t WidthOf(const Cell& cell) { return Width(cell.prefix) + Width(cell.text); }

std::vector<std::size_t> WidthsOf(const std::vector<Column>& columns,
                                  const std::vector<std::vector<Cell>>& rows) {
  std::vector<std::size_t> widths(columns.size());
  for (const std::vector<Cell>& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], std::min(WidthOf(row[i]), columns[i].width_max));
    }
  }
  return widths;
}

}  // namespace

std::string Colored(std::string_view text, std::string_view color, bool enabled) {
  constexpr std::string_view kReset = "\x1b[0m";
  if (!enabled || color.empty()) return std::string(text);
  return std::string(color) + std::string(text) + std::string(kReset);
}

std::string TableText(const std::vector<Column>& columns,
                      const std::vector<std::vector<Cell>>& rows, bool color) {
  const std::vector<std::size_t> widths = WidthsOf(columns, rows);
  std::string text;
  for (const std::vector<Cell>& row : rows) {
    std::size_t blanks = 0;  // put off until something follows them
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::size_t used = WidthOf(row[i]);
      const std::size_t spare = widths[i] - std::min(used, widths[i]);
      if (columns[i].right) blanks += spare;
      if (used > 0) {
        text.append(std::exchange(blanks, 0), ' ');
        text += row[i].prefix + Colored(row[i].text, row[i].color, color);
      }
      if (!columns[i].right) blanks += spare;
      blanks += 2;
    }
    text += "\n";
  }
  return text;
}

}  // namespace heddle::tools
