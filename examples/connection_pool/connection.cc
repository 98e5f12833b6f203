// SPDX-License-Identifier: MIT
//
// What one connection keeps account of while a command is on its way: see connection.h.
#include "connection.h"

#include <heddle/timeout.h>

#include <optional>
#include <string>
#include <utility>

namespace connection_pool {

// A command that goes without having been answered, by an exception or because its task was
// cancelled, breaks its connection.
class Connection::InFlight {
 public:
  InFlight(Connection& connection, Verb verb) : connection_(connection) {
    if (connection.in_flight_ != nullptr) {
      throw ProtocolError("connection " + std::to_string(connection.id_) + ": " + Name(verb) +
                          " while a " + connection.in_flight_ + " is on its way");
    }
    connection.in_flight_ = Name(verb);
  }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  ~InFlight() {
    connection_.in_flight_ = nullptr;
    if (!answered_) connection_.Break();
  }

  void Answered() {
    answered_ = true;
    connection_.heard_at_ = heddle::VirtualClock::now();
  }

 private:
  Connection& connection_;
  bool answered_ = false;
};

heddle::Task<ConnectionPtr> Connection::Open(Server& server) {
  const SessionId id = co_await server.Connect();
  co_return std::make_shared<Connection>(server, id);
}

Connection::Connection(Server& server, SessionId id)
    : server_(server),
      id_(id),
      opened_at_(heddle::VirtualClock::now()),
      used_at_(opened_at_),
      heard_at_(opened_at_) {}

heddle::Task<int> Connection::Execute(Command command) {
  InFlight in_flight(*this, command.verb);
  if (command.verb != Verb::kPing) used_at_ = heddle::VirtualClock::now();
  const int answer = co_await server_.Execute(id_, std::move(command));
  in_flight.Answered();
  co_return answer;
}

heddle::Task<bool> Connection::IsAlive(heddle::Duration patience) {
  try {
    const std::optional<int> answer = co_await heddle::WithTimeout(Execute(Verb::kPing), patience);
    co_return answer.has_value();
  } catch (const ConnectionLost&) {
    co_return false;
  }
}

}  // namespace connection_pool
