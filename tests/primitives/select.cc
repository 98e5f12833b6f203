// SPDX-License-Identifier: MIT
// What docs/primitives/select.md shows.
#include "heddle/select.h"

#include <chrono>
#include <variant>

#include "heddle/channel.h"
#include "heddle/combinators.h"
#include "heddle/mark.h"
#include "primitives/page.h"

namespace heddle::select_page {
namespace {

// [page
Task<> Ask(Channel<int>& questions) { co_await questions.Send(42); }

Task<> Answer(Channel<int>& questions) {
  const auto first = co_await Select(ReceiveFrom(questions), After(std::chrono::milliseconds(50)));
  if (const auto* question = std::get_if<0>(&first)) {
    Mark("answers", {{"question", question->value()}});
  } else {
    Mark("nobody asks");
  }
}

Task<> Body() {
  Channel<int> questions(1, "questions");
  co_await All(Answer(questions), Ask(questions));
}
// page]

const Page kPage("select", &Body);

}  // namespace
}  // namespace heddle::select_page
