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

bool IsMarked(const Row& row) { return row.failed || !row.order.empty(); }

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
    if (IsMarked(row)) children.push_back(next_marked_--);
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

  // Widens the range of `row`, if it has one, to that of rows[from, to).
  static void SetRange(Row& row, const std::vector<Row>& rows, std::size_t from, std::size_t to) {
    if (row.times == 1) row.least = row.most = rows[from].took.value_or(0);
    for (std::size_t i = from; i < to; ++i) {
      row.least = std::min(row.least, rows[i].took.value_or(0));
      row.most = std::max(row.most, rows[i].took.value_or(0));
    }
  }

  // `folded` ends with the first of `count` equal blocks, taken from rows[at, at + period).
  static void AddRepeats(std::vector<Row>& folded, const std::vector<Row>& rows, std::size_t at,
                         std::size_t period, std::size_t count) {
    Row& first = folded.back();
    if (period == 1 && first.children.empty()) {
      first.text = first.repeat_name + " x " + Grouped(count);
      first.times = count;
      first.least = first.most = first.took.value_or(0);
      SetRange(first, rows, at + 1, at + count);
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
    if (period == 1) {
      repeats.more = count - 1;
      SetRange(repeats, rows, at + 1, at + count);
    }
    const VirtualNanos took = Elapsed(repeats.time, Sum(last.time, last.took.value_or(0)));
    if (took > 0) repeats.took = took;
    folded.push_back(std::move(repeats));
  }

  std::map<Key, std::size_t> keys_;
  std::size_t next_marked_ = static_cast<std::size_t>(-1);  // what is marked equals nothing
};

// Folds tasks by what they did, wherever they stand among their siblings.
class Shapes {
 public:
  void Fold(std::vector<Row>& rows) {
    constexpr std::size_t kTasksMax = 20;
    for (Row& row : rows) Fold(row.children);
    const auto tasks = std::count_if(rows.begin(), rows.end(),
                                     [](const Row& row) { return row.kind == RowKind::kTask; });
    if (static_cast<std::size_t>(tasks) > kTasksMax) FoldTasks(rows);
  }

 private:
  struct Group {
    std::vector<std::size_t> rows;  // each with those that were folded into it
    std::size_t count = 0;
    VirtualNanos least = 0;
    VirtualNanos most = 0;
  };

  static void Add(Group& group, std::size_t count, VirtualNanos least, VirtualNanos most) {
    group.least = group.count == 0 ? least : std::min(group.least, least);
    group.most = std::max(group.most, most);
    group.count += count;
  }

  void FoldTasks(std::vector<Row>& rows) {
    constexpr std::size_t kLikeMin = 3;
    std::map<std::string, Group> groups;
    std::vector<Group*> group_of(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].kind != RowKind::kTask) continue;
      Group& group = groups[ShapeOf(rows[i])];
      group.rows.push_back(i);
      group_of[i] = &group;
      const VirtualNanos took = rows[i].took.value_or(0);
      const bool several = rows[i].times > 1;
      Add(group, rows[i].times, several ? rows[i].least : took, several ? rows[i].most : took);
      if (i + 1 == rows.size() || rows[i + 1].more == 0) continue;
      group_of[i + 1] = &group;
      Add(group, rows[i + 1].more, rows[i + 1].least, rows[i + 1].most);
    }
    std::vector<Row> folded;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Group* const group = group_of[i];
      const bool is_folded = group != nullptr && group->rows.size() >= kLikeMin;
      if (!is_folded || i == group->rows.front()) folded.push_back(std::move(rows[i]));
      if (is_folded && i == group->rows.front()) folded.push_back(LikeRow(*group, folded.back()));
    }
    rows = std::move(folded);
  }

  static Row LikeRow(const Group& group, const Row& first) {
    Row row;
    row.time = first.time;
    row.text = "... and " + Grouped(group.count - first.times) + " more like it";
    row.note = "all of them took " + FormatNanos(group.least) +
               (group.most > group.least ? " to " + FormatNanos(group.most) : "");
    return row;
  }

  // Marks of two tasks differ by their fields, and names by numbers.
  static std::string WithoutFigures(const std::string& text) {
    std::string result;
    for (const char c : text.substr(0, text.find(" {"))) {
      const bool is_digit = c >= '0' && c <= '9';
      if (!is_digit) result += c;
      if (is_digit && !result.ends_with('#')) result += '#';
    }
    return result;
  }

  // Of an await it does not matter who ended it, and what is done again and again counts once.
  // What is marked is like nothing else.
  std::string ShapeOf(const Row& row) {
    const bool is_task = row.kind == RowKind::kTask;
    std::string shape = (is_task ? row.repeat_name : WithoutFigures(row.repeat_name)) + "\n";
    shape += row.site;
    if (is_task) shape += "\n" + row.note;
    if (IsMarked(row)) shape += "\nmarked " + std::to_string(marked_++);
    std::string before;
    for (const Row& child : row.children) {
      std::string below = ShapeOf(child);
      if (below == before || child.more > 0) continue;
      shape += "\n(" + below + ")";
      before = std::move(below);
    }
    return shape;
  }

  std::size_t marked_ = 0;
};

std::size_t CountRows(const std::vector<Row>& rows) {
  std::size_t count = rows.size();
  for (const Row& row : rows) count += CountRows(row.children);
  return count;
}

// A row takes over the marks of those below it, which are cut off.
void TakeMarks(Row& row, const std::vector<Row>& below) {
  for (const Row& child : below) {
    row.failed = row.failed || child.failed;
    if (!child.order.empty()) row.order += (row.order.empty() ? "" : ",") + child.order;
    TakeMarks(row, child.children);
  }
}

std::string MarksOf(const Row& row) {
  const std::string marks = row.order + (row.failed ? "✗" : "");
  return marks.empty() ? " " : marks;
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
  lines.push_back({{MarksOf(row), kRedBold},
                   {FormatNanos(row.time), minor},
                   {row.text, ColorOf(row), branch},
                   {row.site, minor},
                   {row.took ? DurationText(*row.took, row.at_least) : "", minor},
                   {NoteOf(row), minor}});
  for (const Row& child : row.children) {
    const bool last = &child == &row.children.back();
    AddLines(child, below + (last ? "╰─ " : "├─ "), below + (last ? "   " : "│  "), lines);
  }
}

}  // namespace

void FoldLikeTasks(std::vector<Row>& rows) { Shapes().Fold(rows); }

void FoldRepeats(std::vector<Row>& rows) { Folder().Fold(rows); }

void CutBelow(std::vector<Row>& rows, std::size_t depth) {
  for (Row& row : rows) {
    if (depth > 1) {
      CutBelow(row.children, depth - 1);
    } else if (!row.children.empty()) {
      row.note +=
          (row.note.empty() ? "" : "; ") + Count(CountRows(row.children), "line") + " below";
      TakeMarks(row, row.children);
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
