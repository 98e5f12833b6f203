// SPDX-License-Identifier: MIT
//
// Order in one run. InOrder takes the earliest occurrence that fits at each place: if any
// occurrences come in this order, these do, and the place where it breaks is the latest.
#include "heddle/match_order.h"

#include <algorithm>
#include <cstddef>

#include "step_list.h"
#include "step_pairs.h"
#include "step_text.h"

namespace heddle {
namespace {

using internal::At;
using internal::NameOf;
using internal::Occurrence;
using internal::StepList;
using internal::StepPattern;
using Found = std::vector<const Occurrence*>;

// The longest beginning of `patterns` that comes in order, one occurrence each.
Found MatchedBeginning(const StepList& list, const std::vector<StepPattern>& patterns) {
  Found chain;
  for (const StepPattern& pattern : patterns) {
    const Found found = list.Find(pattern);
    const auto next = std::ranges::find_if(found, [&](const Occurrence* occurrence) {
      return chain.empty() || occurrence->begin > chain.back()->begin;
    });
    if (next == found.end()) break;
    chain.push_back(*next);
  }
  return chain;
}

std::string ChainText(const StepList& list, const std::vector<StepPattern>& patterns,
                      const Found& chain) {
  std::string text;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    text += (i > 0 ? "\n" : "") + ("  found    " + patterns[i].text()) + ": " +
            internal::Describe(list, *chain[i]);
  }
  return text;
}

// `missing` occurs, but only up to where the chain has got to; `stray` is the last time.
std::string OnlyEarlier(const StepList& list, const Found& chain, const Found& found,
                        const Occurrence& stray, const StepPattern& missing) {
  const Occurrence& last = *chain.back();
  std::string text = missing.text() + " begins ";
  if (&stray == &last) {
    return text + "there, but one step cannot be two of the sequence.";
  }
  text += found.size() == 1 ? "earlier: " : "only earlier, the last time: ";
  const bool in_chain = std::ranges::find(chain, &stray) != chain.end();
  return text + At(list, stray.begin) + (in_chain ? " (found above)" : "") + ", before " +
         NameOf(list, last) + " began (event " + std::to_string(last.begin) + ").";
}

std::string WhereItBroke(const StepList& list, const std::vector<StepPattern>& patterns,
                         const Found& chain) {
  const StepPattern& missing = patterns[chain.size()];
  const Found found = list.Find(missing);
  std::string rows = ChainText(list, patterns, chain);
  if (!rows.empty()) rows += "\n";
  rows += "  missing  " + missing.text();
  for (std::size_t i = chain.size() + 1; i < patterns.size(); ++i) {
    rows += "\n  then     " + patterns[i].text();
  }
  const std::string broke = "Broke at " + missing.text() + ": none begins";
  if (found.empty()) {
    std::string text = broke + " at all.\n" + rows + "\n" + internal::NoSuchStep(list, missing);
    return chain.empty() ? text : text + "\n" + internal::Excerpt(list, {chain.back()});
  }
  // Greedy matching stops only where every occurrence begins before the chain's last, or is it.
  const Occurrence& stray = *found.back();
  return broke + " after " + NameOf(list, *chain.back()) + " (" + At(list, chain.back()->begin) +
         ").\n" + rows + "\n" + OnlyEarlier(list, chain, found, stray, missing) + "\n" +
         internal::Excerpt(list, {&stray, chain.back()});
}

}  // namespace

MatchResult MatchInOrder(const Trace& trace, const std::vector<std::string>& steps) {
  const StepList list(trace);
  const std::vector<StepPattern> patterns(steps.begin(), steps.end());
  const Found chain = MatchedBeginning(list, patterns);
  if (chain.size() == patterns.size()) {
    return {.matched = true, .explanation = "It does:\n" + ChainText(list, patterns, chain)};
  }
  return {.matched = false,
          .explanation = WhereItBroke(list, patterns, chain) + internal::UnfinishedNote(trace)};
}

MatchResult MatchBefore(const Trace& trace, const std::string& first, const std::string& then) {
  const internal::StepPairs pairs(trace, first, then);
  return MatchPairs(pairs, internal::EndedBefore, [&](const Occurrence& without) {
    return internal::WhyNoneEndedBefore(pairs, without);
  });
}

}  // namespace heddle
