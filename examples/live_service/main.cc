// SPDX-License-Identifier: MIT
//
// A service in production: 200 requests on four threads, in real time, with a LiveRecorder on. Each
// looks its customer up in a cache, and in the database if it is not there; one customer's entry is
// large, and whoever asks for it waits. The first request that takes too long is reason enough for
// a snapshot, and `heddle show` then says where its time went.
//
//   live_service [FILE]      FILE: where the snapshot goes, "slow.heddle" if none is given
#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <latch>
#include <mutex>
#include <set>
#include <string>

#include "heddle/live_recorder.h"
#include "heddle/mark.h"
#include "heddle/task.h"
#include "pool.h"

namespace {

using namespace std::chrono_literals;
using heddle::Task;
using Clock = std::chrono::steady_clock;

constexpr int kRequests = 200;
constexpr auto kTooLong = 20ms;

// What the service's own framework would have: a coroutine that nobody awaits. It is not a Task,
// and awaits one.
struct Fire {
  struct Promise;
  using promise_type = Promise;

  struct Promise {
    Fire get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

class Service {
 public:
  explicit Service(Pool& pool) : pool_(pool) {}

  // One request, from the first byte to the last.
  Task<int> Serve(int number) {
    co_await pool_.Enter();
    heddle::BeginFlow("request " + std::to_string(number));
    const int customer = co_await Authenticate(number);
    const int rows = co_await LookUp(customer);
    co_await Render(rows);
    co_return rows;
  }

 private:
  Task<int> Authenticate(int number) {
    co_await pool_.Delay(500us);
    co_return number % 17;
  }

  Task<int> LookUp(int customer) {
    bool cached = false;
    {
      const std::lock_guard lock(mutex_);
      cached = !cache_.insert(customer).second;
    }
    heddle::Mark(cached ? "cache hit" : "cache miss", {{"customer", customer}});
    if (!cached) co_await Query(customer);
    co_return customer * 10;
  }

  Task<> Query(int customer) { co_await pool_.Delay(customer == 13 ? 30ms : 1ms); }

  Task<> Render(int rows) {
    co_await pool_.Enter();
    heddle::Mark("rendered", {{"rows", rows}});
  }

  Pool& pool_;
  std::mutex mutex_;
  std::set<int> cache_;
};

struct Watch {
  heddle::LiveRecorder live;
  std::string path;
  std::atomic<bool> taken = false;
  std::latch done{kRequests};
};

Fire Handle(Service& service, int number, Watch& watch) {
  const Clock::time_point begin = Clock::now();
  co_await service.Serve(number);
  if (Clock::now() - begin > kTooLong && !watch.taken.exchange(true)) {
    const absl::Status written = watch.live.Snapshot(watch.path);
    std::cout << "request " << number << " took longer than 20ms; "
              << (written.ok() ? "snapshot: " + watch.path : written.ToString()) << '\n';
  }
  watch.done.count_down();
}

}  // namespace

int main(int argc, char** argv) {
  Watch watch{.live = heddle::LiveRecorder(), .path = argc > 1 ? argv[1] : "slow.heddle"};
  Pool pool(4);
  Service service(pool);
  for (int number = 0; number < kRequests; ++number) Handle(service, number, watch);
  watch.done.wait();
  if (!watch.taken) std::cout << "every request was served within 20ms\n";
  return EXIT_SUCCESS;
}
