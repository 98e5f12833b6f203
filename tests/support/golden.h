// SPDX-License-Identifier: MIT
//
// Golden texts: what a test expects, kept in tests/golden/ where a reviewer reads it.
// HEDDLE_UPDATE_GOLDEN=1 writes them anew; the difference is then for the reviewer to see.
#ifndef HEDDLE_TESTS_SUPPORT_GOLDEN_H_
#define HEDDLE_TESTS_SUPPORT_GOLDEN_H_

#include <string>

namespace heddle {

// Fails the current test case unless `text` is what tests/golden/<name>.txt holds.
void CheckGolden(const std::string& name, const std::string& text);

// Whether what is expected is to be written anew.
bool GoldenUpdateIsWanted();

// Each line without the blanks behind it; ends with a newline.
std::string WithoutSpacesAtEnds(const std::string& text);

}  // namespace heddle

#endif  // HEDDLE_TESTS_SUPPORT_GOLDEN_H_
