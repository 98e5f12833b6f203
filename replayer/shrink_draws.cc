// SPDX-License-Identifier: MIT
//
// The part of a Shrinker for draws: those that can be spared become 0, the others small. From the
// top: which are left, who makes them, how large they are.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "order_chooser.h"
#include "shrinker.h"
#include "step_order.h"

namespace heddle::internal {
namespace {

std::vector<PlannedDraw> WithoutZeros(std::vector<PlannedDraw> draws) {
  std::erase_if(draws, [](const PlannedDraw& draw) { return draw.value == 0; });
  return draws;
}

// Where a draw made its task wait, the task has so many steps less without it, and the step that it
// is of goes on with what came behind them. That is still to come in the same order.
StepOrder WithoutDraw(const StepOrder& order, std::size_t index, std::uint32_t steps) {
  const PlannedDraw& gone = order.draws[index];
  const StepName at = gone.step;
  const auto behind = [&](const StepName& step) {
    return step.strand == at.strand && step.number > at.number;
  };
  StepOrder without{.in_order = 0, .steps = {}, .draws = {}};
  for (std::size_t i = 0; i < order.steps.size(); ++i) {
    StepName step = order.steps[i];
    if (behind(step) && step.number <= at.number + steps) continue;
    if (behind(step)) step.number -= steps;
    without.steps.push_back(step);
    if (i < order.in_order) ++without.in_order;
  }
  for (std::size_t i = 0; i < order.draws.size(); ++i) {
    PlannedDraw draw = order.draws[i];
    if (i == index) continue;
    if (behind(draw.step)) {
      if (draw.step.number < at.number + steps) continue;
      if (draw.step.number == at.number + steps) draw.number += gone.number + 1;
      draw.step.number -= steps;
    }
    without.draws.push_back(draw);
  }
  return without;
}

}  // namespace

// --- which are left -----------------------------------------------------------------------

// While the order is still that of all steps: a few of them, which were found beside a draw, may be
// nothing without it.
void Shrinker::ReduceDrawsFirst() {
  if (order_.draws.empty()) return;
  ReduceDraws(runs_ + kDrawRunsMax);
  OrderAllSteps();
  SpareDraws(/*order_all=*/true);
}

// The order is that of all steps of its own run.
void Shrinker::OrderAllSteps() {
  if (!MayRun()) return;
  OrderChooser chooser(order_);
  if (!RunFails(chooser, 0)) return;
  order_.draws = WithoutZeros(chooser.drawn());
  order_.steps = chooser.log();
  order_.in_order = order_.steps.size();
  for (const StepName& step : chooser.ToCome()) order_.steps.push_back(step);
}

// One by one. `order_all`: what is left is ordered anew each time.
void Shrinker::SpareDraws(bool order_all) {
  const std::uint64_t runs_max = runs_ + kDrawRunsMax;
  for (std::size_t i = order_.draws.size(); i-- > 0 && runs_ < runs_max;) {
    if (!SpareDraw(i)) continue;
    if (order_all) OrderAllSteps();
    i = std::min(i, order_.draws.size());
  }
}

// With the steps that it may have taken.
bool Shrinker::SpareDraw(std::size_t draw) {
  for (std::uint32_t steps = 1; steps <= kStepsOfDraw; ++steps) {
    StepOrder order = WithoutDraw(order_, draw, steps);
    if (!Fails(order)) continue;
    order_ = std::move(order);
    return true;
  }
  return false;
}

void Shrinker::ReduceDraws(std::uint64_t runs_max) {
  const StepOrder whole = order_;
  Spare(whole.draws, [&](const std::vector<PlannedDraw>& draws) {
    if (runs_ >= runs_max) return false;
    StepOrder order{.in_order = whole.in_order, .steps = whole.steps, .draws = draws};
    if (!Fails(order)) return false;
    order_ = std::move(order);
    return true;
  });
}

// --- who makes them -----------------------------------------------------------------------

// An order may be needed for nothing but that a certain task draws. So it is tried without: whoever
// comes to it first in, first out draws the same. Of several that may, it is the first.
void Shrinker::MoveDraws() {
  if (order_.draws.empty() || !MayRun()) return;
  OrderChooser found(order_);
  RunFails(found, 0);
  const std::vector<PlannedDraw> draws = WithoutZeros(found.drawn());
  if (!order_.steps.empty()) FailsByTurn(draws);
  if (draws.size() != 1 || !MayRun()) return;
  OrderChooser plain{StepOrder()};
  RunFails(plain, 0);
  const bool is_plain = order_.steps.empty();
  const std::uint32_t turn = draws.front().turn;
  std::size_t tries = 0;
  for (PlannedDraw draw : plain.drawn()) {
    if (draw.alternatives != draws.front().alternatives) continue;
    if (is_plain && draw.turn >= turn) return;
    if (tries++ == kMovedDrawsMax || limit_met_) return;
    draw.value = draws.front().value;
    if (FailsByTurn({draw})) return;
  }
}

// First in, first out, but for these draws. They become those of the tasks whose turn it was.
bool Shrinker::FailsByTurn(const std::vector<PlannedDraw>& draws) {
  if (!MayRun()) return false;
  OrderChooser chooser({.in_order = 0, .steps = {}, .draws = draws, .draws_by_turn = true});
  if (!RunFails(chooser, 0)) return false;
  order_ = {.in_order = 0, .steps = {}, .draws = WithoutZeros(chooser.drawn())};
  return true;
}

// --- how large they are -------------------------------------------------------------------

bool Shrinker::FailsWithDraw(std::size_t draw, std::uint32_t value) {
  StepOrder order = order_;
  order.draws[draw].value = value;
  if (!Fails(order)) return false;
  order_ = std::move(order);
  return true;
}

// Each to the lowest of the powers of two below it that still fails, and from there as low as it
// fails without a gap.
void Shrinker::LowerDraws() {
  for (std::size_t i = 0; i < order_.draws.size(); ++i) {
    std::uint32_t passes = 0;
    std::uint32_t fails = 1;
    while (fails < order_.draws[i].value && !FailsWithDraw(i, fails)) {
      passes = fails;
      fails *= 2;
      if (fails < passes) break;  // there is no larger one
    }
    fails = order_.draws[i].value;
    while (fails - passes > 1 && !limit_met_) {
      const std::uint32_t middle = passes + (fails - passes) / 2;
      (FailsWithDraw(i, middle) ? fails : passes) = middle;
    }
  }
}

// Whether each of them is needed, first in, first out: with any one at 0 it passes.
bool Shrinker::DrawsDecide() {
  const std::size_t draws = order_.draws.size();
  if (draws == 0 || draws > kDecidingDrawsMax) return false;
  for (std::size_t i = 0; i < draws; ++i) {
    StepOrder fewer = order_;
    fewer.draws.erase(fewer.draws.begin() + static_cast<std::ptrdiff_t>(i));
    if (!PassesInOrder(fewer)) return false;
  }
  return true;
}

}  // namespace heddle::internal
