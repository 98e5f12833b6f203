// SPDX-License-Identifier: MIT
//
// One body that uses every primitive, mark, flow, draw, timer and exception there is, and
// the canonical text of its run under a random chooser: what must be the same always.
#ifndef HEDDLE_TESTS_DETERMINISM_EVERY_PRIMITIVE_H_
#define HEDDLE_TESTS_DETERMINISM_EVERY_PRIMITIVE_H_

#include <cstdint>
#include <string>

namespace heddle {

std::string TextOfEveryPrimitive(std::uint64_t seed);

}  // namespace heddle

#endif  // HEDDLE_TESTS_DETERMINISM_EVERY_PRIMITIVE_H_
