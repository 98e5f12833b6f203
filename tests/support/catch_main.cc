// SPDX-License-Identifier: MIT
//
// The main() of every test program. Compiled once: with v2 it holds all of Catch2.
#define CATCH_CONFIG_RUNNER
#include <cstdlib>

#include "support/catch.h"

int main(int argc, char* argv[]) {
  // A test that passed yesterday passes today. Other inputs: RC_PARAMS=seed=N.
  setenv("RC_PARAMS", "seed=1", 0);  // NOLINT(concurrency-mt-unsafe): one thread
  return Catch::Session().run(argc, argv);
}
