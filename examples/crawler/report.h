// SPDX-License-Identifier: MIT
//
// Report: what a crawl has found, and what it took.
#ifndef HEDDLE_EXAMPLES_CRAWLER_REPORT_H_
#define HEDDLE_EXAMPLES_CRAWLER_REPORT_H_

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "fetcher.h"
#include "loader.h"
#include "url.h"

namespace crawler {

struct Report {
  std::set<Url> pages;
  std::map<int, int> by_status;
  std::size_t bytes = 0;
  std::set<Url> forbidden;          // by a robots.txt
  std::map<Url, std::string> dead;  // links, and what is wrong with them
  std::map<Url, std::set<Url>> pages_with_link;
  std::map<std::string, HostTiming> hosts;
  std::size_t unvisited = 0;  // links, where the crawl was stopped

  // Throws std::logic_error for a page that is there already.
  void Add(const Url& link, const Fetched& fetched);
};

// Several lines. Of each dead link, all pages that have it.
std::string ToText(const Report& report);

}  // namespace crawler

#endif  // HEDDLE_EXAMPLES_CRAWLER_REPORT_H_
