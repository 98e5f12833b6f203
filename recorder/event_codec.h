// SPDX-License-Identifier: MIT
//
// Events as bytes: two or three each, and quick, because neither side has to decide much.
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

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bytes.h"
#include "heddle/event.h"

namespace heddle::internal {

// What an id of the next event may be guessed by.
enum class Guess : std::uint8_t {
  kSameAsBefore,  // that of the last event of this shape
  kRunning,       // the task that runs
  kCreated,       // the one that was created last
  kNextCreated,
  kNext,  // who goes on after the task that runs: its creator if it has ended, or else itself
  kNobody,
  kNextMark,
};
inline constexpr std::size_t kGuesses = 7;

// What is known of the events of one shape.
struct Shape {
  std::uint64_t object_limit = 0;  // the ids that there are, where read
  std::uint32_t object = 0;        // of the last one
  std::uint32_t value = 0;
  SiteId site = 0;
  EventKind kind{};
  std::uint8_t operation = 0;
  std::uint8_t flags = 0;
  Guess task_guess = Guess::kRunning;
  Guess object_guess = Guess::kSameAsBefore;
  std::uint8_t value_step = 0;
  // Most events say no more than that their task runs.
  bool is_special = false;

  static Shape Of(EventKind kind, std::uint8_t operation, std::uint8_t flags, SiteId site);
};

inline Shape Shape::Of(EventKind kind, std::uint8_t operation, std::uint8_t flags, SiteId site) {
  Shape shape;
  shape.kind = kind;
  shape.operation = operation;
  shape.flags = flags;
  shape.site = site;
  const bool calls = operation == static_cast<std::uint8_t>(Operation::kCall);
  switch (kind) {
    case EventKind::kSpawn:
      shape.task_guess = Guess::kNextCreated;
      shape.object_guess = Guess::kRunning;
      break;
    case EventKind::kStart:
      shape.task_guess = Guess::kCreated;
      shape.object_guess = Guess::kRunning;
      break;
    case EventKind::kWake:
      shape.task_guess = Guess::kNext;
      shape.object_guess = Guess::kRunning;
      break;
    case EventKind::kSuspend:
      if (calls) shape.object_guess = Guess::kCreated;
      break;
    case EventKind::kResume:
      shape.task_guess = Guess::kNext;
      if (calls) shape.object_guess = Guess::kRunning;
      break;
    case EventKind::kTime:
      shape.task_guess = Guess::kNobody;
      break;
    case EventKind::kMark:
    case EventKind::kInput:
    case EventKind::kFault:
      shape.object_guess = Guess::kNextMark;
      break;
    case EventKind::kSend:
    case EventKind::kReceive:
      shape.value_step = 1;
      break;
    default:
      break;
  }
  shape.is_special = kind == EventKind::kSpawn || kind == EventKind::kWake ||
                     kind == EventKind::kTime || kind == EventKind::kFinish ||
                     shape.object_guess == Guess::kNextMark;
  return shape;
}

// What the events so far say about the next one. Both sides keep one, in step.
class EventMemory {
 public:
  EventMemory() : creators_(kCreators) {}

  std::uint32_t Guessed(Guess guess) const { return guesses_[static_cast<std::size_t>(guess)]; }
  std::uint32_t GuessedObject(const Shape& shape) {
    Set(Guess::kSameAsBefore, shape.object);
    return Guessed(shape.object_guess);
  }
  VirtualNanos time() const { return time_; }
  void set_time(VirtualNanos time) { time_ = time; }

  void Learn(Shape& shape, TaskId task, std::uint32_t object, std::uint32_t value) {
    shape.object = object;
    shape.value = value;
    if (shape.is_special) return LearnSpecial(shape.kind, task, object);
    Set(Guess::kRunning, task);
    Set(Guess::kNext, task);
  }

 private:
  static constexpr std::size_t kCreators = 4096;

  void Set(Guess guess, std::uint32_t id) { guesses_[static_cast<std::size_t>(guess)] = id; }

  void LearnSpecial(EventKind kind, TaskId task, std::uint32_t object) {
    switch (kind) {
      case EventKind::kTime:
      case EventKind::kWake:
        break;
      case EventKind::kSpawn:
        creators_[task % kCreators] = object;
        Set(Guess::kCreated, task);
        Set(Guess::kNextCreated, task + 1);
        break;
      case EventKind::kFinish:
        Set(Guess::kRunning, task);
        Set(Guess::kNext, creators_[task % kCreators]);
        break;
      default:  // a mark
        Set(Guess::kRunning, task);
        Set(Guess::kNext, task);
        Set(Guess::kNextMark, object + 1);
        break;
    }
  }

  std::array<std::uint32_t, kGuesses> guesses_ = {0, 0, kNoTask, 0, 0, kNoTask, 0};
  VirtualNanos time_ = 0;
  std::vector<std::uint32_t> creators_;  // by task, modulo
};

// The pattern: two bits for the length of each of task, object and value, and whether there is
// a time.
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

  EventEncoder() : slots_(kSlots), codes_(kShapesMax * kPatterns) { shapes_.reserve(kShapesMax); }

  // No further event may be encoded: what it is may need a number that there is not.
  bool IsFull() const { return shapes_.size() == kShapesMax || code_count_ == kCodesMax; }

