// SPDX-License-Identifier: MIT
//
// All, Any and Race: several tasks at once.
//
//   auto [receipt, parcel] = co_await heddle::All(shop.Charge(order), shop.Ship(stock));
//   std::vector<Quote> quotes = co_await heddle::All(std::move(quote_tasks));
//   auto first = co_await heddle::Any(Charge(order), TimeOut(50ms));   // a std::variant
//   auto [winner, quote] = co_await heddle::Race(std::move(quote_tasks));   // its index, its value
//
// All waits for every task and gives their values in the order of the arguments. If tasks
// throw, it still waits for the others, and then throws the exception that came first; those that
// came later are in the trace only (a TaskGroup keeps them all).
// Any gives the value, or throws the exception, of the task that ends first; at that moment
// the others are cancelled: destroyed where they are suspended, their destructors run. Race is
// Any for any number of tasks of one type.
// An exception is not lost when the one who waits is itself cancelled before it has seen it: then
// the run ends with it.
// All and Any also take what is no task, and mix the two; awaited in the expression that makes it:
//
//   auto first = co_await heddle::Any(orders.Receive(), closing.Wait());
//
// Each task runs on its own, so that its steps and those of the others mix in every order.
// A task without a value counts as one of std::monostate.
#ifndef HEDDLE_COMBINATORS_H_
#define HEDDLE_COMBINATORS_H_

#include <array>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "heddle/check.h"
#include "heddle/internal/attempt.h"
#include "heddle/internal/join.h"
#include "heddle/task.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// What Race gives: which of the tasks ended first, counting from 0, and its value.
template <class T>
struct RaceResult {
  std::size_t winner;
  T value;
};

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {

template <class T>
using ValueType = typename ValueOf<T>::Type;

// Starts the tasks when it is awaited, and waits; `Derived` says for how many.
class JoinAwaiter : public OperationAwaiter, protected JoinOfChildren {
 public:
  explicit JoinAwaiter(std::string_view type) : JoinOfChildren(type, {}) {}

  JoinAwaiter(const JoinAwaiter&) = delete;
  JoinAwaiter& operator=(const JoinAwaiter&) = delete;
  // Who waited was destroyed.
  ~JoinAwaiter() { FailUnlessUnwinding(); }

  bool await_ready() const noexcept { return false; }

 protected:
  void EndJoin() {
    RemoveJoiner(waiter());
    ThrowKept();
  }
  void Abandon() {
    FailUnlessUnwinding();
    OperationAwaiter::Abandon();
  }
  // The same of one with tasks, of which each has its child.
  template <class Children, class... Ts>
  void Abandon(Children& children, std::tuple<Task<Ts>...>& tasks) {
    Abandon();
    for (JoinChild& child : children) child.CancelStart();
    std::apply([](auto&... task) { (DestroyCancelled(task), ...); }, tasks);
  }
  template <class Children, class T>
  void Abandon(Children& children, std::vector<Task<T>>& tasks) {
    Abandon();
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      children[i].CancelStart();
      DestroyCancelled(tasks[i]);
    }
  }
  // It may not even have been spawned: nobody has forgotten it.
  template <class T>
  static void DestroyCancelled(Task<T>& task) {
#if HEDDLE_SIMULATED
    if (task) Executor::Excuse(task.RequireFrame().promise().state);
#endif
    task = {};
  }

 private:
  void FailUnlessUnwinding() {
    if (std::uncaught_exceptions() == 0) FailWithKept();
  }
};

class AllAwaiterBase : public JoinAwaiter {
 protected:
  AllAwaiterBase() : JoinAwaiter("All") {}

  template <class Promise>
  void SuspendUntilAllEnd(std::coroutine_handle<Promise> task, SiteRef site) {
    Suspend(task, Operation::kJoin, IdFor(task), site);
    AddJoiner(waiter());
    if (pending() == 0) executor().MakeReady(waiter());
  }

