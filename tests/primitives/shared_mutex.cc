// SPDX-License-Identifier: MIT
// What docs/primitives/shared_mutex.md shows.
#include "heddle/shared_mutex.h"

#include <stdexcept>
#include <string>

#include "heddle/combinators.h"
#include "primitives/page.h"

namespace heddle::shared_mutex_page {
namespace {

// [page
Task<std::string> Look(SharedMutex& table, const std::string& price) {
  const SharedMutexGuard reading = co_await table.LockShared();
  co_return price;
}

Task<> Change(SharedMutex& table, std::string& price) {
  const SharedMutexGuard writing = co_await table.Lock();
  price = "6 EUR";
}

Task<> Body() {
  SharedMutex table("table");
  std::string price = "5 EUR";
  const auto [seen, again, done] =
      co_await All(Look(table, price), Look(table, price), Change(table, price));
  if (seen.empty() || again.empty()) throw std::logic_error("nothing was seen");
}
// page]

const Page kPage("shared_mutex", &Body);

}  // namespace
}  // namespace heddle::shared_mutex_page
