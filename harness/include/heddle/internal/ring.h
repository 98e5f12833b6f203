// SPDX-License-Identifier: MIT
//
// Ring: a queue that keeps its memory. What goes through it is moved in and moved out; once it has
// been as long as it gets, it allocates no more. (A std::deque goes on doing so as it moves along.)
#ifndef HEDDLE_INTERNAL_RING_H_
#define HEDDLE_INTERNAL_RING_H_

#include <cstddef>
#include <memory>
#include <utility>

namespace heddle::internal {

template <class T>
class Ring {
 public:
  Ring() = default;
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() {
    while (!empty()) pop_front();
    if (places_ != nullptr) std::allocator<T>().deallocate(places_, capacity_);
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  // Only of one that is not empty.
  T& front() { return *Place(0); }
  void pop_front() {
    std::destroy_at(Place(0));
    first_ = (first_ + 1) & (capacity_ - 1);
    --size_;
  }

  void push_back(T&& value) {
    if (size_ == capacity_) [[unlikely]] {
      Grow();
    }
    std::construct_at(Place(size_), std::move(value));
    ++size_;
  }
  void push_front(T&& value) {
    if (size_ == capacity_) [[unlikely]] {
      Grow();
    }
    std::construct_at(Place(capacity_ - 1), std::move(value));
    first_ = (first_ + capacity_ - 1) & (capacity_ - 1);
    ++size_;
  }

 private:
  static constexpr std::size_t kFirstCapacity = 8;

  T* Place(std::size_t index) { return places_ + ((first_ + index) & (capacity_ - 1)); }

  [[gnu::cold, gnu::noinline]] void Grow() {
    Ring larger;
    const std::size_t capacity = capacity_ == 0 ? kFirstCapacity : 2 * capacity_;
    larger.places_ = std::allocator<T>().allocate(capacity);
    larger.capacity_ = capacity;
    while (!empty()) {
      larger.push_back(std::move(front()));
      pop_front();
    }
    std::swap(places_, larger.places_);
    std::swap(capacity_, larger.capacity_);
    std::swap(first_, larger.first_);
    std::swap(size_, larger.size_);
  }

  T* places_ = nullptr;
  std::size_t capacity_ = 0;  // a power of two, or nothing
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_RING_H_
