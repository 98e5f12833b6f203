// SPDX-License-Identifier: MIT
#include "heddle/internal/stop_objects.h"

#include <cstddef>
#include <cstdint>
#include <memory>

#include "heddle/executor.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// The newest first: a task mostly waits for the stop of a scope that has just begun.
void StopObjects::Listen(const std::stop_token& token) {
  if (!token.stop_possible()) return;
  const std::uint32_t stopped = token.stop_requested() ? kIsStopped : 0;
  for (std::size_t i = size_; i-- > 0;) {
    if (watched_[i]->token != token) continue;
    return executor_->Record(EventKind::kAccess, watched_[i]->object, Operation::kWait, stopped);
  }
  if (size_ == watched_.size()) watched_.push_back(std::make_unique<Watched>());
  Watched& watched = *watched_[size_++];
  watched.token = token;
  watched.object = executor_->NewObject("Stop", {});
  executor_->Record(EventKind::kAccess, watched.object, Operation::kWait, kIsFirst | stopped);
  if (stopped == 0) watched.callback.emplace(token, OnRequest(*executor_, watched.object));
}

void StopObjects::Forget() {
  for (; size_ > 0; --size_) {
    watched_[size_ - 1]->callback.reset();
    watched_[size_ - 1]->token = {};
  }
}

void StopObjects::OnRequest::operator()() const {
  if (Executor::Current() != executor_) return;
  executor_->Record(EventKind::kAccess, object_, Operation::kWrite);
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT
