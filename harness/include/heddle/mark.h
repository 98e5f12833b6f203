// SPDX-License-Identifier: MIT
//
// What a task says about itself: marks, with fields, and the request it works for.
//
//   heddle::BeginFlow("order 17");
//   heddle::Mark("charged", {{"order", order.id}, {"amount", 12.5}});
//
// A field is a whole number, a real one, a bool, text, or bytes (a std::span of std::byte). With
// mark_json.h it is any object for which there is a cereal serialize().
//
// Outside a run, and with tracing off, both do nothing.
#ifndef HEDDLE_MARK_H_
#define HEDDLE_MARK_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "heddle/trace.h"
#include "heddle/tracing.h"

#if HEDDLE_SIMULATED
#include "heddle/executor.h"
#elif HEDDLE_LIVE
#include "heddle/internal/live_task.h"
#endif

namespace heddle::inline HEDDLE_VARIANT {

// Text that is made only if it is recorded. Refers to the object.
struct LazyText {
  const void* object;
  std::string (*text_of)(const void* object);
};

// A field as it is written in a call: nothing is copied unless it is recorded.
class FieldArgument {
 public:
  FieldArgument(std::string_view key, bool value) : key_(key), value_(value) {}
  template <std::integral T>
  FieldArgument(std::string_view key, T value) : key_(key), value_(std::int64_t(value)) {
    // Too large for one: a real that is near, and not another number.
    constexpr auto kMost = std::uint64_t(std::numeric_limits<std::int64_t>::max());
    if (std::unsigned_integral<T> && std::uint64_t(value) > kMost) value_ = double(value);
  }
  template <std::floating_point T>
  FieldArgument(std::string_view key, T value) : key_(key), value_(double(value)) {}
  FieldArgument(std::string_view key, std::string_view value) : key_(key), value_(value) {}
  FieldArgument(std::string_view key, const char* value)
      : FieldArgument(key, std::string_view(value)) {}
  FieldArgument(std::string_view key, const std::string& value)
      : FieldArgument(key, std::string_view(value)) {}
  FieldArgument(std::string_view key, std::span<const std::byte> value)
      : key_(key), value_(value) {}
  FieldArgument(std::string_view key, LazyText value) : key_(key), value_(value) {}

  Field ToField() const {
    return {std::string(key_),
            std::visit([](auto value) { return FieldValue(Own(value)); }, value_)};
  }

 private:
  template <class T>
  static T Own(T value) {
    return value;
  }
  static std::string Own(std::string_view value) { return std::string(value); }
  static std::string Own(LazyText value) { return value.text_of(value.object); }
  static Bytes Own(std::span<const std::byte> value) {
    return {std::string(reinterpret_cast<const char*>(value.data()), value.size())};
  }

  std::string_view key_;
  std::variant<std::int64_t, double, bool, std::string_view, std::span<const std::byte>, LazyText>
      value_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {

inline MarkRecord MarkOf(std::string_view name, std::initializer_list<FieldArgument> fields) {
  MarkRecord mark{.name = std::string(name), .fields = {}};
  for (const FieldArgument& field : fields) mark.fields.push_back(field.ToField());
  return mark;
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

// The running task says that it got here.
inline void Mark([[maybe_unused]] std::string_view name,
                 [[maybe_unused]] std::initializer_list<FieldArgument> fields = {},
                 [[maybe_unused]] std::source_location site = std::source_location::current()) {
#if HEDDLE_SIMULATED
  Executor* executor = Executor::Current();
  if (executor == nullptr || !executor->recorder().events_on()) return;
  executor->mutable_recorder().AddMark(EventKind::kMark, executor->running_id(), site,
                                       internal::MarkOf(name, fields));
#elif HEDDLE_LIVE
  internal::LiveTask* task = internal::LiveTask::Current();
  if (task == nullptr || !internal::LiveOn()) return;
  task->Mark(site, internal::MarkOf(name, fields));
#endif
}

// From here on the running task, and every task that it creates, works for a request of
// its own.
inline void BeginFlow([[maybe_unused]] std::string_view name) {
#if HEDDLE_SIMULATED
  Executor* executor = Executor::Current();
  if (executor == nullptr || executor->running() == nullptr) return;
  const FlowId flow = executor->mutable_recorder().AddFlow(name);
  executor->running()->flow = flow;
  executor->running()->flow_from = internal::kOwnRequest;
  executor->Record(EventKind::kFlow, flow);
#elif HEDDLE_LIVE
  internal::LiveTask* task = internal::LiveTask::Current();
  if (task == nullptr || !internal::LiveOn()) return;
  task->BeginFlow(internal::NewLiveFlow(name));
#endif
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_MARK_H_
