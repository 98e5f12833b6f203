// SPDX-License-Identifier: MIT
//
// The part of RFC 3986 that a crawler needs. Percent signs are left as they are.
#include "url.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace crawler {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string_view WithoutFragment(std::string_view text) { return text.substr(0, text.find('#')); }

// "mailto" of "mailto:me"; empty where a slash comes first, or no colon at all.
std::string_view SchemeOf(std::string_view text) {
  const std::size_t end = text.find_first_of(":/?");
  return end != std::string_view::npos && text[end] == ':' ? text.substr(0, end) : "";
}

// A dot segment at the end leaves the slash before it.
std::vector<std::string_view> SegmentsOf(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    const bool is_dots = segment == "." || segment == "..";
    if (segment == ".." && !segments.empty()) segments.pop_back();
    if (!is_dots) segments.push_back(segment);
    if (is_dots && end == path.size()) segments.emplace_back("");
    begin = end + 1;
  }
  return segments;
}

std::string NormalPath(std::string_view path) {
  const std::size_t query = std::min(path.find('?'), path.size());
  std::string normal;
  for (const std::string_view segment : SegmentsOf(path.substr(0, query))) {
    normal.append("/").append(segment);
  }
  return normal.append(path.substr(query));
}

std::string NormalHost(std::string_view scheme, std::string_view authority) {
  const std::string_view own_port = scheme == "http" ? ":80" : ":443";
  if (authority.ends_with(own_port)) authority.remove_suffix(own_port.size());
  return Lower(authority);
}

}  // namespace

std::string ToString(const Url& url) { return url.scheme + "://" + url.host + url.path; }

std::optional<Url> ParseUrl(std::string_view text) {
  text = WithoutFragment(text);
  const std::string scheme = Lower(SchemeOf(text));
  if (scheme != "http" && scheme != "https") return std::nullopt;
  text.remove_prefix(scheme.size() + 1);
  if (!text.starts_with("//")) return std::nullopt;
  text.remove_prefix(2);
  const std::size_t authority_end = std::min(text.find_first_of("/?"), text.size());
  const std::string host = NormalHost(scheme, text.substr(0, authority_end));
  if (host.empty() || host.find_first_of("@ ") != std::string::npos) return std::nullopt;
  std::string path(text.substr(authority_end));
  if (!path.starts_with('/')) path.insert(0, "/");
  return Url{.scheme = scheme, .host = host, .path = NormalPath(path)};
}

std::optional<Url> ResolveUrl(const Url& base, std::string_view reference) {
  reference = WithoutFragment(reference);
  if (reference.empty()) return base;
  if (!SchemeOf(reference).empty()) return ParseUrl(reference);
  if (reference.starts_with("//")) return ParseUrl(base.scheme + ":" + std::string(reference));
  const std::string base_path = base.path.substr(0, base.path.find('?'));
  std::string path(reference);
  if (reference.starts_with('?')) {
    path.insert(0, base_path);
  } else if (!reference.starts_with('/')) {
    path.insert(0, base_path.substr(0, base_path.rfind('/') + 1));
  }
  return Url{.scheme = base.scheme, .host = base.host, .path = NormalPath(path)};
}

}  // namespace crawler
