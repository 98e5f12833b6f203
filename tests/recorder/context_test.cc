// SPDX-License-Identifier: MIT
//
// Trace context: the examples of W3C's recommendation, and each of its error cases.
#include "heddle/context.h"

#include <string>

#include "support/catch.h"
#include "support/law.h"

namespace heddle {
namespace {

constexpr std::string_view kExample = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

// `kExample` with `text` at `at`.
std::string Changed(std::size_t at, std::string_view text) {
  return std::string(kExample).replace(at, text.size(), text);
}

std::string ErrorOf(std::string_view header) {
  return std::string(ParseTraceparent(header).status().message());
}

TEST_CASE("the example of the recommendation is read and written") {
  const TraceContext context = ParseTraceparent(kExample).value();
  CHECK(context.trace == TraceId{0x4bf92f3577b34da6, 0xa3ce929d0e0e4736});
  CHECK(context.span == 0x00f067aa0ba902b7);
  CHECK(context.sampled);
  CHECK(!context.random);
  CHECK(ToString(context) == kExample);
}

TEST_CASE("the example that is not sampled is read as such") {
  CHECK(!ParseTraceparent(Changed(53, "00")).value().sampled);
}

TEST_CASE("flags that are not known are left out when it is passed on") {
  const TraceContext context = ParseTraceparent(Changed(53, "ff")).value();
  CHECK(context.sampled);
  CHECK(context.random);
  CHECK(ToString(context) == Changed(53, "03"));
}

TEST_CASE("a version 00 has exactly its parts") {
  CHECK_THAT(ErrorOf(""), ContainsText("too short"));
  CHECK_THAT(ErrorOf(kExample.substr(0, 54)), ContainsText("too short"));
  CHECK_THAT(ErrorOf(std::string(kExample) + "-"), ContainsText("too long"));
  CHECK_THAT(ErrorOf(std::string(kExample) + "-what-the-future"), ContainsText("too long"));
  CHECK_THAT(ErrorOf(" " + std::string(kExample)),
             ContainsText("too long") || ContainsText("version"));
}

TEST_CASE("of a newer version what is known of it is taken") {
  CHECK(ParseTraceparent(Changed(0, "cc")).value() == ParseTraceparent(kExample).value());
  CHECK(ParseTraceparent(Changed(0, "cc") + "-what-the-future-will-be-like").ok());
  CHECK(!ParseTraceparent(Changed(0, "cc") + ".what-the-future-will-not-be-like").ok());
  CHECK(ToString(ParseTraceparent(Changed(0, "cc")).value()) == kExample);
}

TEST_CASE("version ff is invalid, and so is what is no number") {
  for (const char* const version : {"ff", "FF", "0G", "0A", "- ", ".0"}) {
    CHECK_THAT(ErrorOf(Changed(0, version)), ContainsText("version"));
  }
}

TEST_CASE("a trace-id has 32 lower-case hexadecimal digits, and not only zeros") {
  for (const char* const trace : {"00000000000000000000000000000000", "4BF92F", "g", ".",
                                  "12345678901234567890123456789O", " "}) {
    CHECK_THAT(ErrorOf(Changed(3, trace)), ContainsText("trace-id"));
  }
  CHECK(ParseTraceparent(Changed(3, "0000000000000000a")).ok());
  CHECK(ParseTraceparent(Changed(3, "a" + std::string(31, '0'))).ok());
}

TEST_CASE("a parent-id has 16 lower-case hexadecimal digits, and not only zeros") {
  for (const char* const span : {"0000000000000000", "00F067AA", "x", "."}) {
    CHECK_THAT(ErrorOf(Changed(36, span)), ContainsText("parent-id"));
  }
}

TEST_CASE("trace-flags are two lower-case hexadecimal digits") {
  for (const char* const flags : {".0", "0.", "0F", "xx"}) {
    CHECK_THAT(ErrorOf(Changed(53, flags)), ContainsText("trace-flags"));
  }
}

TEST_CASE("the parts are divided by dashes") {
  for (const std::size_t at : {2u, 35u, 52u}) {
    CHECK_THAT(ErrorOf(Changed(at, "_")), ContainsText("where they belong"));
  }
}

TEST_CASE("any context that is written is read as itself") {
  CheckLaw([] {
    const auto number = rc::gen::arbitrary<std::uint64_t>();
    TraceContext context{.trace = {.high = *number, .low = *number},
                         .span = *number,
                         .sampled = *rc::gen::arbitrary<bool>(),
                         .random = *rc::gen::arbitrary<bool>()};
    if (context.trace == TraceId{}) context.trace.low = 1;
    if (context.span == 0) context.span = 1;
    RC_ASSERT(ParseTraceparent(ToString(context)).value() == context);
  });
}

TEST_CASE("a context with any character changed is refused, or still written as it is read") {
  CheckLaw([] {
    const auto at = *rc::gen::inRange<std::size_t>(0, kExample.size());
    std::string header(kExample);
    header[at] = *rc::gen::arbitrary<char>();
    const absl::StatusOr<TraceContext> context = ParseTraceparent(header);
    if (context.ok()) RC_ASSERT(ParseTraceparent(ToString(*context)).value() == *context);
  });
}

// --- tracestate --------------------------------------------------------------------------------

bool IsState(std::string_view header) { return ParseTracestate(header).ok(); }

TEST_CASE("the states of the recommendation are read and written") {
  for (const char* const header :
       {"rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "congo=t61rcWkgMzE", "fw529a3039@dt=a:b;c/d"}) {
    CHECK(ToString(ParseTracestate(header).value()) == header);
  }
}

TEST_CASE("blanks around entries and empty entries are left out") {
  CHECK(ToString(ParseTracestate(" foo=1 \t,\t, bar=2,").value()) == "foo=1,bar=2");
  CHECK(ParseTracestate("").value().entries().empty());
  CHECK(ParseTracestate(" , ,").value().entries().empty());
}

TEST_CASE("a blank within a value belongs to it") {
  CHECK(ParseTracestate("foo= 1 2 ").value().entries()[0].value == " 1 2");
}

TEST_CASE("a key is a letter and then letters, digits and some signs") {
  CHECK(IsState("a=1"));
  CHECK(IsState("a0_-*/=1"));
  CHECK(IsState(std::string(256, 'z') + "=1"));
  CHECK(!IsState(std::string(257, 'z') + "=1"));
  for (const char* const wrong :
       {"=1", "0a=1", "A=1", "foo =1", "foo.bar=1", "_a=1", "f\xc3\xb6=1", "foo"}) {
    CHECK(!IsState(wrong));
  }
}

TEST_CASE("a key with a tenant has a system behind the sign") {
  CHECK(IsState("0tenant@system=1"));
  CHECK(IsState(std::string(241, 't') + "@" + std::string(14, 'v') + "=1"));
  CHECK(!IsState(std::string(242, 't') + "@v=1"));
  CHECK(!IsState("t@" + std::string(15, 'v') + "=1"));
  for (const char* const wrong : {"@v=1", "t@=1", "t@@v=1", "t@0v=1", "t@v@x=1"}) {
    CHECK(!IsState(wrong));
  }
}

TEST_CASE("a value is printable, without a comma and without an equals sign") {
  CHECK(IsState("a=" + std::string(256, 'x')));
  CHECK(!IsState("a=" + std::string(257, 'x')));
  for (const char* const wrong : {"a=", "a= ", "a=b=c", "a=\x7f", "a=\x1f", "a=\xc3\xa9"}) {
    CHECK(!IsState(wrong));
  }
}

TEST_CASE("no two entries have one key, and there are at most 32") {
  CHECK(!IsState("foo=1,foo=1"));
  CHECK(!IsState("foo=1,bar=2,foo=3"));
  std::string header = "k0=1";
  for (int i = 1; i < 32; ++i) header += ",k" + std::to_string(i) + "=1";
  CHECK(IsState(header));
  CHECK(!IsState(header + ",k32=1"));
}

TEST_CASE("what is put comes first, once, and the last of too many goes") {
  TraceState state = ParseTracestate("foo=1,bar=2").value();
  CHECK(state.Put("bar", "3").ok());
  CHECK(ToString(state) == "bar=3,foo=1");
  for (int i = 0; i < 31; ++i) CHECK(state.Put("k" + std::to_string(i), "1").ok());
  CHECK(state.entries().size() == 32);
  CHECK(state.entries().front().key == "k30");
  CHECK(state.entries().back().key == "bar");
  CHECK(!state.Put("Bar", "3").ok());
  CHECK(!state.Put("bar", "3,").ok());
  CHECK(ParseTracestate(ToString(state)).value() == state);
}

// --- in a simulation ----------------------------------------------------------------------------

TEST_CASE("a simulated context is valid, and its own for each run, request and task") {
  const TraceContext context = SimulatedContext(0, 0, 0);
  CHECK(ParseTraceparent(ToString(context)).value() == context);
  CHECK(SimulatedContext(7, 1, 2) == SimulatedContext(7, 1, 2));
  CHECK(SimulatedContext(8, 1, 2).trace != SimulatedContext(7, 1, 2).trace);
  CHECK(SimulatedContext(7, 2, 2).trace != SimulatedContext(7, 1, 2).trace);
  CHECK(SimulatedContext(7, 1, 3).span != SimulatedContext(7, 1, 2).span);
}

}  // namespace
}  // namespace heddle
