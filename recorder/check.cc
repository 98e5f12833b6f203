// SPDX-License-Identifier: MIT
//
// The last words of a failed HEDDLE_CHECK: where, what, and in which run.
#include "heddle/check.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace heddle::internal {
namespace {

std::atomic<CheckContext> check_context = nullptr;

}  // namespace

void SetCheckContext(CheckContext context) { check_context = context; }

void CheckFailed(const char* file, int line, const char* condition, const char* message) {
  // Taken away before it is called: a check that fails while describing the run must not
  // come back here for ever.
  const CheckContext context = check_context.exchange(nullptr);
  const std::string running = context == nullptr ? "no run" : context();
  // In one write, so that it stays whole beside what other processes say.
  const std::string last_words = std::string("heddle: internal error at ") + file + ":" +
                                 std::to_string(line) + ": " + message + " (" + condition +
                                 "). While: " + running +
                                 ". Please report this with the recording.\n";
  std::fputs(last_words.c_str(), stderr);
  std::abort();
}

}  // namespace heddle::internal
