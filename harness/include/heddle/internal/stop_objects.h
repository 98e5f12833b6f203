// SPDX-License-Identifier: MIT
//
// StopObjects: the stop states that the tasks of a run listen to, as objects like the others. A
// std::stop_source tells nobody of a request that nobody listens to; so whoever waits for a stop
// for the first time in a run leaves a callback there until the run is over, and each request is
// recorded as a write, whoever makes it. Only one that was made before is not seen.
#ifndef HEDDLE_INTERNAL_STOP_OBJECTS_H_
#define HEDDLE_INTERNAL_STOP_OBJECTS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "heddle/event.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

class Executor;

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {

// In the value of the kAccess (kWait) of a stop.
inline constexpr std::uint32_t kIsFirst = 1;    // nobody had listened to it in this run
inline constexpr std::uint32_t kIsStopped = 2;  // it was requested by then

class StopObjects {
 public:
  explicit StopObjects(Executor& executor) : executor_(&executor) {}

  // Records that the running task waits for the stop of `token`, if there can be one.
  void Listen(const std::stop_token& token);
  // The run is over.
  void Forget();

 private:
  class OnRequest {
   public:
    OnRequest(Executor& executor, ObjectId object) : executor_(&executor), object_(object) {}
    void operator()() const;

   private:
    Executor* executor_;
    ObjectId object_;
  };
  struct Watched {
    std::stop_token token;
    ObjectId object = 0;
    std::optional<std::stop_callback<OnRequest>> callback;
  };

  Executor* executor_;
  std::size_t size_ = 0;  // of watched_, those of this run
  std::vector<std::unique_ptr<Watched>> watched_;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_STOP_OBJECTS_H_
