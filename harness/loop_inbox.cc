// SPDX-License-Identifier: MIT
#include "heddle/internal/loop_inbox.h"

#include <utility>

namespace heddle::internal {

LoopInbox::LoopInbox(std::function<void()> wake) : wake_(std::move(wake)) {}

void LoopInbox::Push(std::function<void()> call, const void* owner) {
  {
    const std::lock_guard lock(mutex_);
    calls_.push_back({.function = std::move(call), .owner = owner});
    if (calls_.size() > 1) return;  // it was woken for the first of them
    // Under the lock: as soon as it is free the call may be made, and end the loop.
    Wake();
  }
}

void LoopInbox::Remove(const void* owner) {
  const std::lock_guard lock(mutex_);
  std::erase_if(calls_, [owner](const Call& call) { return call.owner == owner; });
}

void LoopInbox::Wake() {
  if (wake_) {
    wake_();
  } else {
    changed_.notify_one();
  }
}

std::size_t LoopInbox::size() const {
  const std::lock_guard lock(mutex_);
  return calls_.size();
}

void LoopInbox::CallNext() {
  std::function<void()> call;
  {
    const std::lock_guard lock(mutex_);
    if (calls_.empty()) return;
    call = std::move(calls_.front().function);
    calls_.pop_front();
  }
  call();
}

void LoopInbox::WaitUntil(std::optional<TimePoint> time) {
  std::unique_lock lock(mutex_);
  const auto has_calls = [this] { return !calls_.empty(); };
  if (time) {
    changed_.wait_until(lock, *time, has_calls);
  } else {
    changed_.wait(lock, has_calls);
  }
}

}  // namespace heddle::internal
