// SPDX-License-Identifier: MIT
//
// G01 to G15: real bugs of async libraries, each as the smallest model that has it, buggy and
// with the fix. A step of these models is what a task does between two suspensions; all the data
// of a model is one shared value, so that a step may touch any of it.
#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "corpus/model.h"
#include "corpus/programs.h"

namespace heddle::corpus {
namespace {

// `State` is the data of the model.
template <class State>
class Bug : public Program {
 protected:
  explicit Bug(bool fixed) : fixed_(fixed), state_(State(), "state") {}

  bool fixed() const { return fixed_; }
  // A step. `step` is called with the State&.
  template <class Action>
  auto Do(Action step) {
    return state_.Update(std::move(step));
  }
  // One that a task is suspended before until `condition` of the state holds.
  template <class Condition, class Action>
  auto When(Condition condition, Action step) {
    return state_.UpdateWhen(std::move(condition), std::move(step));
  }
  State Final() { return state_.Get(); }

 private:
  bool fixed_;
  Shared<State> state_;
};

// G01, jbaldwin/libcoro issue 120: between the test and the registration as a waiter the other
// side acts, and finds no waiter to wake.
struct RingState {
  int items = 0;
  bool reader_waits = false;
  bool writer_waits = false;
  bool reader_released = false;
  bool writer_released = false;
};
class RingBuffer final : public Bug<RingState> {
 public:
  explicit RingBuffer(bool fixed) : Bug(fixed) {
    Add([this] { return Read(); });
    Add([this] { return Write(); });
  }

 private:
  static bool TryRead(RingState& state) {
    if (state.items == 0) return false;
    --state.items;
    if (std::exchange(state.writer_waits, false)) {
      ++state.items;
      state.writer_released = true;
    }
    return true;
  }
  static bool TryWrite(RingState& state) {
    if (state.items == 1) return false;
    if (std::exchange(state.reader_waits, false)) {
      state.reader_released = true;
    } else {
      ++state.items;
    }
    return true;
  }
  Task<> Read() {
    for (int i = 0; i < 2; ++i) {
      bool done = false;
      co_await Do([&](RingState& state) { done = TryRead(state); });
      if (done) continue;
      co_await Do([&](RingState& state) {
        done = fixed() && TryRead(state);
        state.reader_waits = !done;
      });
      if (done) continue;
      co_await When([](const RingState& state) { return state.reader_released; },
                    [](RingState& state) { state.reader_released = false; });
    }
  }
  Task<> Write() {
    for (int i = 0; i < 2; ++i) {
      bool done = false;
      co_await Do([&](RingState& state) { done = TryWrite(state); });
      if (done) continue;
      co_await Do([&](RingState& state) {
        done = fixed() && TryWrite(state);
        state.writer_waits = !done;
      });
      if (done) continue;
      co_await When([](const RingState& state) { return state.writer_released; },
                    [](RingState& state) { state.writer_released = false; });
    }
  }
};

// G02, python/asyncio issue 270: a waiter that was woken is cancelled, and nobody else is woken.
struct SemaphoreState {
  int value = 0;
  std::vector<int> queue;
  bool woken[2] = {};
  bool cancelled[2] = {};

  void WakeNext() {
    if (queue.empty()) return;
    woken[queue.front()] = true;
    queue.erase(queue.begin());
  }
  void Release() {
    ++value;
    WakeNext();
  }
};
class Semaphore final : public Bug<SemaphoreState> {
 public:
  explicit Semaphore(bool fixed) : Bug(fixed) {
    for (int i = 0; i < 2; ++i) Add([this, i] { return Use(i); });
    Add([this] { return Release(); });
    Add([this] { return CancelFirst(); });
  }

