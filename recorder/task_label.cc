// SPDX-License-Identifier: MIT
//
// Implements task_label.h. The quoted form is that of a mark's text (trace_text.h).
#include "heddle/task_label.h"

#include <cstddef>
#include <variant>

#include "heddle/trace_text.h"

namespace heddle {
namespace {

// No other mark is called so: a mark of that name with this one field is a label.
constexpr std::string_view kMarkName = "heddle.label";
constexpr std::string_view kFieldKey = "label";
constexpr std::string_view kSuffixBegin = " \"";

// Longer ones would push the rest off every line.
constexpr std::size_t kShownMax = 80;

// Cut between two characters of UTF-8.
std::string Shortened(std::string_view label) {
  if (label.size() <= kShownMax) return std::string(label);
  std::size_t end = kShownMax;
  while (end > 0 && (static_cast<unsigned char>(label[end]) & 0xc0) == 0x80) --end;
  return std::string(label.substr(0, end)) + "...";
}

}  // namespace

MarkRecord LabelMark(std::string_view label) {
  return {.name = std::string(kMarkName),
          .fields = {{.key = std::string(kFieldKey), .value = std::string(label)}}};
}

const std::string* LabelOf(const MarkRecord& mark) {
  if (mark.name != kMarkName || mark.fields.size() != 1) return nullptr;
  return mark.fields[0].key == kFieldKey ? std::get_if<std::string>(&mark.fields[0].value)
                                         : nullptr;
}

const std::string* LabelOf(const Trace& trace, const Event& event) {
  if (event.kind != EventKind::kMark || event.object >= trace.marks.size()) return nullptr;
  return LabelOf(trace.marks[event.object]);
}

std::string LabelSuffix(std::string_view label) {
  if (label.empty()) return {};
  const std::string mark =
      MarkText({.name = "m", .fields = {{.key = "k", .value = Shortened(label)}}});
  constexpr std::string_view kBefore = "m {k:";
  return mark.substr(kBefore.size(), mark.size() - kBefore.size() - 1);
}

std::string_view WithoutLabel(std::string_view name) {
  // A name without a label ends in its count. Within a label a quote follows a backslash, so
  // the last quote after a space, the closing one left aside, is its first; a function's name
  // may hold others.
  if (!name.ends_with('"')) return name;
  return name.substr(0, name.substr(0, name.size() - 1).rfind(kSuffixBegin));
}

}  // namespace heddle
