// SPDX-License-Identifier: MIT
//
// Any bytes as `traceparent` and as `tracestate`: what is accepted is written as it is read.
#include <cstddef>
#include <cstdint>

#include "heddle/context.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view header = heddle::Text(data, size);
  if (const auto context = heddle::ParseTraceparent(header); context.ok()) {
    const auto again = heddle::ParseTraceparent(heddle::ToString(*context));
    heddle::Require(again.ok() && *again == *context, "a traceparent is read as it was written");
  }
  if (const auto state = heddle::ParseTracestate(header); state.ok()) {
    const auto again = heddle::ParseTracestate(heddle::ToString(*state));
    heddle::Require(again.ok() && *again == *state, "a tracestate is read as it was written");
  }
  return 0;
}
