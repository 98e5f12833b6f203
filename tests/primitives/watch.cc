// SPDX-License-Identifier: MIT
// What docs/primitives/watch.md shows.
#include "heddle/watch.h"

#include <optional>

#include "heddle/combinators.h"
#include "heddle/mark.h"
#include "primitives/page.h"

namespace heddle::watch_page {
namespace {

// [page
Task<> Apply(Watch<int>& level) {
  Watch<int>::Observer changes = level.Observe();
  while (const std::optional<int> now = co_await changes.Next()) Mark("applies", {{"level", *now}});
}

Task<> Configure(Watch<int>& level) {
  level.Set(1);
  level.Set(2);  // who is slow sees only this
  level.Close();
  co_return;
}

Task<> Body() {
  Watch<int> level(0, "level");
  co_await All(Apply(level), Configure(level));
}
// page]

const Page kPage("watch", &Body);

}  // namespace
}  // namespace heddle::watch_page
