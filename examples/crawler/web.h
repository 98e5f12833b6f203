// SPDX-License-Identifier: MIT
//
// Web: hosts and their pages, in memory. It answers as slowly, and breaks off as often, as each
// page is told to, and it keeps a list of who asked for what and when: the tests judge by that
// list whether the crawler was polite.
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
  heddle::Duration or_takes = takes;  // which of the two is the weather's choice
  double resets = 0;                  // how probable it is that the connection breaks
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
  };
  class Connection;

  std::map<Url, Page> pages_;
  std::vector<Request> requests_;
  std::map<Url, int> answers_;
  std::map<std::string, int> open_at_host_;
  int open_in_all_ = 0;
};

}  // namespace crawler

#endif  // HEDDLE_EXAMPLES_CRAWLER_WEB_H_