 private:
  Task<> Use(int i) {
    bool proceeds = false;
    co_await Do([&](SemaphoreState& state) {
      proceeds = state.value > 0;
      proceeds ? static_cast<void>(--state.value) : state.queue.push_back(i);
    });
    if (!proceeds) {
      co_await When(
          [i](const SemaphoreState& state) { return state.woken[i] || state.cancelled[i]; },
          [&](SemaphoreState& state) {
            proceeds = !state.cancelled[i];
            if (proceeds) {
              --state.value;
            } else if (!state.woken[i]) {
              std::erase(state.queue, i);
            } else if (fixed()) {
              state.WakeNext();
            }
          });
    }
    if (proceeds) co_await Do([](SemaphoreState& state) { state.Release(); });
  }
  Task<> Release() {
    co_await Do([](SemaphoreState& state) { state.Release(); });
  }
  Task<> CancelFirst() {
    co_await Do([](SemaphoreState& state) { state.cancelled[0] = true; });
  }
};

// G03, tornado issue 2826: an item that was handed to a getter goes with it.
struct QueueState {
  enum Slot { kNone, kWaiting, kFull };
  int items = 0;
  int got = 0;
  Slot slot = kNone;
  bool cancelled = false;
};
class QueueGet final : public Bug<QueueState> {
 public:
  explicit QueueGet(bool fixed) : Bug(fixed) {
    Add([this] { return Take(); });
    Add([this] { return Put(); });
    Add([this] { return Cancel(); });
  }
  void AtEnd() override { Require(Final().items + Final().got == 1, "the item is lost"); }

 private:
  Task<> Take() {
    bool taken = false;
    co_await Do([&](QueueState& state) {
      taken = state.items > 0;
      taken ? static_cast<void>(--state.items)
            : static_cast<void>(state.slot = QueueState::kWaiting);
    });
    if (taken) {
      co_await Do([](QueueState& state) { ++state.got; });
      co_return;
    }
    co_await When(
        [](const QueueState& state) { return state.slot == QueueState::kFull || state.cancelled; },
        [this](QueueState& state) {
          if (!state.cancelled) {
            ++state.got;
          } else if (fixed() && state.slot == QueueState::kFull) {
            ++state.items;
          }
          state.slot = QueueState::kNone;
        });
  }
  Task<> Put() {
    co_await Do([](QueueState& state) {
      if (state.slot == QueueState::kWaiting) {
        state.slot = QueueState::kFull;
      } else {
        ++state.items;
      }
    });
  }
  Task<> Cancel() {
    co_await Do([](QueueState& state) { state.cancelled = true; });
  }
};

// G04, redis-py issue 2624: a cancelled request leaves its reply in the stream.
struct ConnectionState {
  bool taken = false;
  bool cancelled = false;
  bool dirty = false;  // the next reply is one that nobody wants
  std::deque<char> requests;
  std::deque<char> replies;
};
class Connection final : public Bug<ConnectionState> {
 public:
  explicit Connection(bool fixed) : Bug(fixed) {
    Add([this] { return Ask(); });
    Add([this] { return AskNext(); });
    Add([this] { return Serve(); });
    Add([this] { return Cancel(); });
  }
  bool deadlock_is_failure() const override { return false; }

 private:
  // Of a dirty connection: its own reply was not there yet, and it is closed.
  static constexpr char kClosed = 0;

  auto TakeConnection() {
    return When([](const ConnectionState& state) { return !state.taken; },
                [](ConnectionState& state) { state.taken = true; });
  }
  Task<> Ask() {
    co_await TakeConnection();
    co_await Do([](ConnectionState& state) { state.requests.push_back('a'); });
    co_await When(
        [](const ConnectionState& state) { return !state.replies.empty() || state.cancelled; },
        [this](ConnectionState& state) {
          state.taken = false;
          if (!state.replies.empty()) {
            state.replies.pop_front();
          } else {
            state.dirty = fixed();
          }
        });
  }
  Task<> AskNext() {
    co_await TakeConnection();
    co_await Do([](ConnectionState& state) { state.requests.push_back('b'); });
    char reply = kClosed;
    co_await When([](const ConnectionState& state) { return !state.replies.empty(); },
                  [&](ConnectionState& state) {
                    if (std::exchange(state.dirty, false)) state.replies.pop_front();
                    if (!state.replies.empty()) {
                      reply = state.replies.front();
                      state.replies.pop_front();
                    }
                    state.taken = false;
                  });
    Require(reply == 'b' || (fixed() && reply == kClosed), "somebody else's reply");
  }
  Task<> Serve() {
    for (int i = 0; i < 2; ++i) {
      co_await When([](const ConnectionState& state) { return !state.requests.empty(); },
                    [](ConnectionState& state) {
                      state.replies.push_back(state.requests.front());
                      state.requests.pop_front();
                    });
    }
  }
  Task<> Cancel() {
    co_await Do([](ConnectionState& state) { state.cancelled = true; });
  }
};

// G05, aiohttp issue 4936: a newcomer overtakes a waiter that was woken, and both connect.
struct LimitState {
  int used = 0;
  std::vector<int> queue;
  bool woken[3] = {};
};
class Connector final : public Bug<LimitState> {
 public:
  explicit Connector(bool fixed) : Bug(fixed) {
    for (int i = 0; i < 3; ++i) Add([this, i] { return Use(i); });
  }

