// SPDX-License-Identifier: MIT
//
// The rounds of the upkeep: see upkeep.h. The second mistake of the first pool is here.
#include "upkeep.h"

#include <heddle/cancel.h>
#include <heddle/interval.h>
#include <heddle/mark.h>

#include <optional>
#include <vector>

#include "pool.h"

namespace connection_pool {
namespace {

heddle::Task<> Next(heddle::Interval& ticks) { co_await ticks.Tick(); }

heddle::Task<> CheckHealth(Pool& pool, ConnectionPtr connection) {
  if (!pool.IsIdle(connection)) co_return;
  // The first pool left the connection in the idle list, since nobody used it. But while the answer
  // is on its way a client may take it, and then two commands share one connection.
  std::optional<Lease> taken;
  if (pool.design().pinging == Pinging::kTakenOut) taken.emplace(pool.TakeIdle(connection));
  const bool alive = co_await connection->IsAlive(pool.options().ping_timeout);
  heddle::Mark("checked", {{"connection", connection->id()}, {"alive", alive}});
  if (!alive && !taken) pool.Forget(connection);
}

heddle::Task<> Round(Pool& pool, std::stop_token stop) {
  pool.Reap();
  const std::vector<ConnectionPtr> idle = pool.Idle();  // those of now: it changes meanwhile
  for (const ConnectionPtr& connection : idle) {
    if (stop.stop_requested()) co_return;
    co_await CheckHealth(pool, connection);
  }
  pool.Fill();
}

}  // namespace

heddle::Task<> KeepUp(Pool& pool, std::stop_token stop) {
  heddle::Interval ticks(pool.options().check_every, heddle::MissedTicks::kSkip);
  for (;;) {
    const auto tick = co_await heddle::UntilStopped(Next(ticks), stop);
    if (!tick) co_return;
    co_await Round(pool, stop);
  }
}

}  // namespace connection_pool
