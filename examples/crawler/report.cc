// SPDX-License-Identifier: MIT
//
// Adds up what came of each link, and prints it.
#include "report.h"

#include <heddle/heddle.h>

#include <stdexcept>

namespace crawler {

void Report::Add(const Url& link, const Fetched& fetched) {
  if (fetched.fate == Fate::kForbidden) {
    forbidden.insert(fetched.url);
    return;
  }
  ++by_status[fetched.response.status];
  if (fetched.fate == Fate::kDead) {
    dead[link] = fetched.why;
    return;
  }
  if (!pages.insert(fetched.url).second) {
    throw std::logic_error(ToString(fetched.url) + " was visited twice");
  }
  bytes += fetched.response.bytes;
}

std::string ToText(const Report& report) {
  std::string text = std::to_string(report.pages.size()) + " pages, " +
                     std::to_string(report.bytes) + " bytes, " + std::to_string(report.unvisited) +
                     " links not visited\n";
  for (const auto& [status, count] : report.by_status) {
    text += "status " + std::to_string(status) + ": " + std::to_string(count) + "\n";
  }
  for (const auto& [host, timing] : report.hosts) {
    text += host + ": " + std::to_string(timing.requests) + " requests in " +
            heddle::FormatNanos(timing.in_all.count()) + ", the longest " +
            heddle::FormatNanos(timing.longest.count()) + "\n";
  }
  for (const auto& [link, why] : report.dead) {
    const auto pages = report.pages_with_link.find(link);
    if (pages == report.pages_with_link.end()) continue;  // the crawl began there
    for (const Url& page : pages->second) {
      text += ToString(page) + " -> " + ToString(link) + ": " + why + "\n";
    }
  }
  return text;
}

}  // namespace crawler