 private:
  Task<> Use(int i) {
    bool proceeds = false;
    co_await Do([&](LimitState& state) {
      proceeds = state.used < 1;
      proceeds ? static_cast<void>(++state.used) : state.queue.push_back(i);
    });
    if (!proceeds) {
      co_await When([i](const LimitState& state) { return state.woken[i]; },
                    [this](LimitState& state) {
                      if (!fixed()) ++state.used;  // with the fix it was kept for this one
                    });
    }
    int used = 0;
    co_await Do([&](LimitState& state) { used = state.used; });
    Require(used <= 1, "over the limit");
    co_await Do([this](LimitState& state) {
      if (!fixed() || state.queue.empty()) --state.used;
      if (state.queue.empty()) return;
      state.woken[state.queue.front()] = true;
      state.queue.erase(state.queue.begin());
    });
  }
};

// G06, tokio issue 2849: a reader that asks again, behind a writer that waits.
struct ReadWriteState {
  int readers = 0;
  bool writer_waits = false;
  bool writer_holds = false;
};
class RecursiveRead final : public Bug<ReadWriteState> {
 public:
  explicit RecursiveRead(bool fixed) : Bug(fixed) {
    Add([this] { return Read(); });
    Add([this] { return Write(); });
  }

 private:
  auto AcquireRead() {
    return When(
        [](const ReadWriteState& state) { return !state.writer_waits && !state.writer_holds; },
        [](ReadWriteState& state) { ++state.readers; });
  }
  auto ReleaseRead() {
    return Do([](ReadWriteState& state) { --state.readers; });
  }
  Task<> Read() {
    co_await AcquireRead();
    if (fixed()) {
      co_await Do([](ReadWriteState&) {});  // reads under the lock that it has
    } else {
      co_await AcquireRead();
      co_await ReleaseRead();
    }
    co_await ReleaseRead();
  }
  Task<> Write() {
    co_await Do([](ReadWriteState& state) { state.writer_waits = true; });
    co_await When([](const ReadWriteState& state) { return state.readers == 0; },
                  [](ReadWriteState& state) {
                    state.writer_waits = false;
                    state.writer_holds = true;
                  });
    co_await Do([](ReadWriteState& state) { state.writer_holds = false; });
  }
};

// G07, asio issue 878: the expiry is already queued when its owner cancels.
struct TimerState {
  enum Queued { kNothing, kOk, kAborted };
  bool armed = true;
  Queued queued = kNothing;
  bool alive = true;
  bool dead_flag = false;
};
class TimerHandler final : public Bug<TimerState> {
 public:
  explicit TimerHandler(bool fixed) : Bug(fixed) {
    Add([this] { return Expire(); });
    Add([this] { return Own(); });
    Add([this] { return Handle(); });
  }

