// SPDX-License-Identifier: MIT
//
// Implements report_table.h: which rows stay, how wide the lanes are, the text.
#include "report_table.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "heddle/trace_text.h"
#include "report_lanes.h"
#include "report_rows.h"
#include "report_text.h"

namespace heddle::internal {
namespace {

constexpr std::size_t kLanesMax = 5;
constexpr std::size_t kRowsMax = 25;

bool SameButForTime(const Row& a, const Row& b) {
  return a.lane == b.lane && a.text == b.text && a.site == b.site;
}

// Takes away what only repeats the last few rows, three times or more. Gives how many rows
// are repeated; 0: none.
std::size_t FoldTail(std::vector<Row>& rows) {
  constexpr std::size_t kPeriodMax = 8;
  for (std::size_t period = 1; period <= kPeriodMax; ++period) {
    std::size_t start = rows.size();  // the first row of the repetition
    while (start > period && SameButForTime(rows[start - 1], rows[start - 1 - period])) --start;
    if (rows.size() - start < 2 * period) continue;
    const std::size_t copies = (rows.size() - start) / period;
    rows.resize(rows.size() - copies * period);
    return period;
  }
  return 0;
}

// Of which of the steps that have to come in one order an event is. Those from its beginning up to
// the next await of its strand are.
class DecidingEvents {
 public:
  DecidingEvents(const Story& story, const ShrinkResult* shrunk) {
    if (shrunk == nullptr) return;
    for (const OrderedStep& step : shrunk->steps) {
      if (step.event < story.end) Add(story, step);
    }
  }

  std::size_t steps() const { return steps_; }
  bool contains(std::size_t event) const { return step_of_.contains(event); }
  // Only of an event that it contains.
  std::size_t StepOf(std::size_t event) const { return step_of_.at(event); }

 private:
  void Add(const Story& story, const OrderedStep& step) {
    const TaskId strand = story.StrandOf(step.task);
    for (std::size_t i = step.event; i < story.end; ++i) {
      const Event& event = story.event(i);
      if (story.StrandOf(event.task) != strand) continue;
      step_of_.emplace(i, steps_);
      if (event.kind == EventKind::kSuspend && event.op() != Operation::kCall) break;
    }
    ++steps_;
  }

  std::map<std::size_t, std::size_t> step_of_;
  std::size_t steps_ = 0;
};

// Which rows stay, where there are too many: those of the deciding steps, the first ones of each
// before the others; the last ones of each lane, so that none is empty; then the last ones of all;
// then minor ones.
std::vector<bool> RowsToKeep(const std::vector<Row>& rows, std::size_t lanes,
                             const DecidingEvents& deciding) {
  constexpr std::size_t kDecidingMax = kRowsMax / 2;
  std::vector<bool> keep(rows.size());
  std::vector<std::size_t> kept_in(lanes);
  std::size_t kept = 0;
  std::vector<std::size_t> kept_of(deciding.steps());
  for (std::size_t i = 0; i < rows.size() && kept < kDecidingMax; ++i) {
    if (!deciding.contains(rows[i].event)) continue;
    std::size_t& of_step = kept_of[deciding.StepOf(rows[i].event)];
    if (of_step > 0 && of_step >= kDecidingMax / deciding.steps()) continue;
    keep[i] = true;
    ++of_step;
    ++kept;
  }
  for (std::size_t i = rows.size(); i-- > 0 && kept < kDecidingMax;) {
    if (keep[i] || !deciding.contains(rows[i].event)) continue;
    keep[i] = true;
    ++kept;
  }
  const auto keep_last = [&](std::size_t lane_limit, bool minor) {
    for (std::size_t i = rows.size(); i-- > 0 && kept < kRowsMax;) {
      std::size_t& in_lane = kept_in[rows[i].lane];
      if (keep[i] || rows[i].minor != minor || in_lane >= lane_limit) continue;
      keep[i] = true;
      ++in_lane;
      ++kept;
    }
  };
  keep_last(kRowsMax / (2 * lanes), false);
  keep_last(kRowsMax, false);
  keep_last(kRowsMax, true);
  return keep;
}

// Lays rows out: time, a column for each lane, place and choice. A row has one cell, which
// may run on into the columns of other lanes: they are empty there.
class TableWriter {
 public:
  TableWriter(const Story& story, const std::vector<TaskId>& lanes, std::vector<Row> rows,
              const DecidingEvents& deciding)
      : story_(story),
        lanes_(lanes),
        rows_(std::move(rows)),
        keep_(RowsToKeep(rows_, lanes.size(), deciding)) {
    Measure();
  }

