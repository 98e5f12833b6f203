// SPDX-License-Identifier: MIT
//
// What the steps of a run did to the objects that tasks share, and which of them conflict
// (heddle/conflict.h): the pairs whose order may decide how the run ends.
#ifndef HEDDLE_REPLAYER_SEEN_STEPS_H_
#define HEDDLE_REPLAYER_SEEN_STEPS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "heddle/recorder.h"
#include "step_order.h"

namespace heddle::internal {

// What a step did to objects that tasks share.
struct SeenTouch {
  std::uint32_t object = 0;
  bool reads_only = false;
};
struct SeenStep {
  StepName name;
  TaskId task = kNoTask;  // who goes on with it
  std::size_t event = 0;  // where it begins
  std::vector<SeenTouch> touches;
};

// Of a run with events. `names`: of the steps that the events are of.
std::vector<SeenStep> SeenSteps(const Recorder& recorder, const std::vector<StepName>& names);

// Of those, `to_come` are the steps that strands did not come to: with what each is about to touch.
// Left out are those of strands that do not wait.
std::vector<SeenStep> StepsToCome(const Recorder& recorder, const std::vector<StepName>& names,
                                  const std::vector<StepName>& to_come);

// The steps so far, by object: what the steps before one did to what it touches.
class Touches {
 public:
  // `most`: of the conflicts of a step with what it touches.
  explicit Touches(const std::vector<SeenStep>& steps, std::size_t most = kConflictsOfStep)
      : steps_(&steps), most_(most) {
    for (std::size_t step = 0; step < steps.size(); ++step) {
      for (const SeenTouch& touch : steps[step].touches) {
        if (touch.object >= of_object_.size()) of_object_.resize(touch.object + std::size_t{1});
        of_object_[touch.object].push_back({.step = step, .reads_only = touch.reads_only});
      }
    }
  }

  struct Conflict {
    std::size_t first = 0;
    std::uint32_t object = 0;
    bool first_reads = false;
    bool second_reads = false;
  };
  // The last steps before `second`, of other strands, that touched the same object, where one of
  // the two changes it and `matters`: some of each object, the last first, and none that lie far
  // back. To be asked for one step after the other, from the last to the first.
  template <class Matters>
  std::vector<Conflict> LastConflicts(std::size_t second, const Matters& matters) {
    std::vector<Conflict> conflicts;
    for (const SeenTouch& touch : (*steps_)[second].touches) {
      std::vector<Made>& made = of_object_[touch.object];
      while (!made.empty() && made.back().step >= second) made.pop_back();
      std::size_t left = std::min(made.size(), kLookBack);
      std::size_t found = 0;
      for (auto at = made.rbegin(); left > 0 && found < most_; ++at, --left) {
        if (at->reads_only && touch.reads_only) continue;
        if ((*steps_)[at->step].name.strand == (*steps_)[second].name.strand) continue;
        if (!matters(at->step)) continue;
        conflicts.push_back({.first = at->step,
                             .object = touch.object,
                             .first_reads = at->reads_only,
                             .second_reads = touch.reads_only});
        ++found;
      }
    }
    return conflicts;
  }

 private:
  static constexpr std::size_t kLookBack = 256;
  static constexpr std::size_t kConflictsOfStep = 2;

  struct Made {
    std::size_t step;
    bool reads_only;
  };

  const std::vector<SeenStep>* steps_;
  std::size_t most_;
  std::vector<std::vector<Made>> of_object_;  // by ObjectId
};

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_SEEN_STEPS_H_
