// SPDX-License-Identifier: MIT
// What docs/primitives/task_local.md shows.
#include "heddle/task_local.h"

#include <stdexcept>
#include <string>
#include <string_view>

#include "heddle/combinators.h"
#include "heddle/mark.h"
#include "primitives/page.h"

namespace heddle::task_local_page {
namespace {

// [page
const TaskLocal<std::string> tenant("nobody");

void Log(std::string_view text) { Mark(text, {{"tenant", tenant.Get()}}); }

Task<> Charge() {
  Log("charged");
  co_return;
}

Task<> Serve(std::string name) {
  const auto bound = tenant.Bind(name);  // until the end of Serve
  co_await All(Charge(), Charge());      // both see it
  if (tenant.Get() != name) throw std::logic_error("somebody else's tenant");
}

Task<> Body() {
  co_await All(Serve("acme"), Serve("globex"));
  Log("done");
}
// page]

const Page kPage("task_local", &Body);

}  // namespace
}  // namespace heddle::task_local_page
