// SPDX-License-Identifier: MIT
//
// Events as bytes: one or two each, and quick, because most events are just what was expected
// (event_memory.h), which takes one comparison to see and one byte to say.
//
//   code       one byte, or two: what the event is, and how long the rest of it is
//   [task] [object] [value]   0, 1, 2 or 4 bytes each: delta to what was expected
//   [time]     a delta too, as a varint, where time has moved
//
// The *shape* of an event is its kind, operation, flags and site: a program has few. A code
// stands for a shape with a *pattern*, the lengths of the rest. Codes are numbered as they
// come up in a chunk; the first event with a code says what the code stands for. So a chunk can
// be read by itself. docs/trace_format.md says it in full.
#ifndef HEDDLE_RECORDER_EVENT_CODEC_H_
#define HEDDLE_RECORDER_EVENT_CODEC_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytes.h"
#include "event_memory.h"
#include "heddle/event.h"

namespace heddle::internal {

// The pattern: two bits for the length of each of task, object and value, and whether there is
// a time.
inline constexpr std::uint8_t kAsExpected = 0;
inline constexpr std::uint8_t kHasTime = 0x40;
inline constexpr std::size_t kPatterns = 0x80;
inline constexpr std::uint8_t kNewShape = 0x80;  // in the definition of a code
inline constexpr std::array<std::uint8_t, 4> kLengths = {0, 1, 2, 4};
inline constexpr std::array<std::uint32_t, 4> kLengthMasks = {0, 0xff, 0xffff, 0xffffffff};

// By pattern: where the object begins, where the value begins (<< 8) and where that ends (<< 16).
inline constexpr auto kPatternLengths = [] {
  std::array<std::uint32_t, 0x40> lengths{};
  for (std::uint32_t pattern = 0; pattern < lengths.size(); ++pattern) {
    const std::uint32_t task = kLengths[pattern & 3];
    const std::uint32_t object = task + kLengths[pattern >> 2 & 3];
    lengths[pattern] = task | object << 8 | (object + kLengths[pattern >> 4]) << 16;
  }
  return lengths;
}();

// By one more than the number of bits that a delta has.
inline constexpr auto kLengthClasses = [] {
  std::array<std::uint8_t, 34> classes{};
  for (std::size_t bits = 1; bits <= 32; ++bits) {
    classes[bits + 1] = bits > 16 ? 3 : bits > 8 ? 2 : 1;
  }
  return classes;
}();

inline constexpr std::size_t kShapesMax = 512;
inline constexpr std::size_t kCodesMax = 0x8000;

class EventEncoder {
 public:
  // With the definition of a code; it also writes where nothing is to stay.
  static constexpr std::size_t kMaxBytes =
      2 + 1 + 3 + kVarint32Max + std::size_t{3} * 4 + kVarint64Max;

  EventEncoder() : numbers_(kSlots), codes_(kPatterns) {
    entries_.reserve(1 + kShapesMax);
    entries_.push_back({.deed = kNoDeed, .as_expected = {}, .shape = {}});  // of free slots
  }

  // Encodes events of a chunk into [*out, end), from `first` on, and moves *out behind them. Stops
  // when there may be no room, or no number, for another one. Returns the first that was not
  // encoded.
  const Event* Encode(const Event* first, const Event* last, char** out, const char* end) {
    char* next = *out;
    // Here, so that what is written through `next` is known not to change it.
    EventMemory memory = std::move(memory_);
    for (bool is_full = false; first != last && !is_full;) {
      const Event* const stop =
          first + CountThatFit(first, last, static_cast<std::size_t>(end - next));
      if (first == stop) break;
      for (; first != stop; ++first) {
        Entry* const entry = Find(*first);
        is_full = entry == nullptr;
        if (is_full) break;
        next = Put(*entry, *first, memory, next);
      }
    }
    memory_ = std::move(memory);
    *out = next;
    return first;
  }

 private:
  static constexpr int kSlotBits = 12;
  static constexpr std::size_t kSlots = std::size_t{1} << kSlotBits;
  static constexpr std::uint32_t kNoDeed = ~0u;

