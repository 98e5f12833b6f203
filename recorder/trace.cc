// SPDX-License-Identifier: MIT
//
// The questions that a trace answers about itself. Longer ones have files of their own:
// task_table.cc, causality.cc, trace_text.cc.
#include "heddle/trace.h"

#include <cstddef>
#include <map>
#include <string_view>

#include "heddle/trace_text.h"

namespace heddle {

namespace {

std::string NameOf(const ObjectRecord& record, std::size_t number) {
  return record.name.empty() ? record.type + "#" + std::to_string(number)
                             : record.type + " " + record.name;
}

}  // namespace

bool IsLive(const TraceHeader& header) { return header.chooser == kLiveChooser; }

std::string ObjectName(const Trace& trace, ObjectId object) {
  if (object == 0) return "none";
  if (object >= trace.objects.size()) return "?";
  const ObjectRecord& record = trace.objects[object];
  const std::vector<std::uint64_t>& numbers = trace.losses.object_numbers;
  if (object < numbers.size()) return NameOf(record, numbers[object]);
  std::size_t number = 0;
  for (ObjectId other = 1; other <= object; ++other) {
    if (trace.objects[other].type == record.type) ++number;
  }
  return NameOf(record, number);
}

std::vector<std::string> ObjectNames(const Trace& trace) {
  if (trace.objects.empty()) return {};
  const std::vector<std::uint64_t>& numbers = trace.losses.object_numbers;
  std::vector<std::string> names = {"none"};
  names.reserve(trace.objects.size());
  std::map<std::string_view, std::size_t> count_of_type;
  for (std::size_t object = 1; object < trace.objects.size(); ++object) {
    const ObjectRecord& record = trace.objects[object];
    std::size_t& number = count_of_type[record.type];
    ++number;
    if (object < numbers.size()) number = numbers[object];
    names.push_back(NameOf(record, number));
  }
  return names;
}

bool SameRun(const Trace& a, const Trace& b) { return CanonicalText(a) == CanonicalText(b); }

}  // namespace heddle
