// SPDX-License-Identifier: MIT
//
// A pool of connections to one server. Connections are opened when somebody needs them, several at
// a time, up to a greatest number; they are checked, replaced and closed behind the clients' backs
// (upkeep.h). Who finds none waits in line (waiting_line.h), for so long at most.
//
//   Lease lease = co_await pool.Checkout();
//   co_await lease->Execute({Verb::kPut, "answer", 42});
#ifndef HEDDLE_EXAMPLES_CONNECTION_POOL_POOL_H_
#define HEDDLE_EXAMPLES_CONNECTION_POOL_POOL_H_

#include <heddle/cancel.h>
#include <heddle/gate.h>
#include <heddle/task.h>
#include <heddle/timeout.h>

#include <cstddef>
#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "backoff.h"
#include "connection.h"
#include "design.h"
#include "lease.h"
#include "pool_options.h"
#include "server.h"
#include "waiting_line.h"

namespace connection_pool {

struct CheckoutTimeout : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Pool {
 public:
  // Throws std::invalid_argument. The server outlives the pool.
  Pool(Server& server, PoolOptions options, Design design = kSecondDesign);

  // Opens the least number of connections, and starts the upkeep.
  void Start();
  // Throws CheckoutTimeout and PoolClosed.
  heddle::Task<Lease> Checkout();
  // Lends nothing any more, waits for so long for what is out, and closes what is there. False:
  // some are still out; they are closed when they come back.
  heddle::Task<bool> Shutdown(heddle::Duration patience);

  PoolStats stats() const;
  const PoolOptions& options() const { return options_; }
  const Design& design() const { return design_; }

  // For the upkeep.
  std::vector<ConnectionPtr> Idle() const { return {idle_.begin(), idle_.end()}; }
  bool IsIdle(const ConnectionPtr& connection) const;
  Lease TakeIdle(const ConnectionPtr& connection);
  // Closes it, if it is idle.
  void Forget(const ConnectionPtr& connection);
  void Reap();
  void Fill();

 private:
  friend Lease;

  // Counts for one in the size of the pool, until it goes or is kept.
  class Room {
   public:
    explicit Room(std::size_t& size) : size_(&size) { ++size; }
    Room(Room&& other) noexcept : size_(std::exchange(other.size_, nullptr)) {}
    Room& operator=(Room&&) = delete;
    ~Room() {
      if (size_ != nullptr) --*size_;
    }
    void Keep() { size_ = nullptr; }

   private:
    std::size_t* size_;
  };

  heddle::Task<Lease> Next(heddle::Deadline deadline);
  heddle::Task<bool> IsValid(const Lease& lease);
  void GiveBack(ConnectionPtr connection);
  void Offer(ConnectionPtr connection);
  void Drop(ConnectionPtr connection);

  void OpenAnother();
  heddle::Task<> Open(std::optional<Room> room);
  heddle::Task<ConnectionPtr> KeepConnecting();
  heddle::Task<ConnectionPtr> TryToConnect();
  bool IsWanted() const;
  heddle::Task<> WaitForLeases();

  Server& server_;
  const PoolOptions options_;
  const Design design_;
  std::deque<ConnectionPtr> idle_;  // who was used last is at the end, and is lent first
  WaitingLine line_;                // empty while somebody is idle
  Backoff backoff_;
  std::string last_error_;  // of the connects since one went well
  std::size_t size_ = 0;
  std::size_t leased_ = 0;
  bool closing_ = false;
  heddle::Gate all_back_{"all leases are back"};
  PoolStats counts_;  // only what is counted, not how things stand
  heddle::CancelScope background_{"background"};
};

}  // namespace connection_pool

#endif  // HEDDLE_EXAMPLES_CONNECTION_POOL_POOL_H_
