// SPDX-License-Identifier: MIT
//
// The words for our enumerations, and for a task that waits. They stand in canonical
// texts, golden files and failure messages: changing one changes all of those.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "heddle/choice.h"
#include "heddle/ending.h"
#include "heddle/event.h"

namespace heddle {

std::string_view Name(EventKind kind) {
  switch (kind) {
    case EventKind::kSpawn:
      return "spawn";
    case EventKind::kStart:
      return "start";
    case EventKind::kSuspend:
      return "suspend";
    case EventKind::kWake:
      return "wake";
    case EventKind::kResume:
      return "resume";
    case EventKind::kFinish:
      return "finish";
    case EventKind::kAbandon:
      return "abandon";
    case EventKind::kMark:
      return "mark";
    case EventKind::kInput:
      return "input";
    case EventKind::kDraw:
      return "draw";
    case EventKind::kTime:
      return "time";
    case EventKind::kFault:
      return "fault";
    case EventKind::kSend:
      return "send";
    case EventKind::kReceive:
      return "receive";
    case EventKind::kAcquire:
      return "acquire";
    case EventKind::kRelease:
      return "release";
    case EventKind::kFlow:
      return "flow";
    case EventKind::kContextLost:
      return "context-lost";
    case EventKind::kAccess:
      return "access";
    case EventKind::kCancel:
      return "cancel";
  }
  return "?";
}

std::string_view Name(Operation operation) {
  switch (operation) {
    case Operation::kNone:
      return "none";
    case Operation::kStart:
      return "start";
    case Operation::kYield:
      return "yield";
    case Operation::kSleep:
      return "sleep";
    case Operation::kCall:
      return "call";
    case Operation::kJoin:
      return "join";
    case Operation::kWait:
      return "wait";
    case Operation::kLock:
      return "lock";
    case Operation::kSend:
      return "send";
    case Operation::kReceive:
      return "receive";
    case Operation::kForeign:
      return "foreign";
    case Operation::kRead:
      return "read";
    case Operation::kWrite:
      return "write";
    case Operation::kUpdate:
      return "update";
  }
  return "?";
}

std::string_view Name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kValue:
      return "value";
    case Outcome::kException:
      return "exception";
    case Outcome::kCancelled:
      return "cancelled";
  }
  return "?";
}

std::string_view Name(ChoiceKind kind) {
  switch (kind) {
    case ChoiceKind::kTask:
      return "task";
    case ChoiceKind::kValue:
      return "value";
  }
  return "?";
}

std::string_view Name(Ending ending) {
  switch (ending) {
    case Ending::kFinished:
      return "finished";
    case Ending::kThrew:
      return "threw";
    case Ending::kStuck:
      return "stuck";
    case Ending::kStepLimit:
      return "step-limit";
    case Ending::kTaskLimit:
      return "task-limit";
    case Ending::kAbandoned:
      return "abandoned";
    case Ending::kStopped:
      return "stopped";
  }
  return "?";
}

std::string ToString(const WaitingTask& waiting) {
  std::string text = waiting.name + " waits";
  if (!waiting.object.empty()) text += " for " + waiting.object;
  if (waiting.operation != Operation::kNone) {
    text.append(" (").append(Name(waiting.operation)).append(")");
  }
  if (!waiting.site.empty()) text += " at " + waiting.site;
  return text + " since " + FormatNanos(waiting.since);
}

std::string FormatNanos(VirtualNanos nanos) {
  struct Unit {
    std::uint64_t nanos;
    std::string_view name;
  };
  constexpr std::array<Unit, 4> kUnits = {
      {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}, {1, "ns"}}};
  if (nanos == 0) return "0";

  // In unsigned arithmetic, where the smallest value has a magnitude too.
  const auto bits = static_cast<std::uint64_t>(nanos);
  const std::uint64_t magnitude = nanos < 0 ? 0 - bits : bits;
  const Unit* unit = kUnits.data();
  while (magnitude < unit->nanos) ++unit;

  std::string text = nanos < 0 ? "-" : "";
  text += std::to_string(magnitude / unit->nanos);
  if (const std::uint64_t rest = magnitude % unit->nanos; rest != 0) {
    // The digits after the point are those of `rest`, with its leading zeros.
    std::string digits = std::to_string(unit->nanos + rest);
    digits.erase(digits.find_last_not_of('0') + 1);
    text.append(".").append(digits, 1);
  }
  return text.append(unit->name);
}

}  // namespace heddle
