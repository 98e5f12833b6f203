// SPDX-License-Identifier: MIT
// What docs/primitives/generator.md shows.
#include "heddle/generator.h"

#include <chrono>
#include <optional>
#include <stdexcept>

#include "heddle/sleep.h"
#include "heddle/task.h"
#include "primitives/page.h"

namespace heddle::generator_page {
namespace {

// [page
Generator<int> Pages() {
  for (int page = 1; page <= 2; ++page) {
    co_await SleepFor(std::chrono::milliseconds(3));  // loads it
    co_yield page;
  }
}

Task<> Body() {
  Generator<int> pages = Pages();
  int sum = 0;
  while (const std::optional<int> page = co_await pages.Next()) sum += *page;
  if (sum != 3) throw std::logic_error("a page is missing");
}
// page]

const Page kPage("generator", &Body);

}  // namespace
}  // namespace heddle::generator_page
