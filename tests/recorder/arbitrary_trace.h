// SPDX-License-Identifier: MIT
//
// Generators for laws over traces: any trace that is sound, which means that its enums have
// names and that its events refer to sites, objects, flows and marks that there are.
#ifndef HEDDLE_TESTS_RECORDER_ARBITRARY_TRACE_H_
#define HEDDLE_TESTS_RECORDER_ARBITRARY_TRACE_H_

#include <limits>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "heddle/trace.h"
#include "support/law.h"

namespace heddle {

// How rapidcheck prints a counterexample.
void showValue(const Trace& trace, std::ostream& out);

// Small numbers, and now and then the ends of the range.
template <class Number>
rc::Gen<Number> AnyNumber() {
  using Limits = std::numeric_limits<Number>;
  return rc::gen::oneOf(rc::gen::arbitrary<Number>(),
                        rc::gen::element(Limits::min(), Limits::max(), Number{0}));
}

// Any bytes: zeros, line ends and quotes too. Short, for speed.
rc::Gen<std::string> AnyBytes();

template <class Item>
rc::Gen<std::vector<Item>> Several(rc::Gen<Item> item) {
  return rc::gen::scale(0.4, rc::gen::container<std::vector<Item>>(std::move(item)));
}

template <class Enum>
rc::Gen<Enum> AnyOf(Enum first, Enum last) {
  return rc::gen::map(rc::gen::inRange(static_cast<int>(first), static_cast<int>(last) + 1),
                      [](int number) { return static_cast<Enum>(number); });
}

rc::Gen<Site> AnySite();
rc::Gen<Choice> AnyChoice();
rc::Gen<Trace> AnyTrace();

// An event whose ids have not been looked at yet.
rc::Gen<Event> AnyRawEvent();

// The nearest event that is sound in `trace`.
Event Sound(Event event, const Trace& trace);

}  // namespace heddle

#endif  // HEDDLE_TESTS_RECORDER_ARBITRARY_TRACE_H_
