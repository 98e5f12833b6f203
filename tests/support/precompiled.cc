// SPDX-License-Identifier: MIT
//
// Nothing: heddle_test_pch needs a source to have a precompiled header for (tests/CMakeLists.txt).
