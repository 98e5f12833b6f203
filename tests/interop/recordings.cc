// SPDX-License-Identifier: MIT
//
// Writes the recordings that run.sh converts for parsers that are not ours: the run of a small
// shop, one whose names hold what some format uses as a sign, and some that hold anything.
//   heddle_interop_recordings DIRECTORY
#include <rapidcheck.h>

#include <cstdint>
#include <iostream>
#include <string>

#include "heddle/trace_io.h"
#include "recorder/arbitrary_trace.h"
#include "support/trace_builder.h"
#include "tools/shop_run.h"

namespace heddle {
namespace {

Trace RunOf(const std::string& name) {
  TraceBuilder run;
  const ObjectId mutex = run.Object("Mutex", name);
  const TaskId body = run.Main();
  run.WorkFor(body, run.Flow(name));
  const TaskId caller = run.Call(body, "Outer<" + name + ">", "a b.cc:12");
  const TaskId callee = run.Call(caller, name, "a b.cc:20");
  run.Await(callee, Operation::kLock, mutex, "a b.cc:31");
  run.Mark(callee, name,
           {{name, name},
            {"n", std::int64_t{-1}},
            {"x", 0.5},
            {"b", true},
            {"y", Bytes{std::string("\0\xff", 2)}}});
  run.Release(callee, mutex).Return(callee).Return(caller).Finish(body, Outcome::kException);
  run.header().test = name;
  run.header().message = name;
  run.header().failed_task = body;
  return run.Build();
}

// What quotes, ends or begins something in DOT, HTML, JSON or Mermaid.
Trace SignsRun() {
  return RunOf("end \"]}) --> | %% ; #quot; &amp; <br/> \\n \\ ` ' \n\t subgraph \x1b \xff é 織");
}

bool Write(const std::string& path, const Trace& trace) {
  const absl::Status status = WriteRecording(path, trace);
  if (!status.ok()) std::cerr << status.message() << "\n";
  return status.ok();
}

bool WriteAll(const std::string& directory) {
  constexpr std::uint64_t kArbitrary = 20;
  constexpr int kSize = 40;
  bool ok = Write(directory + "/shop.heddle", ShopRun()) &&
            Write(directory + "/signs.heddle", SignsRun());
  for (std::uint64_t i = 0; ok && i < kArbitrary; ++i) {
    ok = Write(directory + "/any-" + std::to_string(i) + ".heddle",
               AnyTrace()(rc::Random(i), kSize).value());
  }
  return ok;
}

}  // namespace
}  // namespace heddle

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: heddle_interop_recordings DIRECTORY\n";
    return 2;
  }
  return heddle::WriteAll(argv[1]) ? 0 : 1;
}
