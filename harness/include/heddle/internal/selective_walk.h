// SPDX-License-Identifier: MIT
//
// SelectiveWalk: selectively uniform random walk. In each run one object is singled out, and all
// orders of what is done to it are equally likely; who makes the other steps is up to the chooser
// (choosers/surw.h, choosers/selective.h).
#ifndef HEDDLE_INTERNAL_SELECTIVE_WALK_H_
#define HEDDLE_INTERNAL_SELECTIVE_WALK_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heddle/internal/priority_tree.h"
#include "heddle/internal/profile.h"
#include "heddle/internal/strand_chooser.h"
#include "heddle/internal/sum_tree.h"
#include "heddle/internal/turns.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// Draws an object that several strands touch, in proportion to how often they do; where there is
// none, all steps count. A strand is *intended* to touch it next, drawn in proportion to how often
// each strand still will; strands that spawn count for those that they will spawn. The others are
// held back before they touch it. (Zhao, Wolff, Mathur and Roychoudhury, "Selectively uniform
// concurrency testing", ASPLOS 2025.)
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
class SelectiveWalk : public StrandChooser {
 public:
  void BeginRun(std::uint64_t schedule) final;
  std::size_t ChooseTask(const ReadySet& ready) final;
  void EndRun(const Recorder& recorder, Ending ending) final;

 protected:
  // Which of those that may go on makes the next step: the ones whose pending step is not selected,
  // and the intended one.
  enum class Rest : std::uint8_t {
    kStepPriorities,    // each step has a random priority
    kStrandPriorities,  // each strand has one, until it yields
    kStrandWeights,     // drawn in proportion to the steps that each strand still has to make
  };

  explicit SelectiveWalk(std::uint64_t seed) : StrandChooser(seed) {}

  // In the run number `run`, from 0, of those that go by the profile.
  virtual Rest RestOf(std::uint64_t run) const = 0;

 private:
  // What Strands tells, in a run with that rest.
  template <Rest kRest>
  struct Listener {
    SelectiveWalk& walk;

    void OnSpawn(StrandNumber strand) { walk.OnSpawn(strand); }
    void OnArrive(StrandNumber strand, Candidate candidate) {
      walk.OnArrive<kRest>(strand, candidate);
    }
    void OnLeave(StrandNumber strand) { walk.OnLeave<kRest>(strand); }
  };

  struct State {
    Profile::Entry entry = Profile::kUnknown;
    std::uint32_t priority = 1;       // never 0
    std::uint64_t steps_left = 0;     // of any kind, with those of strands that it will spawn
    std::uint64_t selected_left = 0;  // of those the selected ones
    std::uint64_t touches = 0;        // of any object, so far
    ObjectId touching = 0;            // by its pending step
    bool selected = false;            // its pending step is a selected one, and it is ready
    bool blocked = false;             // when it was intended: it does not count until it comes back
  };

  bool IsDueAgain() const;
  std::size_t ProfileStep(const ReadySet& ready);
  void Select();
  bool IsSelected(const State& state) {
    if (every_step_ || state.touching == 0) return every_step_;
    if (found_ == 0) LookForObject(state);
    return state.touching == found_;
  }
  // Whether what is pending is the first touch of the selected object: then it is found.
  void LookForObject(const State& state);

  template <Rest kRest>
  std::size_t Choose(const ReadySet& ready);
  template <Rest kRest>
  StrandNumber Next(const ReadySet& ready);
  StrandNumber NextByWeight();
  template <Rest kRest>
  bool NobodyIsFree() const;
  template <Rest kRest>
  void Release(StrandNumber strand);
  template <Rest kRest>
  void HoldBack(StrandNumber strand);
  template <Rest kRest>
  [[gnu::noinline]] void DrawAllAnew(const ReadySet& ready);

  // Whoever was intended before is held back now, if it is about to touch the object.
  void Intend(StrandNumber strand);
  void IntendAny();
  void IntendReady(const ReadySet& ready);
  StrandNumber OwnerOf(Turns::Owner turn) const;

  void OnSpawn(StrandNumber strand);
  template <Rest kRest>
  void OnArrive(StrandNumber strand, Candidate candidate);
  template <Rest kRest>
  void OnLeave(StrandNumber strand);

  Profile profile_;
  std::uint64_t runs_ = 0;           // by that profile, or a better one
  std::uint64_t walks_ = 0;          // in search of a better one
  std::uint64_t profile_steps_ = 0;  // of the longest run of those

  // Of this run.
  bool profiling_ = false;   // it is a random walk, to learn from
  bool every_step_ = false;  // no object is shared: all steps are selected
  Rest rest_ = Rest::kStepPriorities;
  ObjectId selected_ = 0;                      // in the run of the profile
  ObjectId found_ = 0;                         // in this run; 0: it was not met yet
  std::vector<std::uint64_t> selected_steps_;  // by entry of the profile
  std::vector<StrandNumber> strand_of_;        // the same
  std::vector<State> states_;                  // by strand
  StrandNumber intended_ = kNoStrand;
  std::uint32_t intended_priority_ = 0;  // 0: its pending step is not selected
  Turns turns_;                          // one for each selected step that is still to come
  bool has_turn_ = false;                // of the intended one: it was drawn from those
  std::uint64_t next_turn_ = 0;          // before which step all is drawn anew
  PriorityTree by_priority_;             // those that may go on, but for the intended one
  SumTree by_weight_;                    // the same
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_SELECTIVE_WALK_H_
