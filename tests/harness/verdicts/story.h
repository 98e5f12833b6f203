// SPDX-License-Identifier: MIT
//
// Verdicts: each way in which async code goes wrong, by name, and beside it the same program with
// the bug mended, about which nothing is said. The texts are in tests/golden/verdict_*.txt. Here is
// what the tests of this folder have in common.
#ifndef HEDDLE_TESTS_HARNESS_VERDICTS_STORY_H_
#define HEDDLE_TESTS_HARNESS_VERDICTS_STORY_H_

#include <optional>
#include <string>
#include <vector>

#include "heddle/channel.h"
#include "heddle/combinators.h"
#include "heddle/diagnosis.h"
#include "heddle/gate.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "support/catch.h"

namespace heddle {

// What Diagnose says, with `N` for the numbers of lines, so that a test may move in its file.
inline std::string Story(const RunResult& run) {
  std::string text;
  for (const Diagnosis& diagnosis : Diagnose(run.trace)) {
    text += "[" + std::string(Name(diagnosis.verdict)) + "] " + diagnosis.text + "\n";
  }
  for (const std::string file : {"_test.cc:", "story.h:", "once.h:"}) {
    for (auto at = text.find(file); at != std::string::npos; at = text.find(file, at + 1)) {
      const auto digits = at + file.size();
      text.replace(digits, text.find_first_not_of("0123456789", digits) - digits, "N");
    }
  }
  return text;
}

// All verdicts on a run, in order.
inline std::vector<Verdict> VerdictsOn(const RunResult& run) {
  std::vector<Verdict> verdicts;
  for (const Diagnosis& diagnosis : Diagnose(run.trace)) verdicts.push_back(diagnosis.verdict);
  return verdicts;
}

using Verdicts = std::vector<Verdict>;

inline void CheckSilent(const RunResult& run) {
  CHECK(run.ending == Ending::kFinished);
  CHECK(Story(run).empty());
}

inline Task<> Serve(Channel<int>& jobs) {
  for (;;) {
    const std::optional<int> job = co_await jobs.Receive();
    if (!job) break;
  }
}

inline Task<> Pulse(Gate& gate, bool close) {
  gate.Open();
  if (close) gate.Close();
  co_return;
}

inline Task<> Pass(Gate& gate) {
  co_await Yield();
  co_await gate.Wait();
}

}  // namespace heddle

#endif  // HEDDLE_TESTS_HARNESS_VERDICTS_STORY_H_
