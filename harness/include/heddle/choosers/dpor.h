// SPDX-License-Identifier: MIT
//
// DporChooser: one interleaving of each kind. Two runs are of one kind where they differ only in
// the order of steps that do not depend on each other: such runs end alike. Each kind is run
// once, and no run is given up half-way. ("Optimal dynamic partial order reduction", Abdulla,
// Aronis, Jonsson and Sagonas, POPL 2014; at length in "Source Sets", JACM 2017.)
//
//   heddle::DporChooser chooser;
//   while (!chooser.exhausted()) executor.Execute(body, {.chooser = &chooser});   // kEvents
//
// What "every interleaving" means then: every order of the steps that touch the same declared
// object (a Mutex, a Channel, a Shared, ...), not both only reading it. Data that tasks share
// without saying so is not seen: two steps that touch nothing else in common are run in one
// order. Declare it (shared.h), or let exhaustive.h try all orders. What a task learns by looking
// (is_locked(), size(), stop_requested()) is such data, too; a Try... that fails is not: it reads.
//
// After a yield, a task is passed over until another one has made a step; so the steps before and
// after it are taken to depend on all others; so are the request of a stop, and the first wait for
// it. Time moves when nothing is ready: nothing is reversed across its jumps. A run that fails ends
// there; the failures that differ only in what else had happened by then are not all run.
//
// A step that cancels a task depends on all that the task did, and on the ends of those for which
// it waits: a little earlier it would have cancelled them. What the task would have done next is
// tried before, wherever it could have been done.
#ifndef HEDDLE_CHOOSERS_DPOR_H_
#define HEDDLE_CHOOSERS_DPOR_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "heddle/chooser.h"
#include "heddle/internal/step_history.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// One chooser searches one body, like ExhaustiveChooser. EndRun throws UsageError when the body
// is not deterministic, and when the run kept no events.
class DporChooser final : public Chooser {
 public:
  // `order` says in which order strands are tried where any will do: 0, in order of creation,
  // otherwise at random. The number of runs does not depend on it.
  explicit DporChooser(std::uint64_t order = 0);

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override;
  std::uint32_t ChooseValue(std::uint32_t alternatives) override;
  void EndRun(const Recorder& recorder, Ending ending) override;
  bool wants_every_step() const override { return true; }
  bool wants_events() const override { return true; }
  bool exhausted() const override { return exhausted_; }
  std::uint64_t run_class() const override { return run_class_; }
  std::string_view name() const override { return "dpor"; }

  // How many runs there were: the kinds, and those that were of no new kind.
  std::uint64_t executions() const { return executions_; }
  // Those of no new kind: a guard that was thought to hold did not, so the run could not go where
  // it was sent and went on as it could; or a step touched something else than it was thought to,
  // and the search began anew; or what a step would do in another place could not be told, so it
  // was taken to depend on everything. (Of the first 4 million kinds: more are not remembered.)
  std::uint64_t redundant() const { return redundant_; }

 private:
  using Access = internal::Access;
  using MoveView = internal::MoveView;
  using StepIndex = internal::StepIndex;
  using StrandIndex = internal::StrandIndex;
  using BranchIndex = std::uint32_t;
  using Clock = std::vector<std::uint32_t>;  // by strand: the ordinal of its last step

  // A step that is kept beyond its run.
  struct Move {
    StrandIndex strand = 0;
    bool with_all = false;
    std::uint32_t objects_known = 0;
    std::vector<Access> accesses;
    std::vector<std::uint32_t> draws;

    MoveView view() const {
      return {.strand = strand,
              .with_all = with_all,
              .objects_known = objects_known,
              .accesses = accesses,
              .draws = draws};
    }
    void operator=(const MoveView& view);
  };
  // A branch of a wakeup tree: a move that has to be tried, and those that follow it.
  struct Branch {
    Move move;
    BranchIndex children = internal::kNone;
    BranchIndex next = internal::kNone;
  };
  // Where the current run made its choices; node n is before step n.
  struct Node {
    StrandIndex strand = 0;
    std::vector<std::uint32_t> draws;         // those that are wanted
    std::vector<std::uint32_t> alternatives;  // of each draw
    std::vector<StrandIndex> ready;
    bool is_free = false;                    // nothing was sent along to here
    std::vector<std::uint32_t> sleep;        // indices of moves that need not be tried
    std::size_t own_sleep = 0;               // the last ones in `sleep` were tried here
    BranchIndex branches = internal::kNone;  // still to be tried, in this order
    BranchIndex guide = internal::kNone;     // what was sent along with the current move
  };
  // One of the steps of a sequence that is looked at.
  struct Element {
    MoveView move;
    StepIndex position;  // kNone: it has not happened there
  };
  // A step, or one that a strand waits for, in search of those it could have come before.
  struct Latter {
    StrandIndex strand;
    StepIndex previous;  // of its strand
    StepIndex required;
    StepIndex step;  // kNone: it has not happened
    StepIndex end;   // steps from here on are not looked at
    Operation operation;
    std::uint32_t object;
    std::span<const Access> accesses;
    bool with_all;
    std::uint64_t digest;  // what its strand knows
    StepIndex cancelled_by = internal::kNone;
    std::uint32_t barriers = 0;  // how often time had jumped by then
    std::uint32_t refused = 0;
    std::uint32_t unequal = 0;
    std::span<const internal::Arm> arms = {};
  };

