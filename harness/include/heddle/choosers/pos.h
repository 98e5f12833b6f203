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

#include "heddle/event.h"
#include "heddle/internal/strand_chooser.h"
#include "heddle/internal/strand_trees.h"
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
// Schedule n of a seed is a function of the seed and n. A step costs O(log n), and as much for each
// pending step that conflicts with it.
class PosChooser final : public internal::StrandChooser {
 public:
  explicit PosChooser(std::uint64_t seed) : StrandChooser(seed) {}

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override;
  std::string_view name() const override { return "pos"; }

 private:
  friend internal::Strands;

  // The pending steps that touch one object, linked.
  struct Pending {
    Operation operation = Operation::kNone;
    ObjectId object = 0;  // 0: linked nowhere
    internal::StrandNumber next = internal::kNoStrand;
    internal::StrandNumber previous = internal::kNoStrand;
  };
  struct Object {
    std::uint64_t run = 0;
    internal::StrandNumber first = internal::kNoStrand;
  };

  void OnSpawn(internal::StrandNumber /*strand*/) { pending_.emplace_back(); }
  void OnArrive(internal::StrandNumber strand, Candidate candidate);
  void OnLeave(internal::StrandNumber strand);
  void Link(internal::StrandNumber strand, Operation operation, ObjectId object);
  void Unlink(internal::StrandNumber strand);
  void RedrawConflicting(Operation operation, ObjectId object);
  std::uint64_t DrawPriority() { return random().Next() | 1; }

  std::uint64_t run_ = 0;
  internal::MaxTree priorities_;   // of those that are ready
  std::vector<Pending> pending_;   // by strand
  std::vector<Object> by_object_;  // by ObjectId
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSERS_POS_H_
