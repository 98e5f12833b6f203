// SPDX-License-Identifier: MIT
//
// The search by kinds against the traces that were counted elsewhere: as many runs as there are
// traces, none twice, whatever the order of the strands, and the same final states as the search
// through all interleavings.
#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "corpus/part3.h"
#include "corpus/program.h"
#include "corpus/programs.h"
#include "corpus/references.h"
#include "heddle/choosers/dpor.h"
#include "heddle/choosers/exhaustive.h"
#include "heddle/ending.h"
#include "heddle/executor.h"
#include "heddle/run.h"
#include "support/catch.h"

namespace heddle::corpus {
namespace {

struct Seen {
  std::uint64_t complete = 0;
  std::uint64_t failed = 0;
  std::set<std::string> states;  // of complete runs
  std::set<std::uint64_t> run_classes;
};

bool AssumptionDidNotHold(const Executor& executor) {
  if (executor.ending() != Ending::kThrew) return false;
  try {
    std::rethrow_exception(executor.exception());
  } catch (const AssumptionFailed&) {
    return true;
  } catch (const Violation&) {
    return false;
  }
}

Seen Search(const CountedRow& row, Chooser& chooser, std::uint64_t runs_max) {
  Seen seen;
  CountedBody body(row);
  internal::BodyRunner<CountedBody> runner(body);
  Executor executor;
  const RecordMode record = chooser.wants_events() ? RecordMode::kEvents : RecordMode::kChoices;
  for (std::uint64_t run = 0; run < runs_max && !chooser.exhausted(); ++run) {
    const Ending ending = executor.Execute(runner.ref(), {.chooser = &chooser, .record = record});
    const bool complete = !AssumptionDidNotHold(executor);
    executor.TearDown();
    if (ending == Ending::kThrew) ++seen.failed;
    seen.run_classes.insert(chooser.run_class());
    if (!complete) continue;
    ++seen.complete;
    seen.states.insert(std::string(Name(ending)) + " " + body.program().State());
  }
  return seen;
}

void CheckCounts(const CountedRow& row, std::uint64_t order) {
  INFO(row.name << ", order " << order);
  DporChooser chooser(order);
  const Seen seen = Search(row, chooser, 2 * row.traces + 100);
  CHECK(chooser.exhausted());
  CHECK(seen.complete == row.traces);
  CHECK(chooser.redundant() == 0);
  CHECK(seen.run_classes.size() == chooser.executions());
}

TEST_CASE("the search by kinds makes one run of each trace, and no other") {
  for (const CountedRow& row : CountedRows(2'000)) CheckCounts(row, 0);
}

// A failing run ends at its failure, so some failures that differ in what else went on are one; but
// a program that can only fail at its end, or get stuck, makes all of its runs whole.
TEST_CASE("the search by kinds makes one run of each trace of a program that passes") {
  constexpr std::uint64_t kTracesMost = 1'500;
  const std::vector<Entry> programs = BugPrograms();
  for (std::size_t i = 0; i < programs.size(); ++i) {
    const Traces& optimum = BugReferences()[i].traces;
    const std::uint64_t all = optimum.passing + optimum.failing;
    if (all == 0 || all > kTracesMost) continue;
    const std::uint64_t order = i % 3;
    INFO(programs[i].name << ", order " << order);
    ProgramBody body(programs[i], StartMode::kAllAtOnce, EndCheck::kAfterwards);
    internal::BodyRunner<ProgramBody> runner(body);
    DporChooser chooser(order);
    Executor executor;
    Traces traces;
    bool ended_early = false;
    while (!chooser.exhausted() && chooser.executions() <= all) {
      const Ending ending =
          executor.Execute(runner.ref(), {.chooser = &chooser, .record = RecordMode::kEvents});
      executor.TearDown();
      ended_early |= ending == Ending::kThrew;
      const bool passes = ending == Ending::kFinished && body.HoldsAtEnd();
      ++(passes ? traces.passing : traces.failing);
    }
    CHECK(chooser.exhausted());
    CHECK(chooser.redundant() == 0);
    CHECK(traces.passing == optimum.passing);
    CHECK(traces.failing > 0);
    CHECK(traces.failing <= optimum.failing);
    if (!ended_early) CHECK(traces.failing == optimum.failing);
  }
}

TEST_CASE("the number of runs does not depend on the order in which strands are tried") {
  for (const CountedRow& row : CountedRows(150)) {
    for (std::uint64_t order = 1; order <= 3; ++order) {
      CheckCounts(row, order);
    }
  }
}

TEST_CASE("the search by kinds ends in the same states as that through all interleavings") {
  constexpr std::uint64_t kSchedulesMost = 10'000;
  for (const CountedRow& row : CountedRows(2'000)) {
    if (row.schedules == 0 || row.schedules > kSchedulesMost) continue;
    INFO(row.name);
    ExhaustiveChooser exhaustive;
    StartAtOnce plain(exhaustive);
    const Seen all = Search(row, plain, 2 * kSchedulesMost);
    CHECK(exhaustive.interleavings() == row.schedules);
    DporChooser chooser;
    CHECK(Search(row, chooser, 2 * row.traces + 100).states == all.states);
  }
}

// A trace by its normal form: in the n-th set is each step before which n - 1 others have to come,
// one after the other. (Cartier and Foata, "Problemes combinatoires de commutation et
// rearrangements", 1969.)
class NormalForm {
 public:
  void Add(TaskId task, std::uint32_t object, bool reads) {
    std::uint32_t place = std::max(of_task_[task], wrote_[object]);
    if (!reads) place = std::max(place, read_[object]);
    ++place;
    of_task_[task] = place;
    std::uint32_t& last = reads ? read_[object] : wrote_[object];
    last = std::max(last, place);
    steps_.insert({place, task, object, reads});
  }

  friend auto operator<=>(const NormalForm& a, const NormalForm& b) {
    return a.steps_ <=> b.steps_;
  }

 private:
  std::map<TaskId, std::uint32_t> of_task_;
  std::map<std::uint32_t, std::uint32_t> wrote_;
  std::map<std::uint32_t, std::uint32_t> read_;
  std::set<std::tuple<std::uint32_t, TaskId, std::uint32_t, bool>> steps_;
};

TEST_CASE("the search by kinds makes as many runs as all interleavings have normal forms") {
  const std::vector<Entry> programs = BugPrograms();
  for (std::size_t i = 0; i < programs.size(); ++i) {
    const Reference& reference = BugReferences()[i];
    if (programs[i].name != "B09 reorder_4" && programs[i].name != "B09 reorder_5") continue;
    INFO(programs[i].name);
    ProgramBody body(programs[i], StartMode::kAllAtOnce, EndCheck::kAfterwards);
    internal::BodyRunner<ProgramBody> runner(body);
    ExhaustiveChooser exhaustive;
    StartAtOnce chooser(exhaustive);
    Executor executor;
    std::set<NormalForm> forms;
    while (!chooser.exhausted()) {
      const Ending ending =
          executor.Execute(runner.ref(), {.chooser = &chooser, .record = RecordMode::kEvents});
      executor.TearDown();
      if (ending != Ending::kFinished || !body.HoldsAtEnd()) continue;
      NormalForm form;
      executor.recorder().VisitEvents([&](const Recorder::EventView& event) {
        const bool reads = event.operation == Operation::kRead;
        if (!event.begins_step() || (!reads && event.operation != Operation::kWrite)) return;
        form.Add(event.task, event.object, reads);
      });
      forms.insert(std::move(form));
    }
    CHECK(exhaustive.interleavings() == reference.interleavings);
    CHECK(forms.size() == reference.traces.passing);
  }
}

TEST_CASE("the failure that hides in one of 1716 traces is found once") {
  for (const CountedRow& row : CountedRows(2'000)) {
    if (row.name != "bug after 1k") continue;
    DporChooser chooser;
    CHECK(Search(row, chooser, 5'000).failed == 1);
  }
}

}  // namespace
}  // namespace heddle::corpus
