// SPDX-License-Identifier: MIT
// What docs/primitives/random_stream.md shows.
#include "heddle/random_stream.h"

#include <stdexcept>

#include "heddle/mark.h"
#include "primitives/page.h"

namespace heddle::random_stream_page {
namespace {

// [page
Task<> Body() {
  RandomStream dice("dice", 8);  // one of eight sequences
  const auto first = dice.Below(6);
  const auto second = dice.Below(6);
  Mark("thrown", {{"first", first + 1}, {"second", second + 1}});
  if (first + second > 10) throw std::logic_error("not with two dice");
  co_return;
}
// page]

const Page kPage("random_stream", &Body);

}  // namespace
}  // namespace heddle::random_stream_page
