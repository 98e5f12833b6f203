// SPDX-License-Identifier: MIT
//
// Url: the address of a page in its normal form, so that two ways to write one address compare
// equal, and a reference as it stands in a page, resolved against the address of that page.
#ifndef HEDDLE_EXAMPLES_CRAWLER_URL_H_
#define HEDDLE_EXAMPLES_CRAWLER_URL_H_

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace crawler {

struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // in lower case; with the port, unless it is the scheme's own
  std::string path;    // begins with a slash, has no dot segments; with the query

  friend auto operator<=>(const Url&, const Url&) = default;
};

std::string ToString(const Url& url);

// Both give nothing for what is no address of a page: another scheme, no host, a user's name.
std::optional<Url> ParseUrl(std::string_view text);
std::optional<Url> ResolveUrl(const Url& base, std::string_view reference);

}  // namespace crawler

#endif  // HEDDLE_EXAMPLES_CRAWLER_URL_H_
