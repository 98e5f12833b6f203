// SPDX-License-Identifier: MIT
//
// Reading a pattern: a name, and perhaps fields in the form in which marks are printed.
#include "step_pattern.h"

#include <algorithm>
#include <cstddef>

#include "heddle/check.h"
#include "heddle/trace_text.h"

namespace heddle::internal {
namespace {

std::string_view Trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// The first `wanted` that is not inside "quotes".
std::size_t FindOutsideQuotes(std::string_view text, char wanted) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == wanted) {
      return i;
    }
  }
  return std::string_view::npos;
}

// The value as it is printed after its key.
std::string ValueText(const FieldValue& value) {
  const std::string text = MarkText({.name = "m", .fields = {{.key = "k", .value = value}}});
  const std::size_t begin = text.find(": ") + 2;
  return text.substr(begin, text.rfind('}') - begin);
}

// Strings may be asked for with or without quotes.
bool HasValue(const Field& field, const std::string& wanted) {
  const auto* text = std::get_if<std::string>(&field.value);
  return (text != nullptr && *text == wanted) || ValueText(field.value) == wanted;
}

}  // namespace

StepPattern::StepPattern(std::string_view text) : text_(Trim(text)) {
  const std::string_view whole = text_;
  const std::size_t brace = whole.find('{');
  name_ = Trim(whole.substr(0, brace));
  if (name_.empty()) {
    throw UsageError("the step pattern \"" + std::string(text) +
                     "\" names nothing; name a task (\"Reserve\", \"Charge#1\") or a mark "
                     "(\"charged{order: 17}\")");
  }
  if (brace == std::string_view::npos) return;
  if (whole.back() != '}') {
    throw UsageError("the step pattern \"" + text_ +
                     "\" does not end with '}'; write fields like \"charged{order: 17}\"");
  }
  fields_ = ParseFields(whole.substr(brace + 1, whole.size() - brace - 2));
}

StepPattern::FieldTexts StepPattern::ParseFields(std::string_view list) const {
  FieldTexts fields;
  while (!list.empty()) {
    const std::size_t comma = FindOutsideQuotes(list, ',');
    const std::string_view field = list.substr(0, comma);
    const std::size_t colon = FindOutsideQuotes(field, ':');
    if (colon == std::string_view::npos) {
      throw UsageError("in the step pattern \"" + text_ + "\", the field \"" +
                       std::string(Trim(field)) +
                       "\" has no value; write fields like \"charged{order: 17}\"");
    }
    fields.emplace_back(Trim(field.substr(0, colon)), Trim(field.substr(colon + 1)));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return fields;
}

bool StepPattern::Matches(const TaskInfo& task) const {
  return !has_fields() && TaskTable::Matches(task, name_);
}

bool StepPattern::Matches(const MarkRecord& mark) const {
  return mark.name == name_ && CountFields(mark) == fields_.size();
}

std::size_t StepPattern::CountFields(const MarkRecord& mark) const {
  return static_cast<std::size_t>(std::ranges::count_if(fields_, [&](const auto& wanted) {
    return std::ranges::any_of(mark.fields, [&](const Field& field) {
      return field.key == wanted.first && HasValue(field, wanted.second);
    });
  }));
}

}  // namespace heddle::internal
