// SPDX-License-Identifier: MIT
//
// Implements build_id.h. The file may be anything: each read says whether it succeeded, and
// each size in it is checked before it is used.
#include "build_id.h"

#include <elf.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string_view>
#include <vector>

namespace heddle::tools {
namespace {

// Real ones have less than a hundred bytes.
constexpr std::size_t kNoteBytesMax = 1 << 16;

bool ReadAt(std::ifstream& file, std::uint64_t offset, void* to, std::size_t size) {
  file.clear();
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(static_cast<char*>(to), static_cast<std::streamsize>(size));
  return file.good();
}

bool IsOurs(const Elf64_Ehdr& header) {
  constexpr unsigned char kOrder =
      std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
         header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_ident[EI_DATA] == kOrder &&
         header.e_phentsize == sizeof(Elf64_Phdr);
}

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

constexpr std::string_view kGnu("GNU\0", 4);

// Names and descriptions of notes are padded to four bytes.
std::size_t Padded(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

std::string BuildIdIn(std::string_view notes) {
  Elf64_Nhdr note;
  while (notes.size() >= sizeof note) {
    std::memcpy(&note, notes.data(), sizeof note);
    notes.remove_prefix(sizeof note);
    const std::size_t name_size = Padded(note.n_namesz);
    if (name_size > notes.size() || note.n_descsz > notes.size() - name_size) break;
    const std::string_view name = notes.substr(0, note.n_namesz);
    if (note.n_type == NT_GNU_BUILD_ID && name == kGnu) {
      return Hex(notes.substr(name_size, note.n_descsz));
    }
    const std::size_t size = name_size + Padded(note.n_descsz);
    if (size > notes.size()) break;
    notes.remove_prefix(size);
  }
  return "";
}

}  // namespace

std::string ReadBuildId(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  Elf64_Ehdr header;
  if (!ReadAt(file, 0, &header, sizeof header) || !IsOurs(header)) return "";
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    if (!ReadAt(file, header.e_phoff + i * sizeof segment, &segment, sizeof segment)) return "";
    if (segment.p_type != PT_NOTE || segment.p_filesz > kNoteBytesMax) continue;
    std::string notes(segment.p_filesz, '\0');
    if (!ReadAt(file, segment.p_offset, notes.data(), notes.size())) continue;
    std::string id = BuildIdIn(notes);
    if (!id.empty()) return id;
  }
  return "";
}

}  // namespace heddle::tools
