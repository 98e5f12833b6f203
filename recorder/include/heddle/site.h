// SPDX-License-Identifier: MIT
//
// Site: a place in the source, by file and line; never keyed on the function's text,
// which compilers spell differently (and g++ 12 spells differently from one await to
// the next). The ordinal of an await in its task is not stored: it is the number of
// suspensions of that task so far, which any reader of the events can count.
#ifndef HEDDLE_SITE_H_
#define HEDDLE_SITE_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace heddle {

struct Site {
  std::string file;        // as the compiler was given it; FileName() for people
  std::uint32_t line = 0;  // 0: unknown
  std::string function;    // coroutine sites: the display name, "Ledger::Lock"; else empty

  friend bool operator==(const Site&, const Site&) = default;
};

// "shop.cc" of "/home/me/shop/src/shop.cc".
std::string_view FileName(std::string_view path);

// "shop.cc:41"; "?" where nothing is known.
std::string ToString(const Site& site);

// The name a person would use, from what std::source_location::function_name() gives:
//   "heddle::Task<Receipt> shop::Checkout(Shop&, Order)"  ->  "shop::Checkout"
//   "main()::<lambda(heddle::World&)>"                    ->  "lambda"
// g++ and clang give the same name for the same function: template arguments,
// parameters, anonymous namespaces, inline namespaces of ours and the return type go.
// An inline namespace of the user's own stays where the compiler prints it (g++ does).
std::string DisplayName(std::string_view function_name);

}  // namespace heddle

#endif  // HEDDLE_SITE_H_
