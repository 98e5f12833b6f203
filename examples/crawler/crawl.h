// SPDX-License-Identifier: MIT
//
// The crawl: begins at one page and visits what can be reached from there, until nothing is left,
// enough pages are loaded, or the time is over. The two enums are the other two mistakes: what the
// first version did on the wrong side of an await, and what the second one does.
#ifndef HEDDLE_EXAMPLES_CRAWLER_CRAWL_H_
#define HEDDLE_EXAMPLES_CRAWLER_CRAWL_H_

#include <heddle/clock.h>
#include <heddle/task.h>

#include <chrono>
#include <cstddef>
#include <optional>

#include "loader.h"
#include "politeness.h"
#include "report.h"
#include "url.h"
#include "web.h"

namespace crawler {

// When a link is claimed, so that nobody else takes it.
enum class Claiming { kWhenAllowed, kWhenSeen };
// Whether a link that is tried again later stays open, so that the crawl goes on.
enum class Pausing { kSettled, kOpen };

struct CrawlOptions {
  std::size_t workers = 3;
  int depth_max = 10;
  std::size_t pages_max = 1000;
  std::optional<heddle::Duration> time_max = std::nullopt;
  int attempts_max = 3;
  heddle::Duration back_off = std::chrono::milliseconds(50);  // doubled after each attempt
  std::size_t redirects_max = 5;
  PolitenessOptions politeness = {};
  LoadOptions load = {};
  Claiming claiming = Claiming::kWhenSeen;
  Pausing pausing = Pausing::kOpen;
};

heddle::Task<Report> CrawlWeb(Web& web, Url start, CrawlOptions options);

}  // namespace crawler

#endif  // HEDDLE_EXAMPLES_CRAWLER_CRAWL_H_
