// SPDX-License-Identifier: MIT
//
// Waiting for what nobody is left to bring.
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <utility>
#include <vector>

#include "harness/verdicts/story.h"
#include "heddle/barrier.h"
#include "heddle/broadcast.h"
#include "heddle/cancel.h"
#include "heddle/channel.h"
#include "heddle/combinators.h"
#include "heddle/condition.h"
#include "heddle/diagnosis.h"
#include "heddle/gate.h"
#include "heddle/latch.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/select.h"
#include "heddle/semaphore.h"
#include "heddle/shared.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "heddle/timeout.h"
#include "heddle/watch.h"
#include "support/catch.h"
#include "support/golden.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

TEST_CASE("a gate that nobody can open says so, once for all who wait") {
  Gate ready("ready");
  const RunResult run = Run([&]() -> Task<> { co_await All(Pass(ready), Pass(ready)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_no_waker", Story(run));
}

TEST_CASE("a gate that is opened late, after everybody else has ended, is none") {
  Gate ready("ready");
  const auto open_late = [](Gate& gate) -> Task<> {
    co_await SleepFor(std::chrono::hours(1));
    gate.Open();
  };
  CheckSilent(Run([&]() -> Task<> { co_await All(Pass(ready), Pass(ready), open_late(ready)); }));
}

Task<> Arrive(Latch& latch) {
  co_await Yield();
  latch.CountDown();
}

Task<> AwaitTwo(Latch& arrived) {
  co_await All(Arrive(arrived), Arrive(arrived));
  co_await arrived.Wait();
}

TEST_CASE("a latch that was counted down too seldom says who did so last") {
  Latch arrived(3, "arrived");
  const RunResult run = Run([&] { return AwaitTwo(arrived); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_latch", Story(run));
}

TEST_CASE("a latch says how many counts are missing, whenever the others came") {
  const auto wait = [](Latch& latch) -> Task<> { co_await latch.Wait(); };
  for (const std::size_t count : {std::size_t{2}, std::size_t{3}}) {
    Latch arrived(count, "arrived");
    const RunResult run = Run([&]() -> Task<> { co_await All(wait(arrived), Arrive(arrived)); });
    CHECK_THAT(Story(run), ContainsText(count == 2 ? "\n    1 count is missing"
                                                   : "\n    2 counts are missing"));
  }
}

TEST_CASE("a latch that was counted down before the wait is none") {
  Latch arrived(2, "arrived");
  CheckSilent(Run([&] { return AwaitTwo(arrived); }));
}

TEST_CASE("a channel whose sender has ended says who sent last") {
  Channel<int> jobs(4, "jobs");
  const auto send = [](Channel<int>& channel) -> Task<> { co_await channel.Send(1); };
  const RunResult run = Run([&]() -> Task<> { co_await All(send(jobs), Serve(jobs)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_no_sender", Story(run));
}

TEST_CASE("a channel whose sender has closed it and ended is none") {
  Channel<int> jobs(4, "jobs");
  const auto send = [](Channel<int>& channel) -> Task<> {
    co_await channel.Send(1);
    channel.Close();
  };
  CheckSilent(Run([&]() -> Task<> { co_await All(send(jobs), Serve(jobs)); }));
}

TEST_CASE("a gate whose opener is stuck too says so") {
  Gate first("first");
  Gate second("second");
  const auto pass = [](Gate& in, Gate& out) -> Task<> {
    co_await in.Wait();
    out.Open();
  };
  const RunResult run =
      Run([&]() -> Task<> { co_await All(pass(first, second), pass(second, first)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker, Verdict::kNoWaker});
  CheckGolden("verdict_others_stuck", Story(run));
  first.Open();
  CheckSilent(Run([&]() -> Task<> { co_await All(pass(first, second), pass(second, first)); }));
}

Task<> ArriveOften(Barrier& barrier, int rounds) {
  for (int i = 0; i < rounds; ++i) co_await barrier.Arrive();
}

TEST_CASE("a barrier for more than come says how many have, once for all") {
  Barrier barrier(3, "round");
  const RunResult run =
      Run([&]() -> Task<> { co_await All(ArriveOften(barrier, 1), ArriveOften(barrier, 1)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_barrier", Story(run));
}

TEST_CASE("a barrier that one leaves early says who came to it last") {
  Barrier barrier(3, "round");
  const RunResult run = Run([&]() -> Task<> {
    co_await All(ArriveOften(barrier, 2), ArriveOften(barrier, 2), ArriveOften(barrier, 1));
  });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_barrier_left", Story(run));
}

TEST_CASE("a barrier for as many as come is none") {
  Barrier barrier(2, "round");
  CheckSilent(
      Run([&]() -> Task<> { co_await All(ArriveOften(barrier, 2), ArriveOften(barrier, 2)); }));
}

Task<> TakeFromEither(Channel<int>& first, Channel<int>& second, std::stop_token stop) {
  co_await Select(ReceiveFrom(first), ReceiveFrom(second), WhenStopped(std::move(stop)));
}

TEST_CASE("a select that nobody serves names its channels and its stop token") {
  Channel<int> orders(1, "orders");
  Channel<int> refunds(1, "refunds");
  std::stop_source stop;
  const auto send = [](Channel<int>& channel) -> Task<> { co_await channel.Send(1); };
  const auto take_two = [](Channel<int>& first, Channel<int>& second,
                           std::stop_token token) -> Task<> {
    co_await TakeFromEither(first, second, token);
    co_await TakeFromEither(first, second, token);
  };
  const RunResult run = Run([&]() -> Task<> {
    co_await All(take_two(orders, refunds, stop.get_token()), send(refunds));
  });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_select", Story(run));
}

TEST_CASE("a select that is served, or asked to stop, is none") {
  Channel<int> orders(1, "orders");
  Channel<int> refunds(1, "refunds");
  std::stop_source stop;
  const auto ask = [](std::stop_source& source) -> Task<> {
    co_await Yield();
    source.request_stop();
  };
  CheckSilent(Run([&]() -> Task<> {
    co_await All(TakeFromEither(orders, refunds, stop.get_token()), ask(stop));
  }));
}

Task<> SelectThenSend(Channel<int>& in, Channel<int>& out, int first) {
  if (first > 0) co_await out.Send(first);
  for (;;) {
    const auto taken = co_await Select(ReceiveFrom(in));
    if (!std::get<0>(taken)) break;
  }
}

TEST_CASE("a select leads to those who have used the other end of its channel before") {
  Channel<int> there(1, "there");
  Channel<int> back(1, "back");
  const RunResult run = Run([&]() -> Task<> {
    co_await All(SelectThenSend(there, back, 1), SelectThenSend(back, there, 1));
  });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kDeadlock});
}

TEST_CASE("a stop that nobody requests is said to be missing") {
  const RunResult run = Run([]() -> Task<> {
    const std::stop_source nobody;
    co_await Stopped(nobody.get_token());
  });
  CHECK_THAT(Story(run), ContainsText("Nobody is left to request a stop."));
}

Task<> FollowPrices(Watch<int>& prices) {
  Watch<int>::Observer observer = prices.Observe();
  for (;;) {
    const std::optional<int> price = co_await observer.Next();
    if (!price) break;
  }
}

Task<> SetPrice(Watch<int>& prices, bool close) {
  prices.Set(1);
  if (close) prices.Close();
  co_return;
}

TEST_CASE("a watch that nobody closes says who changed it last") {
  Watch<int> prices(0, "prices");
  const RunResult run =
      Run([&]() -> Task<> { co_await All(FollowPrices(prices), SetPrice(prices, false)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_watch", Story(run));
}

TEST_CASE("a watch that is closed is none") {
  Watch<int> prices(0, "prices");
  CheckSilent(Run([&]() -> Task<> { co_await All(FollowPrices(prices), SetPrice(prices, true)); }));
}

Task<> SendToSlow(Broadcast<int>& news, bool receive) {
  Broadcast<int>::Subscription slow = news.Subscribe();
  co_await news.Send(1);
  if (receive) co_await slow.Receive();
  co_await news.Send(2);
}

TEST_CASE("a broadcast whose subscriber does not receive says so") {
  Broadcast<int> news(1, "news");
  const RunResult run = Run([&] { return SendToSlow(news, false); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_broadcast", Story(run));
}

TEST_CASE("a broadcast whose subscriber receives is none") {
  Broadcast<int> news(1, "news");
  CheckSilent(Run([&] { return SendToSlow(news, true); }));
}

Task<> SendNews(Broadcast<int>& news, int count) {
  for (int i = 0; i < count; ++i) co_await news.Send(i);
  news.Close();
}

Task<> FollowNews(Broadcast<int>::Subscription& subscription) {
  for (;;) {
    const std::optional<int> item = co_await subscription.Receive();
    if (!item) break;
  }
}

// One of two subscriptions is not received from, or goes.
Task<> FollowOneOfTwo(Broadcast<int>& news, bool keep) {
  Broadcast<int>::Subscription mine = news.Subscribe();
  co_await Yield();
  {
    const Broadcast<int>::Subscription idle = news.Subscribe();
    if (keep) co_await All(SendNews(news, 3), FollowNews(mine));
  }
  if (!keep) co_await All(SendNews(news, 3), FollowNews(mine));
}

TEST_CASE("a subscription that nobody receives from holds up the sender, and not who receives") {
  Broadcast<int> news(1, "news");
  const RunResult run = Run([&] { return FollowOneOfTwo(news, true); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_idle_subscription", Story(run));
}

TEST_CASE("a subscription that went before anybody sent holds up nobody") {
  Broadcast<int> news(1, "news");
  CheckSilent(Run([&] { return FollowOneOfTwo(news, false); }));
}

// Receives one message, and waits for the gate before the next.
Task<> FollowSlowly(Broadcast<int>::Subscription& subscription, Gate& ready) {
  co_await subscription.Receive();
  co_await ready.Wait();
  co_await FollowNews(subscription);
}

Task<> SendThenOpen(Broadcast<int>& news, Gate& ready, bool open_first) {
  if (open_first) ready.Open();
  co_await SendNews(news, 3);
  ready.Open();
}

Task<> FollowSlowlyAndQuickly(Broadcast<int>& news, bool open_first) {
  Gate ready("ready");
  Broadcast<int>::Subscription slow = news.Subscribe();
  Broadcast<int>::Subscription quick = news.Subscribe();
  co_await All(SendThenOpen(news, ready, open_first), FollowSlowly(slow, ready), FollowNews(quick));
}

TEST_CASE("of two who follow it is the slower one that a sender waits for") {
  Broadcast<int> news(1, "news");
  const RunResult run = Run([&] { return FollowSlowlyAndQuickly(news, false); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CHECK_THAT(Story(run), ContainsText("FollowSlowly#0 waits for Gate ready"));
  Broadcast<int> other_news(1, "news");
  CheckSilent(Run([&] { return FollowSlowlyAndQuickly(other_news, true); }));
}

Task<> TakeForGood(Semaphore& items) {
  Permit item = co_await items.Acquire();
  item.Consume();
}

Task<> GiveItems(Semaphore& items, int count) {
  for (int i = 0; i < count; ++i) items.Release(1);
  co_return;
}

TEST_CASE("a semaphore without a permit says who took the last for good") {
  Semaphore items(0, "items");
  const RunResult run = Run([&]() -> Task<> {
    co_await All(TakeForGood(items), TakeForGood(items), GiveItems(items, 1));
  });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_no_permit", Story(run));
}

TEST_CASE("a semaphore with a permit for each is none") {
  Semaphore items(0, "items");
  CheckSilent(Run([&]() -> Task<> {
    co_await All(TakeForGood(items), TakeForGood(items), GiveItems(items, 2));
  }));
}

TEST_CASE("who has sent into a channel itself does not wait for itself") {
  Channel<int> jobs(1, "jobs");
  const RunResult run = Run([&]() -> Task<> {
    co_await jobs.Send(1);
    co_await jobs.Receive();
    co_await jobs.Receive();
  });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
}

// --- what became of who did so before ----------------------------------------------------------

// Holds the flag while it works.
Task<> WorkAlone(Shared<bool>& busy) {
  co_await busy.UpdateWhen([](bool is_busy) { return !is_busy; }, [](bool) { return true; });
  co_await SleepFor(milliseconds(2));
  co_await busy.Write(false);
}

Task<> WorkTwice(Shared<bool>& busy, milliseconds patience) {
  co_await WithTimeout(WorkAlone(busy), patience);
  co_await WorkAlone(busy);
}

TEST_CASE("a flag that stays because its task was cancelled says so") {
  Shared<bool> busy(false, "busy");
  const RunResult run = Run([&] { return WorkTwice(busy, milliseconds(1)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_cancelled", Story(run));
}

TEST_CASE("a flag whose task has time enough is none") {
  Shared<bool> busy(false, "busy");
  CheckSilent(Run([&] { return WorkTwice(busy, milliseconds(3)); }));
}

Task<> RaiseFlag(Shared<bool>& busy) { co_await busy.Write(true); }

Task<> WorkByCalls(Shared<bool>& busy) {
  co_await RaiseFlag(busy);
  co_await SleepFor(milliseconds(2));
  busy.Set(false);
}

TEST_CASE("a flag that a call has set, and whose caller was cancelled, says both") {
  Shared<bool> busy(false, "busy");
  const RunResult run = Run([&]() -> Task<> {
    co_await WithTimeout(WorkByCalls(busy), milliseconds(1));
    CHECK(busy.Get());
    co_await busy.ReadWhen([](bool is_busy) { return !is_busy; });
  });
  CHECK_THAT(Story(run), ContainsText("RaiseFlag#0 wrote it at no_waker_test.cc:N, and "
                                      "WorkByCalls#0 was cancelled at 1ms"));
}

Task<> SendOne(Channel<int>& jobs) { co_await jobs.Send(1); }

Task<> SendOneAndClose(Channel<int>& jobs, bool send) {
  if (!send) co_return;
  co_await jobs.Send(1);
  jobs.Close();
}

TEST_CASE("a sender that was cancelled before it got rid of its message is named") {
  Channel<int> jobs(kRendezvous, "jobs");
  const auto send_in_vain = [](Channel<int>& channel, bool late) -> Task<> {
    if (late) co_await WithTimeout(SendOne(channel), milliseconds(1));
    co_await All(Serve(channel), SendOneAndClose(channel, !late));
  };
  const RunResult run = Run([&] { return send_in_vain(jobs, true); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_cancelled_sender", Story(run));
  CheckSilent(Run([&] { return send_in_vain(jobs, false); }));
}

TEST_CASE("a sender that threw says so") {
  Channel<int> jobs(4, "jobs");
  const auto send_and_throw = [](Channel<int>& channel) -> Task<> {
    co_await channel.Send(1);
    throw std::runtime_error("no more jobs");
  };
  const RunResult run = Run([&]() -> Task<> { co_await All(send_and_throw(jobs), Serve(jobs)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CHECK_THAT(Story(run), ContainsText("sent into it at no_waker_test.cc:N, and threw at 0"));
}

// --- who has given up --------------------------------------------------------------------------

Task<> AnswerLate(Channel<int>& answer) {
  co_await SleepFor(milliseconds(2));
  co_await answer.Send(1);
}

Task<> AskWithPatience(milliseconds patience) {
  Channel<int> answer(kRendezvous, "answer");
  TaskGroup group("group");
  group.Spawn(AnswerLate(answer));
  co_await Select(ReceiveFrom(answer), After(patience));
  co_await group.Join();
}

TEST_CASE("who waited for a message in a select, and took the time, is named") {
  const RunResult run = Run([] { return AskWithPatience(milliseconds(1)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_given_up", Story(run));
}

TEST_CASE("who waited for a message in a select for long enough is none") {
  CheckSilent(Run([] { return AskWithPatience(milliseconds(3)); }));
}

TEST_CASE("a select that took another arm than the time is not said to have taken it") {
  Channel<int> answer(kRendezvous, "answer");
  Channel<int> other(1, "other");
  std::stop_source stop;
  const auto ask = [](Channel<int>& first, Channel<int>& second, std::stop_token token) -> Task<> {
    co_await Select(ReceiveFrom(first), ReceiveFrom(second), WhenStopped(std::move(token)),
                    After(milliseconds(9)));
  };
  const RunResult sent = Run([&]() -> Task<> {
    co_await All(ask(answer, other, stop.get_token()), AnswerLate(answer), SendOne(other));
  });
  CHECK_THAT(Story(sent), ContainsText("waited for it in a Select until 0, and took another arm"));
  stop.request_stop();
  const RunResult stopped = Run(
      [&]() -> Task<> { co_await All(ask(answer, other, stop.get_token()), AnswerLate(answer)); });
  CHECK_THAT(Story(stopped), ContainsText("in a Select until 0, and took another arm"));
}

// --- stops that cannot come --------------------------------------------------------------------

Task<> AwaitStop(std::stop_token token) { co_await Stopped(std::move(token)); }

// The source goes before the wait, or requests the stop.
Task<> AwaitStopOf(bool gone) {
  std::optional<std::stop_source> source(std::in_place);
  const std::stop_token token = source->get_token();
  if (gone) {
    source.reset();
  } else {
    source->request_stop();
  }
  co_await AwaitStop(token);
}

TEST_CASE("a stop whose source has gone is said to be impossible") {
  const RunResult run = Run([] { return AwaitStopOf(true); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_stop_source_gone", Story(run));
}

TEST_CASE("a stop that was requested is none") {
  CheckSilent(Run([] { return AwaitStopOf(false); }));
}

TEST_CASE("a stop that cannot come is no cause where something else hangs") {
  Gate never("never");
  const RunResult run =
      Run([&]() -> Task<> { co_await UntilStopped(Pass(never), std::stop_token()); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CHECK_THAT(Story(run), ContainsText("to open Gate never"));
}

TEST_CASE("an awaitable of another library that nobody resumes is named") {
  const RunResult run = Run([]() -> Task<> { co_await std::suspend_always{}; });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_foreign", Story(run));
}

// An awaitable of another library: keeps who waits.
class Doorbell {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> task) { waiter_ = task; }
  void await_resume() const {}
  void Ring() { waiter_.resume(); }

 private:
  std::coroutine_handle<> waiter_;
};

TEST_CASE("an awaitable of another library that somebody resumes is none") {
  Doorbell bell;
  const auto answer = [](Doorbell& at) -> Task<> { co_await at; };
  const auto ring = [](Doorbell& at) -> Task<> {
    co_await SleepFor(milliseconds(1));
    at.Ring();
  };
  CheckSilent(Run([&]() -> Task<> { co_await All(answer(bell), ring(bell)); }));
}

TEST_CASE("who only waits for a task that is stuck has no verdict of its own") {
  Gate ready("ready");
  const RunResult run = Run([&]() -> Task<> { co_await All(Pass(ready), Pulse(ready, true)); });
  for (const Diagnosis& diagnosis : Diagnose(run.trace)) {
    CHECK(diagnosis.tasks != std::vector<TaskId>{0});
  }
}

struct Two {
  Mutex mutex{"two"};
  Condition changed{"changed"};
  bool bread = false;
  bool milk = false;
};

Task<> WaitFor(Two& two, bool& what) {
  MutexGuard guard = co_await two.mutex.Lock();
  co_await two.changed.Wait(guard, [&] { return what; });
}

Task<> BringMilk(Two& two, bool all) {
  co_await SleepFor(milliseconds(1));
  const MutexGuard guard = co_await two.mutex.Lock();
  two.milk = true;
  if (all) {
    two.changed.NotifyAll();
  } else {
    two.changed.NotifyOne();
  }
}

// The one who waits for bread came first, and is woken.
Task<> WaitForTwoThings(Two& two, bool all) {
  two.bread = false;
  TaskGroup group("shop");
  group.Spawn(WaitFor(two, two.bread));
  group.Spawn(WaitFor(two, two.milk));
  group.Spawn(BringMilk(two, all));
  co_await SleepFor(milliseconds(2));
  if (all) {
    const MutexGuard guard = co_await two.mutex.Lock();
    two.bread = true;
    two.changed.NotifyAll();
  }
  co_await group.Join();
}

TEST_CASE("a notification of one that wakes another is named") {
  Two two;
  const RunResult run = Run([&] { return WaitForTwoThings(two, false); });
  CHECK(run.ending == Ending::kStuck);
  CHECK_THAT(Story(run), ContainsText("a NotifyOne() woke somebody else"));
}

TEST_CASE("a notification of all wakes whoever it is for") {
  Two two;
  CheckSilent(Run([&] { return WaitForTwoThings(two, true); }));
}

TEST_CASE("that nobody requests a stop is said only where nothing else hangs") {
  Gate never("never");
  std::stop_source stop;
  const RunResult run =
      Run([&]() -> Task<> { co_await UntilStopped(Pass(never), stop.get_token()); });
  CHECK(run.ending == Ending::kStuck);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CHECK_THAT(Story(run), ContainsText("to open Gate never"));
}

}  // namespace
}  // namespace heddle
