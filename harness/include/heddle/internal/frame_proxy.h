// SPDX-License-Identifier: MIT
//
// FrameProxy: a plain object that can be handed out as a std::coroutine_handle<>. Resuming
// the handle calls a function of ours. It stands where a coroutine would otherwise be needed
// only to be told about something: a spawned task "returns" to one, and an awaitable that is
// not ours is given one instead of the task's own handle.
//
// It relies on what g++, clang and MSVC share: a coroutine frame begins with two pointers,
// to its resume and to its destroy function. (The idea is corral's; see docs/design.md.)
#ifndef HEDDLE_INTERNAL_FRAME_PROXY_H_
#define HEDDLE_INTERNAL_FRAME_PROXY_H_

#include <coroutine>

namespace heddle::internal {

class FrameProxy {
 public:
  using Function = void (*)(FrameProxy*);

  explicit FrameProxy(Function resume) : resume_(resume) {}
  FrameProxy(const FrameProxy&) = delete;
  FrameProxy& operator=(const FrameProxy&) = delete;

  std::coroutine_handle<> handle() { return std::coroutine_handle<>::from_address(this); }

 protected:
  // Before it goes: who keeps the handle, and resumes it while the memory is as it was, gets to
  // `function`. Volatile, or the compiler would leave out what nobody may read.
  void Retire(Function function) { const_cast<volatile Function&>(resume_) = function; }

 private:
  static void DestroyNothing(FrameProxy* /*proxy*/) {}

  // Read by who resumes or destroys the handle.
  [[maybe_unused]] Function resume_;
  [[maybe_unused]] Function destroy_ = &DestroyNothing;
};

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_FRAME_PROXY_H_
