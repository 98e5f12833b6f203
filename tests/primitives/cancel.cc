// SPDX-License-Identifier: MIT
// What docs/primitives/cancel.md shows.
#include "heddle/cancel.h"

#include <chrono>
#include <stop_token>

#include "heddle/channel.h"
#include "heddle/mark.h"
#include "heddle/select.h"
#include "heddle/sleep.h"
#include "primitives/page.h"

namespace heddle::cancel_page {
namespace {

// [page
Task<> Serve(Channel<int>& requests, std::stop_token stop) {
  while (true) {
    const auto next = co_await Select(ReceiveFrom(requests), WhenStopped(stop));
    if (next.index() == 1) break;
    Mark("serves");
  }
  co_await SleepFor(std::chrono::milliseconds(1));  // cleaning up may await
  Mark("is clean");
}

Task<> Body() {
  Channel<int> requests(1, "requests");
  CancelScope scope("server");
  scope.Spawn(Serve(requests, scope.token()));
  co_await requests.Send(1);
  scope.RequestStop();
  co_await scope.Join();
}
// page]

const Page kPage("cancel", &Body);

}  // namespace
}  // namespace heddle::cancel_page
