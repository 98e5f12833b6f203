// SPDX-License-Identifier: MIT
//
// Workers take links from the frontier and visit them. A link that was found is admitted in a task
// of its own, and so is one that waits for another attempt: a slow robots.txt or a long pause
// then holds up no worker.
#include "crawl.h"

#include <heddle/heddle.h>

#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "fetcher.h"
#include "frontier.h"
#include "robots_cache.h"

namespace crawler {
namespace {

class Crawl {
 public:
  Crawl(Web& web, const CrawlOptions& options)
      : options_(options),
        retries_{.attempts_max = options.attempts_max, .delay = options.back_off},
        politeness_(options.politeness),
        loader_(web, politeness_, options.load),
        robots_(loader_, politeness_, retries_),
        fetcher_(loader_, robots_, options.redirects_max) {}

  heddle::Task<Report> Run(Url start);

 private:
  heddle::Task<> Join() { co_await tasks_->Join(); }
  heddle::Task<> Work();
  heddle::Task<> Visit(Link link);
  heddle::Task<> PutBack(Link link);
  heddle::Task<> Admit(Link link);
  void TryLater(Link link, const TryAgain& reason);
  void Follow(const Link& link, const Fetched& page);
  void Consider(Link link);
  bool IsNew(const Url& url);

  CrawlOptions options_;
  heddle::RetryPolicy retries_;
  Politeness politeness_;
  Loader loader_;
  RobotsCache robots_;
  Fetcher fetcher_;
  Frontier frontier_;
  Report report_;
  std::stop_source stop_;
  std::optional<heddle::TaskGroup> tasks_{std::in_place, "crawl"};
};

heddle::Task<Report> Crawl::Run(Url start) {
  for (std::size_t i = 0; i < options_.workers; ++i) tasks_->Spawn(Work());
  Consider({.url = std::move(start)});
  auto crawl = heddle::UntilStopped(Join(), stop_.get_token());
  if (options_.time_max) {
    co_await heddle::WithTimeout(std::move(crawl), *options_.time_max);
  } else {
    co_await std::move(crawl);
  }
  tasks_.reset();  // after a stop: all that are left end where they are, and let go what they hold
  report_.hosts = loader_.timings();
  report_.unvisited = frontier_.open();
  co_return std::move(report_);
}

heddle::Task<> Crawl::Work() {
  while (std::optional<Link> link = co_await frontier_.Take()) {
    co_await Visit(*link);
    frontier_.Settle();
  }
}

heddle::Task<> Crawl::Visit(Link link) {
  Fetched page;
  try {
    page = co_await fetcher_.Fetch(link.url);
  } catch (const TryAgain& reason) {
    TryLater(link, reason);
    co_return;
  }
  // Another worker may have had the last page that was asked for, in this same instant.
  if (stop_.stop_requested()) co_return;
  // What a redirect led to may be somebody else's page.
  if (page.url != link.url && page.fate == Fate::kLoaded && !frontier_.Claim(page.url)) co_return;
  report_.Add(link.url, page);
  heddle::Mark("visited", {{"url", ToString(page.url)}});
  if (report_.pages.size() >= options_.pages_max) stop_.request_stop();
  if (link.depth < options_.depth_max) Follow(link, page);
}

void Crawl::Follow(const Link& link, const Fetched& page) {
  for (const std::string& reference : page.response.links) {
    const std::optional<Url> url = ResolveUrl(page.url, reference);
    if (!url) continue;
    report_.pages_with_link[*url].insert(page.url);
    Consider({.url = *url, .depth = link.depth + 1});
  }
}

// The second mistake. While Admit() waits for the rules of the link's host, another page may have
// the same link: in the first version it is still unknown then, and is admitted twice.
void Crawl::Consider(Link link) {
  if (!IsNew(link.url)) return;
  frontier_.Open();
  tasks_->Spawn(Admit(std::move(link)));
}

bool Crawl::IsNew(const Url& url) {
  return options_.claiming == Claiming::kWhenSeen ? frontier_.Claim(url) : !frontier_.Knows(url);
}

heddle::Task<> Crawl::Admit(Link link) {
  const bool allowed = co_await robots_.Allow(link.url);
  if (options_.claiming == Claiming::kWhenAllowed) frontier_.Claim(link.url);
  if (allowed) {
    frontier_.Push(std::move(link));
  } else {
    report_.Add(link.url, {.url = link.url, .fate = Fate::kForbidden});
    frontier_.Settle();
  }
}

// The third mistake. The worker is about to settle the link that it has visited in vain. Unless
// that is opened again before the pause, the crawl is over in the meantime if it is the last one.
void Crawl::TryLater(Link link, const TryAgain& reason) {
  if (link.attempt == options_.attempts_max) {
    report_.dead[link.url] = reason.what();
    return;
  }
  heddle::Mark("tries later", {{"url", ToString(link.url)}, {"why", reason.what()}});
  if (options_.pausing == Pausing::kOpen) frontier_.Open();
  tasks_->Spawn(PutBack(std::move(link)));
}

heddle::Task<> Crawl::PutBack(Link link) {
  co_await heddle::SleepFor(retries_.DelayAfter(link.attempt++));
  if (options_.pausing == Pausing::kSettled) frontier_.Open();
  frontier_.Push(std::move(link));
}

}  // namespace

heddle::Task<Report> CrawlWeb(Web& web, Url start, CrawlOptions options) {
  Crawl crawl(web, options);
  co_return co_await crawl.Run(std::move(start));
}

}  // namespace crawler
