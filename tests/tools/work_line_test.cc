// SPDX-License-Identifier: MIT
#include "work_line.h"

#include "heddle/internal/read_progress.h"
#include "heddle/trace_io.h"
#include "support/catch.h"
#include "tools/shop_run.h"

namespace heddle::tools {
namespace {

TEST_CASE("a command says how much of the file it has read, then that it works") {
  CHECK(WorkText("night.heddle", {.read = 0, .size = 200, .seconds = 1.2}, 99) ==
        "heddle: night.heddle: reading [--------------------] 0 %, 1 s");
  CHECK(WorkText("night.heddle", {.read = 199, .size = 200, .seconds = 4.9}, 99) ==
        "heddle: night.heddle: reading [###################-] 99 %, 4 s");
  CHECK(WorkText("night.heddle", {.read = 200, .size = 200, .seconds = 61}, 99) ==
        "heddle: night.heddle: working, 61 s");
  CHECK(WorkText("night.heddle", {}, 99) == "heddle: night.heddle: working, 0 s");
}

TEST_CASE("a narrow terminal keeps the figures") {
  CHECK(WorkText("night.heddle", {.read = 50, .size = 200, .seconds = 2}, 10) == " 25 %, 2 s");
}

TEST_CASE("readers say how far they are") {
  const std::string bytes = EncodeRecording(ShopRun());
  REQUIRE(DecodeRecording(bytes, "run.heddle").ok());
  CHECK(internal::read_progress.size == bytes.size());
  CHECK(internal::read_progress.done == bytes.size());
}

TEST_CASE("in a pipe there is no line, and no thread to wait for") {
  const WorkLine line("a/night.heddle");
}

}  // namespace
}  // namespace heddle::tools
