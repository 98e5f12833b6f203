// SPDX-License-Identifier: MIT
// What docs/primitives/timeout.md shows.
#include "heddle/timeout.h"

#include <chrono>
#include <optional>
#include <stdexcept>

#include "heddle/mark.h"
#include "heddle/sleep.h"
#include "primitives/page.h"

namespace heddle::timeout_page {
namespace {

// [page
Task<int> Load(std::chrono::milliseconds takes) {
  co_await SleepFor(takes);
  co_return 42;
}

Task<> Body() {
  const auto at_most = std::chrono::milliseconds(100);
  const std::optional<int> fast = co_await WithTimeout(Load(at_most / 2), at_most);
  const std::optional<int> slow = co_await WithTimeout(Load(at_most * 2), at_most);
  if (!fast || slow) throw std::logic_error("not what the clock says");
}
// page]

const Page kPage("timeout", &Body);

}  // namespace
}  // namespace heddle::timeout_page