  // As it is written.
  struct Code {
    std::uint16_t bytes = 0;
    std::uint16_t size = 0;  // 0: not defined yet
  };
  struct Entry {
    std::uint32_t deed = 0;  // kind, operation and flags
    Code as_expected;
    Shape shape;
  };
  // How far an event is off what was expected.
  struct Residual {
    const Event& event;
    std::uint32_t task = 0;
    std::uint32_t object = 0;
    std::uint32_t value = 0;
    std::uint64_t time = 0;

    TaskId Task(TaskId expected) {
      task = event.task - expected;
      return event.task;
    }
    std::uint32_t Object(std::uint32_t expected) {
      object = event.object - expected;
      return event.object;
    }
    std::uint32_t Value(std::uint32_t expected) {
      value = event.value - expected;
      return event.value;
    }
    VirtualNanos Time(VirtualNanos expected) {
      time = static_cast<std::uint64_t>(event.time) - static_cast<std::uint64_t>(expected);
      return event.time;
    }
    bool IsNothing() const { return (task | object | value | time) == 0; }
  };

  // So many can be encoded before one has to look at the room, and for numbers of codes, again.
  std::size_t CountThatFit(const Event* first, const Event* last, std::size_t bytes) const {
    return std::min({static_cast<std::size_t>(last - first), bytes / kMaxBytes,
                     kCodesMax - std::size_t{code_count_}});
  }

  // Its three fields are neighbours, and so can be read in one piece.
  static std::uint32_t DeedOf(const Event& event) {
    if constexpr (std::endian::native == std::endian::little) {
      static_assert(offsetof(Event, operation) == offsetof(Event, kind) + 1);
      static_assert(offsetof(Event, flags) == offsetof(Event, kind) + 2);
      std::uint32_t deed = 0;
      std::memcpy(&deed, reinterpret_cast<const char*>(&event) + offsetof(Event, kind),
                  sizeof(deed));
      return deed & 0xffffff;
    }
    return static_cast<std::uint32_t>(event.kind) | std::uint32_t{event.operation} << 8 |
           std::uint32_t{event.flags} << 16;
  }
  static std::size_t SlotOf(std::uint32_t deed, SiteId site) {
    return (deed * 0x9e3779b1u + site * 0x85ebca77u) >> (32 - kSlotBits);
  }

  // Null: there is no number for its shape.
  [[gnu::always_inline]] Entry* Find(const Event& event) {
    const std::uint32_t deed = DeedOf(event);
    Entry* const entry = entries_.data() + numbers_[SlotOf(deed, event.site)];
    const bool is_it = entry->shape.site == event.site && entry->deed == deed;
    return is_it ? entry : FindFurther(event);
  }

  // Looks on from the slot of the event, and adds its shape if it is new.
  [[gnu::noinline]] Entry* FindFurther(const Event& event) {
    const std::uint32_t deed = DeedOf(event);
    for (std::size_t slot = SlotOf(deed, event.site);; slot = (slot + 1) % kSlots) {
      Entry& entry = entries_[numbers_[slot]];
      if (entry.shape.site == event.site && entry.deed == deed) return &entry;
      if (entry.deed == kNoDeed) return Add(event, slot);
    }
  }

  Entry* Add(const Event& event, std::size_t slot) {
    if (entries_.size() == 1 + kShapesMax) return nullptr;
    numbers_[slot] = static_cast<std::uint16_t>(entries_.size());
    codes_.resize(codes_.size() + kPatterns);
    entries_.push_back({.deed = DeedOf(event),
                        .as_expected = {},
                        .shape = Shape::Of(event.kind, event.operation, event.flags, event.site)});
    return &entries_.back();
  }

