// SPDX-License-Identifier: MIT
//
// The primitives, recorded in full, against the same written by hand (primitive_floors.h): what a
// timer, a lock that is handed over, a message and a join cost in a long run. And many tasks at
// once: what memory one takes, and what a step costs among ten and among a million.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floor.h"
#include "heddle/channel.h"
#include "heddle/check.h"
#include "heddle/chooser.h"
#include "heddle/executor.h"
#include "heddle/gate.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "heddle/world.h"
#include "primitive_floors.h"
#include "workload.h"

namespace heddle::bench {
namespace {

using RecordedFloor = floor::RandomPick<true>;

// Runs bodies one after the other, each recorded in full.
class Recording {
 public:
  explicit Recording(std::shared_ptr<Chooser> chooser) : chooser_(std::move(chooser)) {
    options_.chooser = chooser_.get();
    options_.record = RecordMode::kEvents;
    options_.steps_max = std::uint64_t{1} << 40;
    options_.tasks_max = std::size_t{1} << 40;
  }

  template <class Body>
  void Run(Body body) {
    ++options_.schedule;
    internal::BodyRunner runner(body);
    HEDDLE_CHECK(executor_.Execute(runner.ref(), options_) == Ending::kFinished,
                 "a workload did not run to its end");
  }

 private:
  std::shared_ptr<Chooser> chooser_;
  RunOptions options_;
  Executor executor_;
};

std::shared_ptr<Recording> RandomRecording() {
  return std::make_shared<Recording>(std::make_shared<RandomChooser>(42));
}

// --- T100: a hundred periodic timers, of 1 to 100 ms -----------------------------------------

constexpr int kPeriods = 100;
constexpr long kExpiries = 50'000;
constexpr std::uint64_t kMillisecond = 1'000'000;

Task<void> Tick(int milliseconds, long& left) {
  while (left-- > 0) co_await SleepFor(std::chrono::milliseconds(milliseconds));
}

floor::Coroutine Tick(floor::Timers& timers, int milliseconds, long& left) {
  while (left-- > 0) {
    co_await timers.SleepFor(static_cast<std::uint64_t>(milliseconds) * kMillisecond);
  }
}

void RunTicks(Recording& recording) {
  long left = kExpiries;
  recording.Run([&](World& world) {
    for (int period = 1; period <= kPeriods; ++period) world.Spawn(Tick(period, left));
  });
}

void RunFloorTicks() {
  floor::Timers timers;
  long left = kExpiries;
  std::vector<floor::Coroutine> tasks;
  for (int period = 1; period <= kPeriods; ++period) {
    tasks.push_back(Tick(timers, period, left));
    timers.queue().Push(tasks.back().frame());
  }
  timers.Run();
}

// --- a lock that is handed over --------------------------------------------------------------

constexpr int kHolders = 3;
constexpr int kHolds = 10'000;

Task<void> Hold(Mutex& mutex) {
  for (int i = 0; i < kHolds; ++i) {
    const MutexGuard guard = co_await mutex.Lock();
    co_await Yield();
  }
}

// The floor's lock is not a switch point, so it yields before.
floor::Coroutine Hold(RecordedFloor& queue, floor::Mutex<RecordedFloor>& mutex) {
  for (int i = 0; i < kHolds; ++i) {
    co_await floor::Yield(queue);
    co_await mutex.Lock();
    co_await floor::Yield(queue);
    queue.Note(0);
    mutex.Unlock();
  }
}

void RunHolds(Recording& recording) {
  Mutex mutex;
  recording.Run([&](World& world) {
    for (int i = 0; i < kHolders; ++i) world.Spawn(Hold(mutex));
  });
}

void RunFloorHolds(RecordedFloor& queue) {
  floor::Mutex<RecordedFloor> mutex(queue);
  floor::RunTasks<kHolders>(queue, [&] { return Hold(queue, mutex); });
}

// --- a message -------------------------------------------------------------------------------

constexpr int kMessages = 30'000;
constexpr std::size_t kRoom = 16;
using FloorChannel = floor::Channel<RecordedFloor, kRoom>;

void CheckSum(std::int64_t sum) {
  HEDDLE_CHECK(sum == std::int64_t{kMessages} * (kMessages - 1) / 2, "a message was lost");
}

Task<void> Send(Channel<int>& channel) {
  for (int i = 0; i < kMessages; ++i) co_await channel.Send(i);
}
Task<void> Receive(Channel<int>& channel, std::int64_t& sum) {
  for (int i = 0; i < kMessages; ++i) {
    const std::optional<int> message = co_await channel.Receive();
    sum += *message;
  }
}

floor::Coroutine Send(FloorChannel& channel) {
  for (int i = 0; i < kMessages; ++i) co_await channel.Send(i);
}
floor::Coroutine Receive(FloorChannel& channel, std::int64_t& sum) {
  for (int i = 0; i < kMessages; ++i) {
    const int message = co_await channel.Receive();
    sum += message;
  }
}

void RunMessages(Recording& recording) {
  Channel<int> channel(kRoom);
  std::int64_t sum = 0;
  recording.Run([&](World& world) {
    world.Spawn(Send(channel));
    world.Spawn(Receive(channel, sum));
  });
  CheckSum(sum);
}

void RunFloorMessages(RecordedFloor& queue) {
  FloorChannel channel(queue);
  std::int64_t sum = 0;
  const floor::Coroutine sender = Send(channel);
  const floor::Coroutine receiver = Receive(channel, sum);
  queue.Push(sender.frame());
  queue.Push(receiver.frame());
  while (!queue.empty()) queue.Step();
  CheckSum(sum);
}

// --- an empty task, spawned and joined -------------------------------------------------------

constexpr int kJoins = 20'000;
using FloorGroup = floor::Group<RecordedFloor>;

Task<void> Nothing() { co_return; }
FloorGroup::Child FloorNothing() { co_return; }

Task<void> SpawnAndJoin() {
  TaskGroup group;
  for (int i = 0; i < kJoins; ++i) {
    group.Spawn(Nothing());
    co_await group.Join();
  }
}

floor::Coroutine SpawnAndJoin(FloorGroup& group) {
  for (int i = 0; i < kJoins; ++i) {
    group.Spawn(FloorNothing());
    co_await group.Join();
  }
}

void RunJoins(Recording& recording) {
  recording.Run([](World& world) { world.Spawn(SpawnAndJoin()); });
}

void RunFloorJoins(RecordedFloor& queue) {
  FloorGroup group(queue);
  floor::RunTasks<1>(queue, [&] { return SpawnAndJoin(group); });
}

Workload AgainstFloor(std::string name, double operations, void (*floor_run)(RecordedFloor&),
                      void (*run)(Recording&)) {
  return {
      std::move(name),
      operations,
      {{"floor_recorded", [=, queue = std::make_shared<RecordedFloor>()] { floor_run(*queue); }},
       {"recorded", [=, recording = RandomRecording()] { run(*recording); }}}};
}

// --- many tasks at once ----------------------------------------------------------------------

constexpr std::size_t kFew = 10;
constexpr std::size_t kMany = 1'000'000;

// What the process has in memory, in bytes. What was freed before goes back to the system first.
double ResidentBytes() {
  malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  double resident = 0;
  file >> pages >> resident;
  HEDDLE_CHECK(file.good(), "/proc/self/statm cannot be read");
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

Task<void> PassGate(Gate& gate) { co_await gate.Wait(); }

// The same by hand: the least that can wait.
floor::Coroutine Park() { co_await std::suspend_always(); }

double FloorTaskBytes() {
  std::vector<floor::Frame> frames(kMany);
  const double before = ResidentBytes();
  for (floor::Frame& frame : frames) {
    frame = Park().Release();
    frame.resume();
  }
  const double bytes = (ResidentBytes() - before) / kMany;
  for (const floor::Frame& frame : frames) frame.destroy();
  return bytes;
}

// With all that they left in the recording, and in the lists of the executor.
double TaskBytes() {
  double bytes = 0;
  Recording recording(std::make_shared<FifoChooser>());
  recording.Run([&](World& world) -> Task<void> {
    Gate gate;
    const double before = ResidentBytes();
    for (std::size_t i = 0; i < kMany; ++i) world.Spawn(PassGate(gate));
    co_await SleepFor(std::chrono::nanoseconds(1));  // until all of them wait
    bytes = (ResidentBytes() - before) / kMany;
    gate.Open();
    co_await SleepFor(std::chrono::nanoseconds(1));  // the gate stays until they are through
  });
  return bytes;
}

std::vector<Measured> MeasureTaskBytes() {
  const double frame = FloorTaskBytes();
  return {{"beside_frame", TaskBytes() - frame}, {"frame", frame}};
}

double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Counts the steps that all tasks make together, and takes the time of those in the middle: to
// spawn the tasks, to start them and to end them is left out.
class StepMeter {
 public:
  // A task makes a step; false: it was the last of those that are measured.
  bool Step() {
    ++steps_;
    if (steps_ == kStartSteps) start_ = CpuSeconds();
    if (steps_ == kStartSteps + kSteps) seconds_ = CpuSeconds() - start_;
    return steps_ < kStartSteps + kSteps;
  }
  double nanoseconds_a_step() const { return seconds_ * 1e9 / kSteps; }

 private:
  // Of a million tasks that are picked at random all but a few have started by then.
  static constexpr std::size_t kStartSteps = 2 * kMany;
  static constexpr std::size_t kSteps = kMany;

  std::size_t steps_ = 0;
  double start_ = 0;
  double seconds_ = 0;
};

Task<void> TakeTurns(StepMeter& meter) {
  while (meter.Step()) co_await Yield();
}

floor::Coroutine TakeTurns(RecordedFloor& queue, StepMeter& meter) {
  while (meter.Step()) co_await floor::Yield(queue);
}

double StepCost(Recording& recording, std::size_t tasks) {
  StepMeter meter;
  recording.Run([&](World& world) {
    for (std::size_t i = 0; i < tasks; ++i) world.Spawn(TakeTurns(meter));
  });
  return meter.nanoseconds_a_step();
}

double FloorStepCost(RecordedFloor& queue, std::size_t tasks) {
  StepMeter meter;
  std::vector<floor::Coroutine> coroutines;
  coroutines.reserve(tasks);
  for (std::size_t i = 0; i < tasks; ++i) {
    coroutines.push_back(TakeTurns(queue, meter));
    queue.Push(coroutines.back().frame());
  }
  while (!queue.empty()) queue.Step();
  return meter.nanoseconds_a_step();
}

// The least of three turns, taken one after the other: what disturbs a turn makes it longer.
std::vector<Measured> MeasureStepGrowth() {
  constexpr int kTurns = 3;
  Recording in_order(std::make_shared<FifoChooser>());
  Recording at_random(std::make_shared<RandomChooser>(42));
  RecordedFloor queue(kMany);
  std::vector<Measured> least;
  const auto keep = [&](const char* name, double cost) {
    for (Measured& known : least) {
      if (known.name != name) continue;
      known.value = std::min(known.value, cost);
      return;
    }
    least.push_back({name, cost});
  };
  for (int turn = 0; turn < kTurns; ++turn) {
    keep("few_in_order", StepCost(in_order, kFew));
    keep("many_in_order", StepCost(in_order, kMany));
    keep("few_at_random", StepCost(at_random, kFew));
    keep("many_at_random", StepCost(at_random, kMany));
    keep("floor_few", FloorStepCost(queue, kFew));
    keep("floor_many", FloorStepCost(queue, kMany));
  }
  return least;
}

}  // namespace

std::vector<Trial> PrimitiveTrials() {
  return {{"TaskBytes", MeasureTaskBytes}, {"StepGrowth", MeasureStepGrowth}};
}

std::vector<Workload> PrimitiveWorkloads() {
  return {{"T100",
           kExpiries,
           {{"floor_recorded", RunFloorTicks},
            {"recorded", [recording = RandomRecording()] { RunTicks(*recording); }}}},
          AgainstFloor("Handover", kHolders * kHolds, RunFloorHolds, RunHolds),
          AgainstFloor("Hop", kMessages, RunFloorMessages, RunMessages),
          AgainstFloor("SpawnJoin", kJoins, RunFloorJoins, RunJoins)};
}

}  // namespace heddle::bench
