// SPDX-License-Identifier: MIT
//
// Checks that fail, for catch_listener_test.cc: a program of its own, because its tests fail. The
// flight recorder's file is the value of HEDDLE_TEST_FILE.
#include <cstdlib>

#include "heddle/catch_listener.h"
// And behind it what else is of Catch2.
#include "heddle/catch.h"
#include "heddle/flight_recorder.h"
#include "heddle/mark.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task.h"

namespace heddle {
namespace {

// Marks "before", checks, and marks "behind".
void RunChecking(int expected) {
  FlightRecorder flight;
  flight.SnapshotOnFailure(std::getenv("HEDDLE_TEST_FILE"));  // NOLINT(concurrency-mt-unsafe)
  Run(
      [&]() -> Task<void> {
        Mark("before");
        co_await Yield();
        CHECK(1 == expected);
        Mark("behind");
      },
      {.flight = &flight});
}

TEST_CASE("holds") { RunChecking(1); }
TEST_CASE("fails") { RunChecking(2); }
TEST_CASE("fails outside a run") { CHECK(1 == 2); }

}  // namespace
}  // namespace heddle
