// SPDX-License-Identifier: MIT
//
// No false alarms: where a program of the corpus passes, neither Diagnose nor `heddle check` finds
// anything in its runs. And none that is missing: a run that gets stuck has a verdict, and where
// tasks lock each other out it is a deadlock, with its circle.
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "corpus/program.h"
#include "corpus/programs.h"
#include "heddle/choosers/exhaustive.h"
#include "heddle/diagnosis.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/task.h"
#include "red_flags.h"
#include "support/catch.h"

namespace heddle::corpus {
namespace {

// The schedules that are looked at of each program, the first in the order of a full search.
constexpr int kSchedules = 30;

// Calls visit(run) for runs of `entry`, each recorded in full.
template <class Visit>
void VisitRuns(const Entry& entry, Visit visit) {
  ExhaustiveChooser chooser;
  StartAtOnce start_at_once(chooser);
  RunOptions options;
  options.chooser = &start_at_once;
  options.record = RecordMode::kEvents;
  ProgramBody body(entry, StartMode::kAllAtOnce);
  for (int i = 0; i < kSchedules && !chooser.exhausted(); ++i) {
    ++options.schedule;
    visit(Run(body, options));
  }
}

std::string TextOf(const std::vector<Diagnosis>& diagnoses) {
  std::string text;
  for (const Diagnosis& diagnosis : diagnoses) text += diagnosis.text + "\n";
  return text;
}

std::string TextOf(const Trace& trace, const std::vector<tools::RedFlag>& flags) {
  return tools::RedFlagsText(trace, flags, {});
}

TEST_CASE("no run of a fixed program that finishes has a verdict or a red flag") {
  std::size_t finished = 0;
  for (const RealBug& bug : Gallery()) {
    INFO(bug.fixed.name);
    VisitRuns(bug.fixed, [&](const RunResult& run) {
      if (run.ending != Ending::kFinished) return;
      ++finished;
      const std::vector<Diagnosis> verdicts = Diagnose(run.trace);
      INFO(TextOf(verdicts));
      REQUIRE(verdicts.empty());
      const std::vector<tools::RedFlag> flags = tools::FindRedFlags(run.trace, {});
      INFO(TextOf(run.trace, flags));
      REQUIRE(flags.empty());
    });
  }
  CHECK(finished > 10 * Gallery().size());
}

TEST_CASE("no run of a buggy program that happens to pass has a verdict or a red flag") {
  std::size_t finished = 0;
  for (const Entry& entry : BugPrograms()) {
    INFO(entry.name);
    VisitRuns(entry, [&](const RunResult& run) {
      if (run.ending != Ending::kFinished) return;
      ++finished;
      REQUIRE(TextOf(Diagnose(run.trace)).empty());
      const std::vector<tools::RedFlag> flags = tools::FindRedFlags(run.trace, {});
      INFO(TextOf(run.trace, flags));
      REQUIRE(flags.empty());
    });
  }
  CHECK(finished > BugPrograms().size());
}

// B05 with locks that heddle knows as such, for any number of tasks: each takes its own and then
// that of the next. (The locks of the corpus are shared values, which nobody has.)
class Philosophers final : public Program {
 public:
  explicit Philosophers(std::size_t count) : forks_(count) {
    for (std::size_t i = 0; i < count; ++i) Add([this, i] { return Eat(i); });
  }

 private:
  Task<> Eat(std::size_t i) {
    const MutexGuard first = co_await forks_[i].Lock();
    const MutexGuard second = co_await forks_[(i + 1) % forks_.size()].Lock();
  }

  std::vector<Mutex> forks_;
};

TEST_CASE("each run in which locks are taken in a circle is a deadlock of all who take them") {
  for (const std::size_t count : {std::size_t{2}, std::size_t{3}}) {
    INFO(count);
    std::size_t stuck = 0;
    std::size_t finished = 0;
    VisitRuns(MakeEntry<Philosophers>("philosophers", count), [&](const RunResult& run) {
      const std::vector<Diagnosis> verdicts = Diagnose(run.trace);
      INFO(TextOf(verdicts));
      if (run.ending == Ending::kFinished) {
        ++finished;
        REQUIRE(verdicts.empty());
        return;
      }
      ++stuck;
      REQUIRE(run.ending == Ending::kStuck);
      REQUIRE(verdicts.size() == 1);
      CHECK(verdicts.front().verdict == Verdict::kDeadlock);
      const std::vector<TaskId>& circle = verdicts.front().tasks;
      CHECK(std::set<TaskId>(circle.begin(), circle.end()).size() == count);
      CHECK(circle.size() == count);
    });
    CHECK(stuck > 0);
    CHECK(finished > 0);
  }
}

TEST_CASE("each run of a program of the corpus that gets stuck has a verdict that names a task") {
  std::size_t stuck = 0;
  for (const Entry& entry : BugPrograms()) {
    INFO(entry.name);
    VisitRuns(entry, [&](const RunResult& run) {
      if (run.ending != Ending::kStuck) return;
      ++stuck;
      const std::vector<Diagnosis> verdicts = Diagnose(run.trace);
      REQUIRE_FALSE(verdicts.empty());
      CHECK_FALSE(verdicts.front().tasks.empty());
    });
  }
  CHECK(stuck > 0);
}

}  // namespace
}  // namespace heddle::corpus
