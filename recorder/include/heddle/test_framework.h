// SPDX-License-Identifier: MIT
//
// What heddle needs of a test framework without knowing one: which test is running, and a way
// to put a note beside the failures that are reported. An adapter registers both (catch.h of
// the matchers does so for Catch2).
#ifndef HEDDLE_TEST_FRAMEWORK_H_
#define HEDDLE_TEST_FRAMEWORK_H_

#include <exception>
#include <string>
#include <string_view>

namespace heddle {

struct TestFramework {
  // The name of the test that runs now; empty outside a test.
  std::string (*current_test)() = nullptr;
  // The argument with which the program runs only the test of that name.
  std::string (*argument_of)(const std::string& test) = nullptr;
  // The note goes with every failure from here on; null: no longer.
  void (*set_note)(const std::string* note) = nullptr;
  // What it means that something of this type was thrown, where that is the framework's own
  // way to end a test; otherwise empty. Exceptions with a text of their own are not asked about.
  std::string_view (*meaning_of)(std::string_view thrown_type) = nullptr;
  // Whether the test that runs now has that tag, written without brackets.
  bool (*has_tag)(std::string_view tag) = nullptr;
};

// Replaces what was registered. Safe before main(). Keeps a pointer: give it a static.
void SetTestFramework(const TestFramework* framework);

// Empty without a framework.
std::string CurrentTestName();
// Empty outside a test.
std::string CurrentTestArgument();
// False outside a test.
bool CurrentTestHasTag(std::string_view tag);

// Empty where no framework throws that type.
std::string_view MeaningOfThrown(std::string_view type);

// Says what something that was thrown means, for a library that throws objects without a text of
// their own; empty for those of others.
using ThrownReader = std::string (*)(const std::exception_ptr& thrown);
// Replaces what was registered.
void SetThrownReader(ThrownReader reader);
// Empty where nobody knows.
std::string TextOfThrown(const std::exception_ptr& thrown);

// A note for as long as it lives; nothing without a framework.
class TestNote {
 public:
  explicit TestNote(const std::string& note);
  TestNote(const TestNote&) = delete;
  TestNote& operator=(const TestNote&) = delete;
  ~TestNote();
};

}  // namespace heddle

#endif  // HEDDLE_TEST_FRAMEWORK_H_
