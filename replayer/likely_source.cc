// SPDX-License-Identifier: MIT
#include "likely_source.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>

#include "heddle/internal/ambient_calls.h"
#include "heddle/trace_text.h"

namespace heddle::internal {
namespace {

constexpr const char* kClock =
    "a clock: the two values are times of day. Use heddle::VirtualClock, or link heddle::guard, "
    "with which every clock shows virtual time";
constexpr const char* kAddress =
    "an address: the two values look like pointers, which differ from run to run. Give the object "
    "a number or a name of its own";
constexpr const char* kNumber =
    "random numbers not drawn from the World (link heddle::guard to make them the run's), or "
    "uninitialised memory (run it with valgrind): only values differ";
constexpr const char* kDuration =
    "a duration made of a real clock or of random numbers not drawn from the World: the same "
    "event came at another time. heddle::guard makes both the run's";
constexpr const char* kOrder =
    "the order of a hash table, or of pointers: the same events follow in another order. Sort, or "
    "use a container that keeps an order";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A text, and the numbers that stand in it.
struct Numbered {
  std::string words;  // with a # for each number
  std::vector<std::uint64_t> numbers;
};

Numbered TakeNumbers(std::string_view text) {
  Numbered result;
  while (!text.empty()) {
    if (!IsDigit(text.front())) {
      result.words += text.front();
      text.remove_prefix(1);
      continue;
    }
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    static_cast<void>(error);  // a number that is too large stays 0, and is as good as another
    result.words += '#';
    result.numbers.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  return result;
}

// In seconds, or in parts of them, from 2001 to 2096.
bool IsTimeOfDay(std::uint64_t number) {
  for (const std::uint64_t unit : {1ULL, 1'000ULL, 1'000'000ULL, 1'000'000'000ULL}) {
    if (number >= 1'000'000'000 * unit && number < 4'000'000'000 * unit) return true;
  }
  return false;
}

// Where programs that may lie anywhere, their heaps and their stacks are.
bool IsAddress(std::uint64_t number) {
  constexpr std::uint64_t kLowest = std::uint64_t{0x5500} << 32;
  constexpr std::uint64_t kEnd = std::uint64_t{0x8000} << 32;
  return number >= kLowest && number < kEnd;
}

// Empty where the two do not differ in numbers alone.
std::string SourceOfNumbers(const std::string& recorded, const std::string& replayed) {
  const Numbered a = TakeNumbers(recorded);
  const Numbered b = TakeNumbers(replayed);
  if (a.words != b.words || recorded == replayed) return {};
  const auto [first, second] = std::ranges::mismatch(a.numbers, b.numbers);
  if (IsTimeOfDay(*first) && IsTimeOfDay(*second)) return kClock;
  if (IsAddress(*first) && IsAddress(*second)) return kAddress;
  return kNumber;
}

std::vector<std::string> SortedTexts(const ComparedRun& run, std::size_t first) {
  std::vector<std::string> texts;
  for (std::size_t event = first; event < run.trace.events.size(); ++event) {
    texts.push_back(run.texts.Text(event));
  }
  std::ranges::sort(texts);
  return texts;
}

std::string SourceOf(const ComparedRun& recorded, const ComparedRun& replayed, std::size_t event) {
  const std::size_t common = std::min(recorded.trace.events.size(), replayed.trace.events.size());
  if (event >= common) return {};
  const std::string expected = recorded.texts.Text(event);
  const std::string got = replayed.texts.Text(event);
  if (expected == got) return kDuration;
  if (recorded.trace.events.size() == replayed.trace.events.size() &&
      SortedTexts(recorded, event) == SortedTexts(replayed, event)) {
    return kOrder;
  }
  // The number of an ordinal or of an object is no value that the body made.
  const EventKind kind = recorded.trace.events[event].kind;
  if (kind == EventKind::kTime) return kDuration;
  return kind == EventKind::kMark ? SourceOfNumbers(expected, got) : std::string();
}

std::string AnySource(const AmbientCalls& guard) {
  std::string text = "the body depends on something that is not recorded: ";
  if (!guard.clock_is_virtual) text += "the clock, ";
  if (!guard.entropy_is_virtual) text += "random numbers not drawn from the World, ";
  return text + "addresses, the order of a hash table, uninitialised memory, another thread";
}

}  // namespace

std::vector<std::string> LikelySources(const ComparedRun& recorded, const ComparedRun& replayed,
                                       std::size_t event) {
  std::vector<std::string> sources = LikelySources();
  std::string source = SourceOf(recorded, replayed, event);
  if (!source.empty()) sources.back() = std::move(source);
  return sources;
}

std::vector<std::string> LikelySources() {
  const AmbientReader reader = CurrentAmbientReader();
  const AmbientCalls guard = reader != nullptr ? reader() : AmbientCalls();
  std::vector<std::string> sources;
  sources.reserve(guard.escapes.size() + 1);
  for (const std::string& escape : guard.escapes) {
    sources.push_back("a run left its world: " + escape);
  }
  sources.push_back(AnySource(guard));
  return sources;
}

}  // namespace heddle::internal
