// SPDX-License-Identifier: MIT
//
// Request times: where the time of each request went. At every moment a request runs (a task of it
// makes a step), or it is ready (one could, and waits for its turn), or it waits: what for is what
// the task awaits that goes on first. In virtual time nothing runs and nothing is ready for any
// time, unless the thread was blocked.
//
// Reads the events once, and remembers some bytes of each task.
#ifndef HEDDLE_TOOLS_REQUEST_TIMES_H_
#define HEDDLE_TOOLS_REQUEST_TIMES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "heddle/losses.h"
#include "heddle/trace.h"

namespace heddle::tools {

struct RequestTimes {
  VirtualNanos running = 0;
  VirtualNanos ready = 0;
  VirtualNanos waiting = 0;

  // What it waited for longest, in total.
  Operation operation = Operation::kNone;  // kNone: for a task to begin
  std::uint32_t object = 0;
  SiteId site = 0;
  VirtualNanos longest = 0;  // 0: it did not wait for any time
};

class RequestClock {
 public:
  explicit RequestClock(const Losses& losses);

  void Add(const Event& event);
  // Of all so far; index is FlowId, and none has more than this many. Requests that tasks still
  // work for go on until `end`.
  std::vector<RequestTimes> Times(std::size_t flows, VirtualNanos end) &&;

 private:
  // What is awaited, where.
  struct Await {
    std::uint32_t object = 0;
    SiteId site = 0;
    Operation operation = Operation::kNone;

    friend bool operator==(const Await&, const Await&) = default;
  };
  struct Task {
    FlowId flow = 0;
    Await await = {};
    bool is_running = false;
    bool is_ready = false;
    bool is_alive = false;
  };
  struct HashOfAwait {
    std::size_t operator()(const Await& await) const;
  };
  struct Waited {
    Await await = {};
    VirtualNanos duration = 0;
  };
  struct Request {
    VirtualNanos since = 0;  // it has been as it is
    int running = 0;         // how many of its tasks
    int ready = 0;
    bool has_begun = false;
    RequestTimes times;
    std::vector<Waited> waited;
    // Where in `waited` each is, once there are many.
    std::unique_ptr<std::unordered_map<Await, std::size_t, HashOfAwait>> places;
  };

  void Spawn(const Event& event);
  void PassTimeTo(VirtualNanos end);
  Request& RequestOf(const Task& task);
  static Waited& WaitedFor(Request& request, const Await& await);
  // What `request` was until now.
  void PassTime(Request& request, VirtualNanos now, const Await& ended_by);
  void SetRunning(Task& task, bool runs, VirtualNanos now);
  void SetReady(Task& task, bool ready, VirtualNanos now);

  std::size_t ids_max_;  // ids from here on cannot be right
  std::vector<Task> tasks_;
  std::vector<Request> requests_;
};

// "sleep at shop.cc:33 (3.5ms)"; empty where it did not wait.
std::string LongestText(const Trace& trace, const RequestTimes& times);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_REQUEST_TIMES_H_
