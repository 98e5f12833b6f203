// SPDX-License-Identifier: MIT
//
// Table: cells in columns, with or without colour. Used by outline.h for trees, by show.h
// for lists and by summary.h.
#ifndef HEDDLE_TOOLS_TABLE_H_
#define HEDDLE_TOOLS_TABLE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace heddle::tools {

// Escape sequences of a terminal. kPlain is none.
inline constexpr std::string_view kPlain = "";
inline constexpr std::string_view kBold = "\x1b[1m";
inline constexpr std::string_view kDim = "\x1b[2m";
inline constexpr std::string_view kCyan = "\x1b[36m";
inline constexpr std::string_view kRedBold = "\x1b[1;31m";

// `text` between `color` and its end.
std::string Colored(std::string_view text, std::string_view color, bool enabled);

struct Column {
  bool right = false;          // aligned to the right
  std::size_t width_max = 40;  // a longer text pushes what follows it out of its column
};

struct Cell {
  Cell(std::string the_text, std::string_view the_color, std::string the_prefix = "")
      : text(std::move(the_text)), color(the_color), prefix(std::move(the_prefix)) {}

  std::string text;
  std::string_view color;
  std::string prefix;  // before `text`, never coloured
};

// One line a row: two blanks between columns, none at the end.
std::string TableText(const std::vector<Column>& columns,
                      const std::vector<std::vector<Cell>>& rows, bool color);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_TABLE_H_
