// SPDX-License-Identifier: MIT
//
// SurwChooser: selectively uniform random walk. In each run one object is singled out, and all
// orders of what is done to it are equally likely.
#ifndef HEDDLE_CHOOSERS_SURW_H_
#define HEDDLE_CHOOSERS_SURW_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "heddle/internal/priority_tree.h"
#include "heddle/internal/profile.h"
#include "heddle/internal/strand_chooser.h"
#include "heddle/internal/turns.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// Draws an object that several strands touch, in proportion to how often they do; where there is
// none, all steps count. A strand is *intended* to touch it next, drawn in proportion to how often
// each strand still will; strands that spawn count for those that they will spawn. The others are
// held back before they touch it. All other steps are made by random priorities, one for each step.
// (Zhao, Wolff, Mathur and Roychoudhury, "Selectively uniform concurrency testing", ASPLOS 2025.)
//
// It guarantees that all orders of what is done to that object have the same probability, where no
// strand waits for another and each does as much as in the profile.
//
// If only strands that are held back could go on, one of them becomes the intended one; if the
// intended one yields, it is drawn anew. In a run of more than 4 096 steps, and twice the length of
// the profile, it is drawn anew every 1 024 steps, and so are all priorities. So no task polls for
// ever for one that is held back.
//
// The profile is its first run, a random walk (or the first that finishes, of sixty). Three more of
// its first runs are such walks, and take the place of the profile where strands met more often:
// what a strand does where another was first says little of what it could do. Schedule n of a seed
// is a function of the seed, n, and what the body does in those runs. An object is found again by
// which touch of which strand it is. One chooser goes with one body. A step costs O(log n).
class SurwChooser final : public internal::StrandChooser {
 public:
  explicit SurwChooser(std::uint64_t seed) : StrandChooser(seed) {}

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override;
  void EndRun(const Recorder& recorder, Ending ending) override;
  std::string_view name() const override { return "surw"; }

 private:
  friend internal::Strands;

  struct State {
    internal::Profile::Entry entry = internal::Profile::kUnknown;
    std::uint64_t left = 0;     // how many selected steps it and those it will spawn still make
    std::uint64_t touches = 0;  // of any object, so far
    ObjectId touching = 0;      // by its pending step
    bool selected = false;      // its pending step is a selected one, and it is ready
    bool blocked = false;       // when it was intended: it does not count until it comes back
  };

  void Select();
  bool IsSelected(const State& state) {
    if (every_step_ || state.touching == 0) return every_step_;
    if (found_ == 0) LookForObject(state);
    return state.touching == found_;
  }
  // Whether what is pending is the first touch of the selected object: then it is found.
  void LookForObject(const State& state);
  bool IsDueAgain() const;
  std::size_t ProfileStep(const ReadySet& ready);
  internal::StrandNumber Next(const ReadySet& ready);
  [[gnu::noinline]] void RedrawReady(const ReadySet& ready);
  void Intend(internal::StrandNumber strand);
  void IntendAny();
  void IntendReady(const ReadySet& ready);
  internal::StrandNumber OwnerOf(internal::Turns::Owner turn) const;
  void OnSpawn(internal::StrandNumber strand);
  void OnArrive(internal::StrandNumber strand, Candidate candidate);
  void OnLeave(internal::StrandNumber strand);

  internal::Profile profile_;
  std::uint64_t runs_ = 0;                         // by that profile, or a better one
  std::uint64_t walks_ = 0;                        // in search of a better one
  bool profiling_ = false;                         // this run is a random walk, to learn from
  bool every_step_ = false;                        // no object is shared: all steps are selected
  ObjectId selected_ = 0;                          // in the run of the profile
  ObjectId found_ = 0;                             // in this run; 0: it was not met yet
  std::vector<std::uint64_t> selected_steps_;      // by entry of the profile
  std::vector<internal::StrandNumber> strand_of_;  // by entry of the profile
  std::vector<State> states_;                      // by strand
  internal::StrandNumber intended_ = internal::kNoStrand;
  std::uint32_t intended_priority_ = 0;  // 0: its pending step is not selected
  internal::PriorityTree free_;          // those that are ready to make a step not selected
  std::uint64_t profile_steps_ = 0;      // of the longest run of those
  std::uint64_t next_turn_ = 0;          // before which step all draw new priorities
  internal::Turns turns_;                // a turn for each selected step that is still to come
  bool has_turn_ = false;                // of the intended one: it was drawn from those
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSERS_SURW_H_
