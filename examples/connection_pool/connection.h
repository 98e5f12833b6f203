// SPDX-License-Identifier: MIT
//
// The client's end of one session. It carries one command at a time, as the protocols of real
// databases do, and hangs up when it goes. Whoever leaves a command before its answer has come
// leaves a connection that nobody can use any more: the next answer would be to the old question.
#ifndef HEDDLE_EXAMPLES_CONNECTION_POOL_CONNECTION_H_
#define HEDDLE_EXAMPLES_CONNECTION_POOL_CONNECTION_H_

#include <heddle/clock.h>
#include <heddle/task.h>

#include <memory>
#include <stdexcept>

#include "server.h"

namespace connection_pool {

// Two commands at a time on one connection: a mistake of whoever shared it.
struct ProtocolError : std::logic_error {
  using std::logic_error::logic_error;
};

class Connection {
 public:
  // Throws ConnectionRefused.
  static heddle::Task<std::shared_ptr<Connection>> Open(Server& server);

  Connection(Server& server, SessionId id);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { Close(); }

  // Throws ConnectionLost and ProtocolError.
  heddle::Task<int> Execute(Command command);
  // Whether it answers in time.
  heddle::Task<bool> IsAlive(heddle::Duration patience);

  // From now on it is not to be used.
  void Break() { usable_ = false; }
  void Close() {
    Break();
    server_.HangUp(id_);
  }
  bool usable() const { return usable_; }
  SessionId id() const { return id_; }
  heddle::TimePoint opened_at() const { return opened_at_; }
  // Of the last command that was not a ping, and of the last answer.
  heddle::TimePoint used_at() const { return used_at_; }
  heddle::TimePoint heard_at() const { return heard_at_; }

 private:
  class InFlight;

  Server& server_;
  const SessionId id_;
  const heddle::TimePoint opened_at_;
  heddle::TimePoint used_at_;
  heddle::TimePoint heard_at_;
  const char* in_flight_ = nullptr;
  bool usable_ = true;
};

using ConnectionPtr = std::shared_ptr<Connection>;

}  // namespace connection_pool

#endif  // HEDDLE_EXAMPLES_CONNECTION_POOL_CONNECTION_H_
