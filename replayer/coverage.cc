// SPDX-License-Identifier: MIT
#include "heddle/coverage.h"

#include <algorithm>
#include <cmath>

#include "report_text.h"

namespace heddle {
namespace {

std::string Counted(std::uint64_t number, const std::string& one, const std::string& many) {
  return internal::Grouped(number) + " " + (number == 1 ? one : many);
}

// Rounded up, to one decimal below 10 % and above 90 %: what is not certain is not 100 %.
std::string Percent(double probability) {
  auto tenths = static_cast<std::uint64_t>(std::ceil(probability * 1000));
  if (probability < 1) tenths = std::min<std::uint64_t>(tenths, 999);
  if (tenths >= 100 && (tenths <= 900 || tenths >= 1000))
    return std::to_string((tenths + 9) / 10) + " %";
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

// Of all schedules, or of those that were drawn.
std::string DescribeClasses(const Coverage& coverage) {
  if (coverage.unfinished) return ", of " + Counted(coverage.classes, "class", "classes");
  const bool all = coverage.classified == 0 || coverage.classified >= coverage.schedules;
  const std::string sample =
      all ? "" : " in the " + internal::Grouped(coverage.classified) + " that were drawn at random";
  return ", of " + Counted(coverage.classes, "class", "classes") + sample +
         "; one more would be of a new class with probability " + Percent(coverage.unseen) +
         " (estimated)";
}

}  // namespace

std::string Describe(const Coverage& coverage) {
  if (coverage.complete && coverage.interleavings > 0) {
    return coverage.interleavings == 1
               ? "the only interleaving explored"
               : "all " + internal::Grouped(coverage.interleavings) + " interleavings explored";
  }
  std::string text = Counted(coverage.schedules, "schedule", "schedules") + " passed";
  if (coverage.complete) return text + ", and there is nothing that another could show";
  if (coverage.classes > 0) text += DescribeClasses(coverage);
  if (coverage.unfinished) text += "; the search is not at its end";
  // A bound that says next to nothing is not worth reading.
  if (coverage.missed_of_depth_2 <= 0.5) {
    text += "; a bug of depth 2 would have been missed with probability below " +
            Percent(coverage.missed_of_depth_2);
  }
  return text;
}

std::string ClosingText(const Coverage& coverage, const std::vector<OrderSeen>& orders, bool full) {
  constexpr std::uint64_t kFewLines = 8;
  std::string text = Describe(coverage) + "\n";
  if (coverage.complete && coverage.interleavings > 1) {
    text +=
        "  That is every order of steps in virtual time: a sleep ends when its time comes and not "
        "later,\n"
        "  and who yields lets another go first. A step is what a task does between two awaits: "
        "nothing\n"
        "  was put in between there, so what threads could do to data without an await is not "
        "covered.\n";
  } else if (coverage.complete && coverage.interleavings == 0 && coverage.classes > 0) {
    text +=
        "  That holds for what tasks share by awaiting it (Shared, Mutex, Channel, ...). Data "
        "that\n"
        "  they share without saying so was taken to be independent.\n";
  } else if (!coverage.complete && coverage.classes > 0) {
    text +=
        "  Classes differ in the order of what tasks share by awaiting it (Shared, Mutex, Channel, "
        "...).\n"
        "  Data that they share without saying so, and what is done without an await, makes "
        "none.\n";
  }
  return text + (coverage.complete ? "" : Describe(orders, full ? 0 : kFewLines));
}

}  // namespace heddle
