// SPDX-License-Identifier: MIT
#include "seen_steps.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "heddle/conflict.h"
#include "heddle/event.h"

namespace heddle::internal {
namespace {

bool IsTouch(const Recorder::EventView& event) {
  switch (event.kind) {
    case EventKind::kResume:
    case EventKind::kAccess:
      return TouchesObject(event.operation) && event.object != 0;
    case EventKind::kSend:
    case EventKind::kReceive:
    case EventKind::kAcquire:
    case EventKind::kRelease:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::vector<SeenStep> SeenSteps(const Recorder& recorder, const std::vector<StepName>& names) {
  std::vector<SeenStep> steps;
  steps.reserve(names.size());
  std::size_t number = 0;
  recorder.VisitEvents([&](const Recorder::EventView& event) {
    const std::size_t at = number++;
    if (event.begins_step() && steps.size() < names.size()) {
      const StepName& name = names[steps.size()];
      steps.push_back({.name = name, .task = event.task, .event = at, .touches = {}});
    }
    if (steps.empty() || !IsTouch(event)) return;
    const bool writes = event.kind != EventKind::kAccess || event.operation == Operation::kWrite;
    steps.back().touches.push_back(
        {.object = event.object, .reads_only = event.operation == Operation::kRead || !writes});
  });
  return steps;
}

std::vector<SeenStep> StepsToCome(const Recorder& recorder, const std::vector<StepName>& names,
                                  const std::vector<StepName>& to_come) {
  // What the last await of each strand is for; nothing where the strand went on since.
  absl::flat_hash_map<std::uint64_t, SeenStep> waits;
  std::size_t step = 0;
  std::size_t number = 0;
  recorder.VisitEvents([&](const Recorder::EventView& event) {
    const std::size_t at = number++;
    if (event.begins_step() && step < names.size()) waits.erase(names[step++].strand);
    if (step == 0 || event.kind != EventKind::kSuspend || event.operation == Operation::kCall) {
      return;
    }
    SeenStep wait{.name = {}, .task = event.task, .event = at, .touches = {}};
    if (TouchesObject(event.operation) && event.object != 0) {
      wait.touches.push_back(
          {.object = event.object, .reads_only = event.operation == Operation::kRead});
    }
    waits[names[step - 1].strand] = std::move(wait);
  });
  std::vector<SeenStep> steps;
  for (const StepName& name : to_come) {
    const auto wait = waits.find(name.strand);
    if (wait == waits.end()) continue;
    steps.push_back(wait->second);
    steps.back().name = name;
  }
  return steps;
}

}  // namespace heddle::internal
