// SPDX-License-Identifier: MIT
//
// Loader: one question to a host and its answer, politely and in time. robots.txt and pages are
// loaded alike, and a redirect is an answer like any other. Here is the first of three mistakes:
// in LoadAndLeave(), look for a way out that does not come by Leave().
#ifndef HEDDLE_EXAMPLES_CRAWLER_LOADER_H_
#define HEDDLE_EXAMPLES_CRAWLER_LOADER_H_

#include <heddle/heddle.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "politeness.h"
#include "url.h"
#include "web.h"

namespace crawler {

// It may go better another time: no answer in time, a broken connection, a status from 500 on.
class TryAgain : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// When the gate of a host is left.
enum class Leaving { kAfterTheAnswer, kInAnyCase };

struct LoadOptions {
  heddle::Duration time_max = std::chrono::milliseconds(100);  // without the wait for a turn
  Leaving leaving = Leaving::kInAnyCase;
};

struct HostTiming {
  int requests = 0;
  heddle::Duration in_all{};  // from the beginning of a request to its end, whichever that is
  heddle::Duration longest{};
};

class Loader {
 public:
  Loader(Web& web, Politeness& politeness, const LoadOptions& options)
      : web_(web), politeness_(politeness), options_(options) {}

  // Throws TryAgain.
  heddle::Task<Response> Load(Url url) {
    return options_.leaving == Leaving::kInAnyCase ? LoadAndLeaveInAnyCase(std::move(url))
                                                   : LoadAndLeave(std::move(url));
  }
  const std::map<std::string, HostTiming>& timings() const { return timings_; }

 private:
  struct LeaveAtEnd {
    HostGate& gate;
    ~LeaveAtEnd() { gate.Leave(); }
  };
  struct TimeAtEnd {
    HostTiming& timing;
    heddle::TimePoint began = heddle::VirtualClock::now();
    ~TimeAtEnd() {
      const heddle::Duration took = heddle::VirtualClock::now() - began;
      ++timing.requests;
      timing.in_all += took;
      timing.longest = std::max(timing.longest, took);
    }
  };

  // Where there is no good answer Ask() throws, and the host has a connection less for good.
  // Nothing is wrong yet: but when the last one is lost, all who enter wait for ever.
  heddle::Task<Response> LoadAndLeave(Url url) {
    HostGate& gate = politeness_.Gate(url.host);
    co_await gate.Enter();
    Response response = co_await Ask(url);
    gate.Leave();
    co_return response;
  }

  heddle::Task<Response> LoadAndLeaveInAnyCase(Url url) {
    HostGate& gate = politeness_.Gate(url.host);
    co_await gate.Enter();
    const LeaveAtEnd leave{gate};  // also where a stop destroys us in the middle
    co_return co_await Ask(url);
  }

  heddle::Task<Response> Ask(Url url) {
    const TimeAtEnd time{timings_[url.host]};
    std::optional<Response> response;
    try {
      response = co_await heddle::WithTimeout(web_.Get(url), options_.time_max);
    } catch (const ConnectionReset& reset) {
      throw TryAgain(reset.what());
    }
    if (!response) throw TryAgain("no answer in time from " + url.host);
    if (response->status >= 500) throw TryAgain("status " + std::to_string(response->status));
    co_return std::move(*response);
  }

  Web& web_;
  Politeness& politeness_;
  LoadOptions options_;
  std::map<std::string, HostTiming> timings_;
};

}  // namespace crawler

#endif  // HEDDLE_EXAMPLES_CRAWLER_LOADER_H_
