// SPDX-License-Identifier: MIT
// What docs/primitives/mark.md shows.
#include "heddle/mark.h"

#include <chrono>
#include <string>

#include "heddle/combinators.h"
#include "heddle/named.h"
#include "heddle/sleep.h"
#include "primitives/page.h"

namespace heddle::mark_page {
namespace {

// [page
Task<> Charge(int cents) {
  Mark("charging", {{"cents", cents}, {"retry", false}});
  co_await SleepFor(std::chrono::milliseconds(3));
}

Task<> Serve(int order, int cents) {
  BeginFlow("order " + std::to_string(order));  // what it creates works for it, too
  co_await Charge(cents);
  Mark("served");
}

Task<> Body() { co_await All(Named("the first", Serve(17, 499)), Serve(18, 1250)); }
// page]

const Page kPage("mark", &Body);

}  // namespace
}  // namespace heddle::mark_page
