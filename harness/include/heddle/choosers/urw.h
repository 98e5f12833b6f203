// SPDX-License-Identifier: MIT
//
// UrwChooser: uniform random walk. All interleavings are equally likely, where a plain random
// walk prefers those in which some task ends early.
#ifndef HEDDLE_CHOOSERS_URW_H_
#define HEDDLE_CHOOSERS_URW_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "heddle/internal/profile.h"
#include "heddle/internal/strand_chooser.h"
#include "heddle/internal/sum_tree.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// A candidate is picked with a probability in proportion to the number of steps that it still has
// to make; steps of tasks that are not spawned yet count for who will spawn them. (The walk that is
// not selective, in Zhao, Wolff, Mathur and Roychoudhury, "Selectively uniform concurrency
// testing", ASPLOS 2025.)
//
// It guarantees that all interleavings have the same probability, where tasks spawn nothing, never
// wait for each other, and make the same number of steps in each run.
//
// The numbers come from a profile: its first run, a random walk (or the first that finishes, of
// sixty). So schedule n of a seed is a function of the seed, n, and what the body does in those.
// One chooser goes with one body. A step costs O(log n).
class UrwChooser final : public internal::StrandChooser {
 public:
  explicit UrwChooser(std::uint64_t seed) : StrandChooser(seed) {}

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override;
  void EndRun(const Recorder& recorder, Ending ending) override;
  std::string_view name() const override { return "urw"; }

 private:
  friend internal::Strands;

  void OnSpawn(internal::StrandNumber strand);
  void OnArrive(internal::StrandNumber strand, Candidate candidate);
  void OnLeave(internal::StrandNumber strand) { weights_.Set(strand, 0); }

  internal::Profile profile_;
  std::vector<std::uint64_t> steps_left_;  // by strand
  internal::SumTree weights_;              // of those that are ready
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSERS_URW_H_
