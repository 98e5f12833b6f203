// SPDX-License-Identifier: MIT
// What docs/primitives/once.md shows.
#include "heddle/once.h"

#include <stdexcept>

#include "heddle/combinators.h"
#include "heddle/mark.h"
#include "primitives/page.h"

namespace heddle::once_page {
namespace {

// [page
Task<> Connect(int& connected) {
  Mark("connects");
  ++connected;
  co_return;
}

Task<> Query(Once& once, int& connected) {
  co_await once.Call([&] { return Connect(connected); });
}

Task<> Body() {
  Once once("connected");
  int connected = 0;
  co_await All(Query(once, connected), Query(once, connected));
  if (connected != 1) throw std::logic_error("connected twice");
}
// page]

const Page kPage("once", &Body);

}  // namespace
}  // namespace heddle::once_page
