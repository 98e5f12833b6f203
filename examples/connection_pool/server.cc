// SPDX-License-Identifier: MIT
//
// How the server answers, and how it fails: see server.h. Its faults are choices of the search.
#include "server.h"

#include <heddle/input.h>
#include <heddle/sleep.h>

#include <algorithm>
#include <array>
#include <utility>

namespace connection_pool {

const char* Name(Verb verb) {
  constexpr std::array kNames = {"ping", "get", "put", "begin", "commit", "rollback"};
  return kNames.at(static_cast<std::size_t>(verb));
}

bool Server::Fails(const char* how, double probability) {
  if (faults_ == options_.faults_max || !heddle::Buggify(how, probability)) return false;
  ++faults_;
  return true;
}

heddle::Task<> Server::Answer(heddle::Duration takes) {
  if (Fails("slow", options_.slow)) takes += options_.slow_by;
  co_await heddle::SleepFor(takes);
  if (!awake_.is_open()) co_await awake_.Wait();
}

heddle::Task<SessionId> Server::Connect() {
  co_await Answer(options_.connect_takes);
  if (!up_) throw ConnectionRefused("the server is down");
  if (Fails("refused", options_.refuses)) throw ConnectionRefused("refused");
  sessions_.emplace(++last_, Session{.used_at = heddle::VirtualClock::now()});
  sessions_max_ = std::max(sessions_max_, sessions_.size());
  co_return last_;
}

heddle::Task<int> Server::Execute(SessionId session, Command command) {
  Find(session);
  co_await Answer(options_.command_takes);
  if (Fails("connection lost", options_.loses)) HangUp(session);
  co_return Apply(Find(session), command);  // it may have gone meanwhile
}

void Server::Crash() {
  up_ = false;
  sessions_.clear();
}

Server::Session& Server::Find(SessionId id) {
  const auto found = sessions_.find(id);
  const heddle::TimePoint now = heddle::VirtualClock::now();
  if (found != sessions_.end() && now - found->second.used_at > options_.idle_max) HangUp(id);
  if (!sessions_.contains(id)) {
    throw ConnectionLost("connection " + std::to_string(id) + " was lost");
  }
  Session& session = sessions_.at(id);
  session.used_at = now;
  return session;
}

int Server::Apply(Session& session, const Command& command) {
  std::optional<Rows>& writes = session.writes;
  switch (command.verb) {
    case Verb::kPing:
      break;
    case Verb::kGet:
      if (writes && writes->contains(command.key)) return writes->at(command.key);
      return rows_.contains(command.key) ? rows_.at(command.key) : 0;
    case Verb::kPut:
      (writes ? *writes : rows_)[command.key] = command.value;
      break;
    case Verb::kBegin:
      Commit(session);  // a transaction that is still open, as MySQL does
      writes.emplace();
      break;
    case Verb::kCommit:
      Commit(session);
      break;
    case Verb::kRollback:
      writes.reset();
      break;
  }
  return 0;
}

void Server::Commit(Session& session) {
  const Rows writes = std::exchange(session.writes, {}).value_or(Rows{});
  for (const auto& [key, value] : writes) rows_[key] = value;
}

}  // namespace connection_pool
