// SPDX-License-Identifier: MIT
//
// Checks of Catch2 that fail while heddle looks through schedules: one that fails is handed to a
// CheckSink (test_framework.h), which may keep it, in place of being reported at once. For that we
// stand before the IResultCapture that every assertion of Catch2 goes to. Whatever else comes by is
// passed on.
//
// The generations of Catch2 whose IResultCapture we know: v2.13, and v3.4 to v3.7. With another
// there is no holding of checks: HEDDLE_CATCH_HOLDS_CHECKS is 0, and each is reported as it fails.
#ifndef HEDDLE_INTERNAL_CATCH_CHECKS_H_
#define HEDDLE_INTERNAL_CATCH_CHECKS_H_

#include "heddle/catch_adapter.h"

#if HEDDLE_CATCH_GENERATION == 3
#include <catch2/catch_version_macros.hpp>
#endif

#if CATCH_VERSION_MAJOR == 2 ? CATCH_VERSION_MINOR >= 13 \
                             : CATCH_VERSION_MINOR >= 4 && CATCH_VERSION_MINOR <= 7
#define HEDDLE_CATCH_HOLDS_CHECKS 1
#else
#define HEDDLE_CATCH_HOLDS_CHECKS 0
#endif

#if HEDDLE_CATCH_HOLDS_CHECKS

#include <algorithm>
#include <memory>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/test_framework.h"

#if HEDDLE_CATCH_GENERATION == 3
#include <catch2/catch_assertion_info.hpp>
#include <catch2/interfaces/catch_interfaces_capture.hpp>
#include <catch2/internal/catch_assertion_handler.hpp>
#include <catch2/internal/catch_context.hpp>
#include <catch2/internal/catch_decomposer.hpp>
#include <catch2/internal/catch_result_type.hpp>
#include <catch2/internal/catch_test_failure_exception.hpp>
#endif

namespace heddle::internal {

class CatchChecks final : public Catch::IResultCapture {
 public:
  // Never destroyed: an assertion in the frame of a task refers to it for as long as that lives.
  static CatchChecks& Instance() {
    static CatchChecks& instance = *new CatchChecks;
    return instance;
  }

  // Gives the sink from before. Null: from here on Catch2 reports what fails.
  CheckSink* HandTo(CheckSink* sink) {
    auto& context = Catch::getCurrentMutableContext();
    Catch::IResultCapture* const current = context.getResultCapture();
    if (current != this) real_ = current;
    CheckSink* const before = std::exchange(sink_, real_ != nullptr ? sink : nullptr);
    if (before == nullptr) messages_.clear();
    context.setResultCapture(sink_ != nullptr ? this : real_);
    return before;
  }

  // --- assertions -------------------------------------------------------------------------

