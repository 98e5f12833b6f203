// SPDX-License-Identifier: MIT
#include "strategies.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "heddle/check.h"
#include "heddle/choosers/automatic.h"
#include "heddle/choosers/dpor.h"
#include "heddle/choosers/exhaustive.h"
#include "heddle/choosers/pct.h"
#include "heddle/choosers/portfolio.h"
#include "heddle/choosers/pos.h"
#include "heddle/choosers/round_robin.h"
#include "heddle/choosers/sticky.h"
#include "heddle/choosers/surw.h"
#include "heddle/choosers/urw.h"

namespace heddle::internal {
namespace {

template <class AChooser>
Strategy Make(std::uint64_t seed) {
  return {.chooser = std::make_unique<AChooser>(seed), .interleavings = nullptr};
}

template <std::uint32_t kDepth>
Strategy MakePct(std::uint64_t seed) {
  return {.chooser = std::make_unique<PctChooser>(seed, kDepth), .interleavings = nullptr};
}

template <class AChooser>
Strategy MakeUnseeded(std::uint64_t /*seed*/) {
  return {.chooser = std::make_unique<AChooser>(), .interleavings = nullptr};
}

template <class AChooser>
Strategy Counting(std::unique_ptr<AChooser> chooser) {
  const AChooser* searching = chooser.get();
  return {.chooser = std::move(chooser),
          .interleavings = [searching] { return searching->interleavings(); }};
}

Strategy MakeAutomatic(std::uint64_t seed) {
  return Counting(std::make_unique<AutomaticChooser>(seed));
}

Strategy MakeExhaustive(std::uint64_t /*seed*/) {
  return Counting(std::make_unique<ExhaustiveChooser>());
}

struct NamedStrategy {
  std::string_view name;
  Strategy (*make)(std::uint64_t seed);
};

constexpr std::array kStrategies = {
    NamedStrategy{"auto", &MakeAutomatic},
    NamedStrategy{"dpor", &MakeUnseeded<DporChooser>},
    NamedStrategy{"exhaustive", &MakeExhaustive},
    NamedStrategy{"fifo", &MakeUnseeded<FifoChooser>},
    NamedStrategy{"pct2", &MakePct<2>},
    NamedStrategy{"pct3", &MakePct<3>},
    NamedStrategy{"pct4", &MakePct<4>},
    NamedStrategy{"portfolio", &Make<PortfolioChooser>},
    NamedStrategy{"pos", &Make<PosChooser>},
    NamedStrategy{"random", &Make<RandomChooser>},
    NamedStrategy{"round-robin", &MakeUnseeded<RoundRobinChooser>},
    NamedStrategy{"sticky", &Make<StickyChooser>},
    NamedStrategy{"surw", &Make<SurwChooser>},
    NamedStrategy{"urw", &Make<UrwChooser>},
};

}  // namespace

Strategy MakeStrategy(const ExploreOptions& options) {
  if (options.chooser) {
    Strategy own{.chooser = options.chooser(options.seed), .interleavings = nullptr};
    if (own.chooser == nullptr) {
      throw UsageError("heddle: ExploreOptions::chooser returned no chooser.");
    }
    return own;
  }
  std::string names;
  for (const NamedStrategy& strategy : kStrategies) {
    if (strategy.name == options.strategy) return strategy.make(options.seed);
    names += (names.empty() ? "" : ", ") + std::string(strategy.name);
  }
  throw UsageError("heddle: there is no strategy '" + options.strategy + "'. Give one of " + names +
                   "; or a chooser of your own, as ExploreOptions::chooser.");
}

}  // namespace heddle::internal
