// SPDX-License-Identifier: MIT
// What docs/primitives/condition.md shows.
#include "heddle/condition.h"

#include <deque>
#include <stdexcept>

#include "heddle/combinators.h"
#include "heddle/mutex.h"
#include "primitives/page.h"

namespace heddle::condition_page {
namespace {

// [page
struct Shelf {
  Mutex mutex{"shelf"};
  Condition stocked{"stocked"};
  std::deque<int> goods;
};

Task<int> Take(Shelf& shelf) {
  MutexGuard guard = co_await shelf.mutex.Lock();
  co_await shelf.stocked.Wait(guard, [&] { return !shelf.goods.empty(); });
  const int good = shelf.goods.front();
  shelf.goods.pop_front();
  co_return good;
}

Task<> Stock(Shelf& shelf) {
  const MutexGuard guard = co_await shelf.mutex.Lock();
  shelf.goods.push_back(17);
  shelf.stocked.NotifyOne();
}

Task<> Body() {
  Shelf shelf;
  const auto [good, stocked] = co_await All(Take(shelf), Stock(shelf));
  if (good != 17) throw std::logic_error("not what was stocked");
}
// page]

const Page kPage("condition", &Body);

}  // namespace
}  // namespace heddle::condition_page
