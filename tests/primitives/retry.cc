// SPDX-License-Identifier: MIT
// What docs/primitives/retry.md shows.
#include "heddle/retry.h"

#include <chrono>
#include <stdexcept>

#include "heddle/mark.h"
#include "primitives/page.h"

namespace heddle::retry_page {
namespace {

// [page
Task<int> Fetch(int& tries) {
  if (++tries < 3) throw std::runtime_error("503");
  co_return 42;
}

Task<> Body() {
  int tries = 0;
  const RetryPolicy policy = {.attempts_max = 4, .delay = std::chrono::milliseconds(50)};
  const int answer = co_await Retry(policy, [&] { return Fetch(tries); });
  Mark("got", {{"answer", answer}, {"tries", tries}});
}
// page]

const Page kPage("retry", &Body);

}  // namespace
}  // namespace heddle::retry_page
