// SPDX-License-Identifier: MIT
//
// Stats: the whole of one run is golden; a law says that any trace has them.
#include "stats.h"

#include <string>

#include "recorder/arbitrary_trace.h"
#include "support/catch.h"
#include "support/golden.h"
#include "support/law.h"
#include "support/trace_builder.h"
#include "tools/shop_run.h"

namespace heddle::tools {
namespace {

TEST_CASE("the waits and the coroutines of a run, the longest first") {
  CheckGolden("stats_shop", StatsText(ShopRun(), {}));
}

TEST_CASE("the same as JSON") {
  CHECK_THAT(StatsText(ShopRun(), {.json = true}),
             ContainsText("{\"what\": \"lock\", \"site\": \"shop.cc:31\", \"count\": 2"));
}

TEST_CASE("a wait that was cancelled is not open, and one that hangs is") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId slow = run.Spawn(body, "Slow");
  run.Start(slow).Suspend(slow, Operation::kSleep, 0, "a.cc:1").JumpTo(10);
  run.Finish(slow, Outcome::kCancelled).Suspend(body, Operation::kWait, 0, "a.cc:2");
  const std::string json = StatsText(run.Build(), {.json = true});
  CHECK_THAT(json, ContainsText(R"("site": "a.cc:1", "count": 1, "open": 0)"));
  CHECK_THAT(json, ContainsText(R"("site": "a.cc:2", "count": 1, "open": 1)"));
}

TEST_CASE("any trace has statistics") {
  CheckLaw([] {
    const Trace trace = *AnyTrace();
    RC_ASSERT(StatsText(trace, {}) == StatsText(trace, {}));
    RC_ASSERT(!StatsText(trace, {.json = true}).empty());
  });
}

}  // namespace
}  // namespace heddle::tools
