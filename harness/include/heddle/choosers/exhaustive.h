// SPDX-License-Identifier: MIT
//
// ExhaustiveChooser: every interleaving once, depth first. Each run goes the way of the one
// before it up to the last choice that has an alternative left, and takes that one. For bodies
// that are too large, the search can be bounded; dpor.h leaves out what must end alike.
//
//   heddle::ExhaustiveChooser chooser;
//   while (!chooser.exhausted()) executor.Execute(body, {.chooser = &chooser});
//   // chooser.interleavings() of them
#ifndef HEDDLE_CHOOSERS_EXHAUSTIVE_H_
#define HEDDLE_CHOOSERS_EXHAUSTIVE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/choice.h"
#include "heddle/chooser.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// Leaves out the interleavings that go further from the plain schedule. That one lets a strand go
// on for as long as it can, and then takes the next in order of creation, round and round. Draws
// cost nothing.
struct SearchBound {
  // How often another strand may run although the last one could go on. (Musuvathi and Qadeer,
  // "Iterative context bounding for systematic testing of multithreaded programs", PLDI 2007)
  std::optional<std::uint32_t> preemptions_max = std::nullopt;
  // How often a strand whose turn it is may be passed over. (Emmi, Qadeer and Rakamaric,
  // "Delay-bounded scheduling", POPL 2011)
  std::optional<std::uint32_t> delays_max = std::nullopt;
};

// One chooser searches one body: what it learned belongs to that. An exploration that begins
// anew (schedule 1) forgets it, and makes its part (SplitOff) from the start and whole. EndRun
// throws UsageError when the body is not deterministic.
class ExhaustiveChooser final : public Chooser {
 public:
  explicit ExhaustiveChooser(const SearchBound& bound = {});

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override;
  std::uint32_t ChooseValue(std::uint32_t alternatives) override;
  void EndRun(const Recorder& recorder, Ending ending) override;
  bool wants_every_step() const override { return bounded_; }
  bool exhausted() const override { return exhausted_; }
  std::string_view name() const override { return name_; }

  // Gives away a part of what is left, to be searched by another chooser, in another process if
  // need be: of the first choice of the path with alternatives left, half of them. However often a
  // search and its parts are split, and whenever, together they make each interleaving once. Null
  // where there is nothing to give, as before the first run. Between runs.
  std::unique_ptr<ExhaustiveChooser> SplitOff();

  // How many runs have ended, each with other choices.
  std::uint64_t interleavings() const { return interleavings_; }
  // Whether the bound has left something out so far.
  bool left_out() const { return left_out_; }
  // How much of the tree of choices is behind us, from 0 to 1; the alternatives of a choice are
  // taken to be equally large.
  double progress() const;

 private:
  // A choice of the current run: alternatives before `picked` are done with.
  struct Branch {
    std::uint32_t first;  // alternatives before it are another chooser's
    std::uint32_t picked;
    std::uint32_t alternatives;  // those within the bound; from here on they may be another's
    std::uint32_t candidates;    // all of them
    ChoiceKind kind;
    TaskId task;  // who was picked; kNoTask: a draw, or not known yet
  };

  std::uint32_t Choose(ChoiceKind kind, std::uint32_t alternatives, std::uint32_t candidates);
  std::size_t ChooseWithinBound(const ReadySet& ready);
  void Sort(const ReadySet& ready);
  bool CheckTask(TaskId task);
  void NoteUnlike(std::string what);
  void Advance();

  // The place of a candidate in the plain schedule.
  struct Turn {
    TaskId distance;  // from the strand that ran last, around the circle
    std::uint32_t index;
  };

  SearchBound bound_;
  bool bounded_;
  std::string name_;
  std::vector<Branch> part_;  // where the path begins; empty: all is ours
  std::vector<Branch> branches_;
  std::size_t depth_ = 0;  // branches_ before it are those of the current run
  std::uint32_t preemptions_left_ = 0;
  std::uint32_t delays_left_ = 0;
  TaskId last_strand_ = kNoTask;
  std::vector<Turn> turns_;
  std::uint64_t interleavings_ = 0;
  bool left_out_ = false;
  bool exhausted_ = false;
  std::string unlike_;  // how this run differs from one with the same choices
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSERS_EXHAUSTIVE_H_
