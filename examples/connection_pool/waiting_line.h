// SPDX-License-Identifier: MIT
//
// The clients that wait for a connection, first come, first served. Each has a hand, a channel with
// room for one, into which its connection is put. So nobody who comes later can take it away.
#ifndef HEDDLE_EXAMPLES_CONNECTION_POOL_WAITING_LINE_H_
#define HEDDLE_EXAMPLES_CONNECTION_POOL_WAITING_LINE_H_

#include <heddle/task.h>
#include <heddle/timeout.h>

#include <cstddef>
#include <functional>
#include <list>
#include <stdexcept>
#include <utility>

#include "connection.h"
#include "design.h"

namespace connection_pool {

struct PoolClosed : std::runtime_error {
  PoolClosed() : std::runtime_error("the pool is closed") {}
};

class WaitingLine {
 public:
  // `pass_on` takes a connection whose client has left.
  WaitingLine(LateHandover late_handover, std::function<void(ConnectionPtr)> pass_on)
      : late_handover_(late_handover), pass_on_(std::move(pass_on)) {}

  // Null when the time is over first. Throws PoolClosed.
  heddle::Task<ConnectionPtr> Wait(heddle::Deadline deadline);

  // Gives the connection to who has waited longest. False: nobody waits.
  bool Serve(ConnectionPtr& connection);
  // Sends everybody home.
  void Close();
  std::size_t size() const { return places_.size(); }

 private:
  class Place;

  const LateHandover late_handover_;
  const std::function<void(ConnectionPtr)> pass_on_;
  std::list<Place*> places_;
};

}  // namespace connection_pool

#endif  // HEDDLE_EXAMPLES_CONNECTION_POOL_WAITING_LINE_H_
