// SPDX-License-Identifier: MIT
//
// Requests: which there are, which one is meant, which one failed.
#include "requests.h"

#include "heddle/task_table.h"
#include "support/catch.h"
#include "support/trace_builder.h"
#include "tools/shop_run.h"

namespace heddle::tools {
namespace {

TEST_CASE("requests are listed by the time of their first event") {
  const Trace trace = ShopRun();
  const std::vector<Request> requests = ListRequests(trace, TaskTable(trace));
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].flow == 1);
  CHECK(requests[0].duration == 6'500'000);
  CHECK(requests[0].outcome == "threw");
  CHECK(requests[0].failed);
  CHECK(requests[0].tasks == 4);
  CHECK(requests[1].outcome == "returned");
  CHECK_FALSE(requests[1].failed);
}

TEST_CASE("the request of the task that threw is the one to show") {
  const Trace trace = ShopRun();
  CHECK(DefaultRequest(trace, TaskTable(trace)) == FlowId{1});
}

TEST_CASE("where no request failed, none of several is the one to show") {
  Trace trace = ShopRun();
  trace.header.ending = Ending::kFinished;
  CHECK(DefaultRequest(trace, TaskTable(trace)) == std::nullopt);
}

TEST_CASE("a run without two requests is shown whole") {
  TraceBuilder run;
  run.WorkFor(run.Main(), run.Flow("the only one"));
  const Trace trace = run.Build();
  CHECK(DefaultRequest(trace, TaskTable(trace)) == FlowId{0});
}

TEST_CASE("a stuck run failed in the request of the first task that waits") {
  Trace trace = ShopRun();
  trace.header.ending = Ending::kStuck;
  trace.header.waiting.resize(2);
  trace.header.waiting[0].task = 0;
  trace.header.waiting[1].task = 2;
  CHECK(FailedRequest(trace, TaskTable(trace)) == 2);
}

TEST_CASE("a request is found by its name or its number") {
  const Trace trace = ShopRun();
  CHECK(FindRequest(trace, "order-18").value() == 2);
  CHECK(FindRequest(trace, "2").value() == 2);
  CHECK(FindRequest(trace, "#2").value() == 2);
}

TEST_CASE("a name that looks like a number is a name first") {
  TraceBuilder run;
  run.Flow("2");
  run.Flow("1");
  CHECK(FindRequest(run.Build(), "2").value() == 1);
}

TEST_CASE("a request that is not there is answered with names nearly like it") {
  const absl::Status status = FindRequest(ShopRun(), "ordr-17").status();
  CHECK(absl::IsNotFound(status));
  CHECK(std::string(status.message()) ==
        "no request is called \"ordr-17\"\n  did you mean \"order-17\", \"order-18\"?");
}

TEST_CASE("a name that several requests have asks for the number") {
  Trace trace = ShopRun();
  trace.flows[2].name = "order-17";
  const absl::Status status = FindRequest(trace, "order-17").status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK_THAT(std::string(status.message()), ContainsText("\"#1\", \"#2\""));
}

TEST_CASE("near names come nearest first, and far ones not at all") {
  CHECK(NearNames("charg", {"ship", "charge", "charges", "reserve"}) ==
        std::vector<std::string>{"charge", "charges"});
  CHECK(NearNames(std::string(1000, 'x'), {"x"}).empty());
}

}  // namespace
}  // namespace heddle::tools