 private:
  Task<> Expire() {
    co_await Do([](TimerState& state) {
      if (std::exchange(state.armed, false)) state.queued = TimerState::kOk;
    });
  }
  Task<> Own() {
    co_await Do([this](TimerState& state) {
      if (std::exchange(state.armed, false)) state.queued = TimerState::kAborted;
      state.alive = false;
      state.dead_flag = fixed();
    });
  }
  Task<> Handle() {
    co_await When([](const TimerState& state) { return state.queued != TimerState::kNothing; },
                  [](TimerState& state) {
                    const bool touches = state.queued == TimerState::kOk && !state.dead_flag;
                    Require(!touches || state.alive, "the owner is gone");
                  });
  }
};

// G08, stdexec pull request 1765: the scope is destroyed while its last child still notifies.
struct ScopeState {
  int active = 1;
  int notifiers = 0;
  bool released = false;
  bool destroyed = false;
};
class AsyncScope final : public Bug<ScopeState> {
 public:
  explicit AsyncScope(bool fixed) : Bug(fixed) {
    Add([this] { return RunChild(); });
    Add([this] { return Wait(); });
  }

 private:
  Task<> RunChild() {
    co_await Do([](ScopeState& state) {
      --state.active;
      ++state.notifiers;
    });
    co_await Do([](ScopeState& state) { Require(!state.destroyed, "the scope is destroyed"); });
    co_await Do([](ScopeState& state) {
      --state.notifiers;
      state.released = true;
    });
  }
  Task<> Wait() {
    bool goes_on = false;
    co_await Do([&](ScopeState& state) {
      goes_on = state.active == 0 && (!fixed() || state.notifiers == 0);
    });
    if (!goes_on) {
      co_await When([](const ScopeState& state) { return state.released; }, [](ScopeState&) {});
    }
    co_await Do([](ScopeState& state) { state.destroyed = true; });
  }
};

// G09, OpenCLI issue 1552: two callers connect, because the test and the connection are on two
// sides of an await. The fix makes the test in the second step, together with a flag.
struct ConnectState {
  bool connecting = false;
  bool connected = false;
  int opened = 0;
};
class ConnectTwice final : public Bug<ConnectState> {
 public:
  explicit ConnectTwice(bool fixed) : Bug(fixed) {
    for (int i = 0; i < 2; ++i) Add([this] { return Connect(); });
  }

 private:
  Task<> Connect() {
    bool leaves = false;
    co_await Do([&](ConnectState& state) { leaves = !fixed() && state.connected; });
    if (leaves) co_return;
    co_await Do(
        [&](ConnectState& state) { leaves = fixed() && std::exchange(state.connecting, true); });
    if (leaves) co_return;
    co_await Do([](ConnectState& state) {
      state.connected = true;
      ++state.opened;
    });
    co_await Do([](ConnectState& state) { Require(state.opened <= 1, "connected twice"); });
  }
};

// G10, sv2-apps issue 794: shutdown waits for the tasks that it saw; a new one outlives it.
struct RegistryState {
  bool child_registered = false;
  bool closed = false;
  bool parent_finished = false;
  bool child_finished = false;
  bool shut_down = false;
};
class TaskManager final : public Bug<RegistryState> {
 public:
  explicit TaskManager(bool fixed) : Bug(fixed) {
    Add([this] { return RunParent(); });
    Add([this] { return RunChild(); });
    Add([this] { return ShutDown(); });
  }

 private:
  Task<> RunParent() {
    co_await Do([](RegistryState&) {});
    co_await Do([](RegistryState& state) { state.child_registered = !state.closed; });
    co_await Do([](RegistryState& state) { state.parent_finished = true; });
  }
  Task<> RunChild() {
    bool starts = false;
    co_await When(
        [](const RegistryState& state) { return state.child_registered || state.parent_finished; },
        [&](RegistryState& state) { starts = state.child_registered; });
    if (!starts) co_return;
    co_await Do([](RegistryState& state) { Require(!state.shut_down, "runs after shutdown"); });
    co_await Do([](RegistryState& state) { state.child_finished = true; });
  }
  Task<> ShutDown() {
    bool waits_for_child = false;
    co_await Do([&](RegistryState& state) {
      waits_for_child = state.child_registered;
      state.closed = fixed();
    });
    co_await When([](const RegistryState& state) { return state.parent_finished; },
                  [](RegistryState&) {});
    if (waits_for_child) {
      co_await When([](const RegistryState& state) { return state.child_finished; },
                    [](RegistryState&) {});
    }
    co_await Do([](RegistryState& state) { state.shut_down = true; });
  }
};

// G11, tokio pull request 3652: a waiter that is dropped late erases a permit that is not its own.
struct NotifyState {
  enum State { kEmpty, kWaiting, kNotified };
  State state = kEmpty;
  bool listed = false;
  bool given = false;

