// SPDX-License-Identifier: MIT
//
// BodyRef: a body of whatever type, as something that an executor can call with the world.
#ifndef HEDDLE_INTERNAL_BODY_REF_H_
#define HEDDLE_INTERNAL_BODY_REF_H_

#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

class World;

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {

struct BodyRef {
  void* object;
  void (*invoke)(void* object, World& world);
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_BODY_REF_H_
