// SPDX-License-Identifier: MIT
//
// Stands in for a program that was recorded. Under HEDDLE_REPLAY it "replays": writes the
// recording again ("same"), a changed one ("other"), none ("silent"), or dies ("abort").
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "heddle/trace_io.h"

int main(int argc, char** argv) {
  const std::string_view manner = argc > 1 ? argv[1] : "";
  std::cerr << "fake program: " << manner << "\n";
  const char* const recording = std::getenv("HEDDLE_REPLAY");
  const char* const out = std::getenv("HEDDLE_REPLAY_OUT");
  if (recording == nullptr || out == nullptr) return 2;
  if (manner == "silent") return 0;
  if (manner == "abort") std::abort();
  heddle::Trace trace = heddle::ReadRecording(recording).value().trace;
  if (manner == "other") ++trace.header.seed;
  return heddle::WriteRecording(out, trace).ok() ? 0 : 3;
}
