// SPDX-License-Identifier: MIT
//
// PctChooser: probabilistic concurrency testing. Few switches, at random places: it finds what
// takes few ordering constraints, with a probability that is known.
#ifndef HEDDLE_CHOOSERS_PCT_H_
#define HEDDLE_CHOOSERS_PCT_H_

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/internal/priority_tree.h"
#include "heddle/internal/strand_chooser.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// Each strand has a random priority, and the highest that is ready runs. At depth - 1 random
// places of the run, the strand that was about to run falls below all others. (Burckhardt,
// Kothari, Musuvathi and Nagarakatte, "A randomized scheduler with probabilistic guarantees of
// finding bugs", ASPLOS 2010.)
//
// It guarantees to find a failure of depth d or less, in a program of n strands and at most k
// steps, with probability 1 / (n k^(d-1)) at least, in each run.
//
// Where a run yielded or drew a value nothing is proved: the failure may take a draw that is rare.
//
// k is the longest run that this chooser has seen, but for long ones; the first run has no change
// points. So schedule n of a seed is a function of the seed, n, and the lengths of the runs before.
// A strand that yields gets a new priority: among tasks that poll each order comes up, and none
// waits for ever for one that has a lower priority. Nor does one that polls without yielding: in a
// long run, which has more than 4 096 steps and twice the shortest, all draw new priorities every
// 1 024 steps. Where there was one nothing is proved. A step costs O(log n).
class PctChooser final : public internal::StrandChooser {
 public:
  explicit PctChooser(std::uint64_t seed, std::uint32_t depth = 3);

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override;
  std::uint32_t ChooseValue(std::uint32_t alternatives) override;
  void EndRun(const Recorder& recorder, Ending ending) override;
  double miss_probability(std::uint32_t depth) const override;
  std::string_view name() const override { return name_; }

  // Of the runs so far: the most steps, but for long ones, and the most strands.
  std::uint64_t steps_most() const { return steps_most_; }
  std::uint64_t strands_most() const { return strands_most_; }
  // The same for a program whose runs are known to have up to so many steps and strands.
  double MissProbability(std::uint32_t depth, std::uint64_t steps, std::uint64_t strands) const;

 private:
  friend internal::Strands;

  struct ChangePoint {
    std::uint64_t step;      // before which it is
    std::uint32_t priority;  // that the strand falls to
    friend auto operator<=>(const ChangePoint&, const ChangePoint&) = default;
  };

  // From how many steps on a run is long.
  std::uint64_t LongRun() const { return std::max(kLongRun, 2 * steps_least_); }
  [[gnu::noinline]] void ChangePriorities(const ReadySet& ready);
  std::uint64_t NextChange() const;
  [[gnu::noinline]] void ChangePriorityOfYielded(internal::StrandNumber strand);
  void OnSpawn(internal::StrandNumber strand);
  void OnArrive(internal::StrandNumber strand, Candidate candidate) {
    if (candidate.operation() == Operation::kYield) [[unlikely]] {
      ChangePriorityOfYielded(strand);
    } else if (ready_.Contains(strand)) {
      return;  // it goes on, with the priority that it has
    }
    ready_.Set(strand, priorities_[strand]);
  }
  void OnLeave(internal::StrandNumber strand) { ready_.Remove(strand); }

  std::string name_;
  std::uint32_t depth_;
  std::uint64_t priority_seed_ = 0;
  std::vector<std::uint32_t> priorities_;  // by strand
  internal::PriorityTree ready_;
  std::vector<ChangePoint> change_points_;  // by step, the last first
  std::uint64_t next_change_ = 0;           // before which step the next one is, or a turn
  std::uint64_t next_turn_ = 0;             // before which step all draw new priorities
  std::uint64_t steps_least_ = 0;
  std::uint64_t steps_most_ = 0;  // of those that are not long
  std::uint64_t strands_most_ = 0;
  std::uint64_t runs_ = 0;  // for which the bound holds: none before was longer
  bool yields_ = false;
  bool draws_ = false;
  bool polls_ = false;  // a run was long
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSERS_PCT_H_
