// SPDX-License-Identifier: MIT
//
// Words for what matchers found and did not find. All texts are lines without a newline
// at the end; nothing in them depends on the machine.
#ifndef HEDDLE_MATCHERS_STEP_TEXT_H_
#define HEDDLE_MATCHERS_STEP_TEXT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "step_list.h"

namespace heddle::internal {

// "Checkout#0/Charge#0", "charged {order: 17} in Checkout#0", "main (Shop::Checkout)".
std::string NameOf(const StepList& list, const Occurrence& occurrence);

// "event 12 at 2ms".
std::string At(const StepList& list, std::size_t event);

// "event 12 at 2ms, Checkout#0/Charge#0, shop.cc:14": where a mark is, or where a task is
// awaited; the file of its coroutine if nobody awaits it.
std::string Describe(const StepList& list, const Occurrence& occurrence);

// "1 time", "3 times".
std::string CountText(std::size_t count);

// Why a pattern names nothing in this trace: what comes near it, and which steps there are.
std::string NoSuchStep(const StepList& list, const StepPattern& pattern);

// The steps around those of interest, which get an arrow:
//      events  begin  place       step
//      3..9    0      shop.cc:80  Checkout#0
//   -> 4..6    2ms    shop.cc:12  Checkout#0/Reserve#0
std::string Excerpt(const StepList& list, const std::vector<const Occurrence*>& of_interest);

// "\n" and how the run ended, if it did not finish: that may explain a missing step.
std::string UnfinishedNote(const Trace& trace);

}  // namespace heddle::internal

#endif  // HEDDLE_MATCHERS_STEP_TEXT_H_
