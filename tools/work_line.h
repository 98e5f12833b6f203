// SPDX-License-Identifier: MIT
//
// WorkLine: what a terminal shows of a command that takes longer than a second. It looks at the
// wall clock, and nothing else does.
#ifndef HEDDLE_TOOLS_WORK_LINE_H_
#define HEDDLE_TOOLS_WORK_LINE_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace heddle::tools {

// Where a command is.
struct WorkStage {
  std::uint64_t read = 0;  // bytes of the file, of `size`
  std::uint64_t size = 0;
  double seconds = 0;  // since it began
};

// "heddle: night.heddle: reading [######--------------] 31 %, 4 s", and behind the reading
// "heddle: night.heddle: working, 9 s"; at most `width` columns.
std::string WorkText(const std::string& file, const WorkStage& stage, std::size_t width);

// Stands on standard error, where that is a terminal, for as long as it lives.
class WorkLine {
 public:
  explicit WorkLine(const std::string& path);
  WorkLine(const WorkLine&) = delete;
  WorkLine& operator=(const WorkLine&) = delete;
  ~WorkLine();

 private:
  void Show();

  std::string file_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::thread thread_;
};

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_WORK_LINE_H_
