// SPDX-License-Identifier: MIT
//
// heddle_bench: measures the workloads (workload.h) with Google Benchmark and says what they
// come to (report.h).
#include <benchmark/benchmark.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frame_bytes.h"
#include "report.h"
#include "workload.h"

namespace heddle::bench {
namespace {

enum ExitCode { kOk = 0, kUsage = 2, kFile = 3 };

constexpr const char* kFooter = R"(
Flags of Google Benchmark are passed on, for example:
  --benchmark_filter=REGEX     only these workloads: Y E2 E3 M T100 ... EventToFile OffSwitch
  --benchmark_repetitions=N    samples of each, 9 by default; their median counts
  --benchmark_min_time=S       how long one sample takes, 0.3 seconds by default
  --benchmark_out=FILE         every sample, as JSON)";

int Fail(std::string_view message, ExitCode code) {
  std::cerr << "heddle_bench: " << message << "\n";
  return code;
}

// Called by Google Benchmark when the value of one of its flags makes no sense.
void RefuseValue() {
  std::exit(
      Fail("a --benchmark_ flag has a value that Google Benchmark does not know\n"
           "  heddle_bench --help shows examples",
           kUsage));
}

// Keeps the samples; shows nothing of its own.
class Collector : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& /*context*/) override {
    std::cerr << "heddle_bench: measuring; this takes some minutes\n";
    return true;
  }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration) continue;
      for (const auto& [contender, nanoseconds] : run.counters) {
        samples_.Add(run.run_name.function_name, contender, nanoseconds);
      }
    }
  }

  const Samples& samples() const { return samples_; }

 private:
  Samples samples_;
};

struct Flags {
  std::string json;
  std::vector<std::string> passed_on;
};

int Show(const std::vector<Figure>& figures, const Flags& flags) {
  if (flags.json.empty()) {
    std::cout << TableText(figures);
    return kOk;
  }
  std::ofstream file(flags.json);
  file << JsonText(figures);
  file.close();
  if (file.good()) return kOk;
  return Fail("cannot write " + flags.json + "\n  is its folder there, and the disk not full?",
              kFile);
}

bool CanWrite(const std::string& path) {
  return path.empty() || std::ofstream(path, std::ios::app).good();
}

int Run(const Flags& flags) {
  // The last of several equal flags counts, so these are only defaults.
  std::vector<std::string> arguments = {"heddle_bench", "--benchmark_repetitions=9",
                                        "--benchmark_min_time=0.3"};
  arguments.insert(arguments.end(), flags.passed_on.begin(), flags.passed_on.end());
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  int argc = static_cast<int>(arguments.size());
  benchmark::Initialize(&argc, argv.data(), &RefuseValue);
  if (benchmark::ReportUnrecognizedArguments(argc, argv.data())) return kUsage;

  // Before the time is spent, not after.
  if (!CanWrite(flags.json)) {
    return Fail("cannot write " + flags.json + "\n  is its folder there?", kFile);
  }
  for (Trial& trial : RecordingTrials()) Register(std::move(trial));
  for (Trial& trial : PrimitiveTrials()) Register(std::move(trial));
  for (Workload& workload : RecordingWorkloads()) Register(std::move(workload));
  for (Workload& workload : SimulatedWorkloads()) Register(std::move(workload));
  for (Workload& workload : PrimitiveWorkloads()) Register(std::move(workload));
  for (Workload& workload : StrategyWorkloads()) Register(std::move(workload));
  Register(WorkerWorkload());
  Register(OffCalls());
  Register(LiveCalls());
  Register(OffSwitch());

  Collector collector;
  if (benchmark::RunSpecifiedBenchmarks(&collector) == 0) return kUsage;
  if (collector.samples().empty()) return kOk;  // the names were asked for, or nothing was left
  return Show(Figures(collector.samples(), OffFrameBytes()), flags);
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("Measures heddle against hand-written code that does the same.", "heddle_bench");
  app.add_option("--json", flags.json,
                 "Write the figures to FILE instead of a table to the standard output")
      ->option_text("FILE");
  app.footer(kFooter);
  app.allow_extras();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  flags.passed_on = app.remaining();
  for (const std::string& argument : flags.passed_on) {
    if (argument.starts_with("--benchmark_") && !argument.starts_with("--benchmark_format")) {
      continue;
    }
    return Fail("unknown argument '" + argument + "'\n  heddle_bench --help lists what it knows",
                kUsage);
  }
  return Run(flags);
}

}  // namespace
}  // namespace heddle::bench

int main(int argc, char** argv) { return heddle::bench::Main(argc, argv); }
