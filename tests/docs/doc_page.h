// SPDX-License-Identifier: MIT
//
// A page below docs/ whose blocks are made by tests. A block that follows the line
// `<!-- code: NAME -->` has to be what stands in the page's source between the lines `// [NAME` and
// `// NAME]`; one that follows `<!-- text: NAME -->` is what a test makes of it. With
// HEDDLE_UPDATE_GOLDEN=1 the blocks are written anew. What is awaited stands on one line: of
// several, g++ and clang name different ones.
#ifndef HEDDLE_TESTS_DOCS_DOC_PAGE_H_
#define HEDDLE_TESTS_DOCS_DOC_PAGE_H_

#include <cstddef>
#include <string>

namespace heddle {

class DocPage {
 public:
  // docs/<page>, and the file beside this one from which its code is.
  DocPage(const std::string& page, const std::string& source);

  // All blocks of code, of which there are at least some; no other block of the page is C++.
  void CheckCode();
  // One of them, of a page that has others.
  void CheckCode(const std::string& name);
  void CheckText(const std::string& name, const std::string& expected);

  // Places in the source, counted from the first line of that block of code; without spaces at the
  // ends of lines, and without the numbers of lines of heddle's own headers.
  std::string WithLinesOf(const std::string& block, std::string text) const;

 private:
  std::string CodeOf(const std::string& block) const;
  // Makes the block behind this line what it has to be; says so where it was not.
  void CheckBlock(const std::string& line, const std::string& expected);

  std::string path_;
  std::string text_;
  std::string source_name_;
  std::string source_;
};

}  // namespace heddle

#endif  // HEDDLE_TESTS_DOCS_DOC_PAGE_H_
