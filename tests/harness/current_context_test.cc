// SPDX-License-Identifier: MIT
//
// CurrentContext in a simulation. In production: live_test.cc.
#include "heddle/current_context.h"

#include <string>
#include <vector>

#include "heddle/combinators.h"
#include "heddle/context.h"
#include "heddle/mark.h"
#include "heddle/run.h"
#include "heddle/task.h"
#include "heddle/trace_text.h"
#include "support/catch.h"

namespace heddle {
namespace {

Task<> Asks(std::vector<TraceContext>& sent) {
  sent.push_back(CurrentContext().value());
  co_return;
}

Task<> Serves(std::string request, std::vector<TraceContext>& sent) {
  BeginFlow(request);
  co_await All(Asks(sent), Asks(sent));
}

std::vector<TraceContext> ContextsOf(const std::string& request) {
  std::vector<TraceContext> sent;
  const RunResult run = Run([&] { return Serves(request, sent); });
  CHECK(run.ok());
  return sent;
}

TEST_CASE("a request that came with a traceparent goes on in its trace") {
  const std::string traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
  const std::vector<TraceContext> sent = ContextsOf(traceparent);
  REQUIRE(sent.size() == 2);
  for (const TraceContext& context : sent) {
    CHECK(TraceIdText(context.trace) == "0af7651916cd43dd8448eb211c80319c");
    CHECK_FALSE(context.sampled);
    CHECK(SpanIdText(context.span) != "b7ad6b7169203331");
  }
  CHECK(sent[0].span != sent[1].span);
}

TEST_CASE("a request of one's own has a trace that is the same in every run, and only its own") {
  const std::vector<TraceContext> sent = ContextsOf("order 17");
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].trace == sent[1].trace);
  CHECK(ContextsOf("order 17") == sent);
  CHECK(ContextsOf("order 18")[0].trace != sent[0].trace);
  CHECK_FALSE(sent[0].random);
  CHECK(ParseTraceparent(ToString(sent[0])).value() == sent[0]);
}

TEST_CASE("without a task or a request there is no context") {
  CHECK_FALSE(CurrentContext().has_value());
  const RunResult run = Run([]() -> Task<> {
    CHECK_FALSE(CurrentContext().has_value());
    co_return;
  });
  CHECK(run.ok());
}

TEST_CASE("what was sent is in the trace, as a mark of its task") {
  std::vector<TraceContext> sent;
  const RunResult run = Run([&] { return Serves("order 17", sent); });
  REQUIRE(run.trace.marks.size() == 2);
  CHECK(ContextOf(run.trace.marks[0]) == sent[0]);
  CHECK(MarkText(run.trace.marks[1]) == "traceparent {sent: \"" + ToString(sent[1]) + "\"}");
  CHECK_FALSE(ContextOf({.name = "traceparent", .fields = {{"sent", std::string("00-no")}}}));
  CHECK_FALSE(ContextOf({.name = "other", .fields = run.trace.marks[0].fields}));
}

}  // namespace
}  // namespace heddle
