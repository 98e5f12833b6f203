// SPDX-License-Identifier: MIT
//
// Frontier: the links that are known and not yet visited, the shallowest first. It knows when the
// crawl is over: when no link is open. A link is open from Open() until Settle(), that is until
// its page was visited and the links on it were opened in their turn.
#ifndef HEDDLE_EXAMPLES_CRAWLER_FRONTIER_H_
#define HEDDLE_EXAMPLES_CRAWLER_FRONTIER_H_

#include <heddle/heddle.h>

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include "url.h"

namespace crawler {

struct Link {
  Url url;
  int depth = 0;
  int attempt = 1;
};

class Frontier {
 public:
  bool Knows(const Url& url) const { return known_.contains(url); }
  // Whether it was not known until now.
  bool Claim(const Url& url) { return known_.insert(url).second; }

  std::size_t open() const { return open_; }
  void Open() { ++open_; }
  void Settle() {
    if (--open_ > 0) return;
    over_ = true;
    heddle::Mark("over");
    waiting_.Release();
  }
  // For the next who takes one. Throws std::logic_error after the end: nobody would look at it.
  void Push(Link link) {
    if (over_) throw std::logic_error(ToString(link.url) + " came when the crawl was over");
    queue_.emplace(link.depth, std::move(link));
    waiting_.Release();
  }
  // Waits for a link. Nothing: the crawl is over.
  heddle::Task<std::optional<Link>> Take() {
    heddle::Permit permit = co_await waiting_.Acquire();
    if (queue_.empty()) co_return std::nullopt;  // the permit goes back, to whoever waits next
    permit.Consume();
    co_return std::move(queue_.extract(queue_.begin()).mapped());
  }

 private:
  std::set<Url> known_;
  std::size_t open_ = 0;
  bool over_ = false;
  std::multimap<int, Link> queue_;  // by depth; of one depth, in the order in which they came
  heddle::Semaphore waiting_{0, "frontier"};  // a permit for each link, and one for the end
};

}  // namespace crawler

#endif  // HEDDLE_EXAMPLES_CRAWLER_FRONTIER_H_
