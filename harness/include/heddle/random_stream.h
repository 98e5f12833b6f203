// SPDX-License-Identifier: MIT
//
// RandomStream: numbers by chance for the program itself, jitter and sampling and shuffling, that
// are the same again in a replay.
//
//   heddle::RandomStream jitter("back-off jitter");
//   co_await heddle::SleepFor(pause + jitter.Below(10) * 1ms);
//
// One choice is made, when the stream begins: which sequence it gives. All its numbers follow from
// that and from the label. So two streams have nothing to do with each other, and a number more
// taken from one changes neither the other nor the schedule. Where a search should try each value
// by itself, take heddle::Input instead.
//
// First in, first out takes the first sequence. With tracing off the choice comes from a
// generator with a fixed seed.
#ifndef HEDDLE_RANDOM_STREAM_H_
#define HEDDLE_RANDOM_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <source_location>
#include <string_view>
#include <utility>

#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/input.h"
#include "heddle/random.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// A std::uniform_random_bit_generator. The distributions of the standard library differ from one
// implementation to the next; those here do not.
class RandomStream {
 public:
  using result_type = std::uint64_t;

  // How many sequences there are unless it is said. Fewer are sooner exhausted by a search.
  static constexpr std::uint32_t kSequences = 1 << 16;

  // Throws UsageError for 0 sequences, and outside a run.
  explicit RandomStream(std::string_view label, std::uint32_t sequences = kSequences,
                        std::source_location site = std::source_location::current())
      : random_(SeedOf(label, Sequence(label, sequences, site))) {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  result_type operator()() { return random_.Next(); }

  // A number below `bound`. Throws UsageError for 0.
  std::uint32_t Below(std::uint32_t bound) {
    if (bound == 0)
      throw UsageError("heddle: a number below 0 was asked for. Ask for one below 1 or more.");
    return random_.Below(bound);
  }
  // A number from 0 to 1, without 1.
  double Fraction() {
    constexpr int kDigits = std::numeric_limits<double>::digits;
    return static_cast<double>(random_.Next() >> (64 - kDigits)) /
           static_cast<double>(std::uint64_t{1} << kDigits);
  }
  // True about as often as `probability`.
  bool Chance(double probability) { return Fraction() < probability; }
  // All orders are equally likely. (Fisher and Yates, 1938; Durstenfeld, CACM 1964.)
  template <std::random_access_iterator It>
  void Shuffle(It begin, It end) {
    for (auto left = end - begin; left > 1; --left) {
      std::iter_swap(begin + (left - 1), begin + Below(static_cast<std::uint32_t>(left)));
    }
  }

 private:
  static std::uint32_t Sequence(std::string_view label, std::uint32_t sequences,
                                std::source_location site) {
    Executor* executor = Executor::Current();
    if (executor == nullptr) {
      throw UsageError(
          "heddle: a RandomStream was made outside a run. Make it in the body that heddle::Run or "
          "heddle::Explore runs, so that the run can be had again.");
    }
    const std::uint32_t sequence = executor->Draw(sequences, site);
    internal::RecordOutside(EventKind::kInput, label, site, FieldArgument("sequence", sequence));
    return sequence;
  }
  // FNV-1a (Fowler, Noll, Vo): the same number everywhere.
  static std::uint64_t SeedOf(std::string_view label, std::uint32_t sequence) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char letter : label) {
      hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
    }
    return Random::Mix(hash) + sequence;
  }

  Random random_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_RANDOM_STREAM_H_
