// SPDX-License-Identifier: MIT
//
// What the samples of a whole benchmark come to: one figure a name, against its floor and the
// most it may be (kFigures in report.cc). As a table for people, as JSON for programs.
#ifndef HEDDLE_BENCH_REPORT_H_
#define HEDDLE_BENCH_REPORT_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frame_bytes.h"

namespace heddle::bench {

// Nanoseconds an operation, one sample a repetition, by the names of workload and contender.
class Samples {
 public:
  void Add(std::string_view workload, std::string_view contender, double nanoseconds) {
    samples_[{std::string(workload), std::string(contender)}].push_back(nanoseconds);
  }
  bool empty() const { return samples_.empty(); }
  // Nothing when it was not measured.
  std::optional<double> Median(std::string_view workload, std::string_view contender) const;

 private:
  std::map<std::pair<std::string, std::string>, std::vector<double>> samples_;
};

struct Figure {
  std::string_view name;
  double value = 0;
  std::string_view unit;
  std::optional<double> floor;  // the hand-written twin, in the same unit
  std::optional<double> ratio;  // value / floor; of a figure that is a ratio, itself
  std::optional<double> limit;  // the most that ratio may be
  std::optional<double> most;   // the most, or the least, that value may be
  std::optional<double> least;
};

// What can be said from these samples: a filter may have left out some.
std::vector<Figure> Figures(const Samples& samples, const FrameBytes& frames);

std::string TableText(const std::vector<Figure>& figures);
// [{"name", "value", "unit", "floor", "ratio"}, ...]
std::string JsonText(const std::vector<Figure>& figures);

}  // namespace heddle::bench

#endif  // HEDDLE_BENCH_REPORT_H_