  void handleExpr(const Catch::AssertionInfo& info, const Catch::ITransientExpression& expression,
                  Catch::AssertionReaction& reaction) override {
    const bool failed = expression.getResult() == Has(info, Catch::ResultDisposition::FalseTest);
    if (failed && Wants(info)) {
      std::ostringstream values;
      expression.streamReconstructedExpression(values);
      const Copy copy(expression, values.str());
      const bool kept = Keep(info, " did not hold" + Values(info, copy.text),
                             [this, info, copy](Catch::AssertionReaction& unused) {
                               real_->handleExpr(info, copy, unused);
                             });
      if (kept) return React(info, reaction);
    }
    PassOn([&] { real_->handleExpr(info, expression, reaction); });
  }

#if HEDDLE_CATCH_GENERATION == 2
  void handleMessage(const Catch::AssertionInfo& info, Catch::ResultWas::OfType result,
                     const Catch::StringRef& message, Catch::AssertionReaction& reaction) override {
#elif CATCH_VERSION_MINOR == 7 && CATCH_VERSION_PATCH >= 1
  void handleMessage(const Catch::AssertionInfo& info, Catch::ResultWas::OfType result,
                     std::string&& message, Catch::AssertionReaction& reaction) override {
#else
  void handleMessage(const Catch::AssertionInfo& info, Catch::ResultWas::OfType result,
                     Catch::StringRef message, Catch::AssertionReaction& reaction) override {
#endif
    if (!IsOk(result) && Wants(info)) {
      const std::string text(message.begin(), message.end());
      const bool kept = Keep(info, ": " + FirstLine(text),
                             [this, info, result, text](Catch::AssertionReaction& unused) {
                               real_->handleMessage(info, result, std::string(text), unused);
                             });
      if (kept) return React(info, reaction);
    }
    PassOn([&] { real_->handleMessage(info, result, std::move(message), reaction); });
  }

  void handleNonExpr(const Catch::AssertionInfo& info, Catch::ResultWas::OfType result,
                     Catch::AssertionReaction& reaction) override {
    if (!IsOk(result) && Wants(info)) {
      const bool kept =
          Keep(info, " did not throw", [this, info, result](Catch::AssertionReaction& unused) {
            real_->handleNonExpr(info, result, unused);
          });
      if (kept) return React(info, reaction);
    }
    PassOn([&] { real_->handleNonExpr(info, result, reaction); });
  }

  void handleUnexpectedExceptionNotThrown(const Catch::AssertionInfo& info,
                                          Catch::AssertionReaction& reaction) override {
    handleNonExpr(info, Catch::ResultWas::DidntThrowException, reaction);
  }

#if HEDDLE_CATCH_GENERATION == 2
  void handleUnexpectedInflightException(const Catch::AssertionInfo& info,
                                         const std::string& message,
                                         Catch::AssertionReaction& reaction) override {
#else
  void handleUnexpectedInflightException(const Catch::AssertionInfo& info, std::string&& message,
                                         Catch::AssertionReaction& reaction) override {
#endif
    if (Wants(info)) {
      const bool kept =
          Keep(info, " threw: " + FirstLine(message),
               [this, info, text = std::string(message)](Catch::AssertionReaction& unused) {
                 real_->handleUnexpectedInflightException(info, std::string(text), unused);
               });
      if (kept) return React(info, reaction);
    }
    PassOn([&] { real_->handleUnexpectedInflightException(info, std::move(message), reaction); });
  }

  // In the frame of a task that was destroyed in the middle of an assertion: CHECK(co_await ...).
  void handleIncomplete(const Catch::AssertionInfo& info) override {
    if (sink_ == nullptr) real_->handleIncomplete(info);
  }

  bool lastAssertionPassed() override { return !last_kept_ && real_->lastAssertionPassed(); }
  void assertionPassed() override {
    PassOn([&] { real_->assertionPassed(); });
  }

  // --- messages ---------------------------------------------------------------------------

  void pushScopedMessage(const Catch::MessageInfo& message) override {
    messages_.push_back(message);
    real_->pushScopedMessage(message);
  }
  void popScopedMessage(const Catch::MessageInfo& message) override {
    std::erase(messages_, message);
    real_->popScopedMessage(message);
  }

  // --- the rest ---------------------------------------------------------------------------

#if HEDDLE_CATCH_GENERATION == 2
  bool sectionStarted(const Catch::SectionInfo& info, Catch::Counts& assertions) override {
    return real_->sectionStarted(info, assertions);
  }
  void sectionEnded(const Catch::SectionEndInfo& info) override { real_->sectionEnded(info); }
  void sectionEndedEarly(const Catch::SectionEndInfo& info) override {
    real_->sectionEndedEarly(info);
  }
  Catch::IGeneratorTracker& acquireGeneratorTracker(Catch::StringRef name,
                                                    const Catch::SourceLineInfo& line) override {
    return real_->acquireGeneratorTracker(name, line);
  }
  void emplaceUnscopedMessage(const Catch::MessageBuilder& builder) override {
    real_->emplaceUnscopedMessage(builder);
  }
#if defined(CATCH_CONFIG_ENABLE_BENCHMARKING)
  void benchmarkPreparing(const std::string& name) override { real_->benchmarkPreparing(name); }
  void benchmarkFailed(const std::string& error) override { real_->benchmarkFailed(error); }
#endif
#else
  void notifyAssertionStarted(const Catch::AssertionInfo& info) override {
    real_->notifyAssertionStarted(info);
  }
  bool sectionStarted(Catch::StringRef name, const Catch::SourceLineInfo& line,
                      Catch::Counts& assertions) override {
    return real_->sectionStarted(name, line, assertions);
  }
  void sectionEnded(Catch::SectionEndInfo&& info) override { real_->sectionEnded(std::move(info)); }
  void sectionEndedEarly(Catch::SectionEndInfo&& info) override {
    real_->sectionEndedEarly(std::move(info));
  }
  Catch::IGeneratorTracker* acquireGeneratorTracker(Catch::StringRef name,
                                                    const Catch::SourceLineInfo& line) override {
    return real_->acquireGeneratorTracker(name, line);
  }
  Catch::IGeneratorTracker* createGeneratorTracker(
      Catch::StringRef name, Catch::SourceLineInfo line,
      Catch::Generators::GeneratorBasePtr&& generator) override {
    return real_->createGeneratorTracker(name, line, std::move(generator));
  }
  void emplaceUnscopedMessage(Catch::MessageBuilder&& builder) override {
    real_->emplaceUnscopedMessage(std::move(builder));
  }
  void benchmarkPreparing(Catch::StringRef name) override { real_->benchmarkPreparing(name); }
  void benchmarkFailed(Catch::StringRef error) override { real_->benchmarkFailed(error); }
#endif
#if HEDDLE_CATCH_GENERATION == 3 || defined(CATCH_CONFIG_ENABLE_BENCHMARKING)
  void benchmarkStarting(const Catch::BenchmarkInfo& info) override {
    real_->benchmarkStarting(info);
  }
  void benchmarkEnded(const Catch::BenchmarkStats<>& stats) override {
    real_->benchmarkEnded(stats);
  }
#endif
  void handleFatalErrorCondition(Catch::StringRef message) override {
    real_->handleFatalErrorCondition(message);
  }
  std::string getCurrentTestName() const override { return real_->getCurrentTestName(); }
  const Catch::AssertionResult* getLastResult() const override { return real_->getLastResult(); }
  void exceptionEarlyReported() override { real_->exceptionEarlyReported(); }

 private:
  // An expression that failed, with the text of its values: what they were of is gone later.
  struct Copy final : Catch::ITransientExpression {
    Copy(const Catch::ITransientExpression& expression, std::string values)
        : ITransientExpression(expression.isBinaryExpression(), expression.getResult()),
          text(std::move(values)) {}
    void streamReconstructedExpression(std::ostream& stream) const override { stream << text; }

    std::string text;
  };

  static bool Has(const Catch::AssertionInfo& info, Catch::ResultDisposition::Flags flag) {
    return (info.resultDisposition & flag) != 0;
  }
  static bool IsOk(Catch::ResultWas::OfType result) {
    return (result & Catch::ResultWas::FailureBit) == 0;
  }
  // Not of a CHECK_NOFAIL.
  bool Wants(const Catch::AssertionInfo& info) const {
    return sink_ != nullptr && !Has(info, Catch::ResultDisposition::SuppressFail);
  }
  static std::string Text(Catch::StringRef text) { return {text.begin(), text.end()}; }
  static std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

  // ": 10 == 12"; empty where that says no more than the check itself, and where there is an
  // address in it, which another process does not have again.
  static std::string Values(const Catch::AssertionInfo& info, const std::string& values) {
    const bool says_more = values != Text(info.capturedExpression);
    const bool has_address = values.find("0x") != std::string::npos;
    const bool one_line = values.find('\n') == std::string::npos;
    return says_more && !has_address && one_line ? ": " + values : "";
  }

  // "CHECK( total == 12 ) did not hold: 10 == 12 (bank_test.cc:41)"
  static std::string OneLine(const Catch::AssertionInfo& info, const std::string& how) {
    const std::string_view file(info.lineInfo.file);
    std::string text = Text(info.macroName);
    if (!info.capturedExpression.empty()) text += "( " + Text(info.capturedExpression) + " )";
    return text + how + " (" + std::string(file.substr(file.rfind('/') + 1)) + ":" +
           std::to_string(info.lineInfo.line) + ")";
  }

  // Whether the sink kept it. `report` passes it on to Catch2.
  template <class Report>
  bool Keep(const Catch::AssertionInfo& info, const std::string& how, Report report) {
    HeldCheck check{.text = OneLine(info, how),
                    .report = [this, info, report = std::move(report), messages = messages_] {
                      Deliver(info, report, messages);
                    }};
    return sink_->Take(std::move(check));
  }

  template <class Report>
  void Deliver([[maybe_unused]] const Catch::AssertionInfo& info, const Report& report,
               const std::vector<Catch::MessageInfo>& messages) {
    // Those that are still there Catch2 knows.
    std::vector<Catch::MessageInfo> gone = messages;
    std::erase_if(gone, [&](const Catch::MessageInfo& message) {
      return std::ranges::find(messages_, message) != messages_.end();
    });
    for (const Catch::MessageInfo& message : gone) real_->pushScopedMessage(message);
#if HEDDLE_CATCH_GENERATION == 3
    real_->notifyAssertionStarted(info);
#endif
    Catch::AssertionReaction unused;
    report(unused);
    for (const Catch::MessageInfo& message : gone) real_->popScopedMessage(message);
  }

  void React(const Catch::AssertionInfo& info, Catch::AssertionReaction& reaction) {
    last_kept_ = true;
    reaction.shouldThrow = !Has(info, Catch::ResultDisposition::ContinueOnFailure);
  }

  template <class Act>
  void PassOn(const Act& act) {
    last_kept_ = false;
    act();
  }

  Catch::IResultCapture* real_ = nullptr;
  CheckSink* sink_ = nullptr;
  bool last_kept_ = false;
  std::vector<Catch::MessageInfo> messages_;  // INFO and CAPTURE that are in scope
};

inline CheckSink* HandCatchChecksTo(CheckSink* sink) {
  return CatchChecks::Instance().HandTo(sink);
}

// Ends the test, as a REQUIRE that fails does.
[[noreturn]] inline void EndCatchTest() { throw Catch::TestFailureException(); }

}  // namespace heddle::internal

#endif  // HEDDLE_CATCH_HOLDS_CHECKS

#endif  // HEDDLE_INTERNAL_CATCH_CHECKS_H_
