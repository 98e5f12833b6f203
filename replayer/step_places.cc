// SPDX-License-Identifier: MIT
#include "step_places.h"

#include <cstddef>
#include <utility>

#include "heddle/site.h"
#include "heddle/trace.h"

namespace heddle::internal {

std::vector<StepPlace> StepPlaces::Of(const Recorder& recorder, const std::vector<StepName>& log) {
  return Of(recorder, log, {});
}

std::vector<StepPlace> StepPlaces::Of(const Recorder& recorder, const std::vector<StepName>& log,
                                      const std::vector<SeenStep>& to_come) {
  const Trace trace = recorder.ToTrace();
  std::vector<StepPlace> places;
  places.reserve(log.size());
  absl::flat_hash_map<TaskId, SiteId> suspended;            // where each task waits
  absl::flat_hash_map<std::uint32_t, std::uint32_t> times;  // by place
  std::size_t number = 0;
  recorder.VisitEvents([&](const Recorder::EventView& event) {
    const std::size_t at = number++;
    if (at >= trace.events.size()) return;
    if (event.kind == EventKind::kSuspend) suspended[event.task] = trace.events[at].site;
    if (!event.begins_step() || places.size() == log.size()) return;
    std::string site;
    const auto await = suspended.find(event.task);
    if (event.kind == EventKind::kResume && await != suspended.end()) {
      site = ToString(trace.sites[await->second]);
    }
    const std::uint64_t strand = log[places.size()].strand;
    const auto next = static_cast<std::uint32_t>(numbers_.size());
    const std::uint32_t place =
        numbers_.try_emplace(Await(strand, event.operation, std::move(site)), next).first->second;
    places.push_back({.place = place, .times = times[place]++});
  });
  for (const SeenStep& step : to_come) {
    const Event& suspend = trace.events.at(step.event);
    const auto next = static_cast<std::uint32_t>(numbers_.size());
    const std::uint32_t place =
        numbers_
            .try_emplace(Await(step.name.strand, suspend.op(), ToString(trace.sites[suspend.site])),
                         next)
            .first->second;
    places.push_back({.place = place, .times = times[place]});
  }
  return places;
}

}  // namespace heddle::internal
