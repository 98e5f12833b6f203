// SPDX-License-Identifier: MIT
//
// Including heddle/catch.h is all it takes for heddle to know which test runs.
#include "heddle/catch.h"

#include <string>

#include "heddle/test_framework.h"
#include "support/catch.h"

namespace heddle {
namespace {

// Before main(), and so before Catch2 runs anything.
const std::string name_before_main = internal::CatchTestName();

TEST_CASE("heddle knows the name of the test case") {
  CHECK(CurrentTestName() == "heddle knows the name of the test case");
}

TEST_CASE("the name is that of the test case, inside a section too") {
  SECTION("a section") {
    CHECK(CurrentTestName() == "the name is that of the test case, inside a section too");
  }
}

TEST_CASE("outside a test the name is empty") { CHECK(name_before_main.empty()); }

TEST_CASE("without a framework the name is empty") {
  SetTestFramework(nullptr);
  CHECK(CurrentTestName().empty());
  SetTestFramework(&internal::kCatch);
}

TEST_CASE("what a failed REQUIRE throws has a meaning, other types have none") {
  CHECK(MeaningOfThrown("Catch::TestFailureException") ==
        "a REQUIRE did not hold; Catch2 says which, with the values");
  CHECK(MeaningOfThrown("int").empty());
}

}  // namespace
}  // namespace heddle
