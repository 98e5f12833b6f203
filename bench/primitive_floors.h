// SPDX-License-Identifier: MIT
//
// The floors of the primitives: a timer, a channel and a join as one writes them by hand for the
// executors of floor.h, with the switch points of ours and nothing more. What an operation does
// beside making a step is written down as heddle does it: a release, a message, a wake, a jump of
// time are an event each.
#ifndef HEDDLE_BENCH_PRIMITIVE_FLOORS_H_
#define HEDDLE_BENCH_PRIMITIVE_FLOORS_H_

#include <algorithm>
#include <array>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

#include "floor.h"

namespace heddle::bench::floor {

// Runs what is ready, and then lets time jump to the next timer.
class Timers {
 public:
  using Queue = RandomPick<true>;

  class Sleep {
   public:
    Sleep(Timers& timers, std::uint64_t duration) : timers_(timers), duration_(duration) {}

    bool await_ready() const noexcept { return false; }
    void await_suspend(Frame frame) const { timers_.Add(frame, duration_); }
    void await_resume() const noexcept {}

   private:
    Timers& timers_;
    std::uint64_t duration_;
  };

  Queue& queue() { return queue_; }
  Sleep SleepFor(std::uint64_t duration) { return {*this, duration}; }

  void Run() {
    for (;;) {
      while (!queue_.empty()) queue_.Step();
      if (heap_.empty()) return;
      now_ = heap_.front().at;
      queue_.Note(now_);
      while (!heap_.empty() && heap_.front().at == now_) WakeSoonest();
    }
  }

 private:
  struct Entry {
    std::uint64_t at;
    std::uint64_t order;
    Frame frame;
  };
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };

  void Add(Frame frame, std::uint64_t duration) {
    heap_.push_back({now_ + duration, next_order_++, frame});
    std::push_heap(heap_.begin(), heap_.end(), Later());
  }
  void WakeSoonest() {
    std::pop_heap(heap_.begin(), heap_.end(), Later());
    const Frame frame = heap_.back().frame;
    heap_.pop_back();
    queue_.Note(reinterpret_cast<std::uintptr_t>(frame.address()));
    queue_.Push(frame);
  }

  Queue queue_;
  std::vector<Entry> heap_;
  std::uint64_t now_ = 0;
  std::uint64_t next_order_ = 0;
};

// A ring between one sender and one receiver. An operation is a switch point, and takes place when
// its task goes on.
template <class Queue, std::size_t kCapacity>
class Channel {
 public:
  explicit Channel(Queue& queue) : queue_(queue) {}

  class SendAwaiter {
   public:
    SendAwaiter(Channel& channel, int message) : channel_(channel), message_(message) {}

    bool await_ready() const noexcept { return false; }
    void await_suspend(Frame frame) const {
      channel_.Await(frame, channel_.size() < kCapacity, channel_.sender_);
    }
    void await_resume() const {
      channel_.queue_.Note(channel_.sent_);
      channel_.messages_[channel_.sent_++ % kCapacity] = message_;
      channel_.Wake(channel_.receiver_);
    }

   private:
    Channel& channel_;
    int message_;
  };

  class ReceiveAwaiter {
   public:
    explicit ReceiveAwaiter(Channel& channel) : channel_(channel) {}

    bool await_ready() const noexcept { return false; }
    void await_suspend(Frame frame) const {
      channel_.Await(frame, channel_.size() > 0, channel_.receiver_);
    }
    int await_resume() const {
      channel_.queue_.Note(channel_.received_);
      const int message = channel_.messages_[channel_.received_++ % kCapacity];
      channel_.Wake(channel_.sender_);
      return message;
    }

   private:
    Channel& channel_;
  };

  SendAwaiter Send(int message) { return {*this, message}; }
  ReceiveAwaiter Receive() { return ReceiveAwaiter(*this); }

 private:
  std::size_t size() const { return sent_ - received_; }
  void Await(Frame frame, bool is_ready, Frame& place) {
    if (is_ready) {
      queue_.Push(frame);
    } else {
      place = frame;
    }
  }
  void Wake(Frame& place) {
    if (place) queue_.Push(std::exchange(place, nullptr));
  }

  Queue& queue_;
  std::array<int, kCapacity> messages_{};
  std::size_t sent_ = 0;
  std::size_t received_ = 0;
  Frame sender_;
  Frame receiver_;
};

// Tasks whose frames go when they end, and one that waits for all of them.
template <class Queue>
class Group {
 public:
  class Child {
   public:
    struct Promise {
      struct End {
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<Promise> frame) const noexcept {
          Group& its_group = *frame.promise().group;
          frame.destroy();
          its_group.OnEnded();
        }
        void await_resume() const noexcept {}
      };

      Child get_return_object() {
        return Child(std::coroutine_handle<Promise>::from_promise(*this));
      }
      std::suspend_always initial_suspend() const noexcept { return {}; }
      End final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      void unhandled_exception() const noexcept { std::abort(); }

      Group* group = nullptr;
    };
    using promise_type = Promise;

    explicit Child(std::coroutine_handle<Promise> frame) : frame_(frame) {}
    std::coroutine_handle<Promise> frame() const { return frame_; }

   private:
    std::coroutine_handle<Promise> frame_;
  };

  class JoinAwaiter {
   public:
    explicit JoinAwaiter(Group& group) : group_(group) {}

    bool await_ready() const noexcept { return false; }
    void await_suspend(Frame frame) const {
      if (group_.pending_ == 0) {
        group_.queue_.Push(frame);
      } else {
        group_.joiner_ = frame;
      }
    }
    void await_resume() const noexcept {}

   private:
    Group& group_;
  };

  explicit Group(Queue& queue) : queue_(queue) {}

  void Spawn(Child child) {
    child.frame().promise().group = this;
    ++pending_;
    queue_.Note(reinterpret_cast<std::uintptr_t>(child.frame().address()));
    queue_.Push(child.frame());
  }
  JoinAwaiter Join() { return JoinAwaiter(*this); }

 private:
  void OnEnded() {
    if (--pending_ > 0 || !joiner_) return;
    queue_.Note(reinterpret_cast<std::uintptr_t>(joiner_.address()));
    queue_.Push(std::exchange(joiner_, nullptr));
  }

  Queue& queue_;
  Frame joiner_;
  std::size_t pending_ = 0;
};

}  // namespace heddle::bench::floor

#endif  // HEDDLE_BENCH_PRIMITIVE_FLOORS_H_
