// SPDX-License-Identifier: MIT
#include "call_site.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <unwind.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/debugging/symbolize.h"
#include "heddle/site.h"

namespace heddle::guard {
namespace {

constexpr std::size_t kDeepest = 64;

_Unwind_Reason_Code AddFrame(_Unwind_Context* context, void* frames) {
  auto& addresses = *static_cast<std::vector<std::uintptr_t>*>(frames);
  if (addresses.size() == kDeepest) return _URC_END_OF_STACK;
  addresses.push_back(_Unwind_GetIP(context));
  return _URC_NO_REASON;
}

// The addresses that the functions on the stack return to, from `first` on.
std::vector<std::uintptr_t> ReturnAddresses(const void* first) {
  std::vector<std::uintptr_t> addresses;
  _Unwind_Backtrace(&AddFrame, &addresses);
  const auto begin = std::ranges::find(addresses, reinterpret_cast<std::uintptr_t>(first));
  addresses.erase(addresses.begin(), begin);
  if (addresses.empty()) addresses.push_back(reinterpret_cast<std::uintptr_t>(first));
  return addresses;
}

// A part of a coroutine has a symbol that ends in .resume or .actor, which Abseil leaves mangled.
std::string Demangled(const char* symbol) {
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(symbol, nullptr, nullptr, nullptr), &std::free);
  return name != nullptr ? name.get() : symbol;
}

// Empty where the program has no symbols.
std::string SymbolAt(const void* address) {
  std::array<char, 1024> symbol{};
  if (!absl::Symbolize(address, symbol.data(), static_cast<int>(symbol.size()))) return {};
  return Demangled(symbol.data());
}

// A place in the program.
class Place {
 public:
  // A call that does not return is the last instruction of its function: the byte before the
  // return address is in the call itself.
  explicit Place(std::uintptr_t return_address) : address_(return_address - 1) {
    if (dladdr(pointer(), &module_) == 0) module_ = {};
    symbol_ = SymbolAt(pointer());
  }

  bool IsStandardLibrary() const {
    const std::string_view file = FileName(module_path());
    for (const std::string_view library : {"libc.so", "libc++", "libstdc++", "libpthread"}) {
      if (file.starts_with(library)) return true;
    }
    // A template or an inline function of it, in the program itself.
    return symbol_.starts_with("std::") || DisplayName(symbol_).starts_with("std::");
  }

  std::string ToString() const {
    std::array<char, 32> offset{};
    const auto base = reinterpret_cast<std::uintptr_t>(module_.dli_fbase);
    std::snprintf(offset.data(), offset.size(), "+0x%zx",
                  static_cast<std::size_t>(address_ - base));
    const std::string place = std::string(FileName(module_path())) + offset.data();
    return symbol_.empty() ? place : FunctionName() + " (" + place + ")";
  }

 private:
  // Of a lambda the whole symbol, which says where it stands.
  std::string FunctionName() const {
    std::string name = DisplayName(symbol_);
    return name == "operator()" ? symbol_ : name;
  }
  const void* pointer() const {
    return reinterpret_cast<const void*>(address_);  // NOLINT(performance-no-int-to-ptr)
  }
  std::string_view module_path() const {
    return module_.dli_fname != nullptr ? module_.dli_fname : "?";
  }

  std::uintptr_t address_;
  Dl_info module_{};
  std::string symbol_;
};

}  // namespace

std::string CallerOnStack(const void* return_address) {
  const std::vector<std::uintptr_t> addresses = ReturnAddresses(return_address);
  for (const std::uintptr_t address : addresses) {
    const Place place(address);
    if (!place.IsStandardLibrary()) return place.ToString();
  }
  return Place(addresses.front()).ToString();
}

}  // namespace heddle::guard
