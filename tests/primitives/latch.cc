// SPDX-License-Identifier: MIT
// What docs/primitives/latch.md shows.
#include "heddle/latch.h"

#include "heddle/combinators.h"
#include "heddle/mark.h"
#include "primitives/page.h"

namespace heddle::latch_page {
namespace {

// [page
Task<> WarmUp(Latch& started) {
  Mark("is warm");
  started.CountDown();
  co_return;
}

Task<> OpenPort(Latch& started) {
  co_await started.Wait();
  Mark("opens the port");
}

Task<> Body() {
  Latch started(2, "started");
  co_await All(OpenPort(started), WarmUp(started), WarmUp(started));
}
// page]

const Page kPage("latch", &Body);

}  // namespace
}  // namespace heddle::latch_page
