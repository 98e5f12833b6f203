// SPDX-License-Identifier: MIT
//
// Laws: properties that rapidcheck tries on a hundred generated inputs. In place of
// <rapidcheck/catch.h>, which includes a header that Catch2 v3 does not have.
//
//   TEST_CASE("a tape survives its text") {
//     CheckLaw([](std::vector<int> numbers) { RC_ASSERT(...); });
//   }
#ifndef HEDDLE_TESTS_SUPPORT_LAW_H_
#define HEDDLE_TESTS_SUPPORT_LAW_H_

#include <rapidcheck.h>

#include <sstream>
#include <utility>

#include "support/catch.h"

// Fails the current test case with the shrunk counterexample and its seed if `law`
// does not hold. Arguments of `law` are generated; it returns bool or uses RC_ASSERT.
template <typename Law>
void CheckLaw(Law&& law) {
  const auto result = rc::detail::checkTestable(std::forward<Law>(law));
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  INFO(text.str());
  CHECK(result.template is<rc::detail::SuccessResult>());
}

#endif  // HEDDLE_TESTS_SUPPORT_LAW_H_