  // Whether what happens in the last lane can be read: it has nowhere to run on into.
  bool IsReadable() const { return widths_.back() >= std::min(last_wanted_, kLaneMax); }

  std::string Text() const {
    std::string text = HeaderText();
    VirtualNanos now = 0;
    bool first = true;
    bool gap = false;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const Row& row = rows_[i];
      // From a deciding step far back to where the table begins.
      gap = gap || (i > 0 && rows_[i - 1].event < story_.begin && row.event >= story_.begin);
      if (!keep_[i]) {
        gap = gap || !row.minor;
        continue;
      }
      if (std::exchange(gap, false)) text += first ? "" : "    ...\n";
      const bool moved = std::exchange(first, false) || row.time != now;
      now = row.time;
      text += RowText(row, moved ? FormatNanos(now) : "");
    }
    return text;
  }

 private:
  static constexpr std::size_t kIndent = 4;
  static constexpr std::size_t kTimeMax = 12;
  static constexpr std::size_t kSiteMax = 22;
  static constexpr std::size_t kLaneMin = 12;
  static constexpr std::size_t kLaneMax = 22;
  static constexpr std::string_view kChoice = "choice";

  void Measure() {
    widths_.resize(lanes_.size());
    bool timed = false;
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
      Widen(widths_[lane], story_.Path(lanes_[lane]), kLaneMax);
      Widen(widths_[lane], story_.FlowName(lanes_[lane]), kLaneMax);
    }
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (!keep_[i]) continue;
      timed = timed || rows_[i].time != 0;
      Widen(time_, "time", kTimeMax);
      Widen(time_, FormatNanos(rows_[i].time), kTimeMax);
      const bool last = rows_[i].lane + 1 == lanes_.size();
      Widen(widths_[rows_[i].lane], rows_[i].text, last ? kWidth : kLaneMax);
      Widen(site_, rows_[i].site, kSiteMax);
      chosen_ = chosen_ || !rows_[i].choice.empty();
    }
    if (!timed) time_ = 0;
    last_wanted_ = widths_.back();
    while (LanesEnd() + site_ + (chosen_ ? 2 + kChoice.size() : 0) > kWidth) Shrink();
  }

  static void Widen(std::size_t& width, const std::string& text, std::size_t limit) {
    width = std::max(width, std::min(Width(text), limit));
  }

  // The widest lane gives way by a column: the last one only when the others have no more to
  // give. The limits above see to it that a fifth of the room is always something.
  void Shrink() {
    auto widest = std::max_element(widths_.begin(), widths_.end() - 1);
    if (*widest <= kLaneMin) widest = std::max_element(widths_.begin(), widths_.end());
    --*widest;
  }

  std::size_t LaneStart(std::size_t lane) const {
    std::size_t start = kIndent + (time_ == 0 ? 0 : time_ + 2);
    for (std::size_t i = 0; i < lane; ++i) start += widths_[i] + 2;
    return start;
  }
  std::size_t LanesEnd() const { return LaneStart(lanes_.size()); }

  std::string HeaderText() const {
    std::string names = Padded("    time", LaneStart(0));
    std::string flows(LaneStart(0), ' ');
    if (time_ == 0) names.assign(kIndent, ' ');
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
      const std::size_t width = widths_[lane];
      names += Padded(CutPath(story_.Path(lanes_[lane]), width), width + 2);
      flows += Padded(CutFront(story_.FlowName(lanes_[lane]), width), width + 2);
    }
    if (chosen_) names += std::string(site_ + 2, ' ').append(kChoice);
    return Line(names) + (flows.find_first_not_of(' ') == std::string::npos ? "" : Line(flows));
  }

  std::string RowText(const Row& row, const std::string& time) const {
    std::string line(kIndent, ' ');
    if (time_ != 0) line += Padded(Cut(time, time_), time_ + 2);
    const std::size_t start = LaneStart(row.lane);
    line = Padded(line, start);
    line += Padded(Cut(row.text, LanesEnd() - 2 - start), LanesEnd() - start);
    line += Padded(CutFront(row.site, site_), site_ + 2) + Cut(row.choice, kChoice.size());
    return Line(line);
  }

  static std::string Line(std::string line) {
    line.resize(line.find_last_not_of(' ') + 1);
    return line + "\n";
  }

  const Story& story_;
  const std::vector<TaskId>& lanes_;
  std::vector<Row> rows_;
  std::vector<bool> keep_;
  std::vector<std::size_t> widths_;
  std::size_t last_wanted_ = 0;
  std::size_t time_ = 0;
  std::size_t site_ = 0;
  bool chosen_ = false;
};

