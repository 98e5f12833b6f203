// SPDX-License-Identifier: MIT
#include "heddle/choosers/pos.h"

#include "heddle/conflict.h"

namespace heddle::inline HEDDLE_VARIANT {

using internal::kNoStrand;
using internal::StrandNumber;

void PosChooser::BeginRun(std::uint64_t schedule) {
  StrandChooser::BeginRun(schedule);
  ++run_;
  priorities_.Clear();
  pending_.clear();
}

std::size_t PosChooser::ChooseTask(const ReadySet& ready) {
  strands_.Update(ready, *this);
  const StrandNumber next = priorities_.Top();
  const Pending made = pending_[next];
  Unlink(next);
  if (made.object != 0) RedrawConflicting(made.operation, made.object);
  return strands_.Step(ready, next);
}

void PosChooser::OnArrive(StrandNumber strand, Candidate candidate) {
  priorities_.Set(strand, DrawPriority());
  if (TouchesObject(candidate.operation()) && candidate.object() != 0) {
    Link(strand, candidate.operation(), candidate.object());
  }
}

void PosChooser::OnLeave(StrandNumber strand) {
  priorities_.Set(strand, 0);
  Unlink(strand);
}

void PosChooser::Link(StrandNumber strand, Operation operation, ObjectId object) {
  if (object >= by_object_.size()) by_object_.resize(std::size_t{object} + 1);
  Object& head = by_object_[object];
  if (head.run != run_) head = {.run = run_, .first = kNoStrand};
  if (head.first != kNoStrand) pending_[head.first].previous = strand;
  pending_[strand] = {
      .operation = operation, .object = object, .next = head.first, .previous = kNoStrand};
  head.first = strand;
}

void PosChooser::Unlink(StrandNumber strand) {
  const Pending gone = pending_[strand];
  if (gone.object == 0) return;
  if (gone.next != kNoStrand) pending_[gone.next].previous = gone.previous;
  if (gone.previous != kNoStrand) {
    pending_[gone.previous].next = gone.next;
  } else {
    by_object_[gone.object].first = gone.next;
  }
  pending_[strand] = {};
}

void PosChooser::RedrawConflicting(Operation operation, ObjectId object) {
  for (StrandNumber strand = by_object_[object].first; strand != kNoStrand;
       strand = pending_[strand].next) {
    if (Conflict(operation, object, pending_[strand].operation, object)) {
      priorities_.Set(strand, DrawPriority());
    }
  }
}

}  // namespace heddle::inline HEDDLE_VARIANT
