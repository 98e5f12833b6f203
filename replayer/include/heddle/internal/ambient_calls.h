// SPDX-License-Identifier: MIT
//
// What a divergence asks of the determinism guard, without knowing whether there is one: the
// module heddle::guard registers itself where it is linked.
#ifndef HEDDLE_INTERNAL_AMBIENT_CALLS_H_
#define HEDDLE_INTERNAL_AMBIENT_CALLS_H_

#include <string>
#include <vector>

namespace heddle::internal {

// What the guard knows at this moment.
struct AmbientCalls {
  bool clock_is_virtual = false;
  bool entropy_is_virtual = false;
  std::vector<std::string> escapes;  // each names a function and the place that called it
};

using AmbientReader = AmbientCalls (*)();
// Safe before main().
void SetAmbientReader(AmbientReader reader);
// Null: no guard is linked.
AmbientReader CurrentAmbientReader();

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_AMBIENT_CALLS_H_
