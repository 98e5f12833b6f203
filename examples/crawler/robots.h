// SPDX-License-Identifier: MIT
//
// RobotsRules: what a host's robots.txt lets everybody do ("User-agent: *"). Of the rules that fit
// a path the longest counts, and of two equally long ones that which allows (RFC 9309).
#ifndef HEDDLE_EXAMPLES_CRAWLER_ROBOTS_H_
#define HEDDLE_EXAMPLES_CRAWLER_ROBOTS_H_

#include <heddle/clock.h>

#include <string>
#include <string_view>
#include <vector>

namespace crawler {

class RobotsRules {
 public:
  RobotsRules() = default;
  static RobotsRules Parse(std::string_view text);
  static RobotsRules ForbidAll() { return Parse("User-agent: *\nDisallow: /\n"); }

  bool Allows(std::string_view path) const;
  heddle::Duration crawl_delay() const { return crawl_delay_; }

 private:
  struct Rule {
    std::string prefix;
    bool allows = true;
  };

  void Take(std::string_view key, std::string_view value);

  std::vector<Rule> rules_;
  heddle::Duration crawl_delay_{};
};

}  // namespace crawler

#endif  // HEDDLE_EXAMPLES_CRAWLER_ROBOTS_H_
