// SPDX-License-Identifier: MIT
//
// A task's label: what its user calls it, beside the name that it has anyway. A label stands
// behind the name, `Charge#1 "order 17"`, so the name stays what tapes and matchers know.
//
// In a trace it is a kMark of the task itself, told from other marks by its name. The last one
// counts. It is set by harness's named.h; task_table.h makes the names.
#ifndef HEDDLE_TASK_LABEL_H_
#define HEDDLE_TASK_LABEL_H_

#include <string>
#include <string_view>

#include "heddle/event.h"
#include "heddle/trace.h"

namespace heddle {

// What a task says of itself that is called `label`.
MarkRecord LabelMark(std::string_view label);

// The label that `mark` gives; null: it is a mark like any other.
const std::string* LabelOf(const MarkRecord& mark);
// The same of an event.
const std::string* LabelOf(const Trace& trace, const Event& event);

// What stands behind a name: ` "order 17"`. Quotes and backslashes have a backslash before them,
// control characters are spelled out, and a long label ends in "...". Empty for no label.
std::string LabelSuffix(std::string_view label);

// `Checkout#0/Charge#1 "order 17"` -> `Checkout#0/Charge#1`.
std::string_view WithoutLabel(std::string_view name);

}  // namespace heddle

#endif  // HEDDLE_TASK_LABEL_H_
