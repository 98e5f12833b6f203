// SPDX-License-Identifier: MIT
//
// Waiting in line and leaving it: see waiting_line.h. The third mistake of the first pool is here.
#include "waiting_line.h"

#include <heddle/channel.h>
#include <heddle/select.h>

#include <optional>
#include <variant>

namespace connection_pool {

class WaitingLine::Place {
 public:
  explicit Place(WaitingLine& line) : line_(line) { line.places_.push_back(this); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    line_.places_.remove(this);
    // A connection may have been put into the hand while its client was no longer looking: its time
    // was over in the same instant, or its task was cancelled. The first pool did not look again,
    // and was smaller by one connection for ever.
    if (line_.late_handover_ == LateHandover::kForgotten) return;
    if (std::optional<ConnectionPtr> late = hand.TryReceive()) line_.pass_on_(std::move(*late));
  }

  heddle::Channel<ConnectionPtr> hand{1, "hand"};

 private:
  WaitingLine& line_;
};

heddle::Task<ConnectionPtr> WaitingLine::Wait(heddle::Deadline deadline) {
  Place place(*this);
  auto first =
      co_await heddle::Select(heddle::ReceiveFrom(place.hand), heddle::At(deadline.when()));
  if (first.index() == 1) co_return nullptr;
  std::optional<ConnectionPtr>& connection = std::get<0>(first);
  if (!connection) throw PoolClosed();
  co_return std::move(*connection);
}

bool WaitingLine::Serve(ConnectionPtr& connection) {
  if (places_.empty()) return false;
  Place& first = *places_.front();
  places_.pop_front();
  return first.hand.TrySend(connection);
}

void WaitingLine::Close() {
  for (Place* place : places_) place->hand.Close();
  places_.clear();
}

}  // namespace connection_pool
