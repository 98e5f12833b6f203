// SPDX-License-Identifier: MIT
//
// branches_ is the path of the current run through the tree of choices. A run follows it to its
// end and adds to it; EndRun cuts it back to where the next run turns off.
#include "heddle/choosers/exhaustive.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "heddle/check.h"

namespace heddle::inline HEDDLE_VARIANT {
namespace {

constexpr std::uint32_t kUnbounded = std::numeric_limits<std::uint32_t>::max();

std::string NameOf(const SearchBound& bound) {
  std::string name = "exhaustive";
  if (bound.preemptions_max) name += ", preemptions " + std::to_string(*bound.preemptions_max);
  if (bound.delays_max) name += ", delays " + std::to_string(*bound.delays_max);
  return name;
}

}  // namespace

ExhaustiveChooser::ExhaustiveChooser(const SearchBound& bound)
    : bound_(bound),
      bounded_(bound.preemptions_max.has_value() || bound.delays_max.has_value()),
      name_(NameOf(bound)) {}

void ExhaustiveChooser::BeginRun(std::uint64_t schedule) {
  if (schedule == 1 || exhausted_) {
    branches_ = part_;
    interleavings_ = 0;
    left_out_ = exhausted_ = false;
  }
  depth_ = 0;
  unlike_.clear();
  preemptions_left_ = bound_.preemptions_max.value_or(kUnbounded);
  delays_left_ = bound_.delays_max.value_or(kUnbounded);
  last_strand_ = kNoTask;
}

std::size_t ExhaustiveChooser::ChooseTask(const ReadySet& ready) {
  if (bounded_) return ChooseWithinBound(ready);
  const auto size = static_cast<std::uint32_t>(ready.size());
  const std::size_t index = Choose(ChoiceKind::kTask, size, size);
  return index < size && CheckTask(ready[index].task()) ? index : kStopRun;
}

std::uint32_t ExhaustiveChooser::ChooseValue(std::uint32_t alternatives) {
  const std::uint32_t value = Choose(ChoiceKind::kValue, alternatives, alternatives);
  return value < alternatives ? value : 0;
}

// Candidates in the order of the plain schedule: the one at place n costs n delays, and, if the
// strand that ran last is the first of them, all but that one cost a preemption.
std::size_t ExhaustiveChooser::ChooseWithinBound(const ReadySet& ready) {
  const auto size = static_cast<std::uint32_t>(ready.size());
  if (size == 1) {
    last_strand_ = ready[0].strand();
    return 0;
  }
  Sort(ready);
  const bool may_go_on = turns_.front().distance == 0;
  std::uint32_t within = size;
  if (may_go_on && preemptions_left_ == 0) within = 1;
  if (delays_left_ < within) within = delays_left_ + 1;
  if (within < size) left_out_ = true;

  const std::uint32_t turn = Choose(ChoiceKind::kTask, within, size);
  if (turn >= size) return kStopRun;
  if (may_go_on && turn > 0 && bound_.preemptions_max) --preemptions_left_;
  if (bound_.delays_max) delays_left_ -= turn;
  const std::size_t index = turns_[turn].index;
  last_strand_ = ready[index].strand();
  return CheckTask(ready[index].task()) ? index : kStopRun;
}

void ExhaustiveChooser::Sort(const ReadySet& ready) {
  turns_.clear();
  for (std::uint32_t index = 0; index < ready.size(); ++index) {
    turns_.push_back({.distance = ready[index].strand() - last_strand_, .index = index});
  }
  std::sort(turns_.begin(), turns_.end(),
            [](const Turn& a, const Turn& b) { return a.distance < b.distance; });
}

// The pick of this branch; kUnbounded if it is not the branch that was there before.
std::uint32_t ExhaustiveChooser::Choose(ChoiceKind kind, std::uint32_t alternatives,
                                        std::uint32_t candidates) {
  if (depth_ == branches_.size()) {
    branches_.push_back({.first = 0,
                         .picked = 0,
                         .alternatives = alternatives,
                         .candidates = candidates,
                         .kind = kind,
                         .task = kNoTask});
    return branches_[depth_++].picked;
  }
  const Branch& branch = branches_[depth_];
  if (branch.kind != kind) [[unlikely]] {
    NoteUnlike(kind == ChoiceKind::kTask ? "drew a number, and now does not"
                                         : "drew no number, and now does");
    return kUnbounded;
  }
  if (branch.candidates != candidates) [[unlikely]] {
    NoteUnlike("had " + std::to_string(branch.candidates) + " candidates, and now " +
               std::to_string(candidates));
    return kUnbounded;
  }
  ++depth_;
  return branch.picked;
}

// False: the branch picked another task before.
bool ExhaustiveChooser::CheckTask(TaskId task) {
  Branch& branch = branches_[depth_ - 1];
  if (branch.task == task) return true;
  if (branch.task == kNoTask) {
    branch.task = task;
    return true;
  }
  NoteUnlike("let another task go on");
  return false;
}

void ExhaustiveChooser::NoteUnlike(std::string what) {
  if (unlike_.empty()) unlike_ = std::move(what);
}

void ExhaustiveChooser::EndRun(const Recorder& /*recorder*/, Ending /*ending*/) {
  if (unlike_.empty() && depth_ < branches_.size()) NoteUnlike("went on, and now ended");
  if (!unlike_.empty()) {
    throw UsageError(
        "heddle: the body is not deterministic: after the same " + std::to_string(depth_) +
        " choices an earlier run " + unlike_ +
        ". Likely cause: something outside the body that a run changes and the next one finds "
        "changed, or a clock, a random device, an address or the order of a hash table. Create "
        "in the body what it uses, and draw its random numbers from World::Draw.");
  }
  ++interleavings_;
  Advance();
}

// Cuts the path back to the last branch with an alternative left, and takes that one.
void ExhaustiveChooser::Advance() {
  while (!branches_.empty() && branches_.back().picked + 1 == branches_.back().alternatives) {
    branches_.pop_back();
  }
  exhausted_ = branches_.empty();
  if (exhausted_) return;
  ++branches_.back().picked;
  branches_.back().task = kNoTask;
}

// The nearer to the root, the larger the part, and the less often there is something to give.
std::unique_ptr<ExhaustiveChooser> ExhaustiveChooser::SplitOff() {
  const auto split = std::ranges::find_if(
      branches_, [](const Branch& branch) { return branch.picked + 1 < branch.alternatives; });
  if (split == branches_.end()) return nullptr;
  auto other = std::make_unique<ExhaustiveChooser>(bound_);
  other->part_.assign(branches_.begin(), split + 1);
  for (Branch& branch : other->part_) {
    branch.first = branch.picked;
    branch.alternatives = branch.picked + 1;
  }
  const std::uint32_t untouched = split->alternatives - split->picked - 1;
  const std::uint32_t first = split->alternatives - (untouched + 1) / 2;
  other->part_.back() = {.first = first,
                         .picked = first,
                         .alternatives = split->alternatives,
                         .candidates = split->candidates,
                         .kind = split->kind,
                         .task = kNoTask};
  other->branches_ = other->part_;
  split->alternatives = first;
  return other;
}

double ExhaustiveChooser::progress() const {
  if (exhausted_) return 1;
  double done = 0;
  double share = 1;
  for (const Branch& branch : branches_) {
    share /= branch.alternatives - branch.first;
    done += share * (branch.picked - branch.first);
  }
  return done;
}

}  // namespace heddle::inline HEDDLE_VARIANT
