// SPDX-License-Identifier: MIT
//
// Web: hosts and their pages, in memory. Each page is as slow, and breaks off as often, as it was
// told. The web keeps a list of what it was asked for and when: the tests judge by that whether the
// crawler was polite.
#ifndef HEDDLE_EXAMPLES_CRAWLER_WEB_H_
#define HEDDLE_EXAMPLES_CRAWLER_WEB_H_

#include <heddle/clock.h>
#include <heddle/task.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "url.h"

namespace crawler {

struct Response {
  int status = 200;
  std::vector<std::string> links = {};
  std::string location = {};  // where a redirect leads to
  std::string text = {};      // of a robots.txt
  std::size_t bytes = 1000;
};

// How a page answers.
struct Manner {
  heddle::Duration takes = std::chrono::milliseconds(20);
  heddle::Duration or_takes = takes;  // in a bad moment
  double resets = 0;                  // how probable it is that the connection breaks
  int bad_moments_max = 2;            // after which it is quick, and does not break
};

class ConnectionReset : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Web {
 public:
  struct Request {
    Url url;
    heddle::TimePoint at;
    int open_at_host;  // connections, this one included
    int open_in_all;
  };

  void Add(std::string_view url, Response response, Manner manner = {});
  // As it stands there, without asking; null: there is none.
  const Response* Find(const Url& url) const;
  // What is not there is answered with status 404. Throws ConnectionReset.
  heddle::Task<Response> Get(Url url);

  const std::vector<Request>& requests() const { return requests_; }
  // How often each page was answered to the end.
  const std::map<Url, int>& answers() const { return answers_; }
  int open_connections() const { return open_in_all_; }

 private:
  struct Page {
    Response response;
    Manner manner;
    int bad_moments = 0;
  };
  class Connection;

  static bool IsSlow(const Url& url, Page& page);
  static bool Resets(const Url& url, Page& page);

  std::map<Url, Page> pages_;
  std::vector<Request> requests_;
  std::map<Url, int> answers_;
  std::map<std::string, int> open_at_host_;
  int open_in_all_ = 0;
};

}  // namespace crawler

#endif  // HEDDLE_EXAMPLES_CRAWLER_WEB_H_
