// SPDX-License-Identifier: MIT
#include "heddle/process_info.h"

#include <elf.h>
#include <link.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "heddle/test_framework.h"

namespace heddle {
namespace {

constexpr std::string_view kVersion = "0.1.0";

std::string Compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

// The arguments as they were given, the program first.
std::vector<std::string> Command() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> command;
  for (std::string argument; std::getline(file, argument, '\0');) command.push_back(argument);
  return command;
}

std::string HexText(const unsigned char* bytes, std::size_t size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 0xf];
  }
  return text;
}

constexpr std::size_t Padded(std::size_t size) { return (size + 3) / 4 * 4; }

// The build id among the notes of one ELF segment: records of a header, a name and a body,
// each padded to four bytes.
std::string BuildIdIn(const unsigned char* notes, std::size_t size) {
  std::size_t at = 0;
  while (size - at >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    std::memcpy(&note, notes + at, sizeof note);
    const std::size_t name = at + sizeof note;
    const std::size_t body = name + Padded(note.n_namesz);
    const std::size_t end = body + Padded(note.n_descsz);
    if (end > size) break;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
        std::memcmp(notes + name, "GNU", 4) == 0) {
      return HexText(notes + body, note.n_descsz);
    }
    at = end;
  }
  return {};
}

// The first object that the system lists is the program itself.
int FindBuildId(dl_phdr_info* info, std::size_t /*size*/, void* result) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): this is how the loader gives addresses
    const auto* notes = reinterpret_cast<const unsigned char*>(info->dlpi_addr + segment.p_vaddr);
    std::string id = BuildIdIn(notes, segment.p_memsz);
    if (!id.empty()) *static_cast<std::string*>(result) = std::move(id);
  }
  return 1;
}

std::string BuildId() {
  std::string id;
  dl_iterate_phdr(&FindBuildId, &id);
  return id;
}

TraceHeader ThisProcess() {
  TraceHeader header;
  header.heddle_version = kVersion;
  header.build_id = BuildId();
  header.compiler = Compiler();
  header.command = Command();
  std::error_code error;
  header.directory = std::filesystem::current_path(error).string();
  return header;
}

}  // namespace

void DescribeProcess(TraceHeader& header) {
  static const TraceHeader process = ThisProcess();
  header.heddle_version = process.heddle_version;
  header.build_id = process.build_id;
  header.compiler = process.compiler;
  header.command = process.command;
  // Of a program that runs many tests only the one that runs now is wanted again.
  if (const std::string test = CurrentTestArgument(); !test.empty() && !header.command.empty()) {
    header.command = {header.command.front(), test};
  }
  header.directory = process.directory;
}

}  // namespace heddle