  void NotifyOne() {
    if (listed) {
      listed = false;
      given = true;
      state = kEmpty;
    } else {
      state = kNotified;
    }
  }
};
class Notify final : public Bug<NotifyState> {
 public:
  explicit Notify(bool fixed) : Bug(fixed) {
    Add([this] { return WaitAndDrop(); });
    Add([this] { return NotifyWaiters(); });
    Add([this] { return NotifyOne(); });
  }
  void AtEnd() override { Require(Final().state == NotifyState::kNotified, "the permit is lost"); }

 private:
  Task<> WaitAndDrop() {
    bool joined = false;
    co_await Do([&](NotifyState& state) {
      joined = state.state == NotifyState::kEmpty;
      if (!joined) return;
      state.listed = true;
      state.state = NotifyState::kWaiting;
    });
    co_await Do([&](NotifyState& state) {
      if (!joined) return;
      state.listed = false;
      if (!fixed() || state.state == NotifyState::kWaiting) state.state = NotifyState::kEmpty;
      if (state.given) state.NotifyOne();
    });
  }
  Task<> NotifyWaiters() {
    co_await Do([](NotifyState& state) {
      state.listed = false;
      if (state.state == NotifyState::kWaiting) state.state = NotifyState::kEmpty;
    });
  }
  Task<> NotifyOne() {
    co_await Do([](NotifyState& state) { state.NotifyOne(); });
  }
};

// G12, zulip-mobile pull request 3621: the older of two answers comes last.
struct SearchState {
  int current = 0;
  int shown = 0;
};
class Search final : public Bug<SearchState> {
 public:
  explicit Search(bool fixed) : Bug(fixed) {
    for (int i = 1; i <= 2; ++i) Add([this, i] { return Request(i); });
  }
  void AtEnd() override { Require(Final().shown == Final().current, "an old answer is shown"); }

 private:
  Task<> Request(int i) {
    co_await When([i](const SearchState& state) { return state.current == i - 1; },
                  [i](SearchState& state) { state.current = i; });
    co_await Do([](SearchState&) {});
    co_await Do([this, i](SearchState& state) {
      if (!fixed() || state.current == i) state.shown = i;
    });
  }
};

// G13, vertx-sql-client pull request 1621: a promise that is completed and times out.
struct PoolState {
  bool free = true;
  bool cancelled = false;
  bool fired = false;
  int completed = 0;
};
class PoolTimeout final : public Bug<PoolState> {
 public:
  explicit PoolTimeout(bool fixed) : Bug(fixed) {
    Add([this] { return Grant(); });
    Add([this] { return TimeOut(); });
  }
  void AtEnd() override {
    const PoolState state = Final();
    Require(state.completed == 1, "completed twice, or not");
    Require(!state.fired || state.free, "the resource is lost");
  }

 private:
  Task<> Grant() {
    co_await Do([](PoolState& state) { state.free = false; });
    co_await Do([this](PoolState& state) {
      state.cancelled = !state.fired;
      if (state.fired && fixed()) {
        state.free = true;
      } else {
        ++state.completed;
      }
    });
  }
  Task<> TimeOut() {
    bool stops = false;
    co_await Do([&](PoolState& state) {
      stops = state.cancelled;
      state.fired = !stops;
    });
    if (!stops) co_await Do([](PoolState& state) { ++state.completed; });
  }
};

// G14, anthropic-sdk-java issue 370: the request that timed out was applied, and so is its repeat.
struct RetryState {
  int requests = 0;
  int applied = 0;
  int acknowledged = 0;
  bool timed_out = false;
  bool client_ended = false;
};
class Retry final : public Bug<RetryState> {
 public:
  explicit Retry(bool fixed) : Bug(fixed) {
    Add([this] { return Send(); });
    Add([this] { return Serve(); });
    Add([this] { return TimeOut(); });
  }
  void AtEnd() override { Require(Final().applied == 1, "applied twice"); }

