// SPDX-License-Identifier: MIT
#include "strategies.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "heddle/check.h"
#include "heddle/choosers/automatic.h"
#include "heddle/choosers/deepening.h"
#include "heddle/choosers/dpor.h"
#include "heddle/choosers/exhaustive.h"
#include "heddle/choosers/feedback.h"
#include "heddle/choosers/pct.h"
#include "heddle/choosers/portfolio.h"
#include "heddle/choosers/pos.h"
#include "heddle/choosers/round_robin.h"
#include "heddle/choosers/selective.h"
#include "heddle/choosers/sticky.h"
#include "heddle/choosers/surw.h"
#include "heddle/choosers/urw.h"

namespace heddle::internal {
namespace {

template <class AChooser>
Strategy Make(std::uint64_t seed) {
  return {.chooser = std::make_unique<AChooser>(seed),
          .interleavings = nullptr,
          .searches_to_end = nullptr};
}

template <std::uint32_t kDepth>
Strategy MakePct(std::uint64_t seed) {
  return {.chooser = std::make_unique<PctChooser>(seed, kDepth),
          .interleavings = nullptr,
          .searches_to_end = nullptr};
}

template <class AChooser>
Strategy MakeUnseeded(std::uint64_t /*seed*/) {
  return {.chooser = std::make_unique<AChooser>(),
          .interleavings = nullptr,
          .searches_to_end = nullptr};
}

template <class AChooser>
Strategy Counting(std::unique_ptr<AChooser> chooser) {
  const AChooser* searching = chooser.get();
  return {.chooser = std::move(chooser),
          .interleavings = [searching] { return searching->interleavings(); },
          .searches_to_end = nullptr};
}

Strategy MakeAutomatic(std::uint64_t seed) {
  auto chooser = std::make_unique<AutomaticChooser>(seed);
  AutomaticChooser* automatic = chooser.get();
  Strategy strategy = Counting(std::move(chooser));
  strategy.searches_to_end = [automatic] { return automatic->searches_to_end(); };
  return strategy;
}

Strategy MakeExhaustive(std::uint64_t /*seed*/) {
  return Counting(std::make_unique<ExhaustiveChooser>());
}

template <DeepeningChooser::Cost kCost>
Strategy MakeDeepening(std::uint64_t /*seed*/) {
  return Counting(std::make_unique<DeepeningChooser>(kCost));
}

constexpr std::uint64_t kAllOfThem = 1;
constexpr std::uint64_t kTheFirst = 0;
// A search that may end needs its share, and whoever shares the work needs theirs.
constexpr std::uint64_t kEveryFourth = 4;

struct NamedStrategy {
  std::string_view name;
  Strategy (*make)(std::uint64_t seed);
  std::uint64_t main_line_every;
  Strategy (*make_elsewhere)(std::uint64_t seed);
  bool may_search_to_end = false;
  bool is_search = false;
};

constexpr NamedStrategy Whole(std::string_view name, Strategy (*make)(std::uint64_t)) {
  return {name, make, kAllOfThem, make};
}

constexpr NamedStrategy Search(std::string_view name, Strategy (*make)(std::uint64_t)) {
  NamedStrategy search = Whole(name, make);
  search.is_search = true;
  return search;
}

constexpr NamedStrategy InBlocks(std::string_view name, Strategy (*make)(std::uint64_t)) {
  return {name, make, kTheFirst, make};
}

constexpr std::array kStrategies = {
    NamedStrategy{"auto", &MakeAutomatic, kEveryFourth, &Make<PortfolioChooser>, true},
    Search("delay-bounded", &MakeDeepening<DeepeningChooser::Cost::kDelays>),
    Search("dpor", &MakeUnseeded<DporChooser>),
    Search("exhaustive", &MakeExhaustive),
    Whole("feedback", &Make<FeedbackChooser>),
    Whole("fifo", &MakeUnseeded<FifoChooser>),
    InBlocks("pct2", &MakePct<2>),
    InBlocks("pct3", &MakePct<3>),
    InBlocks("pct4", &MakePct<4>),
    InBlocks("portfolio", &Make<PortfolioChooser>),
    InBlocks("pos", &Make<PosChooser>),
    Search("preemption-bounded", &MakeDeepening<DeepeningChooser::Cost::kPreemptions>),
    InBlocks("random", &Make<RandomChooser>),
    Whole("round-robin", &MakeUnseeded<RoundRobinChooser>),
    InBlocks("selective", &Make<SelectiveChooser>),
    InBlocks("sticky", &Make<StickyChooser>),
    InBlocks("surw", &Make<SurwChooser>),
    InBlocks("urw", &Make<UrwChooser>),
};

const NamedStrategy& Find(const std::string& name) {
  std::string names;
  for (const NamedStrategy& strategy : kStrategies) {
    if (strategy.name == name) return strategy;
    names += (names.empty() ? "" : ", ") + std::string(strategy.name);
  }
  throw UsageError("heddle: there is no strategy '" + name + "'. Give one of " + names +
                   "; or a chooser of your own, as ExploreOptions::chooser.");
}

Strategy MakeOwn(const ExploreOptions& options) {
  Strategy own{.chooser = options.chooser(options.seed),
               .interleavings = nullptr,
               .searches_to_end = nullptr};
  if (own.chooser == nullptr) {
    throw UsageError("heddle: ExploreOptions::chooser returned no chooser.");
  }
  return own;
}

}  // namespace

Strategy MakeStrategy(const ExploreOptions& options) {
  return options.chooser ? MakeOwn(options) : Find(options.strategy).make(options.seed);
}

std::uint64_t MainLineEvery(const ExploreOptions& options) {
  return options.chooser ? kAllOfThem : Find(options.strategy).main_line_every;
}

bool MaySearchToEnd(const ExploreOptions& options) {
  return !options.chooser && Find(options.strategy).may_search_to_end;
}

bool IsSearch(std::string_view strategy) {
  return std::ranges::any_of(kStrategies, [&](const NamedStrategy& each) {
    return each.name == strategy && each.is_search;
  });
}

Strategy MakeStrategyElsewhere(const ExploreOptions& options) {
  return Find(options.strategy).make_elsewhere(options.seed);
}

}  // namespace heddle::internal
