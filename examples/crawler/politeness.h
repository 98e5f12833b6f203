// SPDX-License-Identifier: MIT
//
// Politeness: how often, and over how many connections at a time, one host is asked, and all of
// them together. Who wants to ask a host enters its gate, and leaves it when it has the answer.
#ifndef HEDDLE_EXAMPLES_CRAWLER_POLITENESS_H_
#define HEDDLE_EXAMPLES_CRAWLER_POLITENESS_H_

#include <heddle/heddle.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace crawler {

struct PolitenessOptions {
  heddle::Duration interval = std::chrono::milliseconds(10);  // from one request to the next
  std::size_t connections_of_host = 2;
  std::size_t connections_in_all = 8;
};

class HostGate {
 public:
  HostGate(const std::string& host, const PolitenessOptions& options, heddle::Semaphore& all)
      : connections_(options.connections_of_host, "connections of " + host),
        all_(all),
        turn_("turn of " + host),
        interval_(options.interval) {}

  // Waits for a connection and for the host's next turn. Each Enter() needs one Leave().
  heddle::Task<> Enter() {
    heddle::Permit of_host = co_await connections_.Acquire();
    // The turn is kept while its owner waits for one of all connections. Otherwise two whose turns
    // came one after the other could begin in the same instant.
    const heddle::MutexGuard turn = co_await turn_.Lock();
    if (last_) co_await heddle::SleepUntil(*last_ + interval_);
    heddle::Permit of_all = co_await all_.Acquire();
    last_ = heddle::VirtualClock::now();
    of_host.Consume();  // from here on Leave() has to give them back
    of_all.Consume();
  }
  void Leave() {
    all_.Release();
    connections_.Release();
  }
  // What the host asks for. Never makes us quicker than we are.
  void SlowDownTo(heddle::Duration interval) { interval_ = std::max(interval_, interval); }

 private:
  heddle::Semaphore connections_;
  heddle::Semaphore& all_;
  heddle::Mutex turn_;
  heddle::Duration interval_;
  std::optional<heddle::TimePoint> last_;
};

class Politeness {
 public:
  explicit Politeness(const PolitenessOptions& options)
      : options_(options), all_(options.connections_in_all, "all connections") {}

  HostGate& Gate(const std::string& host) {
    return gates_.try_emplace(host, host, options_, all_).first->second;
  }

 private:
  PolitenessOptions options_;
  heddle::Semaphore all_;
  std::map<std::string, HostGate> gates_;
};

}  // namespace crawler

#endif  // HEDDLE_EXAMPLES_CRAWLER_POLITENESS_H_
