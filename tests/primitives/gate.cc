// SPDX-License-Identifier: MIT
// What docs/primitives/gate.md shows.
#include "heddle/gate.h"

#include "heddle/combinators.h"
#include "heddle/mark.h"
#include "primitives/page.h"

namespace heddle::gate_page {
namespace {

// [page
Task<> Serve(Gate& ready) {
  co_await ready.Wait();
  Mark("serves");
}

Task<> Start(Gate& ready) {
  Mark("started");
  ready.Open();
  co_return;
}

Task<> Body() {
  Gate ready("ready");
  co_await All(Serve(ready), Serve(ready), Start(ready));
}
// page]

const Page kPage("gate", &Body);

}  // namespace
}  // namespace heddle::gate_page
