// SPDX-License-Identifier: MIT
// What docs/primitives/sleep.md shows.
#include "heddle/sleep.h"

#include <chrono>

#include "heddle/combinators.h"
#include "heddle/mark.h"
#include "primitives/page.h"

namespace heddle::sleep_page {
namespace {

// [page
Task<> Wait(const int& answers) {
  while (answers == 0) co_await Yield();  // "not me next"
  Mark("has it");
}

Task<> Answer(int& answers) {
  ++answers;
  co_return;
}

Task<> Body() {
  co_await SleepFor(std::chrono::hours(1));  // at once, in real time
  int answers = 0;
  co_await All(Wait(answers), Answer(answers));
}
// page]

const Page kPage("sleep", &Body);

}  // namespace
}  // namespace heddle::sleep_page
