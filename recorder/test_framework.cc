// SPDX-License-Identifier: MIT
#include "heddle/test_framework.h"

#include <atomic>

namespace heddle {
namespace {

// Constant-initialised: adapters register from initialisers of other files.
constinit std::atomic<const TestFramework*> registered = nullptr;
constinit std::atomic<ThrownReader> thrown_reader = nullptr;

void SetNote(const std::string* note) {
  const TestFramework* framework = registered;
  if (framework != nullptr && framework->set_note != nullptr) framework->set_note(note);
}

}  // namespace

void SetTestFramework(const TestFramework* framework) { registered = framework; }

std::string CurrentTestName() {
  const TestFramework* framework = registered;
  if (framework == nullptr || framework->current_test == nullptr) return {};
  return framework->current_test();
}

std::string CurrentTestArgument() {
  const TestFramework* framework = registered;
  std::string test = CurrentTestName();
  if (test.empty() || framework->argument_of == nullptr) return test;
  return framework->argument_of(test);
}

bool CurrentTestHasTag(std::string_view tag) {
  const TestFramework* framework = registered;
  return framework != nullptr && framework->has_tag != nullptr && framework->has_tag(tag);
}

std::string_view MeaningOfThrown(std::string_view type) {
  const TestFramework* framework = registered;
  if (framework == nullptr || framework->meaning_of == nullptr) return {};
  return framework->meaning_of(type);
}

void SetThrownReader(ThrownReader reader) { thrown_reader = reader; }

std::string TextOfThrown(const std::exception_ptr& thrown) {
  const ThrownReader reader = thrown_reader;
  return reader != nullptr ? reader(thrown) : std::string();
}

bool HoldsChecks() {
  const TestFramework* framework = registered;
  return framework != nullptr && framework->hand_checks_to != nullptr;
}

CheckSink* HandChecksTo(CheckSink* sink) {
  return HoldsChecks() ? registered.load()->hand_checks_to(sink) : nullptr;
}

void ReportChecks(const std::vector<HeldCheck>& checks) {
  if (checks.empty()) return;
  for (const HeldCheck& check : checks) check.report();
  const TestFramework* framework = registered;
  if (framework != nullptr && framework->end_test != nullptr) framework->end_test();
}

void CountPassed() {
  const TestFramework* framework = registered;
  if (framework == nullptr || framework->count_passed == nullptr) return;
  if (!CurrentTestName().empty()) framework->count_passed();
}

TestNote::TestNote(const std::string& note) { SetNote(&note); }
TestNote::~TestNote() { SetNote(nullptr); }

}  // namespace heddle
