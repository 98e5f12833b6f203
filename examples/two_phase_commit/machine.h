// SPDX-License-Identifier: MIT
//
// A machine runs one program. Where it crashes, all tasks of the program are gone at once, with
// what they had in memory and on their way to the disk. After a while it starts the program again,
// which has to go on from what the disk has.
#ifndef HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_MACHINE_H_
#define HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_MACHINE_H_

#include <heddle/channel.h>
#include <heddle/clock.h>
#include <heddle/task.h>

#include <functional>
#include <string>
#include <string_view>

#include "faults.h"
#include "message.h"

namespace two_phase_commit {

class Program {
 public:
  virtual ~Program() = default;

  // What was not synced is gone.
  virtual void LosePower() = 0;
  // Fills the memory, which holds nothing of value, from the disk.
  virtual void Recover() = 0;
  // One life: ends when the inbox is closed, or with a Crash. All its tasks belong to it.
  virtual heddle::Task<> Live() = 0;
};

class Machine {
 public:
  // Thrown where a machine crashes; nobody else may catch it.
  struct Crash {};

  Machine(std::string_view name, Faults& faults)
      : name_(name), faults_(faults), inbox_(heddle::kUnbounded, name) {}

  heddle::Channel<Message>& inbox() { return inbox_; }
  bool is_up() const { return is_up_; }
  bool has_nothing_to_do() const { return is_up_ && inbox_.size() == 0; }

  // Here it may crash.
  void MayCrash(std::string_view where);
  heddle::Duration TimeOfSync() { return faults_.TimeOfSync(); }
  // Until a life of `program` ends without a crash. `recovered` is called at the start of each.
  heddle::Task<> KeepRunning(Program& program, const std::function<void()>& recovered);

 private:
  std::string name_;
  Faults& faults_;
  heddle::Channel<Message> inbox_;
  bool is_up_ = false;
};

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_MACHINE_H_
