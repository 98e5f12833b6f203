// SPDX-License-Identifier: MIT
//
// What heddle needs of a test framework without knowing one: which test is running, a way to put
// a note beside the failures that are reported, and a say in when they are. An adapter registers
// it (catch.h of the matchers does so for Catch2).
#ifndef HEDDLE_TEST_FRAMEWORK_H_
#define HEDDLE_TEST_FRAMEWORK_H_

#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

// A check of the framework's that failed and has not been reported.
struct HeldCheck {
  std::string
      text;  // for one line: "CHECK( total == 12 ) did not hold: 10 == 12 (bank_test.cc:41)"
  std::function<void()> report;  // as the framework would have; does not end the test
};

// Is told of checks as they fail.
class CheckSink {
 public:
  virtual ~CheckSink() = default;
  // False: the framework is to report it at once.
  virtual bool Take(HeldCheck check) = 0;
};

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
  // From here on checks that fail go to `sink`; null: the framework reports them. Gives the sink
  // from before. A check that ends its test when it fails ends the code around it all the same.
  CheckSink* (*hand_checks_to)(CheckSink* sink) = nullptr;
  // Ends the test, as one that failed. Does not return.
  void (*end_test)() = nullptr;
  // Counts a check that held.
  void (*count_passed)() = nullptr;
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

// Whether the framework does what HandChecksTo asks of it.
bool HoldsChecks();
// Gives the sink from before. Nothing without a framework that holds checks.
CheckSink* HandChecksTo(CheckSink* sink);
// Reports checks that were held, and ends the test. Returns where there are none.
void ReportChecks(const std::vector<HeldCheck>& checks);

// An exploration passed, which is a check that held: a body need not have checks of its own.
// Nothing outside a test.
void CountPassed();

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
