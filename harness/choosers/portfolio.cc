// SPDX-License-Identifier: MIT
#include "heddle/choosers/portfolio.h"

#include <utility>

#include "heddle/choosers/pct.h"
#include "heddle/choosers/pos.h"
#include "heddle/choosers/surw.h"
#include "heddle/internal/walk_chooser.h"

namespace heddle::inline HEDDLE_VARIANT {
namespace {

// Of a member's runs only so many count: what it found long ago says little.
constexpr std::uint64_t kMemory = 64;

// The turns of a round; every second is surw's, and the others have the two between.
constexpr std::uint64_t kRound = 5;

}  // namespace

PortfolioChooser::PortfolioChooser(std::uint64_t seed) : seed_(seed) {
  const auto add = [&](std::unique_ptr<Chooser> chooser) {
    members_.push_back({.chooser = std::move(chooser)});
  };
  add(std::make_unique<SurwChooser>(seed));
  add(std::make_unique<internal::WalkChooser>(seed));
  add(std::make_unique<PosChooser>(seed));
  for (const std::uint32_t depth : {2U, 3U, 4U}) add(std::make_unique<PctChooser>(seed, depth));
}

void PortfolioChooser::BeginRun(std::uint64_t schedule) {
  NextTurn();
  members_[member_].chooser->BeginRun(schedule);
}

void PortfolioChooser::EndRun(const Recorder& recorder, Ending ending) {
  Member& member = members_[member_];
  member.chooser->EndRun(recorder, ending);
  ++member.runs;
  if (classes_.Add(member.chooser->run_class())) ++member.classes;
  if (member.runs == kMemory) {
    member.runs /= 2;
    member.classes /= 2;
  }
}

double PortfolioChooser::miss_probability(std::uint32_t depth) const {
  // Each run draws for itself, so all of them miss with the product of the probabilities.
  double missed = 1;
  for (const Member& member : members_) missed *= member.chooser->miss_probability(depth);
  return missed;
}

void PortfolioChooser::NextTurn() {
  const std::uint64_t round = turns_ / kRound;
  const std::uint64_t place = turns_++ % kRound;
  if (place % 2 == 0) {
    member_ = 0;
    return;
  }
  const std::size_t others = members_.size() - 1;
  const std::uint64_t turn = 2 * round + place / 2;  // among those of the others
  if (turn < 2 * others) {
    member_ = 1 + turn % others;
  } else if (turn % 2 == 0) {
    member_ = 1 + turn / 2 % others;
  } else {
    member_ = MostPromising();
  }
}

// Of the others: who meets new classes most often. Of equals the one with the fewest runs.
std::size_t PortfolioChooser::MostPromising() const {
  std::size_t best = 1;
  for (std::size_t i = 2; i < members_.size(); ++i) {
    const Member& a = members_[i];
    const Member& b = members_[best];
    const std::uint64_t a_score = (a.classes + 1) * (b.runs + 1);
    const std::uint64_t b_score = (b.classes + 1) * (a.runs + 1);
    if (a_score > b_score || (a_score == b_score && a.runs < b.runs)) best = i;
  }
  return best;
}

}  // namespace heddle::inline HEDDLE_VARIANT