  // Returns the end of what it wrote: at most kMaxBytes.
  char* Encode(const Event& event, char* out) {
    const std::uint32_t number = ShapeNumber(event);
    Shape& shape = shapes_[number];
    const std::uint32_t task = ZigZag(event.task - memory_.Guessed(shape.task_guess));
    const std::uint32_t object = ZigZag(event.object - memory_.GuessedObject(shape));
    const std::uint32_t value = ZigZag(event.value - (shape.value + shape.value_step));
    std::uint32_t pattern = LengthClass(task) | LengthClass(object) << 2 | LengthClass(value) << 4;
    const std::uint32_t lengths = kPatternLengths[pattern];
    const bool moved = event.time != memory_.time();
    if (moved) pattern |= kHasTime;

    const Code code = codes_[number * kPatterns + pattern];
    if (code.size == 0) [[unlikely]] {
      out = Define(number, pattern, out);
    } else {
      PutFixed(out, code.bytes);
      out += code.size;
    }
    PutFixed(out, task);
    PutFixed(out + (lengths & 0xff), object);
    PutFixed(out + (lengths >> 8 & 0xff), value);
    out += lengths >> 16;
    if (moved) [[unlikely]] {
      out = PutDelta(out, static_cast<std::uint64_t>(event.time),
                     static_cast<std::uint64_t>(memory_.time()));
      memory_.set_time(event.time);
    }
    memory_.Learn(shape, event.task, event.object, event.value);
    return out;
  }

 private:
  static constexpr int kSlotBits = 11;
  static constexpr std::size_t kSlots = std::size_t{1} << kSlotBits;
  static constexpr std::uint64_t kNoKey = ~std::uint64_t{0};

  struct Slot {
    std::uint64_t key = kNoKey;
    std::uint32_t shape = 0;
  };
  // As it is written.
  struct Code {
    std::uint16_t bytes = 0;
    std::uint16_t size = 0;  // 0: not defined yet
  };

  static std::uint32_t LengthClass(std::uint32_t delta) {
    return kLengthClasses[64 -
                          static_cast<std::size_t>(__builtin_clzll(std::uint64_t{delta} * 2 + 1))];
  }

  static Code CodeOf(std::uint32_t number) {
    if (number < 0x80) return {.bytes = static_cast<std::uint16_t>(number), .size = 1};
    return {.bytes = static_cast<std::uint16_t>((number & 0x7f) | 0x80 | (number >> 7) << 8),
            .size = 2};
  }

  static std::uint64_t KeyOf(const Event& event) {
    return static_cast<std::uint64_t>(event.kind) | std::uint64_t{event.operation} << 8 |
           std::uint64_t{event.flags} << 16 | std::uint64_t{event.site} << 24;
  }

  std::uint32_t ShapeNumber(const Event& event) {
    const std::uint64_t key = KeyOf(event);
    std::size_t at = static_cast<std::size_t>((key * 0x9e3779b97f4a7c15u) >> (64 - kSlotBits));
    while (slots_[at].key != key) {
      if (slots_[at].key == kNoKey) [[unlikely]] {
        slots_[at] = {.key = key, .shape = static_cast<std::uint32_t>(shapes_.size())};
        AddShape(event);
      } else {
        at = (at + 1) % kSlots;
      }
    }
    return slots_[at].shape;
  }

  [[gnu::cold]] [[gnu::noinline]] void AddShape(const Event& event) {
    shapes_.push_back(Shape::Of(event.kind, event.operation, event.flags, event.site));
  }

  [[gnu::cold]] [[gnu::noinline]] char* Define(std::uint32_t number, std::uint32_t pattern,
                                               char* out) {
    const Code code = CodeOf(code_count_++);
    codes_[number * kPatterns + pattern] = code;
    PutFixed(out, code.bytes);
    out += code.size;
    const bool is_new = number == defined_shapes_;
    *out++ = static_cast<char>(pattern | (is_new ? kNewShape : 0u));
    if (!is_new) return PutVarint(out, number);
    ++defined_shapes_;
    const Shape& shape = shapes_[number];
    *out++ = static_cast<char>(shape.kind);
    *out++ = static_cast<char>(shape.operation);
    *out++ = static_cast<char>(shape.flags);
    return PutVarint(out, shape.site);
  }

  EventMemory memory_;
  std::vector<Slot> slots_;
  std::vector<Shape> shapes_;
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
      auto number = static_cast<std::uint32_t>(static_cast<std::uint8_t>(*next++));
      if (number >= 0x80) {
        number = (number & 0x7f) | static_cast<std::uint32_t>(static_cast<std::uint8_t>(*next++))
                                       << 7;
      }
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
      event.task = memory_.Guessed(shape.task_guess) + Delta(&next, code.pattern & 3);
      event.object = memory_.GuessedObject(shape) + Delta(&next, code.pattern >> 2 & 3);
      event.value = shape.value + shape.value_step + Delta(&next, code.pattern >> 4 & 3);
      if ((code.pattern & kHasTime) != 0) [[unlikely]] {
        ByteReader time(std::string_view(next, kVarint64Max));
        memory_.set_time(
            static_cast<VirtualNanos>(time.Delta(static_cast<std::uint64_t>(memory_.time()))));
        if (!time.ok()) return in->Fail(time.problem());
        next += kVarint64Max - time.remaining();
      }
      event.time = memory_.time();
      memory_.Learn(shape, event.task, event.object, event.value);
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

  static std::uint32_t Delta(const char** next, std::size_t length_class) {
    const auto bytes = GetFixed<std::uint32_t>(*next);
    *next += kLengths[length_class];
    return UnZigZag(bytes & kLengthMasks[length_class]);
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