// How many tasks the table does not show: those that were spawned, not what they call.
std::size_t OtherStrands(const Story& story, const std::vector<TaskId>& lanes) {
  std::set<TaskId> others;
  for (const TaskInfo& task : story.tasks.tasks()) {
    if (task.started != kNoEvent && task.started < story.end)
      others.insert(story.StrandOf(task.id));
  }
  for (const TaskId lane : lanes) others.erase(lane);
  return others.size();
}

std::string TableTitle(const Story& story, const std::vector<TaskId>& lanes, bool all) {
  const std::size_t others = OtherStrands(story, lanes);
  std::string title = all ? "  The steps that led there" : "  The last steps before it";
  if (others != 0) title += " (" + Count(others, "other task") + " left out)";
  return title + ":\n\n";
}

std::string RepeatText(std::size_t rows) {
  if (rows == 0) return "";
  return "    and so on: the last " + (rows == 1 ? std::string("row") : Count(rows, "row")) +
         " again and again\n";
}

// The first of them, in the order in which they were spawned.
std::vector<TaskId> FirstInOrder(const std::vector<TaskId>& ranked, std::size_t count) {
  std::vector<TaskId> lanes(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(count));
  std::sort(lanes.begin(), lanes.end());
  return lanes;
}

}  // namespace

Table MakeTable(const Story& story, const ShrinkResult* shrunk) {
  if (story.end == 0) return {};
  const RankedLanes ranked = RankedStrands(story, shrunk);
  const DecidingEvents deciding(story, shrunk);
  const auto decides = [&](std::size_t event) { return deciding.contains(event); };
  for (std::size_t limit = std::min(kLanesMax, ranked.strands.size()); limit > 0; --limit) {
    std::vector<TaskId> lanes = FirstInOrder(ranked.strands, limit);
    std::vector<Row> rows = RowsOf(story, lanes, decides);
    const std::size_t repeated = FoldTail(rows);
    if (rows.empty()) break;
    const bool all = rows.size() <= kRowsMax && story.begin == 0;
    const TableWriter writer(story, lanes, std::move(rows), deciding);
    if (!writer.IsReadable() && lanes.size() > std::max<std::size_t>(1, ranked.needed)) continue;
    std::string text = TableTitle(story, lanes, all) + writer.Text() + RepeatText(repeated);
    return {.lanes = std::move(lanes), .text = std::move(text)};
  }
  return {};
}

}  // namespace heddle::internal
