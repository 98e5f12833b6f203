// SPDX-License-Identifier: MIT
//
// View: the data of the page, read by a parser that is not ours. What the page makes of them is
// tested in tests/interop/view.test.js.
#include "view.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "heddle/chooser.h"
#include "heddle/combinators.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "recorder/arbitrary_trace.h"
#include "support/catch.h"
#include "support/law.h"
#include "support/trace_builder.h"
#include "tools/shop_run.h"

namespace heddle::tools {
namespace {

using Json = nlohmann::json;

Json DataOf(const Trace& trace, const ViewOptions& options = {}) {
  return Json::parse(ViewData(trace, options).value());
}

// "Charge#0 goes on, shop.cc:12, because of 7", in the order of Field in page.js.
std::string LineOf(const Json& data, const Json& event) {
  std::string line = data["tasks"][event[2].get<std::size_t>()]["name"].get<std::string>() + " " +
                     data["texts"][event[4].get<std::size_t>()].get<std::string>();
  const auto site = data["sites"][event[5].get<std::size_t>()].get<std::string>();
  if (!site.empty()) line += ", " + site;
  if (event[6].get<int>() >= 0) {
    const Json& cause = data["events"][event[6].get<std::size_t>()];
    line += ", because " + data["tasks"][cause[2].get<std::size_t>()]["name"].get<std::string>() +
            " " + data["texts"][cause[4].get<std::size_t>()].get<std::string>();
  }
  return line;
}

TEST_CASE("the page has each step, where it stopped, and why it went on") {
  TraceBuilder run;
  const ObjectId ledger = run.Object("Mutex", "ledger");
  const TaskId body = run.Main();
  const TaskId holds = run.Spawn(body, "Holds");
  run.Start(holds, body).Await(holds, Operation::kLock, ledger, "a.cc:1");
  run.Suspend(body, Operation::kLock, ledger, "a.cc:2").Release(holds, ledger).Resume(body);
  const TaskId callee = run.Call(body, "Charge", "a.cc:3");
  run.Return(callee);
  const Json data = DataOf(run.Build());
  std::vector<std::string> lines;
  for (const Json& event : data["events"]) lines.push_back(LineOf(data, event));
  CHECK(lines == std::vector<std::string>{
                     "main created, shop.cc:1",
                     "main begins",
                     "Holds#0 created, shop.cc:1",
                     "Holds#0 begins, because main begins",
                     "Holds#0 lock Mutex ledger, a.cc:1",
                     "Holds#0 goes on, a.cc:1",
                     "main lock Mutex ledger, a.cc:2",
                     "Holds#0 unlocks Mutex ledger",
                     "main goes on, a.cc:2, because Holds#0 unlocks Mutex ledger",
                     "Charge#0 created, shop.cc:1",
                     "main calls Charge#0, a.cc:3",
                     "Charge#0 begins, because main calls Charge#0",
                     "Charge#0 returned",
                     "main goes on, a.cc:3, because Charge#0 returned",
                 });
}

TEST_CASE("the page of a failed run says what failed, and where") {
  const Json data = DataOf(ShopRun());
  CHECK(data["failed"] == true);
  CHECK_THAT(data["ending"].get<std::string>(), StartsWithText("threw in Checkout#0"));
  CHECK(data["requests"].size() == 2);
  CHECK(data["requests"][0]["failed"] == true);
  CHECK(data["flows"].size() == 3);
}

Task<> Yields() {
  for (int i = 0; i < 5; ++i) co_await Yield();
}

TEST_CASE("the page says which steps' order decides, and where they are") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId other = run.Spawn(body, "Other");
  const std::size_t start = run.next();
  run.Start(other, body).Suspend(body, Operation::kYield).Suspend(other, Operation::kYield);
  const std::size_t resume = run.next() + 1;
  run.Wake(body).Resume(body).Finish(body);
  run.header().explanation = {.steps = {{.number = 2, .text = "main, from its yield"},
                                        {.number = 1, .text = "Other#0, from its start"},
                                        {.text = "Other#0, which never gets past its yield"}},
                              .verdict = "The order of 1 and 2 decides."};
  const Json data = DataOf(run.Build());
  const Json& steps = data["why"]["steps"];
  CHECK(data["why"]["verdict"] == "The order of 1 and 2 decides.");
  REQUIRE(steps.size() == 3);
  CHECK(steps[0]["text"] == "main, from its yield");
  CHECK(data["events"][steps[0]["at"].get<std::size_t>()][0] == resume);
  CHECK(data["events"][steps[1]["at"].get<std::size_t>()][0] == start);
  CHECK(steps[2]["at"] == -1);
  CHECK(DataOf(ShopRun())["why"]["steps"].empty());
}

TEST_CASE("the page says which steps were chosen, and which of them were not first in line") {
  RandomChooser chooser(7);
  const RunResult run =
      Run([]() -> Task<> { co_await All(Yields(), Yields(), Yields()); }, {.chooser = &chooser});
  std::size_t deviations = 0;
  for (const Choice& choice : run.trace.choices) deviations += choice.deviates() ? 1 : 0;
  REQUIRE(deviations > 0);
  std::size_t first = 0;
  std::size_t other = 0;
  const Json data = DataOf(run.trace);
  for (const Json& event : data["events"]) {
    first += event[8] == 1 ? 1 : 0;
    other += event[8] == 2 ? 1 : 0;
  }
  CHECK(other == deviations);
  CHECK(first + other == run.trace.choices.size());
}

TEST_CASE("a page may have one request only, and not too many events") {
  const Json data = DataOf(ShopRun(), {.flow = "order-18"});
  CHECK(data["requests"].size() == 1);
  for (const Json& event : data["events"]) CHECK(event[7] == 2);
  CHECK(absl::IsNotFound(ViewData(ShopRun(), {.flow = "order-19"}).status()));
  const absl::Status status = ViewData(ShopRun(), {.events_max = 10}).status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK_THAT(std::string(status.message()), ContainsText("--flow NAME shows one request"));
}

TEST_CASE("no text of a recording ends the page's script") {
  TraceBuilder run;
  const TaskId body = run.Main();
  run.Mark(body, "</script><script>alert(1)</script>").Finish(body);
  const std::string page = ViewPage(run.Build(), {}).value();
  CHECK(page.find("<script>alert") == std::string::npos);
  CHECK(DataOf(run.Build())["texts"][2] == "</script><script>alert(1)</script>");
  CHECK(page.find("<!--") == std::string::npos);  // all places were filled
}

TEST_CASE("any trace has a page") {
  CheckLaw([] {
    const Trace trace = *AnyTrace();
    const Json data = DataOf(trace);
    const auto tasks = data["tasks"].size();
    for (const Json& event : data["events"]) {
      RC_ASSERT(event.size() == 10U);
      RC_ASSERT(event[2].get<std::size_t>() < tasks);
      RC_ASSERT(event[4].get<std::size_t>() < data["texts"].size());
      RC_ASSERT(event[5].get<std::size_t>() < data["sites"].size());
      RC_ASSERT(event[6].get<int>() < static_cast<int>(data["events"].size()));
    }
  });
}

}  // namespace
}  // namespace heddle::tools
