// SPDX-License-Identifier: MIT
//
// A page of docs/primitives/ and the program that it shows. Each file here is the program of the
// page of its name; what stands in it between the lines `// [page` and `// page]` is on the page.
// pages_test.cc runs them all, and compares. Each has a namespace of its own: every page calls its
// body and its text by the same names. What is awaited stands on one line: of several, g++
// and clang name different ones.
#ifndef HEDDLE_TESTS_PRIMITIVES_PAGE_H_
#define HEDDLE_TESTS_PRIMITIVES_PAGE_H_

#include <string>
#include <vector>

#include "heddle/task.h"

namespace heddle {

struct Page {
  // Puts it into AllPages(). `name` is a literal.
  Page(const char* its_name, Task<> (*its_body)());

  const char* name;
  Task<> (*body)();
};

// In the order of their names.
std::vector<const Page*> AllPages();

}  // namespace heddle

#endif  // HEDDLE_TESTS_PRIMITIVES_PAGE_H_
