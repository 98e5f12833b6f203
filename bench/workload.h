// SPDX-License-Identifier: MIT
//
// Workload: one program, written several times over: through heddle, and by hand with nothing
// in it that the program does not need. The contenders take turns, some milliseconds each, so
// that whatever else the machine does meets all of them alike.
//
// The workloads are in simulated.cc and off_*.cc; report.h makes figures of what they take.
#ifndef HEDDLE_BENCH_WORKLOAD_H_
#define HEDDLE_BENCH_WORKLOAD_H_

#include <functional>
#include <string>
#include <vector>

namespace heddle::bench {

struct Contender {
  std::string name;
  std::function<void()> run;  // one turn
};

// What time is taken by.
enum class Clock {
  kCpu,   // of this thread: what others do on the machine is left out
  kWall,  // where other processes take part
};

struct Workload {
  std::string name;
  double operations = 1;  // in one turn; the time of one of them is what counts
  std::vector<Contender> contenders;
  Clock clock = Clock::kCpu;
  // Called before the first turn; gives the operations where there is no telling before.
  std::function<double()> prepare = {};
};

// Something that is done once, because it takes long, and measures itself.
struct Measured {
  std::string name;
  double value = 0;
};
struct Trial {
  std::string name;
  std::function<std::vector<Measured>()> run;
};

// The simulation, recorded and unrecorded, against hand-written executors.
std::vector<Workload> SimulatedWorkloads();

// Timers, locks, messages and joins, against the same by hand; and a million tasks at once.
std::vector<Trial> PrimitiveTrials();
std::vector<Workload> PrimitiveWorkloads();

// The strategies of Explore: a step of each, and a search to its end.
std::vector<Workload> StrategyWorkloads();

// An exploration in one process, and in two.
Workload WorkerWorkload();

// Recordings: written, read back, searched for causes; and with the command. Trials first: what
// memory a program takes can be measured only as long as this one takes little.
std::vector<Trial> RecordingTrials();
std::vector<Workload> RecordingWorkloads();

// HEDDLE_TRACING=0 against hand-written tasks, and against a hand-written executor.
Workload OffCalls();
Workload OffSwitch();

// HEDDLE_TRACING=2 against hand-written tasks, and as many raw events.
Workload LiveCalls();

// Has Google Benchmark measure it: one counter a contender, nanoseconds an operation.
void Register(Workload workload);
// One counter for each thing that was measured.
void Register(Trial trial);

}  // namespace heddle::bench

#endif  // HEDDLE_BENCH_WORKLOAD_H_
