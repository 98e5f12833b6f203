// SPDX-License-Identifier: MIT
//
// Any bytes as a recording: refused with a message, or read as far as they go. What was read
// can be written and read again, and shown, drawn, counted, checked, compared and exported.
// Checksums are off in these builds (recorder/checksum.cc), or nothing would get past them.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "diff.h"
#include "export.h"
#include "graph.h"
#include "heddle/trace_io.h"
#include "heddle/trace_text.h"
#include "red_flags.h"
#include "require.h"
#include "show.h"
#include "stats.h"
#include "view.h"

namespace heddle {
namespace {

void ReadAgain(const Trace& trace) {
  const absl::StatusOr<Recording> again = DecodeRecording(EncodeRecording(trace), "again.heddle");
  Require(again.ok() && again->damage.ok(), "a recording that was written can be read");
  Require(SameRun(again->trace, trace), "a recording is read as it was written");
}

// The results are of no interest here: that there are some is.
void UseAll(const Trace& trace) {
  (void)tools::ShowText(trace, {});
  (void)tools::ShowText(trace, {.list = true});
  (void)tools::ShowText(trace, {.all = true, .table = true});
  (void)tools::ShowText(trace, {.flow = "#1", .depth = 2});
  (void)tools::ShowText(trace, {.around = "2ms"});
  (void)tools::GraphText(trace, {.all = true});
  (void)tools::GraphText(trace, {.mermaid = true, .all = true});
  (void)tools::StatsText(trace, {});
  (void)tools::ViewPage(trace, {});
  (void)tools::RedFlagsText(trace, tools::FindRedFlags(trace, {}), {});
  (void)tools::ChromeText(trace);
  (void)tools::OtlpText(trace);
  (void)tools::CsvText(trace);
  Require(tools::Compare(trace, trace).same, "a run is the same as itself");
}

}  // namespace
}  // namespace heddle

namespace heddle {
namespace {

// Piece by piece, without a Trace of it.
void ShowPieces(std::string_view bytes) {
  for (const tools::ShowOptions& options :
       {tools::ShowOptions{}, tools::ShowOptions{.flow = "#1"}, tools::ShowOptions{.list = true}}) {
    Require(tools::ShowRecording(bytes, "a.heddle", options).ok(), "what can be read can be shown");
  }
}

}  // namespace
}  // namespace heddle

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const absl::StatusOr<heddle::Recording> recording =
      heddle::DecodeRecording(heddle::Text(data, size), "a.heddle");
  if (!recording.ok()) {
    heddle::Require(!recording.status().message().empty(), "a refusal says why");
    return 0;
  }
  heddle::ReadAgain(recording->trace);
  heddle::UseAll(recording->trace);
  heddle::ShowPieces(heddle::Text(data, size));
  return 0;
}
