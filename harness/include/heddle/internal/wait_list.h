// SPDX-License-Identifier: MIT
//
// WaitList: those who wait for one object, in the order in which they came. Intrusive: a
// Waiter is derived from a WaitPlace, and takes itself out when it goes.
//
// A ring through the list itself: whether somebody else waits differs from schedule to schedule,
// and a branch that asks would be guessed wrong every other time.
#ifndef HEDDLE_INTERNAL_WAIT_LIST_H_
#define HEDDLE_INTERNAL_WAIT_LIST_H_

namespace heddle::internal {

template <class Waiter>
class WaitList;

class WaitPlace {
 public:
  bool in_wait_list() const { return next_ != nullptr; }
  // Takes it out of its list, if it is in one.
  void LeaveWaitList() {
    if (in_wait_list()) Unlink();
  }

 private:
  template <class Waiter>
  friend class WaitList;

  void Unlink() {
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = nullptr;
  }

  WaitPlace* next_ = nullptr;
  WaitPlace* previous_ = nullptr;
};

template <class Waiter>
class WaitList {
 public:
  WaitList() { ends_.next_ = ends_.previous_ = &ends_; }
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;
  ~WaitList() {
    while (!empty()) ends_.next_->Unlink();
  }

  bool empty() const { return ends_.next_ == &ends_; }
  // Null where there is none.
  Waiter* head() const { return After(ends_); }
  Waiter* Next(const Waiter& waiter) const { return After(waiter); }

  void PushBack(Waiter& waiter) {
    WaitPlace& place = waiter;
    WaitPlace* last = ends_.previous_;
    place.next_ = &ends_;
    place.previous_ = last;
    last->next_ = &place;
    ends_.previous_ = &place;
  }

  // Only of one that is in the list.
  void Remove(Waiter& waiter) { static_cast<WaitPlace&>(waiter).Unlink(); }

  // Calls visit(waiter) for each; it may remove that one.
  template <class Visit>
  void ForEach(Visit visit) {
    for (WaitPlace* place = ends_.next_; place != &ends_;) {
      WaitPlace* next = place->next_;
      visit(static_cast<Waiter&>(*place));
      place = next;
    }
  }

 private:
  Waiter* After(const WaitPlace& place) const {
    return place.next_ == &ends_ ? nullptr : static_cast<Waiter*>(place.next_);
  }

  WaitPlace ends_;  // before the first and behind the last
};

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_WAIT_LIST_H_
