// SPDX-License-Identifier: MIT
//
// The build id of a program on disk: the note that the linker writes into an ELF file
// (NT_GNU_BUILD_ID), which differs whenever the program does.
#ifndef HEDDLE_TOOLS_BUILD_ID_H_
#define HEDDLE_TOOLS_BUILD_ID_H_

#include <string>

namespace heddle::tools {

// In lower-case hexadecimal digits. Empty where the file cannot be read, is not a 64-bit
// ELF file of this machine's byte order, or holds no such note.
std::string ReadBuildId(const std::string& path);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_BUILD_ID_H_
