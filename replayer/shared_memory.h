// SPDX-License-Identifier: MIT
//
// SharedMemory: an object that a process and those that it forks have in common.
#ifndef HEDDLE_REPLAYER_SHARED_MEMORY_H_
#define HEDDLE_REPLAYER_SHARED_MEMORY_H_

#include <sys/mman.h>

#include <new>

namespace heddle::internal {

// Zero pages are not there before they are written, so a large object costs nothing.
template <class T>
class SharedMemory {
 public:
  SharedMemory() {
    void* memory =
        mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    object_ = new (memory) T;
  }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory() { munmap(object_, sizeof(T)); }

  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }

 private:
  T* object_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_SHARED_MEMORY_H_
