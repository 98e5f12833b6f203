// SPDX-License-Identifier: MIT
//
// The example's own promises: what its stages do, that first-in-first-out and the fixed
// variant pass, and that the planted bug is where the demo says it is.
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "heddle/catch.h"
#include "heddle/explore.h"
#include "heddle/run.h"
#include "pipeline.h"
#include "support/catch.h"

namespace order_pipeline {
namespace {

using heddle::HappensBefore;
using heddle::HasStep;
using heddle::InOrder;
using heddle::Never;
using heddle::Times;

std::vector<Arrival> Arrivals(const std::vector<std::string>& lines) {
  std::vector<Arrival> arrivals;
  for (const std::string& line : lines) {
    const auto number = static_cast<std::int64_t>(arrivals.size()) + 1;
    arrivals.push_back({.number = number, .at = std::chrono::seconds(number), .text = line});
  }
  return arrivals;
}

const std::vector<Arrival>& OrdersOfTheFile() {
  static const std::vector<Arrival> arrivals = ReadArrivals(ORDER_PIPELINE_ORDERS);
  return arrivals;
}

std::string OrderOf(int id, int quantity, int cents) {
  return R"({"id":)" + std::to_string(id) +
         R"(,"customer":"C-0001","country":"DE","lines":[{"sku":"TEA","quantity":)" +
         std::to_string(quantity) + R"(,"unit_cents":)" + std::to_string(cents) +
         R"(}],"total_cents":)" + std::to_string(quantity * cents) + "}";
}

struct Result {
  heddle::RunResult run;
  Summary summary;
};

Result RunFifo(const std::vector<Arrival>& arrivals) {
  Result result;
  result.run = heddle::Run([&](heddle::World& world) -> heddle::Task<void> {
    result.summary = co_await HandleOrders(world, arrivals, Variant::kBuggy);
  });
  return result;
}

heddle::ExploreResult Look(Variant variant, std::uint64_t schedules) {
  return heddle::FindFailure(
      [&](heddle::World& world) { return HandleOrders(world, OrdersOfTheFile(), variant); },
      {.schedules = schedules, .shrink = false, .directory = ""});
}

TEST_CASE("an order goes through the six stages") {
  const Result result = RunFifo(Arrivals({OrderOf(1, 2, 100)}));
  REQUIRE(result.run.ok());
  CHECK(result.summary.shipped == 1);
  CHECK_THAT(result.run.trace, InOrder("Parse", "Validate", "Reserve", "Charge", "Ship", "Notify"));
  CHECK_THAT(result.run.trace, HappensBefore("charged{amount: 200}", "shipped"));
}

TEST_CASE("an order that is not valid is rejected, with the reason, before it reserves") {
  struct Case {
    std::string line;
    std::string reason;
  };
  const std::string customer = R"({"id":1,"customer":"C-0001","country":"DE",)";
  const std::string tea = R"({"sku":"TEA","quantity":1,"unit_cents":100})";
  const std::vector<Case> cases = {
      {R"({"id":1,"cust)", "not a JSON object"},
      {R"([1, 2])", "not a JSON object"},
      {"", "not a JSON object"},
      {R"({"id":1})", "field customer is missing"},
      {R"({"id":"1"})", "field id has the wrong type"},
      {customer + R"("lines":[7],"total_cents":0})", "field lines has the wrong type"},
      {customer + R"("lines":[],"total_cents":0})", "it has no lines"},
      {customer + R"("lines":[{"sku":"TEA","quantity":-2,"unit_cents":100}],"total_cents":-200})",
       "quantity of TEA is not positive"},
      {customer + R"("lines":[{"sku":"TEA","quantity":1,"unit_cents":-1}],"total_cents":-1})",
       "price of TEA is negative"},
      {customer + R"("lines":[)" + tea + R"(],"total_cents":99})",
       "the lines add up to 100, not to 99"},
      {R"({"id":1,"customer":"","country":"DE","lines":[)" + tea + R"(],"total_cents":100})",
       "field customer is empty"},
      {R"({"id":1,"customer":"C-0001","country":"US","lines":[)" + tea + R"(],"total_cents":100})",
       "no delivery to US"},
  };
  for (const Case& bad : cases) {
    CAPTURE(bad.line);
    const Result result = RunFifo(Arrivals({bad.line}));
    REQUIRE(result.run.ok());
    CHECK(result.summary.rejected == 1);
    CHECK_THAT(result.run.trace, HasStep("rejected{reason: \"" + bad.reason + "\"}", Times(1)));
    CHECK_THAT(result.run.trace, Never("Reserve"));
  }
}

TEST_CASE("an order of more than there is takes nothing") {
  const Result result = RunFifo(Arrivals({OrderOf(1, 481, 100), OrderOf(2, 480, 100)}));
  CHECK(result.summary.out_of_stock == 1);
  CHECK(result.summary.shipped == 1);
}

TEST_CASE("what a declined order had reserved goes back") {
  const Result result = RunFifo(Arrivals({OrderOf(1, 480, 1000), OrderOf(2, 480, 100)}));
  CHECK(result.summary.declined == 1);
  CHECK(result.summary.shipped == 1);
}

TEST_CASE("first in, first out, every order of the file comes to its end") {
  const Result result = RunFifo(OrdersOfTheFile());
  REQUIRE(result.run.ok());
  const Summary& summary = result.summary;
  CHECK(summary.shipped + summary.rejected + summary.out_of_stock + summary.declined == 1000);
  CHECK(summary.shipped > 900);
  CHECK(summary.rejected > 0);
  CHECK(summary.out_of_stock > 0);
  CHECK(summary.declined > 0);
}

TEST_CASE("a payment is tried again after a time-out, three times at most") {
  const Result result = RunFifo(OrdersOfTheFile());
  CHECK_THAT(result.run.trace, HasStep("gateway timed out{attempt: 1}"));
  CHECK_THAT(result.run.trace, HasStep("gateway is busy{attempt: 1}"));
  CHECK_THAT(result.run.trace, Never("gateway timed out{attempt: 4}"));
}

TEST_CASE("some schedule loses an update of the one customer whose orders overlap") {
  const heddle::ExploreResult result = Look(Variant::kBuggy, 500);
  REQUIRE_FALSE(result.ok());
  CHECK(result.schedules > 1);
  CHECK_THAT(result.failure->run.message,
             ContainsText("ledger out of balance for customer C-0042 after order 613"));
  CHECK_FALSE(result.failure->divergence);
}

TEST_CASE("no schedule loses an update where the account is locked from read to write") {
  const heddle::ExploreResult result = Look(Variant::kFixed, 100);
  CHECK(result.ok());
  CHECK(result.schedules == 100);
}

}  // namespace
}  // namespace order_pipeline
