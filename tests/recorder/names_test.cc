// SPDX-License-Identifier: MIT
//
// The words of enumerations, durations and waiting tasks.
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>

#include "heddle/choice.h"
#include "heddle/ending.h"
#include "heddle/event.h"
#include "support/catch.h"
#include "support/law.h"

namespace heddle {
namespace {

// Whether all values from `first` to `last`, and they alone, have names of their own.
template <class Enum>
bool NamesAreDistinct(Enum first, Enum last) {
  std::set<std::string_view> names = {"?"};
  const auto end = static_cast<unsigned>(last) + 1;
  for (auto value = static_cast<unsigned>(first); value < end; ++value) {
    if (!names.insert(Name(static_cast<Enum>(value))).second) return false;
  }
  return Name(static_cast<Enum>(end)) == "?";
}

}  // namespace

TEST_CASE("every value of an enumeration has a name of its own, and a stray one is `?`") {
  CHECK(NamesAreDistinct(EventKind::kSpawn, kLastEventKind));
  CHECK(NamesAreDistinct(Operation::kNone, kLastOperation));
  CHECK(NamesAreDistinct(Outcome::kValue, Outcome::kCancelled));
  CHECK(NamesAreDistinct(ChoiceKind::kTask, kLastChoiceKind));
  CHECK(NamesAreDistinct(Ending::kFinished, kLastEnding));
}

TEST_CASE("names are the words that the documents use") {
  CHECK(Name(EventKind::kSuspend) == "suspend");
  CHECK(Name(EventKind::kContextLost) == "context-lost");
  CHECK(Name(Operation::kLock) == "lock");
  CHECK(Name(Outcome::kException) == "exception");
  CHECK(Name(ChoiceKind::kTask) == "task");
  CHECK(Name(Ending::kStepLimit) == "step-limit");
}

TEST_CASE("a duration is written in its largest unit, and no digit is dropped") {
  CHECK(FormatNanos(0) == "0");
  CHECK(FormatNanos(17) == "17ns");
  CHECK(FormatNanos(999) == "999ns");
  CHECK(FormatNanos(1'000) == "1us");
  CHECK(FormatNanos(1'050) == "1.05us");
  CHECK(FormatNanos(2'500'000) == "2.5ms");
  CHECK(FormatNanos(1'250'000'000) == "1.25s");
  CHECK(FormatNanos(1'000'000'001) == "1.000000001s");
  CHECK(FormatNanos(90'000'000'000) == "90s");
  CHECK(FormatNanos(-2'500'000) == "-2.5ms");
  CHECK(FormatNanos(std::numeric_limits<VirtualNanos>::max()) == "9223372036.854775807s");
  CHECK(FormatNanos(std::numeric_limits<VirtualNanos>::min()) == "-9223372036.854775808s");
}

TEST_CASE("different durations have different texts") {
  CheckLaw([](VirtualNanos a, VirtualNanos b) {
    RC_ASSERT((FormatNanos(a) == FormatNanos(b)) == (a == b));
  });
}

TEST_CASE("a waiting task says who waits for what, where and since when") {
  CHECK(ToString(WaitingTask{.task = 1,
                             .name = "Checkout#0",
                             .operation = Operation::kLock,
                             .object = "Mutex ledger",
                             .site = "shop.cc:41",
                             .since = 2'500'000}) ==
        "Checkout#0 waits for Mutex ledger (lock) at shop.cc:41 since 2.5ms");
}

TEST_CASE("a waiting task leaves out what is not known") {
  CHECK(ToString(WaitingTask{.task = 1,
                             .name = "Poll#0",
                             .operation = Operation::kForeign,
                             .object = {},
                             .site = {},
                             .since = 0}) == "Poll#0 waits (foreign) since 0");
  CHECK(ToString(WaitingTask{.task = 1,
                             .name = "Poll#0",
                             .operation = Operation::kNone,
                             .object = {},
                             .site = "shop.cc:3",
                             .since = 0}) == "Poll#0 waits at shop.cc:3 since 0");
}

}  // namespace heddle
