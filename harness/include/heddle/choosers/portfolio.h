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
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// Three runs of five are surw's: no other strategy comes near it over all programs for which
// figures are published, and where it is the best, the portfolio needs 5/3 of its runs. The others,
// which are random, pos, pct2, pct3 and pct4, share the rest by what they find: the next run goes
// to the one that meets new classes of runs most often, and each has its turn once in twenty-five
// runs at least.
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
  std::uint64_t run_class() const override { return members_[member_].chooser->run_class(); }
  double miss_probability(std::uint32_t depth) const override;
  std::string_view name() const override { return members_[member_].chooser->name(); }
  std::uint64_t seed() const override { return seed_; }

 private:
  // What a strategy did lately.
  struct Member {
    std::unique_ptr<Chooser> chooser;
    std::uint64_t runs = 0;
    std::uint64_t classes = 0;  // that were new
  };

  void NextTurn();
  std::size_t MostPromising() const;

  std::uint64_t seed_;
  std::vector<Member> members_;  // the first is surw
  std::size_t member_ = 0;       // whose run it is, or was
  std::uint64_t turns_ = 0;
  internal::ClassCounts classes_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSERS_PORTFOLIO_H_
