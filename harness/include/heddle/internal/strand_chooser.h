// SPDX-License-Identifier: MIT
//
// StrandChooser: what choosers that go by strands have in common: a seed, a generator for each
// run, and the strands (strands.h).
#ifndef HEDDLE_INTERNAL_STRAND_CHOOSER_H_
#define HEDDLE_INTERNAL_STRAND_CHOOSER_H_

#include <cstdint>

#include "heddle/chooser.h"
#include "heddle/internal/strands.h"
#include "heddle/random.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

class StrandChooser : public Chooser {
 public:
  void BeginRun(std::uint64_t schedule) override;
  std::uint32_t ChooseValue(std::uint32_t alternatives) override;
  bool wants_every_step() const final { return true; }
  std::uint64_t run_class() const override;
  std::uint64_t seed() const override { return seed_; }

 protected:
  explicit StrandChooser(std::uint64_t seed) : seed_(seed), random_(seed) {}

  Random& random() { return random_; }
  // Draws as in the first runs of a seed, whatever their numbers are.
  void SeedProfileRun(std::uint64_t run);
  // A number above 0. Two of them are made of one draw.
  std::uint32_t DrawPriority() {
    priorities_ = priorities_ > 0xffffffff ? priorities_ >> 32 : random_.Next() | kTwo;
    return static_cast<std::uint32_t>(priorities_) | 1;
  }
  // In a run as long as this every so many steps all that are ready draw new priorities. Else a
  // strand that asks again and again for what only another one can do might keep that one from
  // doing it for ever, which no fair scheduler would.
  static constexpr std::uint64_t kLongRun = 4096;
  static constexpr std::uint64_t kTurn = 1024;

  // Any candidate, with the same probability.
  std::size_t StepAtRandom(const ReadySet& ready);

  Strands strands_;

 private:
  static constexpr std::uint64_t kTwo = std::uint64_t{1} << 32 | 1;

  std::uint64_t seed_;
  Random random_;
  std::uint64_t priorities_ = 0;  // above 32 bits: one that was not given yet
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_STRAND_CHOOSER_H_
