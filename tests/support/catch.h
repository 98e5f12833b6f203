// SPDX-License-Identifier: MIT
//
// Catch2 for our own tests, whichever generation is installed: v2 has one header
// (Debian 12), v3 has many (Debian 13). Tests include this file and no header of Catch2;
// for rapidcheck, read law.h.
#ifndef HEDDLE_TESTS_SUPPORT_CATCH_H_
#define HEDDLE_TESTS_SUPPORT_CATCH_H_

#include <string>

#if __has_include(<catch2/catch_test_macros.hpp>)
#define HEDDLE_TESTS_CATCH_GENERATION 3
#include <catch2/catch_approx.hpp>
#include <catch2/catch_session.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_all.hpp>
#else
#define HEDDLE_TESTS_CATCH_GENERATION 2
#include <catch2/catch.hpp>
#endif

// Matchers whose names differ between the generations. For CHECK_THAT, and for
// CHECK_THROWS_WITH: `CHECK_THAT(text, ContainsText("schedule 17"))`.
inline auto ContainsText(const std::string& part) {
#if HEDDLE_TESTS_CATCH_GENERATION == 3
  return Catch::Matchers::ContainsSubstring(part);
#else
  return Catch::Matchers::Contains(part);
#endif
}

inline auto StartsWithText(const std::string& start) { return Catch::Matchers::StartsWith(start); }
inline auto EndsWithText(const std::string& end) { return Catch::Matchers::EndsWith(end); }

#endif  // HEDDLE_TESTS_SUPPORT_CATCH_H_
