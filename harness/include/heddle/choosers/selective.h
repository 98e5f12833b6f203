// SPDX-License-Identifier: MIT
//
// SelectiveChooser: selectively uniform random walk, as surw.h has it, with other orders of the
// steps between.
#ifndef HEDDLE_CHOOSERS_SELECTIVE_H_
#define HEDDLE_CHOOSERS_SELECTIVE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "heddle/internal/priority_tree.h"
#include "heddle/internal/profile.h"
#include "heddle/internal/strand_chooser.h"
#include "heddle/internal/sum_tree.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// As in surw.h one object is singled out for each run, and the order of what is done to it is drawn
// so that all orders are equally likely. The paper leaves open who makes the other steps. In surw.h
// each of them has a random priority. Here each run draws one of two ways:
//   - each strand has a priority, as in pct.h: then what is not selected goes on for long
//   stretches;
//   - each strand has the weight of the steps that it still has to make, as in urw.h: then tasks
//     advance together, and who waits for a moment in the life of another one meets it.
//
// It guarantees what surw.h does: the order of the selected steps does not depend on the others. A
// strand that yields draws another priority. In a run of more than 4 096 steps, and twice the
// length of the profile, priorities and the intended strand are drawn anew every 1 024 steps. The
// profile is made like that of surw.h. A step costs O(log n).
class SelectiveChooser final : public internal::StrandChooser {
 public:
  explicit SelectiveChooser(std::uint64_t seed) : StrandChooser(seed) {}

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override;
  void EndRun(const Recorder& recorder, Ending ending) override;
  std::string_view name() const override { return "selective"; }

 private:
  friend internal::Strands;

  enum class Rest : std::uint8_t { kPriorities, kWeights };

  struct State {
    internal::Profile::Entry entry = internal::Profile::kUnknown;
    std::uint64_t steps_left = 0;     // of any kind, with those of strands that it will spawn
    std::uint64_t selected_left = 0;  // of those the selected ones
    std::uint64_t touches = 0;        // of any object, so far
    std::uint32_t priority = 0;
    ObjectId touching = 0;  // by its pending step
    bool selected = false;  // its pending step is a selected one, and it is ready
    bool blocked = false;   // when it was intended: its weight was taken out
  };

  bool IsDueAgain() const;
  void Select();
  std::size_t ProfileStep(const ReadySet& ready);
  bool IsSelected(const State& state);

  // Of those that may go on: the ones whose pending step is not selected, and the intended one.
  internal::StrandNumber Next();
  internal::StrandNumber NextByPriority();
  internal::StrandNumber NextByWeight();
  bool NobodyMayGoOn() const;
  void Release(internal::StrandNumber strand);
  void HoldBack(internal::StrandNumber strand);

  void Intend(internal::StrandNumber strand);
  void IntendAny() { Intend(selected_left_.Pick(random())); }
  void CountSelected(internal::StrandNumber strand);
  void DrawAllAnew(const ReadySet& ready);

  void OnSpawn(internal::StrandNumber strand);
  void TakeFromSpawner(internal::StrandNumber strand);
  void OnArrive(internal::StrandNumber strand, Candidate candidate);
  void OnLeave(internal::StrandNumber strand);

  internal::Profile profile_;
  std::uint64_t runs_ = 0;           // by that profile, or a better one
  std::uint64_t walks_ = 0;          // in search of a better one
  std::uint64_t profile_steps_ = 0;  // of the longest run of those

  // Of this run.
  bool profiling_ = false;   // it is a random walk, to learn from
  bool every_step_ = false;  // no object is shared: all steps are selected
  Rest rest_ = Rest::kPriorities;
  ObjectId selected_ = 0;                      // in the run of the profile
  ObjectId found_ = 0;                         // in this run; 0: it was not met yet
  std::vector<std::uint64_t> selected_steps_;  // by entry of the profile
  std::vector<State> states_;                  // by strand
  internal::StrandNumber intended_ = internal::kNoStrand;
  bool intended_is_due_ = false;        // its pending step is selected
  std::uint64_t next_turn_ = 0;         // before which step all is drawn anew
  internal::PriorityTree by_priority_;  // those that may go on, but for the intended one
  internal::SumTree by_weight_;         // the same
  internal::SumTree selected_left_;     // of all strands, but those known to be blocked
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSERS_SELECTIVE_H_
