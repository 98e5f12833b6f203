// SPDX-License-Identifier: MIT
//
// Export: the whole of a small run is golden; a law says that it is always JSON, by a checker
// that knows nothing of traces.
#include "export.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string_view>

#include "heddle/context.h"
#include "recorder/arbitrary_trace.h"
#include "support/catch.h"
#include "support/golden.h"
#include "support/law.h"
#include "support/trace_builder.h"

namespace heddle::tools {
namespace {

// Whether `text` is one JSON value (RFC 8259).
class JsonChecker {
 public:
  explicit JsonChecker(std::string_view text) : text_(text) {}

  bool Check() {
    const bool ok = Value();
    Blanks();
    return ok && at_ == text_.size();
  }

 private:
  void Blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool Next(char c) {
    Blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool Word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  bool String() {
    if (!Next('"')) return false;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (static_cast<unsigned char>(text_[at_]) < 0x20) return false;
      if (text_[at_] == '\\' &&
          (++at_ == text_.size() ||
           std::string_view("\"\\n").find(text_[at_]) == std::string_view::npos))
        return false;
    }
    return at_++ < text_.size();
  }
  bool Number() {
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           (std::isdigit(static_cast<unsigned char>(text_[at_])) != 0 ||
            std::string_view("+-.eE").find(text_[at_]) != std::string_view::npos)) {
      ++at_;
    }
    return at_ > begin;
  }
  bool Members(char end, bool keys) {
    if (Next(end)) return true;
    do {
      if (keys && (!String() || !Next(':'))) return false;
      if (!Value()) return false;
    } while (Next(','));
    return Next(end);
  }
  bool Value() {
    Blanks();
    if (Next('{')) return Members('}', true);
    if (Next('[')) return Members(']', false);
    if (at_ < text_.size() && text_[at_] == '"') return String();
    return Word("true") || Word("false") || Word("null") || Number();
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Trace SmallRun() {
  TraceBuilder run;
  const ObjectId all = run.Object("All");
  const TaskId body = run.Main("shop::Checkout");
  run.WorkFor(body, run.Flow("order-17"));
  const TaskId charge = run.Spawn(body, "shop::Charge");
  const TaskId ship = run.Spawn(body, "shop::Ship");
  run.Suspend(body, Operation::kJoin, all, "shop.cc:16");
  run.Start(charge, body).Start(ship, body);
  run.Mark(charge, "charged", {{"amount", 12.5}, {"who", std::string("\"ann\", \\")}},
           "shop.cc:41");
  run.Suspend(charge, Operation::kSleep, 0, "shop.cc:44").Finish(ship, Outcome::kValue, all);
  run.JumpTo(1'500).Wake(charge).Resume(charge).Finish(charge, Outcome::kException, all);
  run.Wake(body, charge).Resume(body).Finish(body, Outcome::kException);
  run.header().test = "a test";
  run.header().failed_task = charge;
  run.header().message = "no money";
  return run.Build();
}

TEST_CASE("a run for Perfetto and Chrome") { CheckGolden("export_chrome", ChromeText(SmallRun())); }

TEST_CASE("for Chrome the events of one instant follow each other, and stay before the next") {
  TraceBuilder run;
  const TaskId body = run.Main();
  run.Mark(body, "a").Mark(body, "b").JumpTo(1'000).Mark(body, "c").JumpTo(1'001).Mark(body, "d");
  run.Finish(body);
  const std::string text = ChromeText(run.Build());
  const auto at = [&](std::string_view mark) {
    const std::size_t begin = text.find("\"name\": \"" + std::string(mark) + "\"");
    return text.substr(text.find("\"ts\": ", begin) + 6, 5);
  };
  CHECK(at("a") == "0.004");
  CHECK(at("b") == "0.006");
  CHECK(at("c") == "1.000");  // with the time event before it in a single nanosecond
  CHECK(at("d") == "1.003");
}

TEST_CASE("a run for OpenTelemetry") { CheckGolden("export_otlp", OtlpText(SmallRun())); }

TEST_CASE("a task that sent its context has the span that was sent, in the trace of its request") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId handler = run.Spawn(body, "Handle");
  run.Start(handler, body).WorkFor(handler, run.Flow("order 17"));
  const TraceContext sent = {.trace = {.high = 1, .low = 0xab}, .span = 0xcd, .sampled = true};
  const MarkRecord mark = ContextMark(sent);
  const TaskId callee = run.Call(handler, "Charge");
  run.Mark(callee, mark.name, mark.fields).Return(callee).Finish(handler).Finish(body);
  const std::string text = OtlpText(run.Build());
  const std::string trace = "{\"traceId\": \"000000000000000100000000000000ab\", \"spanId\": ";
  CHECK_THAT(text, ContainsText(trace + "\"00000000000000cd\""));
  CHECK_THAT(text, ContainsText(trace + "\"0000000000000002\""));  // the handler's
}

TEST_CASE("the times of a snapshot are those of the clock on the wall") {
  TraceBuilder run;
  const TaskId body = run.Main();
  run.JumpTo(25).Finish(body);
  run.header().began = 1'700'000'000'000'000'000;
  CHECK_THAT(OtlpText(run.Build()), ContainsText("\"endTimeUnixNano\": \"1700000000000000025\""));
}

TEST_CASE("a request that came with a traceparent goes on in it") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId handler = run.Spawn(body, "Handle");
  run.Start(handler, body);
  run.WorkFor(handler, run.Flow("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
  const TaskId callee = run.Call(handler, "Charge");
  run.Return(callee).Finish(handler).Finish(body);
  const std::string text = OtlpText(run.Build());
  const std::string trace = "{\"traceId\": \"4bf92f3577b34da6a3ce929d0e0e4736\", \"spanId\": ";
  CHECK_THAT(text, ContainsText(trace + "\"0000000000000002\", \"parentSpanId\": "
                                        "\"00f067aa0ba902b7\", \"name\": \"Handle\""));
  CHECK_THAT(text, ContainsText(trace + "\"0000000000000003\", \"parentSpanId\": "
                                        "\"0000000000000002\", \"name\": \"Charge\""));
}

TEST_CASE("what a worker does for a request is a span in it, below the one that sent the message") {
  TraceBuilder run;
  const ObjectId channel = run.Object("Channel");
  const FlowId order = run.Flow("order-17");
  const TaskId worker = run.Main("Worker");
  const TaskId client = run.Spawn(worker, "Client");
  run.Start(client).WorkFor(client, order).Send(client, channel, 0).Finish(client);
  run.Await(worker, Operation::kReceive, channel);
  run.Receive(worker, channel, 0).TakeUp(worker, order).Mark(worker, "packs");
  const TaskId pack = run.Call(worker, "Pack");
  run.Return(pack).TakeUp(worker, 0).Finish(worker);
  const std::string text = OtlpText(run.Build());
  const auto field = [&](std::string_view name, std::string_view key, std::size_t from) {
    const std::size_t span = text.rfind("{\"traceId\"", text.find(name, from));
    const std::size_t at = text.find(key, span) + key.size();
    return text.substr(at, text.find('"', at) - at);
  };
  const std::size_t part = text.find("\"kind\": 5");
  REQUIRE(part != std::string::npos);
  const std::string trace = field("\"name\": \"Client\"", "\"traceId\": \"", 0);
  const std::string client_span = field("\"name\": \"Client\"", "\"spanId\": \"", 0);
  const std::string part_span = field("\"kind\": 5", "\"spanId\": \"", 0);
  CHECK(field("\"kind\": 5", "\"traceId\": \"", 0) == trace);
  CHECK(field("\"kind\": 5", "\"parentSpanId\": \"", 0) == client_span);
  CHECK(field("\"name\": \"Pack\"", "\"traceId\": \"", 0) == trace);
  CHECK(field("\"name\": \"Pack\"", "\"parentSpanId\": \"", 0) == part_span);
  CHECK(field("\"name\": \"Worker\"", "\"traceId\": \"", 0) != trace);
  CHECK(text.find("\"packs\"") > part);
}

TEST_CASE("lost contexts are counted") {
  TraceBuilder run;
  const TaskId body = run.Main();
  CHECK(OtlpText(run.Build()).find("context_lost") == std::string::npos);
  run.Add({.task = body, .kind = EventKind::kContextLost}).Finish(body);
  CHECK_THAT(OtlpText(run.Build()),
             ContainsText("\"heddle.context_lost\", \"value\": {\"intValue\": \"1\"}"));
}

TEST_CASE("a run as a table") { CheckGolden("export_csv", CsvText(SmallRun())); }

TEST_CASE("any trace is exported as JSON, and as a table with a line for each event") {
  CheckLaw([] {
    const Trace trace = *AnyTrace();
    RC_ASSERT(JsonChecker(ChromeText(trace)).Check());
    RC_ASSERT(JsonChecker(OtlpText(trace)).Check());
    const std::string csv = CsvText(trace);
    RC_ASSERT(std::count(csv.begin(), csv.end(), '\n') ==
              static_cast<std::ptrdiff_t>(trace.events.size()) + 1);
  });
}

TEST_CASE("who is cancelled is named in a viewer") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId charge = run.Spawn(body, "Charge");
  run.Start(charge, body).Suspend(charge, Operation::kSleep);
  run.Add({.task = body, .object = charge, .kind = EventKind::kCancel});
  run.Finish(charge, Outcome::kCancelled).Finish(body);
  CHECK_THAT(ChromeText(run.Build()), ContainsText("\"name\": \"cancels Charge#0\""));
}

TEST_CASE("a run of no test is called after its program, for whoever wants a name") {
  TraceBuilder run;
  run.Finish(run.Main());
  run.header().test = "";
  CHECK_THAT(ChromeText(run.Build()), ContainsText("\"args\": {\"name\": \"heddle\"}"));
  CHECK_THAT(OtlpText(run.Build()), ContainsText("{\"stringValue\": \"heddle\"}"));
  run.header().command = {"/usr/bin/shop", "--port", "80"};
  CHECK_THAT(ChromeText(run.Build()), ContainsText("\"args\": {\"name\": \"shop\"}"));
  CHECK_THAT(OtlpText(run.Build()), ContainsText("{\"stringValue\": \"shop\"}"));
}

}  // namespace
}  // namespace heddle::tools
