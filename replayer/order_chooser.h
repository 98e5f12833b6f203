// SPDX-License-Identifier: MIT
//
// OrderChooser: some steps of a run come in a given order; everything else is first in, first out,
// or left to chance. A step of the order is held back until those before it in the order have been
// made. Where nothing but steps that are held back is ready, the first of them goes, and the order
// is broken.
#ifndef HEDDLE_REPLAYER_ORDER_CHOOSER_H_
#define HEDDLE_REPLAYER_ORDER_CHOOSER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "heddle/chooser.h"
#include "heddle/internal/strands.h"
#include "heddle/random.h"
#include "heddle/shrink.h"
#include "step_order.h"

namespace heddle::internal {

class OrderChooser final : public Chooser {
 public:
  // `seed`: of the choices that the order leaves open; nullopt: first in, first out. Draws that
  // the order does not name give 0.
  explicit OrderChooser(StepOrder order, std::optional<std::uint64_t> seed = std::nullopt);

  // Whether whoever made the last step goes on as long as it can.
  void set_stays(bool stays) { stays_ = stays; }

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override;
  std::uint32_t ChooseValue(std::uint32_t alternatives) override;
  void EndRun(const Recorder& recorder, Ending ending) override;
  bool wants_every_step() const override { return true; }
  std::string_view name() const override { return "order"; }

  // After a run: whether no step of the order was made before one that comes before it there.
  bool kept() const { return !broken_; }
  // After a run: whether all draws of the order were made. Where one was not, a run may have passed
  // for the want of it.
  bool drew_all() const { return planned_made_ == draws_.size(); }
  // After a run with events: the steps of the order. A strand that did not come up is left out.
  const std::vector<OrderedStep>& steps() const { return steps_; }
  // After a run: all its steps, and all its draws.
  const std::vector<StepName>& log() const { return log_; }
  const std::vector<PlannedDraw>& drawn() const { return drawn_; }
  // After a run: the step that each strand would have made next.
  std::vector<StepName> ToCome() const;

 private:
  friend Strands;

  static constexpr std::size_t kFree = static_cast<std::size_t>(-1);

  struct Arrival {
    std::uint64_t number = 0;
    TaskId task = kNoTask;
  };
  struct Made {
    std::uint64_t step = 0;  // of the run, from 1; 0: it was not made
    TaskId task = kNoTask;
  };

  // A strand that became ready, and when; or the place of its step in the order.
  using Entry = std::pair<std::uint64_t, StrandNumber>;
  using Queue = std::priority_queue<Entry, std::vector<Entry>, std::greater<>>;

  using DrawKey = std::pair<StepName, std::uint32_t>;

  void OnSpawn(StrandNumber strand);
  void OnArrive(StrandNumber strand, Candidate candidate);
  void OnLeave(StrandNumber strand);

  // The place in the order of the step that the strand makes next, or kFree.
  std::size_t PlaceOf(StrandNumber strand) const;
  bool Held(std::size_t place) const {
    return place != kFree && std::min(place, order_.in_order) > next_;
  }
  bool Ready(StrandNumber strand) const { return strands_[strand].pending != nullptr; }
  StrandNumber Pick(const ReadySet& ready);
  StrandNumber FirstFree();
  StrandNumber FirstHeld();
  StrandNumber AnyFree(const ReadySet& ready);
  StrandNumber SameAgain() const;
  // Steps of the order up to this place are made, or given up.
  void Pass(std::size_t place);
  DrawKey KeyOf(const PlannedDraw& draw) const {
    return order_.draws_by_turn ? DrawKey({.strand = draw.alternatives}, draw.turn)
                                : DrawKey(draw.step, draw.number);
  }

  StepOrder order_;
  absl::flat_hash_map<StepName, std::size_t> places_;
  std::optional<std::uint64_t> seed_;
  Random random_;
  Strands strands_;
  absl::flat_hash_map<std::uint64_t, StrandNumber> by_path_;
  std::vector<Arrival> arrivals_;  // by strand: its last
  std::uint64_t arrived_ = 0;
  Queue free_;  // by arrival; some of them have gone since
  Queue held_;  // by place; the same
  std::size_t next_ = 0;
  bool broken_ = false;
  bool stays_ = false;
  StrandNumber last_ = kNoStrand;
  absl::flat_hash_map<DrawKey, std::uint32_t> draws_;
  absl::flat_hash_map<std::uint32_t, std::uint32_t> turns_;  // by the number of alternatives
  std::vector<PlannedDraw> drawn_;
  std::size_t planned_made_ = 0;
  StepName running_;
  std::uint32_t draw_ = 0;  // the number of the next draw of that step
  std::vector<Made> made_;  // by place
  std::vector<OrderedStep> steps_;
  std::vector<StepName> log_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_ORDER_CHOOSER_H_
