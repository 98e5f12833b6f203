// SPDX-License-Identifier: MIT
// What docs/primitives/input.md shows.
#include "heddle/input.h"

#include <stdexcept>

#include "heddle/mark.h"
#include "primitives/page.h"

namespace heddle::input_page {
namespace {

// [page
Task<> Body() {
  const auto items = Input("items", 1, 3);
  const bool lost = Buggify("the answer is lost", 0.5);
  Mark("ships", {{"items", items}, {"again", lost}});
  if (items < 1 || items > 3) throw std::logic_error("not that many");
  co_return;
}
// page]

const Page kPage("input", &Body);

}  // namespace
}  // namespace heddle::input_page
