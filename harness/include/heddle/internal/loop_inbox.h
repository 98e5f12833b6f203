// SPDX-License-Identifier: MIT
//
// LoopInbox: the one part of an EventLoop that other threads use: calls that the loop's thread is
// to make, and a way to wake it.
#ifndef HEDDLE_INTERNAL_LOOP_INBOX_H_
#define HEDDLE_INTERNAL_LOOP_INBOX_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>

namespace heddle::internal {

class LoopInbox {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // `wake` is called on whatever thread there is something to do on; empty: the loop's thread waits
  // in WaitUntil.
  explicit LoopInbox(std::function<void()> wake);
  LoopInbox(const LoopInbox&) = delete;
  LoopInbox& operator=(const LoopInbox&) = delete;

  // From any thread. `owner`: by whom it can be taken back.
  void Push(std::function<void()> call, const void* owner = nullptr);
  // Calls of that owner that were not made are made no more.
  void Remove(const void* owner);
  void Wake();

  // On the loop's thread.
  std::size_t size() const;
  // Makes the one that came first, if there is any.
  void CallNext();
  // Until a call comes, or that time; nullopt: for as long as it takes.
  void WaitUntil(std::optional<TimePoint> time);

 private:
  struct Call {
    std::function<void()> function;
    const void* owner;
  };

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Call> calls_;
  const std::function<void()> wake_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_LOOP_INBOX_H_
