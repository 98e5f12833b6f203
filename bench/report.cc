// SPDX-License-Identifier: MIT
#include "report.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_format.h"

namespace heddle::bench {
namespace {

// A figure that is what one contender takes.
struct TimeFigure {
  std::string_view name;
  std::string_view workload;
  std::string_view contender;
  std::string_view floor;  // empty: there is none
  std::string_view unit;
  double nanoseconds;           // in one unit; where it is no time, what the sample is counted in
  std::optional<double> limit;  // of the ratio
  std::optional<double> most = {};  // of the value
};

// A figure that is how many a contender does: millions in a second.
struct RateFigure {
  std::string_view name;
  std::string_view workload;
  double least;
};

constexpr TimeFigure kFigures[] = {
    {"switch_recorded", "Y", "recorded", "floor_recorded", "ns", 1, 1.5},
    {"e2_recorded", "E2", "recorded", "floor_recorded", "us", 1e3, {}},
    {"e3_recorded", "E3", "recorded", "floor_recorded", "us", 1e3, 1.5},
    {"m_recorded", "M", "recorded", "floor_recorded", "us", 1e3, 1.5},
    {"switch_unrecorded", "Y", "unrecorded", "floor_unrecorded", "ns", 1, {}},
    {"e2_unrecorded", "E2", "unrecorded", "floor_unrecorded", "us", 1e3, {}},
    {"e3_unrecorded", "E3", "unrecorded", "floor_unrecorded", "us", 1e3, {}},
    {"m_unrecorded", "M", "unrecorded", "floor_unrecorded", "us", 1e3, {}},
    {"explore_e3", "E3", "explored", "floor_recorded", "us", 1e3, {}, 0.55},
    {"explore_m", "M", "explored", "floor_recorded", "us", 1e3, {}, 0.45},
    {"timer_t100", "T100", "recorded", "floor_recorded", "ns", 1, 1.3},
    {"mutex_handover", "Handover", "recorded", "floor_recorded", "ns", 1, 2},
    {"channel_hop", "Hop", "recorded", "floor_recorded", "ns", 1, 2},
    {"spawn_join", "SpawnJoin", "recorded", "floor_recorded", "ns", 1, 2},
    {"task_bytes", "TaskBytes", "beside_frame", "", "bytes", 1, {}, 300},
    {"step_growth_10_to_1m", "StepGrowth", "many_in_order", "few_in_order", "ns", 1, 2},
    {"step_growth_random", "StepGrowth", "many_at_random", "few_at_random", "ns", 1, {}},
    {"step_growth_floor", "StepGrowth", "floor_many", "floor_few", "ns", 1, {}},
    {"explore_pct_step", "Steps16", "pct", "random", "ns", 1, 1.5},
    {"explore_pos_step", "Steps16", "pos", "random", "ns", 1, 1.5},
    {"explore_surw_step", "Steps16", "surw", "random", "ns", 1, 1.5},
    {"explore_pct_step_256", "Steps256", "pct", "random", "ns", 1, 1.5},
    {"explore_pos_step_256", "Steps256", "pos", "random", "ns", 1, 1.5},
    {"explore_surw_step_256", "Steps256", "surw", "random", "ns", 1, 1.5},
    {"exhaust_m_ms", "ExhaustM", "exhaustive", "", "ms", 1e6, {}, 0.2},
    {"exhaust_a4_ms", "ExhaustA4", "exhaustive", "", "ms", 1e6, {}, 0.1},
    {"dpor_m_ms", "ExhaustM", "dpor", "", "ms", 1e6, {}},
    {"dpor_a4_ms", "ExhaustA4", "dpor", "", "ms", 1e6, {}},
    {"two_workers", "Workers", "two", "one", "us", 1e3, 1 / 1.85},
    {"event_to_file_ns", "EventToFile", "heddle", "floor", "ns", 1, 3 / 1.8},
    {"event_to_file_bytes", "EventBytes", "heddle", "floor", "bytes", 1, 3 / 2.0},
    {"whole_to_file_ns", "EventToFile", "whole", "", "ns", 1, {}},
    {"whole_to_file_bytes", "EventBytes", "whole", "", "bytes", 1, {}},
    {"show_10m_s", "Show10M", "show", "", "s", 1e9, {}, 1},
    {"show_10m_mb", "Show10M", "megabytes", "", "MB", 1, {}, 100},
    {"hb_query_ns", "HbQuery", "heddle", "", "ns", 1, {}, 1000},
    {"diff_1m_s", "Diff1M", "diff", "", "s", 1e9, {}, 2},
    {"off_speed", "OffCalls", "heddle", "floor", "ns", 1, 1.03},
    {"off_switch", "OffSwitch", "heddle", "floor", "ns", 1, {}},
    {"live_event_ns", "LiveCalls", "recorded", "floor", "ns", 1, {}},
    {"live_idle_ns", "LiveCalls", "idle", "bare", "ns", 1, {}},
};

constexpr RateFigure kRates[] = {{"read_back_meps", "ReadBack", 50},
                                 {"hb_build_meps", "HbBuild", 20}};

constexpr double kOverheadMax = 1.3;

std::optional<Figure> FigureOf(const TimeFigure& figure, const Samples& samples) {
  const std::optional<double> value = samples.Median(figure.workload, figure.contender);
  if (!value) return std::nullopt;
  Figure measured{.name = figure.name,
                  .value = *value / figure.nanoseconds,
                  .unit = figure.unit,
                  .floor = std::nullopt,
                  .ratio = std::nullopt,
                  .limit = figure.limit,
                  .most = figure.most,
                  .least = std::nullopt};
  if (figure.floor.empty()) return measured;
  const std::optional<double> floor = samples.Median(figure.workload, figure.floor);
  if (!floor) return std::nullopt;
  measured.floor = *floor / figure.nanoseconds;
  measured.ratio = *value / *floor;
  return measured;
}

std::optional<Figure> FigureOf(const RateFigure& figure, const Samples& samples) {
  const std::optional<double> nanoseconds = samples.Median(figure.workload, "heddle");
  if (!nanoseconds) return std::nullopt;
  return Figure{.name = figure.name,
                .value = 1e3 / *nanoseconds,
                .unit = "M/s",
                .floor = std::nullopt,
                .ratio = std::nullopt,
                .limit = std::nullopt,
                .most = std::nullopt,
                .least = figure.least};
}

// The same program, recorded over unrecorded; the worse of a long run and of short ones.
std::optional<Figure> RecordOverhead(const Samples& samples) {
  double worst = 0;
  for (const std::string_view workload : {"Y", "E3"}) {
    const std::optional<double> recorded = samples.Median(workload, "recorded");
    const std::optional<double> unrecorded = samples.Median(workload, "unrecorded");
    if (!recorded || !unrecorded) return std::nullopt;
    worst = std::max(worst, *recorded / *unrecorded);
  }
  return Figure{.name = "record_overhead",
                .value = worst,
                .unit = "ratio",
                .floor = std::nullopt,
                .ratio = worst,
                .limit = kOverheadMax,
                .most = std::nullopt,
                .least = std::nullopt};
}

Figure FrameFigure(const FrameBytes& frames) {
  const auto value = static_cast<double>(frames.heddle);
  const auto floor = static_cast<double>(frames.floor);
  return {.name = "off_frame_bytes",
          .value = value,
          .unit = "bytes",
          .floor = floor,
          .ratio = value / floor,
          .limit = 1,
          .most = std::nullopt,
          .least = std::nullopt};
}

std::string Cell(std::optional<double> number, std::string_view absent) {
  return number ? absl::StrFormat("%.3f", *number) : std::string(absent);
}

// A limit of the value says on which side it has to be; one of the ratio is the most.
std::string LimitText(const Figure& figure) {
  if (figure.most) return absl::StrFormat("<=%g", *figure.most);
  if (figure.least) return absl::StrFormat(">=%g", *figure.least);
  return Cell(figure.limit, "-");
}

bool HasLimit(const Figure& figure) {
  return (figure.ratio && figure.limit) || figure.most || figure.least;
}

std::string_view Verdict(const Figure& figure) {
  if (!HasLimit(figure)) return "";
  const bool is_over = (figure.ratio && figure.limit && *figure.ratio > *figure.limit) ||
                       (figure.most && figure.value > *figure.most) ||
                       (figure.least && figure.value < *figure.least);
  return is_over ? "OVER" : "within";
}

}  // namespace

std::optional<double> Samples::Median(std::string_view workload, std::string_view contender) const {
  const auto found = samples_.find({std::string(workload), std::string(contender)});
  if (found == samples_.end()) return std::nullopt;
  std::vector<double> sorted = found->second;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

std::vector<Figure> Figures(const Samples& samples, const FrameBytes& frames) {
  std::vector<Figure> figures;
  for (const TimeFigure& wanted : kFigures) {
    if (const std::optional<Figure> figure = FigureOf(wanted, samples)) figures.push_back(*figure);
  }
  for (const RateFigure& wanted : kRates) {
    if (const std::optional<Figure> figure = FigureOf(wanted, samples)) figures.push_back(*figure);
  }
  if (const std::optional<Figure> figure = RecordOverhead(samples)) figures.push_back(*figure);
  figures.push_back(FrameFigure(frames));
  return figures;
}

std::string TableText(const std::vector<Figure>& figures) {
  std::string text = absl::StrFormat("%-22s %10s %-6s %10s %7s %7s\n", "name", "value", "unit",
                                     "floor", "ratio", "limit");
  for (const Figure& figure : figures) {
    std::string line = absl::StrFormat("%-22s %10s %-6s %10s %7s %7s  %s", figure.name,
                                       Cell(figure.value, ""), figure.unit, Cell(figure.floor, "-"),
                                       Cell(figure.ratio, "-"), LimitText(figure), Verdict(figure));
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string JsonText(const std::vector<Figure>& figures) {
  std::string text = "[";
  std::string_view separator = "\n";
  for (const Figure& figure : figures) {
    absl::StrAppendFormat(
        &text, R"(%s  {"name": "%s", "value": %.3f, "unit": "%s", "floor": %s, "ratio": %s})",
        separator, figure.name, figure.value, figure.unit, Cell(figure.floor, "null"),
        Cell(figure.ratio, "null"));
    separator = ",\n";
  }
  return text + "\n]\n";
}

}  // namespace heddle::bench
