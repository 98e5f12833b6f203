// SPDX-License-Identifier: MIT
//
// WaitList: those who wait for one object, in the order in which they came. Intrusive: a
// Waiter has members next_waiter, previous_waiter and wait_list, and takes itself out
// when it goes.
#ifndef HEDDLE_INTERNAL_WAIT_LIST_H_
#define HEDDLE_INTERNAL_WAIT_LIST_H_

namespace heddle::internal {

template <class Waiter>
class WaitList {
 public:
  WaitList() = default;
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;
  ~WaitList() {
    while (head_ != nullptr) Remove(*head_);
  }

  bool empty() const { return head_ == nullptr; }
  Waiter* head() const { return head_; }

  void PushBack(Waiter& waiter) {
    waiter.wait_list = this;
    waiter.next_waiter = nullptr;
    waiter.previous_waiter = tail_;
    (tail_ != nullptr ? tail_->next_waiter : head_) = &waiter;
    tail_ = &waiter;
  }

  void Remove(Waiter& waiter) {
    (waiter.previous_waiter != nullptr ? waiter.previous_waiter->next_waiter : head_) =
        waiter.next_waiter;
    (waiter.next_waiter != nullptr ? waiter.next_waiter->previous_waiter : tail_) =
        waiter.previous_waiter;
    waiter.wait_list = nullptr;
  }

  // Calls visit(waiter) for each; it may remove that one.
  template <class Visit>
  void ForEach(Visit visit) {
    for (Waiter* waiter = head_; waiter != nullptr;) {
      Waiter* next = waiter->next_waiter;
      visit(*waiter);
      waiter = next;
    }
  }

 private:
  Waiter* head_ = nullptr;
  Waiter* tail_ = nullptr;
};

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_WAIT_LIST_H_