 private:
  void OnEnded(JoinChild& child) final {
    KeepException(child.exception());
    if (pending() == 0) WakeJoiners();
  }
};

template <class... Ts>
class [[nodiscard("co_await it")]] AllAwaiter : public AllAwaiterBase {
 public:
  explicit AllAwaiter(Task<Ts>... tasks) : tasks_(std::move(tasks)...) {}

  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    Start(std::index_sequence_for<Ts...>());
    SuspendUntilAllEnd(task, site);
  }
  std::tuple<ValueType<Ts>...> await_resume() {
    EndJoin();
    return std::apply(
        [](auto&... tasks) {
          return std::tuple<ValueType<Ts>...>{ValueOf<Ts>::Take(tasks.RequireFrame().promise())...};
        },
        tasks_);
  }
  void Abandon() { JoinAwaiter::Abandon(children_, tasks_); }

 private:
  template <std::size_t... kIndices>
  void Start(std::index_sequence<kIndices...> /*indices*/) {
    (children_[kIndices].Start(*this, std::get<kIndices>(tasks_).RequireFrame()), ...);
  }

  std::array<JoinChild, sizeof...(Ts)> children_;
  std::tuple<Task<Ts>...> tasks_;
};

template <class T>
class [[nodiscard("co_await it")]] AllVectorAwaiter : public AllAwaiterBase {
 public:
  explicit AllVectorAwaiter(std::vector<Task<T>> tasks)
      : children_(std::make_unique<JoinChild[]>(tasks.size())), tasks_(std::move(tasks)) {}

  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      children_[i].Start(*this, tasks_[i].RequireFrame());
    }
    SuspendUntilAllEnd(task, site);
  }
  std::vector<ValueType<T>> await_resume() {
    EndJoin();
    std::vector<ValueType<T>> values;
    values.reserve(tasks_.size());
    for (Task<T>& task : tasks_) values.push_back(ValueOf<T>::Take(task.RequireFrame().promise()));
    return values;
  }
  void Abandon() { JoinAwaiter::Abandon(children_, tasks_); }

 private:
  std::unique_ptr<JoinChild[]> children_;
  std::vector<Task<T>> tasks_;
};

template <class... Ts>
class [[nodiscard("co_await it")]] AnyAwaiter : public JoinAwaiter {
 public:
  explicit AnyAwaiter(Task<Ts>... tasks) : JoinAwaiter("Any"), tasks_(std::move(tasks)...) {}

  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    Start(std::index_sequence_for<Ts...>());
    Suspend(task, Operation::kJoin, IdFor(task), site);
    AddJoiner(waiter());
  }
  std::variant<ValueType<Ts>...> await_resume() {
    EndJoin();
    return Take(std::index_sequence_for<Ts...>());
  }
  void Abandon() { JoinAwaiter::Abandon(children_, tasks_); }

 private:
  using Value = std::variant<ValueType<Ts>...>;

  template <std::size_t... kIndices>
  void Start(std::index_sequence<kIndices...> /*indices*/) {
    (children_[kIndices].Start(*this, std::get<kIndices>(tasks_).RequireFrame()), ...);
  }

  void OnEnded(JoinChild& child) final {
    winner_ = static_cast<std::size_t>(&child - children_.data());
    KeepException(child.exception());
    WakeJoiners();
    CancelOthers(std::index_sequence_for<Ts...>());
  }
  template <std::size_t... kIndices>
  void CancelOthers(std::index_sequence<kIndices...> /*indices*/) {
    ((kIndices == winner_ ? void() : Cancel<kIndices>()), ...);
  }
  template <std::size_t kIndex>
  void Cancel() {
    children_[kIndex].CancelStart();
    std::get<kIndex>(tasks_) = {};
  }

  template <std::size_t... kIndices>
  Value Take(std::index_sequence<kIndices...> /*indices*/) {
    std::optional<Value> value;
    ((kIndices == winner_ ? void(value.emplace(std::in_place_index<kIndices>, TakeFrom<kIndices>()))
                          : void()),
     ...);
    return std::move(*value);
  }
  template <std::size_t kIndex>
  auto TakeFrom() {
    using T = typename std::tuple_element_t<kIndex, std::tuple<Task<Ts>...>>::value_type;
    return ValueOf<T>::Take(std::get<kIndex>(tasks_).RequireFrame().promise());
  }

  std::array<JoinChild, sizeof...(Ts)> children_;
  std::tuple<Task<Ts>...> tasks_;
  std::size_t winner_ = 0;
};