  [[gnu::always_inline]] char* Put(Entry& entry, const Event& event, EventMemory& memory,
                                   char* out) {
    Residual residual{event};
    memory.Step(entry.shape, residual);
    const Code code = entry.as_expected;
    if (residual.IsNothing() && code.size != 0) [[likely]] {
      PutFixed(out, code.bytes);
      return out + code.size;
    }
    return PutResidual(entry, residual, out);
  }
  [[gnu::always_inline]] char* PutResidual(Entry& entry, const Residual& residual, char* out) {
    const std::uint32_t task = ZigZag(residual.task);
    const std::uint32_t object = ZigZag(residual.object);
    const std::uint32_t value = ZigZag(residual.value);
    std::uint32_t pattern = LengthClass(task) | LengthClass(object) << 2 | LengthClass(value) << 4;
    const std::uint32_t lengths = kPatternLengths[pattern];
    if (residual.time != 0) pattern |= kHasTime;
    const Code code = codes_[NumberOf(entry) * kPatterns + pattern];
    if (code.size == 0) [[unlikely]] {
      out = Define(entry, pattern, out);
    } else {
      PutFixed(out, code.bytes);
      out += code.size;
    }
    PutFixed(out, task);
    PutFixed(out + (lengths & 0xff), object);
    PutFixed(out + (lengths >> 8 & 0xff), value);
    out += lengths >> 16;
    return residual.time == 0 ? out : PutVarint(out, ZigZag(residual.time));
  }
  std::size_t NumberOf(const Entry& entry) const {
    return static_cast<std::size_t>(&entry - entries_.data());
  }
  static std::uint32_t LengthClass(std::uint32_t delta) {
    return kLengthClasses[64 -
                          static_cast<std::size_t>(__builtin_clzll(std::uint64_t{delta} * 2 + 1))];
  }
  static Code CodeOf(std::uint32_t number) {
    if (number < 0x80) return {.bytes = static_cast<std::uint16_t>(number), .size = 1};
    return {.bytes = static_cast<std::uint16_t>((number & 0x7f) | 0x80 | (number >> 7) << 8),
            .size = 2};
  }
  [[gnu::cold]] [[gnu::noinline]] char* Define(Entry& entry, std::uint32_t pattern, char* out) {
    const std::size_t number = NumberOf(entry);
    const Code code = CodeOf(code_count_++);
    codes_[number * kPatterns + pattern] = code;
    if (pattern == kAsExpected) entry.as_expected = code;
    PutFixed(out, code.bytes);
    out += code.size;
    const bool is_new = number == defined_shapes_ + 1;
    *out++ = static_cast<char>(pattern | (is_new ? kNewShape : 0u));
    if (!is_new) return PutVarint(out, number - 1);
    ++defined_shapes_;
    *out++ = static_cast<char>(entry.shape.kind);
    *out++ = static_cast<char>(entry.shape.operation);
    *out++ = static_cast<char>(entry.shape.flags);
    return PutVarint(out, entry.shape.site);
  }

  EventMemory memory_;
  std::vector<std::uint16_t> numbers_;  // by slot; 0: free
  std::vector<Entry> entries_;
  std::vector<Code> codes_;  // by shape and pattern
  std::uint32_t code_count_ = 0;
  std::uint32_t defined_shapes_ = 0;
};

class EventDecoder {
 public:
  // Appends `count` events to `events`, or as many as there are before something is wrong.
  //
  // Whatever the bytes are, the enums of the events have names, and their ids are those of
  // something. For each shape, `check_shape(shape)` gives what is wrong with it, or else sets its
  // object_limit; `problem_of_object(event)` says what is wrong with an object beyond that.
  template <class CheckShape, class ProblemOfObject>
  void Decode(ByteReader* in, std::uint32_t count, const CheckShape& check_shape,
              const ProblemOfObject& problem_of_object, std::vector<Event>* events) {
    // Behind the end lies enough for one event, so that one look after each is enough.
    std::string bytes(in->Bytes(in->remaining()));
    const std::size_t size = bytes.size();
    bytes.append(kMargin, '\0');
    const char* next = bytes.data();
    const char* const end = next + size;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (next >= end) return in->Fail("it ends in the middle of a record");
      const std::uint32_t number = Number(&next);
      if (number >= codes_.size()) [[unlikely]] {
        ByteReader definition(std::string_view(next, kDefinitionMax));
        std::string problem = Define(number, &definition, check_shape);
        if (problem.empty()) problem = definition.problem();
        if (!problem.empty()) return in->Fail(problem);
        next += kDefinitionMax - definition.remaining();
      }
      const Code code = codes_[number];
      Shape& shape = shapes_[code.shape];
      Event event;
      event.kind = shape.kind;
      event.operation = shape.operation;
      event.flags = shape.flags;
      event.site = shape.site;
      if (code.pattern == kAsExpected) [[likely]] {
        Expected expected{event};
        memory_.Step(shape, expected);
      } else {
        Deltas deltas{event, code.pattern, next};
        memory_.Step(shape, deltas);
        if (deltas.next == nullptr) return in->Fail("a time does not fit into 64 bits");
        next = deltas.next;
      }
      if (next > end) return in->Fail("it ends in the middle of a record");
      if (event.object >= shape.object_limit) [[unlikely]] {
        return in->Fail(problem_of_object(event));
      }
      events->push_back(event);
    }
    if (next != end) in->Fail("it has " + std::to_string(end - next) + " bytes too many");
  }

