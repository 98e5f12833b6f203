// SPDX-License-Identifier: MIT
//
// The life of a connection, from its opening over lending and giving back to its end: see pool.h.
// The first mistake of the first pool is here, in Open.
#include "pool.h"

#include <heddle/mark.h>
#include <heddle/select.h>

#include <algorithm>

#include "upkeep.h"

namespace connection_pool {

Pool::Pool(Server& server, PoolOptions options, Design design)
    : server_(server),
      options_(Checked(options)),
      design_(design),
      line_(design.late_handover,
            [this](ConnectionPtr connection) { GiveBack(std::move(connection)); }),
      backoff_(options.backoff_first, options.backoff_max) {}

void Pool::Start() {
  Fill();
  background_.Spawn(KeepUp(*this, background_.token()));
}

// --- lending and giving back

heddle::Task<Lease> Pool::Checkout() {
  const heddle::Deadline deadline(options_.checkout_timeout);
  for (;;) {
    Lease lease = co_await Next(deadline);
    const bool valid = co_await IsValid(lease);
    if (!valid) continue;  // it goes back, and is dropped
    ++counts_.checkouts;
    heddle::Mark("lent", {{"connection", lease->id()}});
    co_return lease;
  }
}

heddle::Task<Lease> Pool::Next(heddle::Deadline deadline) {
  if (closing_) throw PoolClosed();
  if (!idle_.empty()) co_return TakeIdle(idle_.back());
  OpenAnother();
  ConnectionPtr connection = co_await line_.Wait(deadline);
  if (connection) co_return Lease(*this, std::move(connection));
  ++counts_.timeouts;
  throw CheckoutTimeout("no connection in time: " + ToString(stats(), options_) +
                        (last_error_.empty() ? "" : "; " + last_error_));
}

heddle::Task<bool> Pool::IsValid(const Lease& lease) {
  const heddle::Duration silent = heddle::VirtualClock::now() - lease->heard_at();
  if (silent <= options_.validate_after) co_return true;
  co_return co_await lease->IsAlive(options_.ping_timeout);
}

Lease Pool::TakeIdle(const ConnectionPtr& connection) {
  const auto found = std::find(idle_.begin(), idle_.end(), connection);
  Lease lease(*this, *found);
  idle_.erase(found);
  ++leased_;
  return lease;
}

void Lease::Release() {
  if (connection_) pool_->GiveBack(std::move(connection_));
}

void Pool::GiveBack(ConnectionPtr connection) {
  --leased_;
  const heddle::Duration age = heddle::VirtualClock::now() - connection->opened_at();
  if (!connection->usable()) {
    ++counts_.broken;
    Drop(std::move(connection));
  } else if (age > options_.lifetime_max) {
    ++counts_.retired;
    Drop(std::move(connection));
  } else {
    Offer(std::move(connection));
  }
  if (closing_ && leased_ == 0) all_back_.Open();
}

void Pool::Offer(ConnectionPtr connection) {
  if (closing_) return Drop(std::move(connection));
  if (line_.Serve(connection)) {
    ++leased_;  // already now: a Shutdown waits for it
  } else {
    idle_.push_back(std::move(connection));
  }
}

void Pool::Drop(ConnectionPtr connection) {
  connection->Close();  // others may still refer to it
  --size_;
  if (line_.size() > 0) OpenAnother();
}

// --- opening

void Pool::OpenAnother() {
  if (closing_ || size_ >= options_.max_size) return;
  std::optional<Room> room;
  if (design_.counting == Counting::kBeforeConnecting) room.emplace(size_);
  background_.Spawn(Open(std::move(room)));
}

heddle::Task<> Pool::Open(std::optional<Room> room) {
  heddle::Mark("connects", {{"size", size_}});
  ConnectionPtr connection = co_await KeepConnecting();
  if (!connection) co_return;
  // The first pool counted what it had. But whoever came during the connect had found room, too,
  // and opened one more.
  if (design_.counting == Counting::kOnceOpen) room.emplace(size_);
  room->Keep();
  ++counts_.opened;
  heddle::Mark("opened", {{"connection", connection->id()}, {"size", size_}});
  Offer(std::move(connection));
}

// Until it has one, or nobody wants it any more.
heddle::Task<ConnectionPtr> Pool::KeepConnecting() {
  while (IsWanted()) {
    if (heddle::VirtualClock::now() < backoff_.not_before()) {
      co_await heddle::Select(heddle::At(backoff_.not_before()),
                              heddle::WhenStopped(background_.token()));
      continue;  // meanwhile others may have failed again
    }
    ConnectionPtr connection = co_await TryToConnect();
    if (connection) co_return connection;
    ++counts_.open_failures;
    backoff_.Failed(heddle::VirtualClock::now());
  }
  co_return nullptr;
}

heddle::Task<ConnectionPtr> Pool::TryToConnect() {
  try {
    std::optional<ConnectionPtr> connection =
        co_await heddle::WithTimeout(Connection::Open(server_), options_.connect_timeout);
    if (connection) {
      backoff_.Succeeded();
      last_error_.clear();
      co_return std::move(*connection);
    }
    last_error_ = "the server does not answer";
  } catch (const ConnectionRefused& refused) {
    last_error_ = refused.what();
  }
  co_return nullptr;
}

bool Pool::IsWanted() const {
  return !closing_ && (line_.size() > 0 || size_ <= options_.min_size);
}

// --- upkeep

void Pool::Fill() {
  for (std::size_t size = size_; size < options_.min_size; ++size) OpenAnother();
}

bool Pool::IsIdle(const ConnectionPtr& connection) const {
  return std::find(idle_.begin(), idle_.end(), connection) != idle_.end();
}

void Pool::Forget(const ConnectionPtr& connection) {
  if (std::erase(idle_, connection) == 0) return;
  ++counts_.broken;
  Drop(connection);
}

void Pool::Reap() {
  const heddle::TimePoint now = heddle::VirtualClock::now();
  for (const ConnectionPtr& connection : Idle()) {
    const bool too_old = now - connection->opened_at() > options_.lifetime_max;
    const bool too_idle =
        size_ > options_.min_size && now - connection->used_at() > options_.idle_max;
    if (!too_old && !too_idle) continue;
    ++(too_old ? counts_.retired : counts_.reaped);
    std::erase(idle_, connection);
    Drop(connection);
  }
}

// --- the end

heddle::Task<bool> Pool::Shutdown(heddle::Duration patience) {
  closing_ = true;
  line_.Close();
  background_.RequestStop();
  for (const ConnectionPtr& connection : std::exchange(idle_, {})) Drop(connection);
  if (leased_ > 0) co_await heddle::WithTimeout(WaitForLeases(), patience);
  co_await background_.Join();  // what is being opened is closed as soon as it is open
  co_return leased_ == 0;
}

heddle::Task<> Pool::WaitForLeases() { co_await all_back_.Wait(); }

PoolStats Pool::stats() const {
  PoolStats stats = counts_;
  stats.size = size_;
  stats.idle = idle_.size();
  stats.leased = leased_;
  stats.waiting = line_.size();
  return stats;
}

}  // namespace connection_pool
