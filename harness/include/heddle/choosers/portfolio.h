// SPDX-License-Identifier: MIT
//
// PortfolioChooser: several strategies share the schedules, because each finds what another misses.
#ifndef HEDDLE_CHOOSERS_PORTFOLIO_H_
#define HEDDLE_CHOOSERS_PORTFOLIO_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "heddle/chooser.h"
#include "heddle/internal/class_counts.h"
#include "heddle/internal/fair_search.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// The first run is fifo's: what a plain Run would show is found there. From then on each strategy
// has a share of the runs:
//   - of 26, selective has fourteen, sticky four, urw and pos two each, pct2, pct3 and pct4 one
//   each;
//   - preemption-bounded has one, and as many as selective at first: what takes no preemption, or
//     one at the right place of a short run, is found at once.
// A strategy whose runs are of classes that were seen before gets less, down to half of its
// share, and the others get more. Whose turn is next follows from that, without chance.
//
// A strategy with the share s needs 1/s times as many runs as alone, where no other one finds
// anything: docs/design.md says why the shares are what they are.
//
// Searches begin at their beginning. So they have no part where the chooser's first schedule is not
// the first of the exploration: they were run there. They leave when they are over, too.
//
// Whatever one of them guarantees holds for the runs that it gets; name() says whose run it
// is. Who gets run n is a function of the seed and of what the body does in the runs before.
class PortfolioChooser final : public Chooser {
 public:
  explicit PortfolioChooser(std::uint64_t seed);

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override {
    return members_[member_].chooser->ChooseTask(ready);
  }
  std::uint32_t ChooseValue(std::uint32_t alternatives) override {
    return members_[member_].chooser->ChooseValue(alternatives);
  }
  void EndRun(const Recorder& recorder, Ending ending) override;
  bool wants_every_step() const override { return true; }
  // Of runs that were drawn: what a search comes to is no sample.
  std::uint64_t run_class() const override {
    const Member& member = members_[member_];
    return member.search == nullptr ? member.chooser->run_class() : 0;
  }
  double miss_probability(std::uint32_t depth) const override;
  std::string_view name() const override { return members_[member_].chooser->name(); }
  std::uint64_t seed() const override { return seed_; }

  // Of the searches' runs that ended.
  std::uint64_t steps_most() const { return steps_most_; }

 private:
  // How many runs it has where all together have 26; 0: none, or none any more.
  struct Share {
    std::uint64_t first_runs = 0;
    std::uint64_t later = 0;
  };
  struct Member {
    std::unique_ptr<Chooser> chooser;
    internal::FairSearch* search = nullptr;  // the same, if it is one
    Share share;
    std::uint64_t turns = 0;
    std::uint64_t next = 0;  // who has the lowest is next
    // What it did lately.
    std::uint64_t runs = 0;
    std::uint64_t classes = 0;  // that were new
  };

  void Add(Share share, std::unique_ptr<Chooser> chooser);
  void AddSearch(Share share, std::unique_ptr<Chooser> search);
  void DropSearches();
  std::size_t Next() const;
  void LearnFrom(Member& member);
  void PayFor(Member& member);

  std::uint64_t seed_;
  std::vector<Member> members_;  // the first is fifo
  std::size_t member_ = 0;       // whose run it is, or was
  bool begun_ = false;
  std::uint64_t steps_most_ = 0;
  internal::ClassCounts classes_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSERS_PORTFOLIO_H_
