// SPDX-License-Identifier: MIT
// What docs/primitives/interval.md shows.
#include "heddle/interval.h"

#include <chrono>

#include "heddle/mark.h"
#include "heddle/sleep.h"
#include "primitives/page.h"

namespace heddle::interval_page {
namespace {

// [page
Task<> Body() {
  Interval beat(std::chrono::milliseconds(10));
  for (int i = 0; i < 3; ++i) {
    co_await beat.Tick();
    Mark("beats");
    co_await SleepFor(std::chrono::milliseconds(3));  // no drift comes of it
  }
}
// page]

const Page kPage("interval", &Body);

}  // namespace
}  // namespace heddle::interval_page
