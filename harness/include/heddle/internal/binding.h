// SPDX-License-Identifier: MIT
//
// Binding: a value that is bound to a TaskLocal, and behind it those that were bound before. The
// list never changes, so every task that inherits it shares it, and counts its users. How a value
// is bound and found: binding_scope.h; what for: task_local.h.
//
// With tracing on, a task holds the newest binding in its TaskState. With tracing off a task has
// no state of its own: a strand with bindings is resumed by way of its StrandBindings, which says
// meanwhile that they are those in force; a strand without any is resumed as ever.
#ifndef HEDDLE_INTERNAL_BINDING_H_
#define HEDDLE_INTERNAL_BINDING_H_

#include <coroutine>
#include <cstdint>
#include <utility>

#include "heddle/internal/frame_proxy.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

class Binding;

// One user of a binding.
class BindingRef {
 public:
  BindingRef() = default;
  explicit BindingRef(Binding* binding);
  BindingRef(const BindingRef& other) : BindingRef(other.binding_) {}
  BindingRef(BindingRef&& other) noexcept : binding_(std::exchange(other.binding_, nullptr)) {}
  BindingRef& operator=(const BindingRef& other) {
    if (binding_ != other.binding_) [[unlikely]] {
      *this = BindingRef(other);
    }
    return *this;
  }
  BindingRef& operator=(BindingRef&& other) noexcept {
    std::swap(binding_, other.binding_);
    return *this;
  }
  ~BindingRef() {
    if (binding_ != nullptr) [[unlikely]] {
      Release(binding_);
    }
  }

  const Binding* get() const { return binding_; }

 private:
  [[gnu::cold]] static void Release(Binding* binding);

  Binding* binding_ = nullptr;
};

class Binding {
 public:
  explicit Binding(const void* key) : key_(key) {}
  Binding(const Binding&) = delete;
  Binding& operator=(const Binding&) = delete;

  const void* key() const { return key_; }  // the TaskLocal
  const BindingRef& outer() const { return outer_; }
  // Before anybody else sees it.
  void SetOuter(const BindingRef& outer) { outer_ = outer; }

 protected:
  virtual ~Binding() = default;

 private:
  friend BindingRef;

  const void* key_;
  BindingRef outer_;
  std::uint32_t users_ = 0;
};

inline BindingRef::BindingRef(Binding* binding) : binding_(binding) {
  if (binding_ != nullptr) ++binding_->users_;
}

// In a loop: a list may be as long as a recursion is deep.
inline void BindingRef::Release(Binding* binding) {
  while (binding != nullptr && --binding->users_ == 0) {
    Binding* outer = std::exchange(binding->outer_.binding_, nullptr);
    delete binding;
    binding = outer;
  }
}

#if !HEDDLE_SIMULATED

// Kept by the scopes in which its values are bound, and by the spawned task that inherited some.
class StrandBindings : private FrameProxy {
 public:
  StrandBindings() : FrameProxy(&StrandBindings::OnResume) {}
  explicit StrandBindings(const BindingRef& inherited) : StrandBindings() { top = inherited; }

  // To be resumed in place of `task`, a suspended task of this strand. A second task that stops in
  // one step is of another strand: an awaitable that is not ours resumed it there.
  std::coroutine_handle<> Carry(std::coroutine_handle<> task) {
    if (suspended_) return task;
    suspended_ = task;
    return handle();
  }

  // Who keeps it leaves it; the last ends it.
  StrandBindings* Keep() {
    ++users_;
    return this;
  }
  void Leave();

  BindingRef top;  // the newest

 private:
  static void OnResume(FrameProxy* proxy);

  std::coroutine_handle<> suspended_;
  std::uint32_t users_ = 0;
};

// Those of the strand that makes a step; null where it has none, and between steps.
inline constinit thread_local StrandBindings* strand_bindings = nullptr;

[[gnu::cold]] inline void StrandBindings::Leave() {
  if (--users_ != 0) return;
  if (strand_bindings == this) strand_bindings = nullptr;
  delete this;
}

// A strand may end in its step, and this goes with it.
inline void StrandBindings::OnResume(FrameProxy* proxy) {
  auto* self = static_cast<StrandBindings*>(proxy);
  StrandBindings* const previous = std::exchange(strand_bindings, self);
  std::exchange(self->suspended_, nullptr).resume();
  strand_bindings = previous;
}

// What a task that is spawned now inherits.
class InheritedBindings {
 public:
  InheritedBindings() = default;
  InheritedBindings(const InheritedBindings&) = delete;
  InheritedBindings& operator=(const InheritedBindings&) = delete;
  ~InheritedBindings() {
    if (bindings_ != nullptr) [[unlikely]] {
      bindings_->Leave();
    }
  }

  // What starts `task`.
  std::coroutine_handle<> Carry(std::coroutine_handle<> task) {
    return strand_bindings == nullptr ? task : Inherit(task);
  }

 private:
  [[gnu::cold]] std::coroutine_handle<> Inherit(std::coroutine_handle<> task) {
    bindings_ = (new StrandBindings(strand_bindings->top))->Keep();
    return bindings_->Carry(task);
  }

  StrandBindings* bindings_ = nullptr;
};

#endif

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_BINDING_H_
