// SPDX-License-Identifier: MIT
//
// One await goes over several lines: compilers disagree about its line, and the text of a run must
// not.
#include "determinism/every_primitive.h"

#include <chrono>
#include <coroutine>
#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include "heddle/channel.h"
#include "heddle/combinators.h"
#include "heddle/gate.h"
#include "heddle/mark.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "heddle/trace_text.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

// Somebody else's awaitable: whoever awaits it is resumed by Set().
class Signal {
 public:
  bool await_ready() const { return set_; }
  void await_suspend(std::coroutine_handle<> waiter) { waiter_ = waiter; }
  void await_resume() const {}
  void Set() {
    set_ = true;
    if (waiter_ != nullptr) std::exchange(waiter_, nullptr).resume();
  }

 private:
  bool set_ = false;
  std::coroutine_handle<> waiter_;
};

struct Shop {
  Mutex ledger{"ledger"};
  Mutex nameless;
  Gate open{"open"};
  Channel<int> parcels{2, "parcels"};
  Signal audited;
  std::vector<int> delivered;
};

Task<int> Charge(Shop& shop, int order) {
  const MutexGuard guard = co_await shop.ledger.Lock();
  Mark("charged", {{"order", order}, {"amount", 0.5 * order}, {"even", order % 2 == 0}});
  co_await Yield();
  if (order == 3) throw std::runtime_error("card refused");
  co_return 10 * order;
}

Task<int> Pack(int order) {
  co_await Yield();
  co_return order;
}

Task<> Ship(Shop& shop, int order) {
  co_await shop.open.Wait();
  co_await SleepFor(  // over two lines
      milliseconds(order % 2));
  const int parcel = co_await Pack(order);
  co_await shop.parcels.Send(parcel);
}

Task<> Handle(World& world, Shop& shop, int order) {
  BeginFlow("order " + std::to_string(order));
  const std::uint32_t shelf = world.Draw(3);
  Mark("picked", {{"shelf", shelf}, {"order", std::to_string(order)}});
  try {
    const auto [receipt, shipped] = co_await All(Charge(shop, order), Ship(shop, order));
    Mark("done", {{"receipt", receipt}});
  } catch (const std::runtime_error& error) {
    Mark("refused", {{"why", error.what()}});
  }
}

Task<> Deliver(Shop& shop) {
  for (;;) {
    const std::optional<int> parcel = co_await shop.parcels.Receive();
    if (!parcel) co_return;
    shop.delivered.push_back(*parcel);
  }
}

Task<> Audit(Shop& shop) {
  const MutexGuard tried = shop.nameless.TryLock();
  co_await shop.audited;
  Mark("audited");
}

Task<> OpenShop(Shop& shop) {
  co_await SleepFor(milliseconds(1));
  shop.open.Open();
  shop.audited.Set();
}

Task<int> Patience(milliseconds how_long) {
  co_await SleepUntil(VirtualClock::now() + how_long);
  co_return static_cast<int>(how_long.count());
}

Task<> Day(World& world) {
  Shop shop;
  TaskGroup crew("crew");
  crew.Spawn(Deliver(shop));
  crew.Spawn(Audit(shop));
  crew.Spawn(OpenShop(shop));
  TaskGroup orders;
  for (int order = 1; order <= 4; ++order) orders.Spawn(Handle(world, shop, order));
  const auto first = co_await Any(Patience(milliseconds(2)), Patience(milliseconds(2)));
  Mark("patience", {{"winner", first.index()}});
  co_await orders.Join();
  shop.parcels.Close();
  co_await crew.Join();
  for (const int parcel : shop.delivered) Mark("delivered", {{"parcel", parcel}});
  throw std::runtime_error("closing time");
}

}  // namespace

std::string TextOfEveryPrimitive(std::uint64_t seed) {
  RandomChooser chooser(seed);
  return CanonicalText(Run(Day, {.chooser = &chooser}).trace);
}

}  // namespace heddle
