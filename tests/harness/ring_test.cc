// SPDX-License-Identifier: MIT
//
// Ring against the obvious model, a std::deque. What goes through owns memory, so that a sanitizer
// sees what is lost or destroyed twice.
#include "heddle/internal/ring.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "support/catch.h"
#include "support/law.h"

namespace heddle {
namespace {

TEST_CASE("a ring gives what a deque gives, whatever goes in at either end") {
  CheckLaw([](const std::vector<std::uint8_t>& steps) {
    internal::Ring<std::unique_ptr<int>> ring;
    std::deque<int> model;
    int next = 0;
    for (const std::uint8_t step : steps) {
      const int number = next++;
      if (step % 8 < 4) {
        ring.push_back(std::make_unique<int>(number));
        model.push_back(number);
      } else if (step % 8 == 4) {
        ring.push_front(std::make_unique<int>(number));
        model.push_front(number);
      } else if (!model.empty()) {
        RC_ASSERT(*ring.front() == model.front());
        ring.pop_front();
        model.pop_front();
      }
      RC_ASSERT(ring.size() == model.size());
      RC_ASSERT(ring.empty() == model.empty());
    }
    for (; !model.empty(); model.pop_front(), ring.pop_front()) {
      RC_ASSERT(*ring.front() == model.front());
    }
    RC_ASSERT(ring.empty());
  });
}

TEST_CASE("a ring that holds messages when it goes destroys each of them once") {
  const auto message = std::make_shared<int>(1);
  {
    internal::Ring<std::shared_ptr<int>> ring;
    for (int i = 0; i < 20; ++i) ring.push_back(std::shared_ptr<int>(message));
    ring.pop_front();
    CHECK(message.use_count() == 20);
  }
  CHECK(message.use_count() == 1);
}

}  // namespace
}  // namespace heddle
