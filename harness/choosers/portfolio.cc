// SPDX-License-Identifier: MIT
#include "heddle/choosers/portfolio.h"

#include <algorithm>
#include <utility>

#include "heddle/choosers/deepening.h"
#include "heddle/choosers/pct.h"
#include "heddle/choosers/pos.h"
#include "heddle/choosers/selective.h"
#include "heddle/choosers/sticky.h"
#include "heddle/choosers/urw.h"

namespace heddle::inline HEDDLE_VARIANT {
namespace {

// Of a member's runs only so many count: what it found long ago says little.
constexpr std::uint64_t kMemory = 64;

// What a run costs a member whose share is 1.
constexpr std::uint64_t kPrice = std::uint64_t{1} << 20;
// How many times as much where all its runs are of classes that were seen before.
constexpr std::uint64_t kDearest = 2;

constexpr std::size_t kFifo = 0;
constexpr std::uint64_t kAnyNumber = std::uint64_t{1} << 62;

// The first runs of some cost only a part: those of a search find the most.
constexpr std::uint64_t kFirstRuns = 8;

}  // namespace

PortfolioChooser::PortfolioChooser(std::uint64_t seed) : seed_(seed) {
  AddSearch({.first_runs = 0, .later = 0}, std::make_unique<FifoChooser>());
  members_[kFifo].search->ExpectSteps(kAnyNumber);  // it is fair
  AddSearch({.first_runs = 12, .later = 1},
            std::make_unique<DeepeningChooser>(DeepeningChooser::Cost::kPreemptions));
  Add({.first_runs = 24, .later = 14}, std::make_unique<SelectiveChooser>(seed));
  Add({.first_runs = 4, .later = 4}, std::make_unique<StickyChooser>(seed));
  Add({.first_runs = 2, .later = 2}, std::make_unique<PosChooser>(seed));
  Add({.first_runs = 2, .later = 2}, std::make_unique<UrwChooser>(seed));
  for (const std::uint32_t depth : {2U, 3U, 4U}) {
    Add({.first_runs = 1, .later = 1}, std::make_unique<PctChooser>(seed, depth));
  }
}

void PortfolioChooser::Add(Share share, std::unique_ptr<Chooser> chooser) {
  Member& member = members_.emplace_back();
  member.chooser = std::move(chooser);
  member.share = share;
  member.next = kPrice / (2 * share.first_runs);
}

void PortfolioChooser::AddSearch(Share share, std::unique_ptr<Chooser> search) {
  auto fair = std::make_unique<internal::FairSearch>(std::move(search), seed_);
  Member& member = members_.emplace_back();
  member.search = fair.get();
  member.chooser = std::move(fair);
  member.share = share;
}

void PortfolioChooser::BeginRun(std::uint64_t schedule) {
  const bool first = !std::exchange(begun_, true);
  if (first && schedule > 1) DropSearches();
  member_ = first && schedule <= 1 ? kFifo : Next();
  members_[member_].chooser->BeginRun(schedule);
}

void PortfolioChooser::DropSearches() {
  for (Member& member : members_) {
    if (member.search != nullptr) member.share = {};
  }
}

void PortfolioChooser::EndRun(const Recorder& recorder, Ending ending) {
  Member& member = members_[member_];
  member.chooser->EndRun(recorder, ending);
  if (member.search != nullptr && ending == Ending::kFinished) {
    steps_most_ = std::max(steps_most_, member.search->steps());
  }
  LearnFrom(member);
  PayFor(member);
}

void PortfolioChooser::LearnFrom(Member& member) {
  ++member.turns;
  ++member.runs;
  if (classes_.Add(member.chooser->run_class())) ++member.classes;
  if (member.runs == kMemory) {
    member.runs /= 2;
    member.classes /= 2;
  }
  if (member.search == nullptr) return;
  if (member.search->given_up() || member.search->exhausted()) member.share = {};
  for (Member& other : members_) {
    if (other.search != nullptr) other.search->ExpectSteps(steps_most_);
  }
}

void PortfolioChooser::PayFor(Member& member) {
  if (member.share.later == 0) return;
  const std::uint64_t share =
      member.turns <= kFirstRuns ? member.share.first_runs : member.share.later;
  const std::uint64_t news = member.classes + 1;
  member.next += kPrice * std::min(member.runs + 1, kDearest * news) / (news * share);
}

double PortfolioChooser::miss_probability(std::uint32_t depth) const {
  // Each run draws for itself, so all of them miss with the product of the probabilities.
  double missed = 1;
  for (const Member& member : members_) missed *= member.chooser->miss_probability(depth);
  return missed;
}

std::size_t PortfolioChooser::Next() const {
  std::size_t next = 0;
  for (std::size_t i = 1; i < members_.size(); ++i) {
    if (members_[i].share.later == 0) continue;
    if (members_[next].share.later == 0 || members_[i].next < members_[next].next) next = i;
  }
  return next;
}

}  // namespace heddle::inline HEDDLE_VARIANT
