// SPDX-License-Identifier: MIT
//
// StepPattern: the text by which a user names steps. match_step.h describes it.
#ifndef HEDDLE_MATCHERS_STEP_PATTERN_H_
#define HEDDLE_MATCHERS_STEP_PATTERN_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle::internal {

class StepPattern {
 public:
  // Throws UsageError if `text` is not a pattern.
  explicit StepPattern(std::string_view text);

  const std::string& text() const { return text_; }
  const std::string& name() const { return name_; }
  // Whether it asks for fields: then it names marks only.
  bool has_fields() const { return !fields_.empty(); }

  bool Matches(const TaskInfo& task) const;
  bool Matches(const MarkRecord& mark) const;
  // How many of the fields that it asks for the mark has.
  std::size_t CountFields(const MarkRecord& mark) const;

 private:
  using FieldTexts = std::vector<std::pair<std::string, std::string>>;
  FieldTexts ParseFields(std::string_view list) const;

  std::string text_;
  std::string name_;
  FieldTexts fields_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_MATCHERS_STEP_PATTERN_H_
