// SPDX-License-Identifier: MIT
//
// What the fields of an event may be: enums that have names, and ids of something that is in a
// table. Whoever decodes events asks here, because bytes are not trusted.
#ifndef HEDDLE_RECORDER_EVENT_TABLES_H_
#define HEDDLE_RECORDER_EVENT_TABLES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bytes.h"
#include "event_codec.h"
#include "heddle/event.h"

namespace heddle::internal {

// How much there is of what events refer to, where they stand.
struct TableSizes {
  std::size_t sites = 0;
  std::size_t objects = 0;
  std::size_t flows = 0;
  std::size_t marks = 0;
};

// A table that events refer to.
struct EventTable {
  const char* name;
  std::size_t size;
  bool zero_is_none;  // 0 refers to nothing, even where the table is empty
};

// The table that the objects of such events are in; nothing if they are tasks or mean nothing.
inline std::optional<EventTable> TableOfObject(EventKind kind, Operation operation,
                                               const TableSizes& sizes) {
  switch (kind) {
    case EventKind::kMark:
    case EventKind::kInput:
    case EventKind::kFault:
      return EventTable{"mark", sizes.marks, false};
    case EventKind::kFlow:
      return EventTable{"flow", sizes.flows, true};
    case EventKind::kSuspend:
    case EventKind::kResume:
      if (operation == Operation::kCall) return std::nullopt;
      [[fallthrough]];
    case EventKind::kFinish:
    case EventKind::kSend:
    case EventKind::kReceive:
    case EventKind::kAcquire:
    case EventKind::kRelease:
    case EventKind::kAccess:
      return EventTable{"object", sizes.objects, true};
    default:
      return std::nullopt;
  }
}

// The first id that refers to nothing.
inline std::uint64_t LimitOf(const EventTable& table) {
  return table.size == 0 && table.zero_is_none ? 1 : table.size;
}

inline std::string ProblemOf(std::uint32_t id, const EventTable& table) {
  if (id < LimitOf(table)) return {};
  return absl::StrCat("an event refers to ", table.name, " ", id, " of ", table.size);
}

// What is wrong with a shape that was decoded well. Empty: nothing. Tasks have no table, so
// that their ids are not checked.
inline std::string ProblemOf(const Shape& shape, const TableSizes& sizes) {
  const auto kind = static_cast<std::uint8_t>(shape.kind);
  if (kind == 0 || shape.kind > kLastEventKind) {
    return absl::StrCat("there is no event kind ", kind);
  }
  if (shape.kind == EventKind::kFinish) {
    if (static_cast<Outcome>(shape.operation) > Outcome::kCancelled) {
      return absl::StrCat("there is no outcome ", shape.operation);
    }
  } else if (static_cast<Operation>(shape.operation) > kLastOperation) {
    return absl::StrCat("there is no operation ", shape.operation);
  }
  return ProblemOf(shape.site, EventTable{"site", sizes.sites, true});
}

// Appends `count` events of a chunk, or as many as there are before something is wrong.
inline void DecodeEvents(ByteReader* in, std::uint32_t count, const TableSizes& sizes,
                         std::vector<Event>* events) {
  EventDecoder().Decode(
      in, count,
      [&](Shape& shape) {
        const std::optional<EventTable> table =
            TableOfObject(shape.kind, static_cast<Operation>(shape.operation), sizes);
        shape.object_limit = table ? LimitOf(*table) : std::uint64_t{1} << 32;
        return ProblemOf(shape, sizes);
      },
      [&](const Event& event) {
        return ProblemOf(event.object, *TableOfObject(event.kind, event.op(), sizes));
      },
      events);
}

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_EVENT_TABLES_H_
