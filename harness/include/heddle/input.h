// SPDX-License-Identifier: MIT
//
// What comes from outside, and what goes wrong there, through the one door for chance.
//
//   const int quantity = heddle::Input("quantity", 1, 10);  // from 1 to 10
//   const auto answer = heddle::Input<Answer>("bank", {kYes, kNo, kLater});  // one of these
//   if (heddle::Buggify("disk full", 0.1)) throw DiskFull();
//
// Each is a choice, so a search tries the values, and a replay gives the same ones. First in, first
// out takes the first value and no fault. With tracing off an input is drawn from a generator
// with a fixed seed, and there are no faults.
#ifndef HEDDLE_INPUT_H_
#define HEDDLE_INPUT_H_

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/mark.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

inline std::uint32_t DrawInput(std::uint64_t alternatives, std::source_location site) {
  Executor* executor = Executor::Current();
  if (executor == nullptr) {
    throw UsageError(
        "heddle: Input was called outside a run. Call it in the body that heddle::Run or "
        "heddle::Explore runs, so that the run can be had again.");
  }
  if (alternatives == 0 || alternatives > std::numeric_limits<std::uint32_t>::max()) {
    throw UsageError(
        "heddle: an Input among no values, or among more than 2^32 - 1. Give it the few values "
        "that "
        "make a difference: the smallest, the largest, and what lies around each limit.");
  }
  return executor->Draw(static_cast<std::uint32_t>(alternatives), site);
}

[[noreturn, gnu::cold]] inline void ThrowNoProbability(std::string_view label, double given) {
  throw UsageError("heddle: Buggify(\"" + std::string(label) + "\") with a probability of " +
                   std::to_string(given) +
                   ". Likely cause: a percentage, or a quotient of zeros. Give it 0 to 1.");
}

// Writes that the running task met `label`.
template <class... Fields>
void RecordOutside([[maybe_unused]] EventKind kind, [[maybe_unused]] std::string_view label,
                   [[maybe_unused]] std::source_location site,
                   [[maybe_unused]] const Fields&... fields) {
#if HEDDLE_SIMULATED
  Executor* executor = Executor::Current();
  if (!executor->recorder().events_on()) return;
  MarkRecord mark{.name = std::string(label), .fields = {}};
  (mark.fields.push_back(fields.ToField()), ...);
  executor->mutable_recorder().AddMark(kind, executor->running_id(), site, std::move(mark));
#endif
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

// A number from `low` to `high`, both included. Throws UsageError when there is none, when there
// are more than 2^32 - 1, and outside a run.
template <std::integral T>
T Input(std::string_view label, T low, std::type_identity_t<T> high,
        std::source_location site = std::source_location::current()) {
  const auto first = static_cast<std::uint64_t>(low);
  const std::uint64_t alternatives = high < low ? 0 : static_cast<std::uint64_t>(high) - first + 1;
  const std::uint64_t value = first + internal::DrawInput(alternatives, site);
  internal::RecordOutside(EventKind::kInput, label, site,
                          FieldArgument("value", static_cast<T>(value)));
  return static_cast<T>(value);
}

// One of `values`. The recording has the value if it is a number, a bool or a text, and else which
// of them it is.
template <class T>
T Input(std::string_view label, std::initializer_list<T> values,
        std::source_location site = std::source_location::current()) {
  const std::uint32_t which = internal::DrawInput(values.size(), site);
  T value = *(values.begin() + which);
  if constexpr (std::is_constructible_v<FieldArgument, const char*, const T&>) {
    internal::RecordOutside(EventKind::kInput, label, site, FieldArgument("value", value));
  } else {
    internal::RecordOutside(EventKind::kInput, label, site, FieldArgument("which", which));
  }
  return value;
}

// Whether something goes wrong here: true about as often as `probability`, which is from 0 to 1
// and is rounded to 1/n or 1 - 1/n. One draw among n, of which one is a fault (or no fault), so
// with 0.5 an exhaustive search has the least to do. False outside a run. Throws UsageError for
// what is no probability.
inline bool Buggify([[maybe_unused]] std::string_view label,
                    [[maybe_unused]] double probability = 0.5,
                    [[maybe_unused]] std::source_location site = std::source_location::current()) {
  if (!(probability >= 0 && probability <= 1)) [[unlikely]] {
    internal::ThrowNoProbability(label, probability);
  }
#if HEDDLE_SIMULATED
  Executor* executor = Executor::Current();
  if (executor == nullptr || probability == 0) return false;
  bool fault = true;
  if (probability < 1) {
    const double rarer = std::min(probability, 1 - probability);
    const auto alternatives = static_cast<std::uint32_t>(std::min(1 / rarer + 0.5, 1e9));
    const std::uint32_t drawn = executor->Draw(alternatives, site);
    fault = probability <= 0.5 ? drawn == alternatives - 1 : drawn != 0;
  }
  if (fault) internal::RecordOutside(EventKind::kFault, label, site);
  return fault;
#else
  return false;
#endif
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_INPUT_H_
