// SPDX-License-Identifier: MIT
//
// Log: the file on a machine's disk that only grows. A record that was appended can be read at
// once, and survives a crash only when a Sync that began after it has ended. A Sync takes time, so
// whatever other tasks do meanwhile, they do before the record is safe.
#ifndef HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_LOG_H_
#define HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_LOG_H_

#include <heddle/sleep.h>
#include <heddle/task.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "machine.h"

namespace two_phase_commit {

template <class Record>
class Log {
 public:
  explicit Log(Machine& machine) : machine_(machine) {}

  void Append(const Record& record) { records_.push_back(record); }

  // Until all that was appended before is safe, whoever appended it.
  heddle::Task<> Sync() {
    const std::size_t end = records_.size();
    co_await heddle::SleepFor(machine_.TimeOfSync());
    machine_.MayCrash("just before its records are safe");
    synced_ = std::max(synced_, end);
    machine_.MayCrash("just after its records are safe");
  }

  void LoseTail() { records_.resize(synced_); }

  const std::vector<Record>& records() const { return records_; }

 private:
  Machine& machine_;
  std::vector<Record> records_;
  std::size_t synced_ = 0;  // so many of them are safe
};

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_LOG_H_
