// SPDX-License-Identifier: MIT
//
// What --json prints, read by a parser that is not ours: it is JSON whatever the run, and it has
// the keys that the help and the manual page promise, in their order.
#include "json.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "diff.h"
#include "recorder/arbitrary_trace.h"
#include "red_flags.h"
#include "show.h"
#include "stats.h"
#include "support/catch.h"
#include "support/law.h"
#include "tools/shop_run.h"

namespace heddle::tools {
namespace {

using Json = nlohmann::ordered_json;
using Keys = std::vector<std::string>;

Keys KeysOf(const Json& object) {
  Keys keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

Json Shown(const Trace& trace, ShowOptions options) {
  options.json = true;
  return Json::parse(ShowText(trace, options).value());
}

TEST_CASE("a text of several lines is one of several lines in JSON, too") {
  CHECK(Json::parse(JsonText("a \"lock\"\n  of b\\\n")) == "a \"lock\"\n  of b\\\n");
  CHECK(Json::parse(JsonText("\x1b[1m")) == Printable("\x1b[1m"));
}

TEST_CASE("the list of requests as JSON") {
  const Json list = Shown(ShopRun(), {.list = true});
  CHECK(KeysOf(list) == Keys{"test", "ending", "why", "requests"});
  CHECK(list["ending"] == "threw");
  REQUIRE(list["requests"].size() == 2);
  const Json& first = list["requests"][0];
  CHECK(KeysOf(first) == Keys{"number", "name", "start_ns", "took_ns", "running_ns", "ready_ns",
                              "waiting_ns", "longest_for", "tasks", "outcome", "failed"});
  CHECK(first["name"] == "order-17");
  CHECK(first["failed"] == true);
  CHECK(list["requests"][1]["failed"] == false);
}

const Keys kRowKeys = {"kind", "time_ns",     "text",   "site", "took_ns",
                       "note", "other_steps", "failed", "rows"};

// How many rows there are, of all of which it makes sure that they have their keys.
std::size_t CountRows(const Json& rows) {
  std::size_t count = rows.size();
  for (const Json& row : rows) {
    REQUIRE(KeysOf(row) == kRowKeys);
    count += CountRows(row["rows"]);
  }
  return count;
}

TEST_CASE("one request as JSON has the rows of the tree, none of them folded") {
  const Json request = Shown(ShopRun(), {.flow = "order-17"});
  CHECK(KeysOf(request) == Keys{"test", "ending", "why", "request", "rows"});
  CHECK(request["request"] == "order-17");
  CHECK(request["rows"][0]["kind"] == "task");
  CHECK(request["rows"][0]["text"] == "Checkout#0");
  CHECK(request["rows"][0]["failed"].is_boolean());

  const Json whole = Shown(ShopRun(), {.all = true});
  CHECK(whole["request"].is_null());
  // Among others the audit's hundred yields.
  CHECK(CountRows(whole["rows"]) > 100);
  CHECK(Shown(ShopRun(), {.task = "Ship"})["rows"].size() == 1);
}

TEST_CASE("the table of tasks as JSON has the figures of the table") {
  const Json table = Shown(ShopRun(), {.flow = "order-17", .table = true});
  CHECK(KeysOf(table) == Keys{"test", "ending", "why", "request", "tasks"});
  CHECK(table["request"] == "order-17");
  REQUIRE(table["tasks"].size() == 4);
  const Json& first = table["tasks"][0];
  CHECK(KeysOf(first) == Keys{"path", "start_ns", "took_ns", "in_calls_ns", "waited_ns", "waits",
                              "passed_over", "outcome", "longest", "longest_ns"});
  CHECK(first["path"] == "Checkout#0");
  CHECK(first["took_ns"] == 6'500'000);
  CHECK(first["outcome"] == "threw");
}

TEST_CASE("stats, check and diff as JSON") {
  const Json stats = Json::parse(StatsText(ShopRun(), {.json = true}));
  CHECK(KeysOf(stats) == Keys{"awaits", "tasks", "critical_paths_ns"});
  CHECK(KeysOf(stats["awaits"][0]) == Keys{"what", "site", "count", "open", "total_ns", "p50_ns",
                                           "p99_ns", "max_ns", "p50_steps", "p99_steps",
                                           "critical_path_ns"});
  CHECK(KeysOf(stats["tasks"][0]) == Keys{"what", "site", "count", "open", "total_ns", "p50_ns",
                                          "p99_ns", "max_ns", "waiting_ns", "running_ns",
                                          "critical_path_ns"});

  CheckOptions options;
  options.json = true;
  options.long_wait = 1;
  const Trace run = ShopRun();
  const std::vector<RedFlag> found = FindRedFlags(run, options);
  REQUIRE_FALSE(found.empty());
  const Json flags = Json::parse(RedFlagsText(run, found, options));
  REQUIRE(flags.size() == found.size());
  CHECK(KeysOf(flags[0]) == Keys{"kind", "event", "time_ns", "text", "advice"});

  Trace other = run;
  other.events.pop_back();
  const Json same = Json::parse(DiffText(run, run, Compare(run, run), {.json = true}));
  CHECK(same == Json({{"same", true}}));
  const Json diff = Json::parse(DiffText(run, other, Compare(run, other), {.json = true}));
  CHECK(KeysOf(diff) == Keys{"same", "first_a", "first_b", "choice", "only_a", "only_b", "moved"});
  CHECK(diff["only_a"].size() == 1);
}

TEST_CASE("it is JSON whatever the run holds") {
  CheckLaw([] {
    const Trace trace = *AnyTrace();
    RC_ASSERT(Json::accept(ShowText(trace, {.list = true, .json = true}).value()));
    RC_ASSERT(Json::accept(ShowText(trace, {.all = true, .json = true}).value()));
    const ShowOptions table = {.all = true, .table = true, .json = true};
    RC_ASSERT(Json::accept(ShowText(trace, table).value()));
  });
}

}  // namespace
}  // namespace heddle::tools
