// SPDX-License-Identifier: MIT
//
// A recording packed and unpacked. What comes of damage is in corruption_test.cc.
#include <cstddef>
#include <string>

#include "example_trace.h"
#include "heddle/trace_io.h"
#include "heddle/trace_scan.h"
#include "heddle/trace_text.h"
#include "recorder/arbitrary_trace.h"
#include "support/catch.h"
#include "support/law.h"

namespace heddle {
namespace {

constexpr bool kPacks = HEDDLE_ZSTD;

// Some hundred kilobytes, in several chunks of each kind.
Trace PackableTrace() {
  Trace trace = ExampleTrace();
  for (int i = 0; i < 5000; ++i) {
    trace.marks.push_back({"charged", {{"order", i}, {"who", std::string("ann")}}});
    Event event = trace.events.front();
    event.value = static_cast<std::uint32_t>(i * i);
    event.time = trace.events.back().time;
    for (int k = 0; k < 20; ++k) trace.events.push_back(event);
  }
  return trace;
}

TEST_CASE("what is packed is unpacked to the same bytes, and read as the same") {
  if (!kPacks) return;
  CheckLaw([] {
    const Trace trace = *AnyTrace();
    const std::string bytes = EncodeRecording(trace);
    const auto packed = PackRecording(bytes, "run.heddle");
    RC_ASSERT(packed.ok());
    RC_ASSERT(packed->size() <= bytes.size());
    RC_ASSERT(UnpackRecording(*packed, "run.heddle").value() == bytes);
    const auto read = DecodeRecording(*packed, "run.heddle");
    RC_ASSERT(read.ok());
    RC_ASSERT(read->damage.ok());
    RC_ASSERT(read->trace.header == trace.header);
    RC_ASSERT(CanonicalText(read->trace) == CanonicalText(trace));
  });
}

TEST_CASE("a long recording becomes far smaller, and packing it again changes nothing") {
  if (!kPacks) return;
  const Trace trace = PackableTrace();
  const std::string bytes = EncodeRecording(trace);
  const auto packed = PackRecording(bytes, "run.heddle");
  REQUIRE(packed.ok());
  CHECK(packed->size() * 3 < bytes.size());
  CHECK(UnpackRecording(*packed, "run.heddle").value() == bytes);
  CHECK(PackRecording(*packed, "run.heddle").value() == *packed);
  CHECK(UnpackRecording(bytes, "run.heddle").value() == bytes);
}

TEST_CASE("a packed recording is scanned piece by piece, as it would be unpacked") {
  if (!kPacks) return;
  struct Counter final : TraceVisitor {
    void Visit(const Trace& piece, std::size_t first) override {
      CHECK(first == events);
      events += piece.events.size();
      ++pieces;
    }
    void VisitMark(std::size_t id, const MarkRecord& /*mark*/) override { CHECK(id == marks++); }
    std::size_t events = 0;
    std::size_t marks = 0;
    std::size_t pieces = 0;
  };
  const std::string bytes = EncodeRecording(PackableTrace());
  Counter plain;
  REQUIRE(ScanRecording(bytes, "run.heddle", plain).value().damage.ok());
  Counter packed;
  REQUIRE(ScanRecording(PackRecording(bytes, "run.heddle").value(), "run.heddle", packed)
              .value()
              .damage.ok());
  CHECK(plain.events == packed.events);
  CHECK(plain.marks == packed.marks);
  CHECK(plain.pieces == packed.pieces);
}

TEST_CASE("what is torn or no recording is not packed, with the reader's error") {
  const std::string bytes = EncodeRecording(ExampleTrace());
  CHECK_THAT(std::string(
                 PackRecording(bytes.substr(0, bytes.size() - 3), "run.heddle").status().message()),
             StartsWithText("run.heddle: chunk "));
  CHECK_THAT(std::string(PackRecording("hello", "run.heddle").status().message()),
             ContainsText("is not a recording"));
}

TEST_CASE("without zstd a recording is not packed, and the message says what to do") {
  if (kPacks) return;
  const absl::Status status =
      PackRecording(EncodeRecording(PackableTrace()), "run.heddle").status();
  CHECK(absl::IsUnimplemented(status));
  CHECK_THAT(std::string(status.message()), ContainsText("Install libzstd-dev"));
}

}  // namespace
}  // namespace heddle
