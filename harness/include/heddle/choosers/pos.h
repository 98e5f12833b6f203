// SPDX-License-Identifier: MIT
//
// PosChooser: partial order sampling. A random priority for each pending step, so that orders
// that matter come up more evenly than in a random walk.
#ifndef HEDDLE_CHOOSERS_POS_H_
#define HEDDLE_CHOOSERS_POS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "heddle/conflict.h"
#include "heddle/event.h"
#include "heddle/internal/priority_tree.h"
#include "heddle/internal/strand_chooser.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// Each pending step has a random priority, and the highest that is ready is made. Then pending
// steps that conflict with it draw new ones. (Yuan, Yang and Gu, "Partial order aware concurrency
// sampling", CAV 2018.)
//
// It guarantees, where each strand makes one step of which each two conflict, that all their
// orders are equally likely; in general each partial order has a probability that is not 0, and
// is the more likely the fewer steps conflict.
//
// In a run of more than 4 096 steps all pending steps draw new priorities every 1 024 steps, so
// that a task that polls without yielding keeps nobody back for ever. Schedule n of a seed is a
// function of the seed and n. A step costs O(log n), and as much for each pending step that
// conflicts with it.
class PosChooser final : public internal::StrandChooser {
 public:
  explicit PosChooser(std::uint64_t seed) : StrandChooser(seed) {}

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override;
  std::string_view name() const override { return "pos"; }

 private:
  friend internal::Strands;

  // Which pending steps conflict: reads of an object do not with each other, all others do.
  enum Kind : std::uint8_t { kRead, kOther, kKinds };

  // A pending step that touches an object, among those of its kind.
  struct Pending {
    ObjectId object = 0;  // 0: linked nowhere
    Kind kind = kRead;
    internal::StrandNumber next = internal::kNoStrand;
    internal::StrandNumber previous = internal::kNoStrand;
  };
  struct Object {
    internal::StrandNumber first[kKinds] = {internal::kNoStrand, internal::kNoStrand};
  };

  void OnSpawn(internal::StrandNumber /*strand*/) { pending_.emplace_back(); }
  void OnArrive(internal::StrandNumber strand, Candidate candidate) {
    ready_.Set(strand, DrawPriority());
    const ObjectId object = strands_[strand].touching;
    const Kind kind = candidate.operation() == Operation::kRead ? kRead : kOther;
    // Its last step is still linked. Often the next one is like it.
    if (pending_[strand].object == object && pending_[strand].kind == kind) return;
    Relink(strand, object, kind);
  }
  void OnLeave(internal::StrandNumber strand);
  void Relink(internal::StrandNumber strand, ObjectId object, Kind kind);
  void Unlink(internal::StrandNumber strand);
  bool HasOthers(ObjectId object) const {
    return by_object_[object].first[kOther] != internal::kNoStrand;
  }
  void RedrawConflicting(internal::StrandNumber made);
  [[gnu::noinline]] void RedrawReady(const ReadySet& ready);
  void RedrawAll(internal::StrandNumber first, internal::StrandNumber made);

  internal::PriorityTree ready_;   // and who makes the step
  std::vector<Pending> pending_;   // by strand
  std::vector<Object> by_object_;  // by ObjectId
  std::uint64_t next_turn_ = 0;    // before which step all draw new priorities
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSERS_POS_H_
