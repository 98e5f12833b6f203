// SPDX-License-Identifier: MIT
//
// Events as bytes of fixed places: what a signal handler writes, which has no room for what
// event_codec.h remembers, and little time.
//
//   time (8)   task (4)   site (4)   object (4)   value (4)   kind (1)   operation (1)   flags (1)
#ifndef HEDDLE_RECORDER_PLAIN_EVENT_H_
#define HEDDLE_RECORDER_PLAIN_EVENT_H_

#include <cstdint>

#include "bytes.h"
#include "heddle/event.h"

namespace heddle::internal {

template <class Out>
void PutPlainEvent(const Event& event, Out* out) {
  out->Fixed(static_cast<std::uint64_t>(event.time));
  out->Fixed(event.task);
  out->Fixed(event.site);
  out->Fixed(event.object);
  out->Fixed(event.value);
  out->Byte(static_cast<std::uint8_t>(event.kind));
  out->Byte(event.operation);
  out->Byte(event.flags);
}

// Nothing about it is checked.
inline Event GetPlainEvent(ByteReader* in) {
  Event event;
  event.time = static_cast<VirtualNanos>(in->Fixed<std::uint64_t>());
  event.task = in->Fixed<TaskId>();
  event.site = in->Fixed<SiteId>();
  event.object = in->Fixed<std::uint32_t>();
  event.value = in->Fixed<std::uint32_t>();
  event.kind = static_cast<EventKind>(in->Byte());
  event.operation = in->Byte();
  event.flags = in->Byte();
  return event;
}

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_PLAIN_EVENT_H_
