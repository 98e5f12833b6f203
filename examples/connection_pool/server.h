// SPDX-License-Identifier: MIT
//
// The other side: a database server in memory. It takes its time, it can crash and come back, hang,
// refuse, be slow, and drop sessions that have been idle for too long. One table of numbers by
// name; what a transaction writes is seen by others once it is committed.
#ifndef HEDDLE_EXAMPLES_CONNECTION_POOL_SERVER_H_
#define HEDDLE_EXAMPLES_CONNECTION_POOL_SERVER_H_

#include <heddle/clock.h>
#include <heddle/gate.h>
#include <heddle/task.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace connection_pool {

using SessionId = int;
using Rows = std::map<std::string, int>;

enum class Verb { kPing, kGet, kPut, kBegin, kCommit, kRollback };
const char* Name(Verb verb);

struct Command {
  // A constructor, because g++ 12 destroys an aggregate twice that is made inside of a co_await.
  Command(Verb its_verb, std::string its_key = {}, int its_value = 0)
      : verb(its_verb), key(std::move(its_key)), value(its_value) {}

  Verb verb;
  std::string key;
  int value;
};

struct ServerOptions {
  heddle::Duration connect_takes = std::chrono::milliseconds(2);
  heddle::Duration command_takes = std::chrono::milliseconds(1);
  heddle::Duration idle_max = std::chrono::hours(1);
  // How much longer a slow answer takes, how probable each fault is, and how many there are at
  // most: without an end to them no client would be sure to come through.
  heddle::Duration slow_by = std::chrono::milliseconds(2);
  int faults_max = 4;
  double slow = 0;
  double refuses = 0;
  double loses = 0;
};

struct ConnectionRefused : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct ConnectionLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Outlives its sessions.
class Server {
 public:
  explicit Server(ServerOptions options = {}) : options_(options) { awake_.Open(); }

  // Throws ConnectionRefused.
  heddle::Task<SessionId> Connect();
  // Gives the value of a kGet, and 0 for the others. Throws ConnectionLost.
  heddle::Task<int> Execute(SessionId session, Command command);
  void HangUp(SessionId session) { sessions_.erase(session); }

  // All sessions are lost, and what they had not committed.
  void Crash();
  void Start() { up_ = true; }
  // Until Resume nothing is answered.
  void Hang() { awake_.Close(); }
  void Resume() { awake_.Open(); }

  const Rows& rows() const { return rows_; }
  std::size_t sessions() const { return sessions_.size(); }
  std::size_t sessions_max() const { return sessions_max_; }

 private:
  struct Session {
    heddle::TimePoint used_at;
    std::optional<Rows> writes = {};  // not committed yet; there is a transaction
  };

  bool Fails(const char* how, double probability);
  heddle::Task<> Answer(heddle::Duration takes);
  Session& Find(SessionId id);
  int Apply(Session& session, const Command& command);
  void Commit(Session& session);

  const ServerOptions options_;
  bool up_ = true;
  int faults_ = 0;
  heddle::Gate awake_{"server is awake"};
  SessionId last_ = 0;
  std::map<SessionId, Session> sessions_;
  std::size_t sessions_max_ = 0;
  Rows rows_;
};

}  // namespace connection_pool

#endif  // HEDDLE_EXAMPLES_CONNECTION_POOL_SERVER_H_
