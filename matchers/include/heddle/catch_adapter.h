// SPDX-License-Identifier: MIT
//
// The one place that knows Catch2 v2 from v3: where its headers are, and what a matcher
// and the text of a value look like to it. The matchers themselves: matchers.h.
#ifndef HEDDLE_CATCH_ADAPTER_H_
#define HEDDLE_CATCH_ADAPTER_H_

#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/match_result.h"
#include "heddle/task_table.h"
#include "heddle/trace.h"

// A header of Catch2 that is already included decides; else the newer generation that is there.
#if defined(CATCH_VERSION_MAJOR) && CATCH_VERSION_MAJOR < 3
#define HEDDLE_CATCH_GENERATION 2
#elif __has_include(<catch2/matchers/catch_matchers.hpp>)
#define HEDDLE_CATCH_GENERATION 3
#elif __has_include(<catch2/catch.hpp>)
#define HEDDLE_CATCH_GENERATION 2
#else
#error "heddle's matchers need Catch2: v2 (<catch2/catch.hpp>) or v3; none is on the include path"
#endif

#if HEDDLE_CATCH_GENERATION == 3
#include <catch2/catch_message.hpp>
#include <catch2/catch_test_case_info.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/catch_tostring.hpp>
#include <catch2/interfaces/catch_interfaces_capture.hpp>
#include <catch2/interfaces/catch_interfaces_registry_hub.hpp>
#include <catch2/interfaces/catch_interfaces_testcase.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#else
#include <catch2/catch.hpp>
#endif

namespace heddle {
namespace internal {

#if HEDDLE_CATCH_GENERATION == 3
using CatchMatcherBase = Catch::Matchers::MatcherBase<Trace>;
#else
using CatchMatcherBase = Catch::MatcherBase<Trace>;
#endif

// The test case that Catch2 runs now; empty outside one.
inline std::string CatchTestName() {
  try {
    return Catch::getResultCapture().getCurrentTestName();
  } catch (const std::exception&) {  // Catch2 runs no tests now: it throws std::logic_error
    return {};
  }
}

#if HEDDLE_CATCH_GENERATION == 3
inline const std::vector<Catch::TestCaseInfo*>& CatchTests() {
  return Catch::getRegistryHub().getTestCaseRegistry().getAllInfos();
}
inline const Catch::TestCaseInfo& CatchInfoOf(const Catch::TestCaseInfo* test) { return *test; }
#else
inline const std::vector<Catch::TestCase>& CatchTests() {
  return Catch::getRegistryHub().getTestCaseRegistry().getAllTests();
}
inline const Catch::TestCaseInfo& CatchInfoOf(const Catch::TestCase& test) { return test; }
#endif

// `tag` is written without brackets.
inline bool CatchTestHasTag(std::string_view tag) {
  const std::string name = CatchTestName();
  const std::string wanted = "[" + std::string(tag) + "]";
  if (name.empty()) return false;
  for (const auto& test : CatchTests()) {
    const Catch::TestCaseInfo& info = CatchInfoOf(test);
    if (info.name == name && info.tagsAsString().find(wanted) != std::string::npos) return true;
  }
  return false;
}

// The name as a test specification: in those, commas and brackets mean something.
inline std::string CatchTestArgument(const std::string& test) {
  std::string argument;
  for (const char c : test) {
    if (c == ',' || c == '[' || c == ']' || c == '"' || c == '\\') argument += '\\';
    argument += c;
  }
  return argument;
}

inline std::string_view CatchMeaningOf(std::string_view thrown_type) {
  if (thrown_type != "Catch::TestFailureException") return {};
  return "a REQUIRE did not hold; Catch2 says which, with the values";
}

// What SUCCEED does, which may have another name (CATCH_CONFIG_PREFIX_ALL).
inline void CountCatchPassed() {
  INTERNAL_CATCH_MSG("SUCCEED", Catch::ResultWas::Ok, Catch::ResultDisposition::ContinueOnFailure,
                     "heddle: no schedule failed");
}

// An INFO that lasts until the next call.
inline void SetCatchNote(const std::string* note) {
  static std::optional<Catch::ScopedMessage> scope;
  scope.reset();
  if (note == nullptr) return;
  scope.emplace(Catch::MessageBuilder("INFO", CATCH_INTERNAL_LINEINFO, Catch::ResultWas::Info)
                << *note);
}

}  // namespace internal

// A question about a trace, as a matcher. Combine with `&&`, `||` and `!`.
class TraceMatcher : public internal::CatchMatcherBase {
 public:
  using Question = std::function<MatchResult(const Trace&)>;

  // `sentence` goes on after the trace: "begins Reserve, then Charge".
  TraceMatcher(std::string sentence, Question question)
      : sentence_(std::move(sentence)), question_(std::move(question)) {}

  bool match(const Trace& trace) const override {
    m_cachedToString.clear();  // Catch2 keeps the first description; this trace may differ
    MatchResult result = question_(trace);
    explanation_ = std::move(result.explanation);
    return result.matched;
  }

  // Catch2 asks for this after match(): the explanation is of the trace last matched.
  std::string describe() const override {
    std::string text = sentence_;
    if (!explanation_.empty()) text += "\n" + explanation_;
    for (std::size_t at = sentence_.size(); (at = text.find('\n', at)) != std::string::npos;) {
      text.insert(++at, "  ");
    }
    return text;
  }

 private:
  std::string sentence_;
  Question question_;
  mutable std::string explanation_;
};

}  // namespace heddle

namespace Catch {

// One line: the explanation of a matcher, which follows it, is what the reader needs.
template <>
struct StringMaker<heddle::Trace> {
  static std::string convert(const heddle::Trace& trace) {
    const std::string& test = trace.header.test;
    return (test.empty() ? "trace" : "trace of \"" + test + "\"") + " (" +
           std::string(heddle::Name(trace.header.ending)) + "; " +
           std::to_string(trace.events.size()) + " events, " +
           std::to_string(heddle::TaskTable(trace).tasks().size()) + " tasks)";
  }
};

}  // namespace Catch

#endif  // HEDDLE_CATCH_ADAPTER_H_