// All or Any of what is no task, or not only: `Base` is that of their tasks.
template <class Base>
class [[nodiscard("co_await it")]] OfOperations : private SiteOfCall, public Base {
 public:
  using RefersToTemporaries = void;

  template <class... Awaitables>
  explicit OfOperations(Awaitables&... awaitables) : Base(AttemptOf(awaitables, site_)...) {}

  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    site_ = site;
    Base::await_suspend(task, site);
  }
};

template <class T>
class [[nodiscard("co_await it")]] RaceAwaiter : public JoinAwaiter {
 public:
  explicit RaceAwaiter(std::vector<Task<T>> tasks)
      : JoinAwaiter("Race"),
        children_(std::make_unique<JoinChild[]>(tasks.size())),
        tasks_(std::move(tasks)) {
    if (tasks_.empty()) {
      throw UsageError("heddle: a Race of no tasks has no winner. Give it at least one.");
    }
  }

  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      children_[i].Start(*this, tasks_[i].RequireFrame());
    }
    Suspend(task, Operation::kJoin, IdFor(task), site);
    AddJoiner(waiter());
  }
  RaceResult<ValueType<T>> await_resume() {
    EndJoin();
    return {winner_, ValueOf<T>::Take(tasks_[winner_].RequireFrame().promise())};
  }
  void Abandon() { JoinAwaiter::Abandon(children_, tasks_); }

 private:
  void OnEnded(JoinChild& child) final {
    winner_ = static_cast<std::size_t>(&child - children_.get());
    KeepException(child.exception());
    WakeJoiners();
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      if (i == winner_) continue;
      children_[i].CancelStart();
      tasks_[i] = {};
    }
  }

  std::unique_ptr<JoinChild[]> children_;
  std::vector<Task<T>> tasks_;
  std::size_t winner_ = 0;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

template <class... Ts>
internal::AllAwaiter<Ts...> All(Task<Ts>... tasks) {
  return internal::AllAwaiter<Ts...>(std::move(tasks)...);
}

// Of operations too: Lock(), Receive(), Select(...) and the like.
template <class... Awaitables>
  requires internal::AreOperations<Awaitables...>
auto All(Awaitables&&... awaitables) {
  return internal::OfOperations<internal::AllAwaiter<internal::AttemptResult<Awaitables>...>>(
      awaitables...);
}

// Any number of tasks of one type; gives their values in the same order.
template <class T>
internal::AllVectorAwaiter<T> All(std::vector<Task<T>> tasks) {
  return internal::AllVectorAwaiter<T>(std::move(tasks));
}

template <class... Ts>
  requires(sizeof...(Ts) > 0)
internal::AnyAwaiter<Ts...> Any(Task<Ts>... tasks) {
  return internal::AnyAwaiter<Ts...>(std::move(tasks)...);
}

template <class... Awaitables>
  requires internal::AreOperations<Awaitables...>
auto Any(Awaitables&&... awaitables) {
  return internal::OfOperations<internal::AnyAwaiter<internal::AttemptResult<Awaitables>...>>(
      awaitables...);
}

// Throws UsageError for no tasks.
template <class T>
internal::RaceAwaiter<T> Race(std::vector<Task<T>> tasks) {
  return internal::RaceAwaiter<T>(std::move(tasks));
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_COMBINATORS_H_
