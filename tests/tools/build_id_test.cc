// SPDX-License-Identifier: MIT
//
// Build ids of programs, and of files that are none.
#include "build_id.h"

#include <elf.h>

#include <cstring>
#include <string_view>

#include "files.h"
#include "support/catch.h"

namespace heddle::tools {
namespace {

// The smallest ELF file that has a build id: header, one segment, two notes.
std::string TinyElf() {
  const auto bytes = [](const auto& value) {
    return std::string(reinterpret_cast<const char*>(&value), sizeof value);
  };
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  const Elf64_Nhdr other = {.n_namesz = 4, .n_descsz = 3, .n_type = NT_GNU_ABI_TAG};
  const Elf64_Nhdr build_id = {.n_namesz = 4, .n_descsz = 3, .n_type = NT_GNU_BUILD_ID};
  const std::string name("GNU", 4);
  const std::string notes =
      bytes(other) + name + std::string("xyz", 4) + bytes(build_id) + name + "\x01\xab\xff";
  Elf64_Phdr segment = {};
  segment.p_type = PT_NOTE;
  segment.p_offset = sizeof header + sizeof segment;
  segment.p_filesz = notes.size();
  return bytes(header) + bytes(segment) + notes;
}

std::string BuildIdOf(std::string_view bytes) {
  const absl::StatusOr<TempDirectory> temp = TempDirectory::Make();
  REQUIRE(temp.ok());
  const std::string path = temp->Path("program");
  REQUIRE(WriteText(path, bytes).ok());
  return ReadBuildId(path);
}

TEST_CASE("the build id is read from the notes of an ELF file") {
  CHECK(BuildIdOf(TinyElf()) == "01abff");
}

TEST_CASE("a file that is cut anywhere has no build id, and does no harm") {
  const std::string elf = TinyElf();
  for (std::size_t size = 0; size < elf.size(); ++size) {
    CHECK(BuildIdOf(std::string_view(elf).substr(0, size)).empty());
  }
}

TEST_CASE("a file of any changed byte does no harm") {
  const std::string elf = TinyElf();
  for (std::size_t i = 0; i < elf.size(); ++i) {
    std::string changed = elf;
    changed[i] = static_cast<char>(~changed[i]);
    BuildIdOf(changed);
  }
  SUCCEED();
}

TEST_CASE("a file that is not there has no build id") {
  CHECK(ReadBuildId("/nonexistent/program").empty());
}

}  // namespace
}  // namespace heddle::tools
