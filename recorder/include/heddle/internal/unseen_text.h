// SPDX-License-Identifier: MIT
//
// Unseen text: code points that nobody sees, and that change where others are seen: marks of
// direction, by which a text reads otherwise than it is (CVE-2021-42574), and line ends that are
// none for a terminal. A name that somebody else's program gave may hold them, so whoever prints
// one spells them out.
#ifndef HEDDLE_INTERNAL_UNSEEN_TEXT_H_
#define HEDDLE_INTERNAL_UNSEEN_TEXT_H_

#include <string_view>

namespace heddle::internal {

// `code_point` is one, in UTF-8: U+061C, U+200E and F, U+2028 to E, U+2066 to 9.
inline bool MovesText(std::string_view code_point) {
  if (code_point == "\xd8\x9c") return true;
  if (code_point.size() != 3 || code_point[0] != '\xe2') return false;
  const auto last = static_cast<unsigned char>(code_point[2]);
  if (code_point[1] == '\x80')
    return last == 0x8e || last == 0x8f || (last >= 0xa8 && last <= 0xae);
  return code_point[1] == '\x81' && last >= 0xa6 && last <= 0xa9;
}

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_UNSEEN_TEXT_H_
