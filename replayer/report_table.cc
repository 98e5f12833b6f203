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
    for (std::size_t i = 0; i < shrunk->steps.size(); ++i) {
      if (shrunk->steps[i].event < story.end) Add(story, shrunk->steps[i], i + 1);
    }
  }

  std::size_t steps() const { return steps_; }
  bool contains(std::size_t event) const { return step_of_.contains(event); }
  // Only of an event that it contains.
  std::size_t StepOf(std::size_t event) const { return step_of_.at(event); }
  // Its number in the list above the table, from 1.
  std::size_t NumberOf(std::size_t event) const { return numbers_.at(StepOf(event)); }

 private:
  void Add(const Story& story, const OrderedStep& step, std::size_t number) {
    const TaskId strand = story.StrandOf(step.task);
    for (std::size_t i = step.event; i < story.end; ++i) {
      const Event& event = story.event(i);
      if (story.StrandOf(event.task) != strand) continue;
      step_of_.emplace(i, steps_);
      if (event.kind == EventKind::kSuspend && event.op() != Operation::kCall) break;
    }
    ++steps_;
    numbers_.push_back(number);
  }

  std::map<std::size_t, std::size_t> step_of_;
  std::vector<std::size_t> numbers_;  // by step
  std::size_t steps_ = 0;
};

// Which rows stay, where there are too many: those of the deciding steps, the first ones of each
// before the others; the last ones of each lane, so that none is empty; then those that tell most,
// up to half of what is left; then the last ones of all; then minor ones; and those of noise behind
// all others.
class RowChoice {
 public:
  RowChoice(const std::vector<Row>& rows, const std::vector<bool>& noise)
      : rows_(rows),
        noise_(noise),
        keep_(rows.size()),
        shown_(noise.size()),
        kept_in_(noise.size()) {}

  std::vector<bool> Kept(const DecidingEvents& deciding) {
    KeepDeciding(deciding);
    const std::size_t each = kRowsMax / (2 * noise_.size());
    KeepLast(kRowsMax, [&](const Row& row) {
      return !row.minor && kept_in_[row.lane] < (noise_[row.lane] ? 1 : each);
    });
    KeepLast(kRowsMax, [&](const Row& row) { return !shown_[row.lane]; });
    for (const bool noise : {false, true}) {
      const auto among = [&](const Row& row) { return noise_[row.lane] == noise; };
      KeepLast((kept_ + kRowsMax) / 2, [&](const Row& row) { return among(row) && row.tells; });
      KeepLast(kRowsMax, [&](const Row& row) { return among(row) && !row.minor; });
      KeepLast(kRowsMax, among);
    }
    return std::move(keep_);
  }

 private:
  void KeepDeciding(const DecidingEvents& deciding) {
    constexpr std::size_t kDecidingMax = kRowsMax / 2;
    std::vector<std::size_t> kept_of(deciding.steps());
    for (std::size_t i = 0; i < rows_.size() && kept_ < kDecidingMax; ++i) {
      if (!deciding.contains(rows_[i].event)) continue;
      std::size_t& of_step = kept_of[deciding.StepOf(rows_[i].event)];
      if (of_step > 0 && of_step >= kDecidingMax / deciding.steps()) continue;
      ++of_step;
      Keep(i);
    }
    KeepLast(kDecidingMax, [&](const Row& row) { return deciding.contains(row.event); });
    std::ranges::fill(kept_in_, 0);
  }

  void Keep(std::size_t row) {
    keep_[row] = true;
    ++kept_;
    shown_[rows_[row].lane] = true;
    ++kept_in_[rows_[row].lane];
  }

  template <class Wanted>
  void KeepLast(std::size_t limit, const Wanted& wanted) {
    for (std::size_t i = rows_.size(); i-- > 0 && kept_ < limit;) {
      if (!keep_[i] && wanted(rows_[i])) Keep(i);
    }
  }

  const std::vector<Row>& rows_;
  const std::vector<bool>& noise_;  // by lane
  std::vector<bool> keep_;
  std::vector<bool> shown_;           // by lane
  std::vector<std::size_t> kept_in_;  // by lane, beside the deciding ones
  std::size_t kept_ = 0;
};

