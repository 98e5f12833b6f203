// SPDX-License-Identifier: MIT
//
// Stats: the whole of one run is golden; a law says that any trace has them.
#include "stats.h"

#include "recorder/arbitrary_trace.h"
#include "support/catch.h"
#include "support/golden.h"
#include "support/law.h"
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

TEST_CASE("any trace has statistics") {
  CheckLaw([] {
    const Trace trace = *AnyTrace();
    RC_ASSERT(StatsText(trace, {}) == StatsText(trace, {}));
    RC_ASSERT(!StatsText(trace, {.json = true}).empty());
  });
}

}  // namespace
}  // namespace heddle::tools
