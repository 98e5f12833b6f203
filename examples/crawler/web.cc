// SPDX-License-Identifier: MIT
//
// All that is uncertain about a page is asked of heddle: so a search tries it both ways.
#include "web.h"

#include <heddle/input.h>
#include <heddle/sleep.h>

#include <utility>

namespace crawler {

// Whoever breaks off, by a time-out or a stop, closes the connection too.
class Web::Connection {
 public:
  Connection(Web& web, const std::string& host) : web_(web), at_host_(web.open_at_host_[host]) {
    ++at_host_;
    ++web_.open_in_all_;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    --at_host_;
    --web_.open_in_all_;
  }

 private:
  Web& web_;
  int& at_host_;
};

void Web::Add(std::string_view url, Response response, Manner manner) {
  pages_[ParseUrl(url).value()] = Page{.response = std::move(response), .manner = manner};
}

const Response* Web::Find(const Url& url) const {
  const auto found = pages_.find(url);
  return found != pages_.end() ? &found->second.response : nullptr;
}

heddle::Task<Response> Web::Get(Url url) {
  const Connection connection(*this, url.host);
  requests_.push_back({.url = url,
                       .at = heddle::VirtualClock::now(),
                       .open_at_host = open_at_host_[url.host],
                       .open_in_all = open_in_all_});
  const auto found = pages_.find(url);
  Page none = {.response = {.status = 404}, .manner = {}};
  Page& page = found != pages_.end() ? found->second : none;
  co_await heddle::SleepFor(IsSlow(url, page) ? page.manner.or_takes : page.manner.takes);
  if (Resets(url, page)) throw ConnectionReset("connection reset by " + url.host);
  ++answers_[url];
  co_return page.response;
}

bool Web::IsSlow(const Url& url, Page& page) {
  const Manner& manner = page.manner;
  if (manner.takes == manner.or_takes || page.bad_moments == manner.bad_moments_max) return false;
  const bool slow = heddle::Input("slow " + ToString(url), {false, true});
  page.bad_moments += slow ? 1 : 0;
  return slow;
}

bool Web::Resets(const Url& url, Page& page) {
  if (page.bad_moments == page.manner.bad_moments_max) return false;
  const bool resets = heddle::Buggify("reset " + ToString(url), page.manner.resets);
  page.bad_moments += resets ? 1 : 0;
  return resets;
}

}  // namespace crawler
