// SPDX-License-Identifier: MIT
//
// Implements outline.h.
#include "outline.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "heddle/ending.h"
#include "table.h"
#include "words.h"

namespace heddle::tools {
namespace {

// Folds rows bottom-up. A key stands for all that must be equal in two repeats.
class Folder {
 public:
  // Returns the keys of what is left of `rows`.
  std::vector<std::size_t> Fold(std::vector<Row>& rows) {
    std::vector<std::size_t> keys;
    keys.reserve(rows.size());
    for (Row& row : rows) keys.push_back(KeyOf(row));
    std::vector<Row> folded;
    std::vector<std::size_t> folded_keys;
    for (std::size_t i = 0; i < rows.size();) {
      const auto [period, count] = RepeatsAt(keys, i);
      for (std::size_t j = i; j < i + period; ++j) {
        folded.push_back(std::move(rows[j]));
        folded_keys.push_back(keys[j]);
      }
      if (count > 1) {
        AddRepeats(folded, rows, i, period, count);
        folded_keys.push_back(Intern({RowKind::kAct, std::to_string(count), "", "", {period}}));
      }
      i += period * count;
    }
    rows = std::move(folded);
    return folded_keys;
  }

 private:
  using Key = std::tuple<RowKind, std::string, std::string, std::string, std::vector<std::size_t>>;

  std::size_t KeyOf(Row& row) {
    std::vector<std::size_t> children = Fold(row.children);
    if (row.failed) children.push_back(next_failure_--);
    return Intern({row.kind, row.repeat_name, row.site, row.note, std::move(children)});
  }

  std::size_t Intern(Key key) {
    return keys_.try_emplace(std::move(key), keys_.size()).first->second;
  }

  // The shortest block of rows at `at` that comes at least three times: its length, and how
  // often it comes. {1, 1} where nothing repeats.
  static std::pair<std::size_t, std::size_t> RepeatsAt(const std::vector<std::size_t>& keys,
                                                       std::size_t at) {
    constexpr std::size_t kPeriodMax = 8;
    constexpr std::size_t kRepeatsMin = 3;
    for (std::size_t period = 1; period <= kPeriodMax; ++period) {
      std::size_t end = at + period;
      while (end < keys.size() && keys[end] == keys[end - period]) ++end;
      const std::size_t count = (end - at) / period;
      if (count >= kRepeatsMin) return {period, count};
    }
    return {1, 1};
  }

  // `folded` ends with the first of `count` equal blocks, taken from rows[at, at + period).
  static void AddRepeats(std::vector<Row>& folded, const std::vector<Row>& rows, std::size_t at,
                         std::size_t period, std::size_t count) {
    Row& first = folded.back();
    if (period == 1 && first.children.empty()) {
      first.text = first.repeat_name + " x " + Grouped(count);
      for (std::size_t i = at + 1; i < at + count; ++i) {
        if (rows[i].took) first.took = Sum(first.took.value_or(0), *rows[i].took);
        first.other_steps += rows[i].other_steps;
      }
      return;
    }
    const Row& last = rows[at + period * count - 1];
    Row repeats;
    repeats.time = rows[at + period].time;
    repeats.text = period == 1 ? "... and " + Grouped(count - 1) + " more like it"
                               : "... these " + std::to_string(period) + " lines " +
                                     Grouped(count - 1) + " times more";
    const VirtualNanos took = Elapsed(repeats.time, Sum(last.time, last.took.value_or(0)));
    if (took > 0) repeats.took = took;
    folded.push_back(std::move(repeats));
  }

  std::map<Key, std::size_t> keys_;
  std::size_t next_failure_ = static_cast<std::size_t>(-1);  // a failure equals nothing
};

std::size_t CountRows(const std::vector<Row>& rows) {
  std::size_t count = rows.size();
  for (const Row& row : rows) count += CountRows(row.children);
  return count;
}

bool HasFailed(const std::vector<Row>& rows) {
  return std::any_of(rows.begin(), rows.end(),
                     [](const Row& row) { return row.failed || HasFailed(row.children); });
}

std::string NoteOf(const Row& row) {
  if (!row.note.empty() || row.other_steps == 0) return row.note;
  return "after " + Count(row.other_steps, "step") + " of other tasks";
}

std::string_view ColorOf(const Row& row) {
  if (row.failed) return kRedBold;
  return row.kind == RowKind::kTask ? kBold : row.kind == RowKind::kMark ? kCyan : kPlain;
}

// `branch`: the lines of the tree before the row's text; `below`: before its children's.
void AddLines(const Row& row, const std::string& branch, const std::string& below,
              std::vector<std::vector<Cell>>& lines) {
  const std::string_view minor = row.failed ? kRedBold : kDim;
  lines.push_back({{row.failed ? "✗" : " ", kRedBold},
                   {FormatNanos(row.time), minor},
                   {row.text, ColorOf(row), branch},
                   {row.site, minor},
                   {row.took ? FormatNanos(*row.took) : "", minor},
                   {NoteOf(row), minor}});
  for (const Row& child : row.children) {
    const bool last = &child == &row.children.back();
    AddLines(child, below + (last ? "╰─ " : "├─ "), below + (last ? "   " : "│  "), lines);
  }
}

}  // namespace

void FoldRepeats(std::vector<Row>& rows) { Folder().Fold(rows); }

void CutBelow(std::vector<Row>& rows, std::size_t depth) {
  for (Row& row : rows) {
    if (depth > 1) {
      CutBelow(row.children, depth - 1);
    } else if (!row.children.empty()) {
      row.note +=
          (row.note.empty() ? "" : "; ") + Count(CountRows(row.children), "line") + " below";
      row.failed = row.failed || HasFailed(row.children);
      row.children.clear();
    }
  }
}

std::string OutlineText(const std::vector<Row>& roots, bool color) {
  const std::vector<Column> columns = {{},
                                       {.right = true},
                                       {.right = false, .width_max = 64},
                                       {.right = false, .width_max = 32},
                                       {.right = true},
                                       {}};
  std::vector<std::vector<Cell>> lines = {
      {{" ", kDim}, {"time", kDim}, {"step", kDim}, {"site", kDim}, {"took", kDim}}};
  for (const Row& root : roots) AddLines(root, "", "", lines);
  return TableText(columns, lines, color);
}

}  // namespace heddle::tools
