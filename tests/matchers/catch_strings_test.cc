// SPDX-License-Identifier: MIT
//
// What Catch2 shows of the values of a check that fails.
#include <chrono>

#include "heddle/catch.h"
#include "heddle/clock.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

TEST_CASE("a check shows a time of the virtual clock") {
  CHECK(Catch::Detail::stringify(TimePoint()) == "0");
  CHECK(Catch::Detail::stringify(TimePoint(microseconds(1500))) == "1.5ms");
  CHECK(Catch::Detail::stringify(TimePoint(nanoseconds(1'000'000'001))) == "1.000000001s");
  CHECK(Catch::Detail::stringify(TimePoint::max()) == "9223372036.854775807s");
}

#if HEDDLE_CATCH_GENERATION == 2
TEST_CASE("a check shows durations, whatever their unit") {
  CHECK(Catch::Detail::stringify(Duration(1500)) == "1.5us");
  CHECK(Catch::Detail::stringify(milliseconds(1500)) == "1.5s");
  CHECK(Catch::Detail::stringify(hours(2)) == "7200s");
  CHECK(Catch::Detail::stringify(-milliseconds(3)) == "-3ms");
  CHECK(Catch::Detail::stringify(Duration::min()) == "-9223372036854775808 * 1/1000000000s");
  CHECK(Catch::Detail::stringify(milliseconds::max()) == "9223372036854775807 * 1/1000s");
}
#endif

}  // namespace
}  // namespace heddle
