// SPDX-License-Identifier: MIT
//
// How a pool is set, and what it tells of itself.
#ifndef HEDDLE_EXAMPLES_CONNECTION_POOL_POOL_OPTIONS_H_
#define HEDDLE_EXAMPLES_CONNECTION_POOL_POOL_OPTIONS_H_

#include <heddle/clock.h>

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace connection_pool {

struct PoolOptions {
  std::size_t min_size = 0;
  std::size_t max_size = 4;
  heddle::Duration checkout_timeout = std::chrono::seconds(1);
  heddle::Duration connect_timeout = std::chrono::milliseconds(500);
  heddle::Duration ping_timeout = std::chrono::milliseconds(100);
  // A connection that was silent for longer is pinged before a client gets it.
  heddle::Duration validate_after = std::chrono::seconds(5);
  // How often the upkeep looks after the idle ones.
  heddle::Duration check_every = std::chrono::seconds(10);
  // An idle connection above min_size is closed after so long, any connection after lifetime_max.
  heddle::Duration idle_max = std::chrono::minutes(5);
  heddle::Duration lifetime_max = std::chrono::minutes(30);
  // The first pause when the server is down, and the longest.
  heddle::Duration backoff_first = std::chrono::milliseconds(10);
  heddle::Duration backoff_max = std::chrono::seconds(1);
};

// Gives them back. Throws std::invalid_argument for what no pool can keep to.
inline PoolOptions Checked(PoolOptions options) {
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw std::invalid_argument(what);
  };
  require(options.max_size > 0, "max_size must be at least 1");
  require(options.min_size <= options.max_size, "min_size must not be above max_size");
  require(options.check_every > heddle::Duration::zero(), "check_every must be more than zero");
  return options;
}

struct PoolStats {
  std::size_t size = 0;  // open or opening
  std::size_t idle = 0;
  std::size_t leased = 0;
  std::size_t waiting = 0;
  int opened = 0;
  int open_failures = 0;
  int checkouts = 0;
  int timeouts = 0;
  int broken = 0;   // closed because it was of no use any more
  int reaped = 0;   // because it was idle for too long
  int retired = 0;  // because it was too old
};

// "1 of 4 connections, 0 idle, 1 leased, 0 waiting"
inline std::string ToString(const PoolStats& stats, const PoolOptions& options) {
  return std::to_string(stats.size) + " of " + std::to_string(options.max_size) + " connections, " +
         std::to_string(stats.idle) + " idle, " + std::to_string(stats.leased) + " leased, " +
         std::to_string(stats.waiting) + " waiting";
}

}  // namespace connection_pool

#endif  // HEDDLE_EXAMPLES_CONNECTION_POOL_POOL_OPTIONS_H_
