// SPDX-License-Identifier: MIT
//
// Writes recordings for fuzz_recording.cc to begin with. They are made here, so that they are
// always of the format that this build reads.
//   heddle_fuzz_seeds DIRECTORY
#include <rapidcheck.h>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>

#include "heddle/trace_io.h"
#include "recorder/arbitrary_trace.h"
#include "recorder/indexed_run.h"
#include "tools/shop_run.h"

namespace heddle {
namespace {

bool Write(const std::string& path, const Trace& trace) {
  const absl::Status status = WriteRecording(path, trace);
  if (!status.ok()) std::cerr << status.message() << "\n";
  return status.ok();
}

// Nothing where heddle was built without zstd.
void WritePacked(const std::string& path, const Trace& trace) {
  const auto packed = PackRecording(EncodeRecording(trace), path);
  if (packed.ok()) std::ofstream(path, std::ios::binary) << *packed;
}

bool WriteAll(const std::string& directory) {
  constexpr std::uint64_t kArbitrary = 30;
  constexpr int kSize = 20;
  bool ok = Write(directory + "/shop", ShopRun());
  WritePacked(directory + "/packed", ShopRun());
  std::ofstream(directory + "/indexed", std::ios::binary) << IndexedRun(3);
  for (std::uint64_t i = 0; ok && i < kArbitrary; ++i) {
    ok = Write(directory + "/any-" + std::to_string(i), AnyTrace()(rc::Random(i), kSize).value());
  }
  return ok;
}

}  // namespace
}  // namespace heddle

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: heddle_fuzz_seeds DIRECTORY\n";
    return 2;
  }
  return heddle::WriteAll(argv[1]) ? 0 : 1;
}
