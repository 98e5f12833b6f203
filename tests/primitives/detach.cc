// SPDX-License-Identifier: MIT
// What docs/primitives/detach.md shows.
#include "heddle/detach.h"

#include <chrono>

#include "heddle/mark.h"
#include "heddle/sleep.h"
#include "primitives/page.h"

namespace heddle::detach_page {
namespace {

// [page
Task<> SendReceipt(int order) {
  co_await SleepFor(std::chrono::milliseconds(30));
  Mark("sent", {{"order", order}});
}

Task<> Body() {
  Detach(SendReceipt(17));  // and goes on
  Mark("done");
  co_return;
}
// page]

const Page kPage("detach", &Body);

}  // namespace
}  // namespace heddle::detach_page
