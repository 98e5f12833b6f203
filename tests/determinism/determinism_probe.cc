// SPDX-License-Identifier: MIT
//
// determinism_probe [SEED]: prints the canonical text of one run of every primitive. The
// same seed gives the same bytes in every process and with every compiler.
#include <cstdlib>
#include <iostream>

#include "determinism/every_primitive.h"

int main(int argc, char* argv[]) {
  const std::uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 1;
  std::cout << heddle::TextOfEveryPrimitive(seed);
  return std::cout.good() ? EXIT_SUCCESS : EXIT_FAILURE;
}
