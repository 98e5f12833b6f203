// SPDX-License-Identifier: MIT
//
// Implements losses.h.
#include "heddle/losses.h"

#include <algorithm>
#include <numeric>

#include "heddle/ending.h"

namespace heddle {
namespace {

std::string CountText(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string TextOf(const Loss& loss) {
  switch (loss.reason) {
    case LossReason::kWindow:
      return CountText(loss.events, "event") + " before the window, up to " + FormatNanos(loss.to);
    case LossReason::kKind:
      return CountText(loss.events, "event") + " of " + loss.what + ", which are filtered out";
    case LossReason::kSite:
      return CountText(loss.events, "event") + " at " + loss.what + ", which is filtered out";
    case LossReason::kRequest:
      return CountText(loss.events, "event") + " of " + CountText(loss.requests, "request") +
             " that " + (loss.requests == 1 ? "was" : "were") + " not kept: " + loss.what;
    case LossReason::kRate:
      return CountText(loss.events, "event") + " from " + FormatNanos(loss.from) + " to " +
             FormatNanos(loss.to) + ", when there were too many: " + loss.what;
    case LossReason::kElsewhere:
      return CountText(loss.events, "event") + " that are in the file " + loss.what +
             "; ReadRecording(\"" + loss.what + "\") gives them";
    case LossReason::kTorn:
      return "what may follow: the file is damaged, or was cut off";
  }
  return "?";
}

}  // namespace

std::uint64_t Losses::events() const {
  return std::accumulate(list.begin(), list.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Loss& loss) { return sum + loss.events; });
}

bool Losses::begins_late() const {
  return std::any_of(list.begin(), list.end(), [](const Loss& loss) {
    return loss.reason == LossReason::kWindow || loss.reason == LossReason::kElsewhere;
  });
}

bool StaysOfDropped(EventKind kind) {
  switch (kind) {
    case EventKind::kSpawn:
    case EventKind::kStart:
    case EventKind::kFinish:
    case EventKind::kAbandon:
    case EventKind::kFlow:
    case EventKind::kTime:
    case EventKind::kInput:
    case EventKind::kFault:
    case EventKind::kContextLost:
      return true;
    default:
      return false;
  }
}

std::string_view Name(LossReason reason) {
  switch (reason) {
    case LossReason::kWindow:
      return "window";
    case LossReason::kKind:
      return "kind";
    case LossReason::kSite:
      return "site";
    case LossReason::kRequest:
      return "request";
    case LossReason::kRate:
      return "rate";
    case LossReason::kElsewhere:
      return "elsewhere";
    case LossReason::kTorn:
      return "torn";
  }
  return "?";
}

std::vector<std::string> LossLines(const Losses& losses) {
  std::vector<std::string> lines;
  lines.reserve(losses.list.size());
  for (const Loss& loss : losses.list) lines.push_back(TextOf(loss));
  return lines;
}

std::string LossText(const Losses& losses) {
  if (losses.empty()) return {};
  std::string text = "not all of the run is in its trace: ";
  std::string_view separator;
  for (const std::string& line : LossLines(losses)) {
    text.append(separator).append(line);
    separator = "; ";
  }
  return text;
}

}  // namespace heddle
