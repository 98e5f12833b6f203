// SPDX-License-Identifier: MIT
//
// Whole objects as fields of a mark, as JSON: for any type that cereal can save.
//
//   heddle::Mark("charged", {{"order", heddle::Json(order)}});  // order: {"id":17,"cents":4999}
#ifndef HEDDLE_MARK_JSON_H_
#define HEDDLE_MARK_JSON_H_

#include <string>

#include "heddle/internal/json_archive.h"
#include "heddle/mark.h"

namespace heddle::inline HEDDLE_VARIANT {

// For use within the call of Mark: it refers to `object`, which becomes text only if the mark is
// recorded.
template <class T>
LazyText Json(const T& object) {
  return {&object, [](const void* recorded) {
            std::string text;
            internal::JsonArchive archive(text);
            archive(*static_cast<const T*>(recorded));
            return text;
          }};
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_MARK_JSON_H_
