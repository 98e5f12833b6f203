// SPDX-License-Identifier: MIT
//
// AutomaticChooser: what Explore uses where nobody says otherwise. Small bodies are searched to the
// end, interleaving by interleaving; all others by the portfolio.
#ifndef HEDDLE_CHOOSERS_AUTOMATIC_H_
#define HEDDLE_CHOOSERS_AUTOMATIC_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "heddle/chooser.h"
#include "heddle/choosers/exhaustive.h"
#include "heddle/choosers/portfolio.h"
#include "heddle/internal/fair_search.h"
#include "heddle/internal/walk_chooser.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// Eight of the first runs are random walks, which also tell how many interleavings there may be;
// between them are those that the portfolio begins with, the first of which is fifo's. If there
// seem to be no more than 512 interleavings, or than the portfolio has had runs, the search gets up
// to twice as many runs. For as long as the portfolio has had few runs (64), it has every second
// one: what it is likely to find soon need not wait for the search to come to it. So a body with
// 252 interleavings is done after 325 runs or less, and a search that does not come to an end takes
// two thirds of these runs at most.
//
// After a thousand runs, 56 more walks tell whether all interleavings are some thousand (25,000 at
// most). If they seem to be, all further runs are of the search, to its end.
//
// A search meets the schedule in which a task polls for ever, if there is one. Then there is no end
// to it, and the portfolio goes on alone (fair_search.h).
//
// exhausted() is true once all interleavings were run. name() says whose run it is. Run n is a
// function of the seed and of what the body does in the runs before: how many there will be
// makes no difference.
class AutomaticChooser final : public Chooser {
 public:
  explicit AutomaticChooser(std::uint64_t seed);

  void BeginRun(std::uint64_t schedule) override {
    current_ = next_;
    current_->BeginRun(schedule);
  }
  std::size_t ChooseTask(const ReadySet& ready) override {
    met_choice_ = met_choice_ || ready.size() > 1;
    return current_->ChooseTask(ready);
  }
  std::uint32_t ChooseValue(std::uint32_t alternatives) override {
    met_choice_ = true;
    return current_->ChooseValue(alternatives);
  }
  void EndRun(const Recorder& recorder, Ending ending) override;
  bool wants_every_step() const override { return next_->wants_every_step(); }
  bool wants_events() const override { return next_->wants_events(); }
  bool exhausted() const override { return search_.exhausted(); }
  // Of runs that were drawn: what a search comes to is no sample.
  std::uint64_t run_class() const override {
    return current_ != &search_ ? current_->run_class() : 0;
  }
  double miss_probability(std::uint32_t depth) const override {
    return portfolio_.miss_probability(depth);
  }
  std::string_view name() const override { return current_->name(); }
  std::uint64_t seed() const override { return seed_; }

  // From the thousandth run on: whether the next ones are for that, because some thousand more seem
  // to be all there are.
  bool searches_to_end() const;

  // How many interleavings were run one after the other: all, if exhausted().
  std::uint64_t interleavings() const { return exhaustive_->interleavings(); }

 private:
  AutomaticChooser(std::uint64_t seed, std::unique_ptr<ExhaustiveChooser> search);

  double Estimate() const { return estimates_ / static_cast<double>(walks_); }
  bool SeemsSmall() const;
  Chooser& Next();

  std::uint64_t seed_;
  internal::WalkChooser walk_;
  ExhaustiveChooser* exhaustive_;  // which search_ owns
  internal::FairSearch search_;
  PortfolioChooser portfolio_;
  Chooser* current_ = &portfolio_;  // whose run it is, or was
  Chooser* next_ = &portfolio_;
  std::uint64_t runs_ = 0;
  bool met_choice_ = false;  // in any run
  std::uint64_t walks_ = 0;
  std::uint64_t portfolio_runs_ = 0;
  double estimates_ = 0;  // the sum of those of the walks
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSERS_AUTOMATIC_H_
