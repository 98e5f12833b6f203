// SPDX-License-Identifier: MIT
#include "heddle/choosers/pos.h"

namespace heddle::inline HEDDLE_VARIANT {

using internal::kNoStrand;
using internal::StrandNumber;

void PosChooser::BeginRun(std::uint64_t schedule) {
  StrandChooser::BeginRun(schedule);
  ready_.Clear();
  pending_.clear();
  by_object_.clear();
  next_turn_ = kLongRun;
}

std::size_t PosChooser::ChooseTask(const ReadySet& ready) {
  strands_.Update(ready, *this);
  if (strands_.steps() == next_turn_) [[unlikely]] {
    RedrawReady(ready);
  }
  const StrandNumber next = ready_.HoldTop();
  const Pending& made = pending_[next];
  if (made.object != 0 && (made.kind != kRead || HasOthers(made.object))) RedrawConflicting(next);
  return strands_.Step(next);
}

void PosChooser::RedrawReady(const ReadySet& ready) {
  for (std::size_t i = 0; i < ready.size(); ++i) ready_.Set(strands_.Of(ready[i]), DrawPriority());
  next_turn_ += kTurn;
}

void PosChooser::OnLeave(StrandNumber strand) {
  ready_.Remove(strand);
  Unlink(strand);
}

void PosChooser::Relink(StrandNumber strand, ObjectId object, Kind kind) {
  Unlink(strand);
  if (object == 0) return;
  if (object >= by_object_.size()) by_object_.resize(std::size_t{object} + 1);
  StrandNumber& first = by_object_[object].first[kind];
  if (first != kNoStrand) pending_[first].previous = strand;
  pending_[strand] = {.object = object, .kind = kind, .next = first, .previous = kNoStrand};
  first = strand;
}

void PosChooser::Unlink(StrandNumber strand) {
  const Pending gone = pending_[strand];
  if (gone.object == 0) return;
  if (gone.next != kNoStrand) pending_[gone.next].previous = gone.previous;
  if (gone.previous != kNoStrand) {
    pending_[gone.previous].next = gone.next;
  } else {
    by_object_[gone.object].first[gone.kind] = gone.next;
  }
  pending_[strand] = {};
}

void PosChooser::RedrawConflicting(StrandNumber made) {
  const Object& object = by_object_[pending_[made].object];
  RedrawAll(object.first[kOther], made);
  if (pending_[made].kind != kRead) RedrawAll(object.first[kRead], made);
}

void PosChooser::RedrawAll(StrandNumber first, StrandNumber made) {
  for (StrandNumber strand = first; strand != kNoStrand; strand = pending_[strand].next) {
    if (strand != made) ready_.Set(strand, DrawPriority());
  }
}

}  // namespace heddle::inline HEDDLE_VARIANT
