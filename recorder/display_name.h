// SPDX-License-Identifier: MIT
//
// DisplayName of site.h where the heap must not be touched: in a signal handler.
#ifndef HEDDLE_RECORDER_DISPLAY_NAME_H_
#define HEDDLE_RECORDER_DISPLAY_NAME_H_

#include <memory_resource>
#include <string>
#include <string_view>

namespace heddle::internal {

// Takes memory from nowhere else.
std::pmr::string DisplayNameIn(std::string_view function_name, std::pmr::memory_resource* memory);

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_DISPLAY_NAME_H_
