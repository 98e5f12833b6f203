// SPDX-License-Identifier: MIT
//
// TimerHeap against the obvious model: a std::multimap, which also keeps equals in the
// order in which they came.
#include "heddle/internal/timer_heap.h"

#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "support/catch.h"
#include "support/law.h"

namespace heddle {
namespace {

struct Sleeper {
  std::uint32_t timer_index = 0xffffffff;
};

using Heap = internal::TimerHeap<Sleeper>;
using Model = std::multimap<VirtualNanos, Sleeper*>;

Sleeper& PopModel(Model& model) {
  Sleeper& sleeper = *model.begin()->second;
  model.erase(model.begin());
  return sleeper;
}

TEST_CASE("a timer heap gives the soonest first and equals in order, whatever is taken out") {
  // A step is (what, number): push at a time below 8, pop, or remove one that sleeps.
  CheckLaw([](const std::vector<std::pair<std::uint8_t, std::uint8_t>>& steps) {
    Heap heap;
    Model model;
    std::vector<std::unique_ptr<Sleeper>> sleepers;
    for (const auto& [what, number] : steps) {
      if (what % 4 < 2) {
        Sleeper& sleeper = *sleepers.emplace_back(std::make_unique<Sleeper>());
        const VirtualNanos at = number % 8;
        heap.Push(sleeper, at);
        model.emplace(at, &sleeper);
      } else if (!model.empty() && what % 4 == 2) {
        RC_ASSERT(heap.soonest() == model.begin()->first);
        RC_ASSERT(&heap.PopSoonest() == &PopModel(model));
      } else if (!model.empty()) {
        const auto victim = std::next(model.begin(), number % static_cast<long>(model.size()));
        heap.Remove(*victim->second);
        RC_ASSERT(victim->second->timer_index == 0xffffffff);
        model.erase(victim);
      }
      RC_ASSERT(heap.empty() == model.empty());
    }
    while (!model.empty()) {
      RC_ASSERT(heap.soonest() == model.begin()->first);
      RC_ASSERT(&heap.PopSoonest() == &PopModel(model));
    }
    RC_ASSERT(heap.empty());
  });
}

TEST_CASE("sleepers of any times wake in order") {
  CheckLaw([](const std::vector<std::int64_t>& times) {
    Heap heap;
    std::vector<Sleeper> sleepers(times.size());
    for (std::size_t i = 0; i < times.size(); ++i) heap.Push(sleepers[i], times[i]);
    VirtualNanos last = INT64_MIN;
    while (!heap.empty()) {
      RC_ASSERT(heap.soonest() >= last);
      last = heap.soonest();
      heap.PopSoonest();
    }
  });
}

TEST_CASE("a cleared timer heap is empty") {
  Heap heap;
  Sleeper sleeper;
  heap.Push(sleeper, 5);
  heap.Clear();
  CHECK(heap.empty());
}

}  // namespace
}  // namespace heddle
