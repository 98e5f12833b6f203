// SPDX-License-Identifier: MIT
//
// Program: a model with its tasks, and how one is run. In mode A all tasks are there before the
// first decision. In mode B a main task spawns them one by one, in order, and then joins them.
//
// A task that is spawned makes its start at once, which is no decision (StartAtOnce): so a
// schedule of a program is exactly a sequence of its steps.
#ifndef HEDDLE_TESTS_CORPUS_PROGRAM_H_
#define HEDDLE_TESTS_CORPUS_PROGRAM_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/chooser.h"
#include "heddle/executor.h"
#include "heddle/run.h"
#include "heddle/task.h"
#include "heddle/world.h"

namespace heddle::corpus {

class Program {
 public:
  using Start = std::function<Task<>()>;

  Program() = default;
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  virtual ~Program() = default;

  // What is checked when the last task has ended, in its last step.
  virtual void AtEnd() {}
  // Whether a run that ends with tasks that wait is a failure.
  virtual bool deadlock_is_failure() const { return true; }

  // In the order in which they are spawned.
  const std::vector<Start>& starts() const { return starts_; }

 protected:
  void Add(Start start) { starts_.push_back(std::move(start)); }

 private:
  std::vector<Start> starts_;
};

// A program of the corpus: each run has one of its own.
struct Entry {
  std::string name;
  std::function<std::unique_ptr<Program>()> make;
};

// The program `Model(arguments...)`.
template <class Model, class... Arguments>
Entry MakeEntry(std::string name, Arguments... arguments) {
  return {std::move(name), [=] { return std::make_unique<Model>(arguments...); }};
}

enum class StartMode : std::uint8_t { kAllAtOnce, kOneByOne };

// Who calls AtEnd(): the task that ends last, so that a violation is the failure of the run; or
// ProgramBody::HoldsAtEnd, so that looking is no part of any step, and conflicts with none.
enum class EndCheck : std::uint8_t { kInLastStep, kAfterwards };

// A program as a body, to be run any number of times.
class ProgramBody {
 public:
  ProgramBody(const Entry& entry, StartMode mode, EndCheck end_check = EndCheck::kInLastStep)
      : entry_(&entry), mode_(mode), end_check_(end_check) {}

  void operator()(World& world);
  // Of a run that finished, with its check left for afterwards. Not while it can still record.
  bool HoldsAtEnd();
  // The program of the last run.
  const Program& program() const { return *program_; }

 private:
  const Entry* entry_;
  StartMode mode_;
  EndCheck end_check_;
  std::unique_ptr<Program> program_;
  std::size_t left_ = 0;  // how many tasks have not ended
};

// Lets a task that was spawned run up to its first step, before anything else: the chooser
// within never sees such a start.
class StartAtOnce final : public Chooser {
 public:
  explicit StartAtOnce(Chooser& inner) : inner_(&inner) {}

  void BeginRun(std::uint64_t schedule) override { inner_->BeginRun(schedule); }
  std::size_t ChooseTask(const ReadySet& ready) override;
  std::uint32_t ChooseValue(std::uint32_t alternatives) override {
    return inner_->ChooseValue(alternatives);
  }
  void EndRun(const Recorder& recorder, Ending ending) override {
    inner_->EndRun(recorder, ending);
  }
  bool wants_every_step() const override { return inner_->wants_every_step(); }
  bool wants_events() const override { return inner_->wants_events(); }
  bool exhausted() const override { return inner_->exhausted(); }
  std::string_view name() const override { return inner_->name(); }
  std::uint64_t seed() const override { return inner_->seed(); }

 private:
  Chooser* inner_;
};

// Runs a program under one chooser, schedule after schedule.
class ProgramRunner {
 public:
  ProgramRunner(const Entry& entry, StartMode mode, Chooser& chooser)
      : body_(entry, mode), runner_(body_), start_at_once_(chooser) {}

  // Gives whether the schedule failed. Throws std::runtime_error for one that does not end.
  bool Fails(std::uint64_t schedule);
  bool exhausted() const { return start_at_once_.exhausted(); }

 private:
  ProgramBody body_;
  internal::BodyRunner<ProgramBody> runner_;
  StartAtOnce start_at_once_;
  Executor executor_;
};

}  // namespace heddle::corpus

#endif  // HEDDLE_TESTS_CORPUS_PROGRAM_H_