 private:
  Task<> Send() {
    co_await Do([](RetryState& state) { ++state.requests; });
    bool again = false;
    co_await When([](const RetryState& state) { return state.acknowledged > 0 || state.timed_out; },
                  [&](RetryState& state) { again = state.acknowledged == 0; });
    if (again) {
      co_await Do([](RetryState& state) { ++state.requests; });
      co_await When([](const RetryState& state) { return state.acknowledged > 0; },
                    [](RetryState&) {});
    }
    co_await Do([](RetryState& state) { state.client_ended = true; });
  }
  Task<> Serve() {
    for (;;) {
      bool taken = false;
      co_await When(
          [](const RetryState& state) { return state.requests > 0 || state.client_ended; },
          [&](RetryState& state) {
            taken = state.requests > 0;
            if (!taken) return;
            --state.requests;
            if (!fixed() || state.applied == 0) ++state.applied;
          });
      if (!taken) co_return;
      co_await Do([](RetryState& state) { ++state.acknowledged; });
    }
  }
  Task<> TimeOut() {
    co_await Do([](RetryState& state) { state.timed_out = true; });
  }
};

// G15, notify_push issue 739: a guard that is held while its holder waits for a connection.
struct CacheState {
  int readers = 0;
  bool writer = false;
  bool connection_free = true;
};
class CacheGuard final : public Bug<CacheState> {
 public:
  explicit CacheGuard(bool fixed) : Bug(fixed) {
    Add([this] { return Miss(); });
    Add([this] { return Fill(); });
  }

 private:
  auto TakeConnection() {
    return When([](const CacheState& state) { return state.connection_free; },
                [](CacheState& state) { state.connection_free = false; });
  }
  auto GiveConnectionBack() {
    return Do([](CacheState& state) { state.connection_free = true; });
  }
  auto DropSharedGuard() {
    return Do([](CacheState& state) { --state.readers; });
  }
  Task<> Miss() {
    co_await When([](const CacheState& state) { return !state.writer; },
                  [](CacheState& state) { ++state.readers; });
    if (fixed()) co_await DropSharedGuard();
    co_await TakeConnection();
    co_await GiveConnectionBack();
    if (!fixed()) co_await DropSharedGuard();
  }
  Task<> Fill() {
    co_await TakeConnection();
    co_await When([](const CacheState& state) { return state.readers == 0 && !state.writer; },
                  [](CacheState& state) { state.writer = true; });
    co_await Do([](CacheState& state) { state.writer = false; });
    co_await GiveConnectionBack();
  }
};

template <class Model>
RealBug MakeBug(const std::string& name) {
  return {.buggy = MakeEntry<Model>(name, false), .fixed = MakeEntry<Model>(name + " fixed", true)};
}

}  // namespace

std::vector<RealBug> Gallery() {
  return {
      MakeBug<RingBuffer>("G01 libcoro-120"),     MakeBug<Semaphore>("G02 asyncio-270"),
      MakeBug<QueueGet>("G03 tornado-2826"),      MakeBug<Connection>("G04 redis-py-2624"),
      MakeBug<Connector>("G05 aiohttp-4936"),     MakeBug<RecursiveRead>("G06 tokio-2849"),
      MakeBug<TimerHandler>("G07 asio-878"),      MakeBug<AsyncScope>("G08 stdexec-1765"),
      MakeBug<ConnectTwice>("G09 OpenCLI-1552"),  MakeBug<TaskManager>("G10 sv2-apps-794"),
      MakeBug<Notify>("G11 tokio-3652"),          MakeBug<Search>("G12 zulip-3621"),
      MakeBug<PoolTimeout>("G13 vertx-1621"),     MakeBug<Retry>("G14 sdk-java-370"),
      MakeBug<CacheGuard>("G15 notify_push-739"),
  };
}

}  // namespace heddle::corpus
