// SPDX-License-Identifier: MIT
//
// The main() of every test program. Compiled once: with v2 it holds all of Catch2.
#define CATCH_CONFIG_RUNNER
#include "support/catch.h"

int main(int argc, char* argv[]) { return Catch::Session().run(argc, argv); }
