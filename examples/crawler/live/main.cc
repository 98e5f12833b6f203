// SPDX-License-Identifier: MIT
//
// The crawler for real: the sources whose schedules crawler_test looks through, compiled for
// production. An EventLoop runs them in real time, and a LiveRecorder keeps what they did.
//
//   crawl_live [FILE]      FILE: where the snapshot goes, "crawl.heddle" if none is given
#include <heddle/event_loop.h>
#include <heddle/live_recorder.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

#include "../crawl.h"
#include "../report.h"
#include "../url.h"
#include "../web.h"

namespace {

using namespace std::chrono_literals;

// Two hosts. The second is slow, and one page of it answers later than anybody waits for it.
crawler::Web TwoHosts() {
  crawler::Web web;
  web.Add("http://a.test/", {.links = {"news", "shop", "//b.test/"}}, {.takes = 5ms});
  web.Add("http://a.test/news", {.links = {"/", "shop"}}, {.takes = 5ms});
  web.Add("http://a.test/shop", {.links = {"//b.test/offers"}}, {.takes = 5ms});
  web.Add("http://b.test/", {.links = {"offers", "archive"}}, {.takes = 40ms});
  web.Add("http://b.test/offers", {}, {.takes = 40ms});
  web.Add("http://b.test/archive", {}, {.takes = 1h});
  return web;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string path = argc > 1 ? argv[1] : "crawl.heddle";
  heddle::LiveRecorder live;
  heddle::EventLoop loop;
  crawler::Web web = TwoHosts();
  const crawler::Url start = crawler::ParseUrl("http://a.test/").value();
  const crawler::Report report =
      loop.Run(crawler::CrawlWeb(web, start, {.attempts_max = 2, .load = {.time_max = 500ms}}));
  for (const crawler::Url& url : report.pages) std::cout << crawler::ToString(url) << '\n';
  const absl::Status written = live.Snapshot(path);
  if (!written.ok()) {
    std::cerr << written << '\n';
    return EXIT_FAILURE;
  }
  std::cout << report.pages.size() << " pages; snapshot: " << path << '\n';
  return EXIT_SUCCESS;
}