  void Forget();
  void BeginAnew();
  void PushNode();
  StrandIndex FollowGuide(Node& node);
  StrandIndex ChooseFreely(const ReadySet& ready);
  std::size_t IndexOf(const ReadySet& ready, StrandIndex strand) const;
  void CheckLike();

  // What follows from a run.
  void Sleep(std::size_t first);
  void ComputeClocks(std::size_t first);
  void FindRaces(bool failed);
  void Await(const internal::PendingStep& pending);
  void FindRacesOf(const Latter& latter);
  void Gather(const Latter& latter);
  void GatherFrom(std::uint32_t access, internal::Touch touch, const Latter& latter);
  void AddOtherDraws(StepIndex step);
  void Base(const Latter& latter);
  bool IsReversible(StepIndex former, const Latter& latter, StepIndex place);
  bool CouldGoOn(StepIndex former, const Latter& latter) const;
  bool CouldJoin(StepIndex former, const Latter& latter) const;
  bool CouldSelect(StepIndex former, const Latter& latter) const;
  bool CouldTake(StepIndex former, const internal::Arm& arm) const;
  bool CouldPass(StepIndex former, const internal::Arm& arm) const;
  bool HasChangedSince(std::uint32_t change, const Latter& latter) const;
  bool IsRefused(std::uint32_t change, const Latter& latter) const;
  std::uint32_t LastChange(std::uint32_t object, StepIndex former) const;
  std::uint32_t ChangesSince(std::uint32_t change, std::uint32_t object, StepIndex end) const;
  internal::Touch TouchOfUpdate(StepIndex former, const Latter& latter) const;
  void Reverse(StepIndex former, const Latter& latter);
  void Predict(StepIndex former, const Latter& latter, std::span<const std::uint32_t> draws);
  bool IsHeldAsBefore(const Access& access, StepIndex former) const;
  bool Foretell(std::uint64_t key);
  bool WasForetold(StepIndex first);
  std::uint64_t PastOf(std::uint32_t object, StepIndex former) const;
  std::uint64_t PastOfStrand(StrandIndex strand, StepIndex former) const;

  // Whether `step` is among what comes before a step that is made instead of `former`.
  bool IsKept(StepIndex step, StepIndex former) const {
    return step < former || in_sequence_[step];
  }
  bool IsCovered(const Clock& clock, StepIndex step) const {
    return clock[history_[step].strand] >= history_[step].ordinal;
  }
  std::span<std::uint32_t> ClockOf(StepIndex step) {
    return std::span(clocks_).subspan(step * stride_, stride_);
  }
  // Whether `step` follows from what cancelled `latter`. Nothing does where nobody has.
  bool FollowsCancel(StepIndex step, const Latter& latter) const {
    return latter.cancelled_by != internal::kNone && step >= latter.cancelled_by &&
           HappensBefore(latter.cancelled_by, step);
  }
  bool HappensBefore(StepIndex former, StepIndex latter) const {
    const internal::Step& step = history_[former];
    return clocks_[latter * stride_ + step.strand] >= step.ordinal;
  }
  static void Join(Clock& clock, std::span<const std::uint32_t> other);

  // Sequences and wakeup trees.
  bool MayComeFirst(std::size_t element) const;
  bool IsWeakInitial(const MoveView& move) const;
  bool AreDrawsKnown(const MoveView& move) const;
  void Insert(std::size_t node);
  BranchIndex NewBranch(const MoveView& move);
  void Free(BranchIndex branch);
  void Backtrack();

  std::uint64_t order_;
  internal::StepHistory history_;
  std::vector<Node> nodes_;
  std::size_t depth_ = 0;    // nodes of the current run so far
  std::size_t prefix_ = 1;   // nodes that were made by earlier runs
  std::size_t draw_ = 0;     // of the current step
  std::vector<Move> moves_;  // what nodes have in `sleep`
  std::vector<std::uint32_t> free_moves_;
  std::vector<Branch> branches_;
  BranchIndex free_branches_ = internal::kNone;

  // Of the run that is looked at.
  std::size_t stride_ = 0;
  std::vector<std::uint32_t> clocks_;
  std::vector<Clock> barriers_;  // what had happened at each jump of time
  Clock base_;
  Clock race_;
  std::vector<StepIndex> candidates_;
  std::vector<Element> sequence_;
  std::vector<bool> in_sequence_;
  std::vector<Access> awaited_;
  std::vector<Access> predicted_;
  std::vector<std::uint32_t> predicted_draws_;
  // What a step goes on to touch, by what it knows: as it was seen, or is thought to be.
  std::unordered_map<std::uint64_t, std::uint64_t> foretold_;
  bool is_careful_ = false;  // it was not as foretold

  std::unordered_set<std::uint64_t> kinds_;
  std::uint64_t executions_ = 0;
  std::uint64_t redundant_ = 0;
  std::uint64_t run_class_ = 0;
  bool exhausted_ = false;
  bool lost_ = false;  // this run could not go where it was sent
  std::string unlike_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSERS_DPOR_H_
