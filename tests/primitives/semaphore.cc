// SPDX-License-Identifier: MIT
// What docs/primitives/semaphore.md shows.
#include "heddle/semaphore.h"

#include <chrono>
#include <stdexcept>

#include "heddle/combinators.h"
#include "heddle/sleep.h"
#include "primitives/page.h"

namespace heddle::semaphore_page {
namespace {

// [page
Task<> Query(Semaphore& connections, int& open) {
  const Permit permit = co_await connections.Acquire();
  if (++open > 2) throw std::logic_error("too many connections");
  co_await SleepFor(std::chrono::milliseconds(5));
  --open;
}

Task<> Body() {
  Semaphore connections(2, "connections");
  int open = 0;
  co_await All(Query(connections, open), Query(connections, open), Query(connections, open));
}
// page]

const Page kPage("semaphore", &Body);

}  // namespace
}  // namespace heddle::semaphore_page
