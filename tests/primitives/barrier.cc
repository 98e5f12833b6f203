// SPDX-License-Identifier: MIT
// What docs/primitives/barrier.md shows.
#include "heddle/barrier.h"

#include <array>
#include <stdexcept>

#include "heddle/combinators.h"
#include "primitives/page.h"

namespace heddle::barrier_page {
namespace {

// [page
Task<> Sum(Barrier& round, std::array<int, 2>& parts, std::size_t mine) {
  parts[mine] = 21;
  co_await round.Arrive();  // from here on every part is there
  if (parts[0] + parts[1] != 42) throw std::logic_error("a part is missing");
}

Task<> Body() {
  Barrier round(2, "round");
  std::array<int, 2> parts = {};
  co_await All(Sum(round, parts, 0), Sum(round, parts, 1));
}
// page]

const Page kPage("barrier", &Body);

}  // namespace
}  // namespace heddle::barrier_page