 private:
  static constexpr std::size_t kDefinitionMax = 1 + 3 + kVarint32Max;
  static constexpr std::size_t kMargin = 2 + kDefinitionMax + std::size_t{3} * 4 + kVarint64Max;

  struct Code {
    std::uint16_t shape;
    std::uint8_t pattern;
  };

  // An event that is as expected.
  struct Expected {
    Event& event;

    TaskId Task(TaskId expected) { return event.task = expected; }
    std::uint32_t Object(std::uint32_t expected) { return event.object = expected; }
    std::uint32_t Value(std::uint32_t expected) { return event.value = expected; }
    VirtualNanos Time(VirtualNanos expected) { return event.time = expected; }
  };
  // One that is not. `next` is null after a time that is none.
  struct Deltas {
    Event& event;
    std::uint8_t pattern;
    const char* next;

    TaskId Task(TaskId expected) { return event.task = expected + Delta(pattern & 3); }
    std::uint32_t Object(std::uint32_t expected) {
      return event.object = expected + Delta(pattern >> 2 & 3);
    }
    std::uint32_t Value(std::uint32_t expected) {
      return event.value = expected + Delta(pattern >> 4 & 3);
    }
    VirtualNanos Time(VirtualNanos expected) {
      if ((pattern & kHasTime) == 0) return event.time = expected;
      ByteReader in(std::string_view(next, kVarint64Max));
      event.time = static_cast<VirtualNanos>(in.Delta(static_cast<std::uint64_t>(expected)));
      next = in.ok() ? next + kVarint64Max - in.remaining() : nullptr;
      return event.time;
    }

    std::uint32_t Delta(std::size_t length_class) {
      const auto bytes = GetFixed<std::uint32_t>(next);
      next += kLengths[length_class];
      return UnZigZag(bytes & kLengthMasks[length_class]);
    }
  };

  static std::uint32_t Number(const char** next) {
    const auto low = static_cast<std::uint8_t>(*(*next)++);
    if (low < 0x80) return low;
    const auto high = static_cast<std::uint8_t>(*(*next)++);
    return (low & 0x7fu) | static_cast<std::uint32_t>(high) << 7;
  }

  template <class CheckShape>
  [[gnu::cold]] [[gnu::noinline]] std::string Define(std::uint32_t number, ByteReader* in,
                                                     const CheckShape& check_shape) {
    if (number != codes_.size()) {
      return "it refers to code " + std::to_string(number) + " of " + std::to_string(codes_.size());
    }
    const std::uint8_t pattern = in->Byte();
    std::size_t shape_number = shapes_.size();
    if ((pattern & kNewShape) == 0) {
      shape_number = in->Varint<std::uint32_t>();
      if (shape_number >= shapes_.size()) {
        return "it refers to shape " + std::to_string(shape_number) + " of " +
               std::to_string(shapes_.size());
      }
    } else if (shape_number == kShapesMax) {
      return "it has more shapes than " + std::to_string(kShapesMax);
    } else {
      const auto kind = static_cast<EventKind>(in->Byte());
      const std::uint8_t operation = in->Byte();
      const std::uint8_t flags = in->Byte();
      Shape shape = Shape::Of(kind, operation, flags, in->Varint<std::uint32_t>());
      std::string problem = check_shape(shape);
      if (!problem.empty()) return problem;
      shapes_.push_back(shape);
    }
    codes_.push_back({.shape = static_cast<std::uint16_t>(shape_number),
                      .pattern = static_cast<std::uint8_t>(pattern & ~kNewShape)});
    return {};
  }

  EventMemory memory_;
  std::vector<Shape> shapes_;
  std::vector<Code> codes_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_EVENT_CODEC_H_
