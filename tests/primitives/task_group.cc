// SPDX-License-Identifier: MIT
// What docs/primitives/task_group.md shows.
#include "heddle/task_group.h"

#include "heddle/mark.h"
#include "primitives/page.h"

namespace heddle::task_group_page {
namespace {

// [page
Task<> Handle(int order) {
  Mark("handles", {{"order", order}});
  co_return;
}

Task<> Body() {
  TaskGroup orders("orders");
  for (int order = 1; order <= 3; ++order) orders.Spawn(Handle(order));
  co_await orders.Join();
}
// page]

const Page kPage("task_group", &Body);

}  // namespace
}  // namespace heddle::task_group_page