// Lays rows out: the number of a deciding step where one begins, time, a column for each lane,
// place and choice. A row has one cell, which may run on into the columns of other lanes: they are
// empty there.
class TableWriter {
 public:
  // `keep`: which of the rows.
  TableWriter(const Story& story, const std::vector<TaskId>& lanes, std::vector<Row> rows,
              std::vector<bool> keep, const DecidingEvents& deciding)
      : story_(story), lanes_(lanes), rows_(std::move(rows)), keep_(std::move(keep)) {
    Measure();
    Number(deciding);
  }

  // Whether what happens in the last lane can be read: it has nowhere to run on into.
  bool IsReadable() const { return widths_.back() >= last_wanted_; }

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
      text += RowText(row, moved ? FormatNanos(now) : "", numbers_[i]);
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
    Widen(last_wanted_, CutPath(story_.Path(lanes_.back()), kLaneMin), kLaneMin);
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
      if (last) Widen(last_wanted_, rows_[i].text, kLaneMax);
      Widen(site_, rows_[i].site, kSiteMax);
      chosen_ = chosen_ || !rows_[i].choice.empty();
    }
    if (!timed) time_ = 0;
    while (LanesEnd() + site_ + (chosen_ ? 2 + kChoice.size() : 0) > kWidth) Shrink();
  }

  // Of each step the first row that is shown.
  void Number(const DecidingEvents& deciding) {
    numbers_.resize(rows_.size());
    std::set<std::size_t> numbered;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (!keep_[i] || !deciding.contains(rows_[i].event)) continue;
      const std::size_t number = deciding.NumberOf(rows_[i].event);
      if (number < 100 && numbered.insert(number).second) numbers_[i] = std::to_string(number);
    }
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

  std::string RowText(const Row& row, const std::string& time, const std::string& number) const {
    std::string line(kIndent - 1 - number.size(), ' ');
    line += number + " ";
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
  std::vector<std::string> numbers_;  // by row; empty: no deciding step begins there
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

// Whose rows go first where there are too many, by lane.
std::vector<bool> NoiseOf(const RankedLanes& ranked, const std::vector<TaskId>& lanes) {
  std::set<TaskId> noise = ranked.noise;
  for (std::size_t i = ranked.settled ? ranked.close : lanes.size(); i < lanes.size(); ++i) {
    noise.insert(ranked.strands[i]);
  }
  std::vector<bool> of_lane;
  of_lane.reserve(lanes.size());
  for (const TaskId lane : lanes) of_lane.push_back(noise.contains(lane));
  return of_lane;
}

}  // namespace

Table MakeTable(const Story& story, const ShrinkResult* shrunk) {
  if (story.end == 0) return {};
  const RankedLanes ranked = RankedStrands(story, shrunk, kLanesMax);
  const DecidingEvents deciding(story, shrunk);
  const auto decides = [&](std::size_t event) { return deciding.contains(event); };
  for (std::size_t limit = std::min(kLanesMax, ranked.strands.size()); limit > 0; --limit) {
    std::vector<TaskId> lanes = FirstInOrder(ranked.strands, limit);
    std::vector<Row> rows = RowsOf(story, lanes, decides);
    const std::size_t repeated = FoldTail(rows);
    if (rows.empty()) break;
    const bool all = rows.size() <= kRowsMax && story.begin == 0;
    const bool crowded = ranked.settled && !ranked.all && rows.size() > kRowsMax;
    const std::vector<bool> noise = NoiseOf(ranked, lanes);
    std::vector<bool> keep = RowChoice(rows, noise).Kept(deciding);
    const TableWriter writer(story, lanes, std::move(rows), std::move(keep), deciding);
    const std::size_t least = crowded ? ranked.close : ranked.needed;
    if ((crowded || !writer.IsReadable()) && limit > std::max<std::size_t>(1, least)) continue;
    std::string text = TableTitle(story, lanes, all) + writer.Text() + RepeatText(repeated);
    return {.lanes = std::move(lanes), .text = std::move(text)};
  }
  return {};
}

}  // namespace heddle::internal
