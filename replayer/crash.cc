// SPDX-License-Identifier: MIT
#include "crash.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "block_runner.h"
#include "child_process.h"
#include "heddle/process_info.h"
#include "shared_memory.h"
#include "subject.h"

namespace heddle::internal {
namespace {

// Without constructors, so that what is not written is not there.
struct LoggedChoice {
  std::uint32_t picked;
  std::uint32_t first;
  std::uint32_t alternatives;
  ChoiceKind kind;
};

// What outlives the process that makes the choices.
struct ChoiceLog {
  static constexpr std::size_t kMost = std::size_t{1} << 20;

  std::atomic<std::size_t> size;
  std::array<char, 64> chooser;
  std::uint64_t seed;
  std::array<LoggedChoice, kMost> choices;

  void Append(const LoggedChoice& choice) {
    const std::size_t at = size.load(std::memory_order_relaxed);
    if (at == kMost) return;
    choices[at] = choice;
    size.store(at + 1, std::memory_order_release);
  }
};

// Writes down what another chooser picks, before it is done.
class LoggingChooser final : public Chooser {
 public:
  LoggingChooser(std::unique_ptr<Chooser> chooser, ChoiceLog& log)
      : chooser_(std::move(chooser)), log_(&log) {}

  void BeginRun(std::uint64_t schedule) override {
    chooser_->BeginRun(schedule);
    log_->size.store(0);
    log_->seed = chooser_->seed();
    log_->chooser = {};
    const std::string_view name = chooser_->name();
    name.copy(log_->chooser.data(), log_->chooser.size() - 1);
  }
  std::size_t ChooseTask(const ReadySet& ready) override {
    const std::size_t picked = chooser_->ChooseTask(ready);
    if (ready.size() > 1 && picked < ready.size()) {
      log_->Append({.picked = ready[picked].task(),
                    .first = ready[ready.first()].task(),
                    .alternatives = static_cast<std::uint32_t>(ready.size()),
                    .kind = ChoiceKind::kTask});
    }
    return picked;
  }
  std::uint32_t ChooseValue(std::uint32_t alternatives) override {
    const std::uint32_t picked = chooser_->ChooseValue(alternatives);
    log_->Append(
        {.picked = picked, .first = 0, .alternatives = alternatives, .kind = ChoiceKind::kValue});
    return picked;
  }
  void EndRun(const Recorder& recorder, Ending ending) override {
    chooser_->EndRun(recorder, ending);
  }
  bool wants_every_step() const override { return chooser_->wants_every_step(); }
  bool wants_events() const override { return chooser_->wants_events(); }
  bool exhausted() const override { return chooser_->exhausted(); }
  std::uint64_t run_class() const override { return chooser_->run_class(); }
  std::string_view name() const override { return chooser_->name(); }
  std::uint64_t seed() const override { return chooser_->seed(); }

 private:
  std::unique_ptr<Chooser> chooser_;
  ChoiceLog* log_;
};

// Goes no further than one schedule.
class StopBehind final : public BlockWatch {
 public:
  explicit StopBehind(std::uint64_t schedule) : schedule_(schedule) {}

  Wish BeginSchedule(std::uint64_t schedule) override {
    return schedule <= schedule_ ? Wish::kGoOn : Wish::kDrop;
  }
  bool ExtraTimePassed() override { return false; }
  void Passed(std::uint64_t /*schedule*/, std::uint64_t /*run_class*/) override {}

 private:
  std::uint64_t schedule_;
};

Trace TraceOf(const ChoiceLog& log) {
  Trace trace;
  trace.header.chooser = log.chooser.data();
  trace.header.seed = log.seed;
  const std::size_t size = log.size.load();
  for (std::size_t i = 0; i < size; ++i) {
    const LoggedChoice& choice = log.choices[i];
    trace.choices.push_back({.picked = choice.picked,
                             .first = choice.first,
                             .alternatives = choice.alternatives,
                             .kind = choice.kind});
  }
  return trace;
}

}  // namespace

Trace ChoicesOfCrash(ExploredBody& body, const ExploreOptions& options, const Crash& crash) {
  const SharedMemory<ChoiceLog> log;
  const pid_t child = ForkChild([&] {
    BlockRunner runner(body, options, [&](std::unique_ptr<Chooser> chooser) {
      return std::make_unique<LoggingChooser>(std::move(chooser), *log);
    });
    StopBehind watch(crash.schedule);
    runner.Run(crash.block, watch);
  });
  if (child > 0) WaitForChild(child);
  Trace trace = TraceOf(*log);
  TraceHeader& header = trace.header;
  SetSubject(header, options);
  header.schedule = crash.schedule;
  header.ending = Ending::kStopped;
  header.message = "the program crashed: " + crash.how;
  DescribeProcess(header);
  return trace;
}

}  // namespace heddle::internal
