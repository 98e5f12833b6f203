// SPDX-License-Identifier: MIT
//
// Losses as bytes: the payload of a losses chunk. Strings and numbers are as in table_codec.h,
// except that no string has a number: the chunk is also written by a signal handler
// (window_writer.h), which keeps no table of them.
//
//   losses   count (varint)   { reason (1)  what (string)  events  requests  from  to }*
//   tasks    count            { parent + 1  flow  main (1)  function  name  path (strings) }*
//   ordinals count            { parent + 1  word (string)  count }*
//   numbers  count            { number }*
//   states   count            { state and called (1)  started  flow since }*   of the first tasks
//
// A time is zigzagged; a parent is one more than its id, and 0 is nobody. The states are left out
// where none is known: recordings that were made before they came to be have none.
#ifndef HEDDLE_RECORDER_LOSSES_CODEC_H_
#define HEDDLE_RECORDER_LOSSES_CODEC_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytes.h"
#include "heddle/losses.h"

namespace heddle::internal {

// Beside the state, in its byte: its parent awaits it.
inline constexpr std::uint8_t kCalledBit = 0x80;

// `Out` has Byte, Varint and Text: a string, or the buffer of a signal handler.
template <class Out>
class LossesEncoder {
 public:
  explicit LossesEncoder(Out* out) : out_(*out) {}

  void Put(const Loss& loss) { Put(loss, loss.what); }
  void Put(const Loss& loss, std::string_view what) {
    out_.Byte(static_cast<std::uint8_t>(loss.reason));
    out_.Text(what);
    out_.Varint(loss.events);
    out_.Varint(loss.requests);
    out_.Varint(ZigZag(static_cast<std::uint64_t>(loss.from)));
    out_.Varint(ZigZag(static_cast<std::uint64_t>(loss.to)));
  }

  void PutTask(TaskId parent, FlowId flow, bool is_main, std::string_view function,
               std::string_view name, std::string_view path) {
    PutParent(parent);
    out_.Varint(flow);
    out_.Byte(is_main ? 1 : 0);
    out_.Text(function);
    out_.Text(name);
    out_.Text(path);
  }

  void PutOrdinal(TaskId parent, std::string_view word, std::uint64_t count) {
    PutParent(parent);
    out_.Text(word);
    out_.Varint(count);
  }

  void PutState(CarriedState state, bool is_called, VirtualNanos started, VirtualNanos flow_since) {
    out_.Byte(
        static_cast<std::uint8_t>(static_cast<std::uint8_t>(state) | (is_called ? kCalledBit : 0)));
    out_.Varint(ZigZag(static_cast<std::uint64_t>(started)));
    out_.Varint(ZigZag(static_cast<std::uint64_t>(flow_since)));
  }

  void PutParent(TaskId parent) { out_.Varint(static_cast<TaskId>(parent + 1)); }

 private:
  Out& out_;
};

// The bytes of a string as an `Out`.
class StringOut {
 public:
  explicit StringOut(std::string* out) : out_(*out) {}

  void Byte(std::uint8_t byte) { out_.push_back(static_cast<char>(byte)); }
  void Varint(std::uint64_t number) { AppendVarint(&out_, number); }
  void Text(std::string_view text) {
    Varint(text.size());
    out_.append(text);
  }

 private:
  std::string& out_;
};

inline bool HasStates(const Losses& losses) {
  return std::any_of(losses.tasks.begin(), losses.tasks.end(), [](const CarriedTask& task) {
    return task.state != CarriedState::kUnknown || task.is_called || task.started != 0 ||
           task.flow_since != 0;
  });
}

inline void AppendLossesTo(const Losses& losses, std::string* out) {
  StringOut bytes(out);
  LossesEncoder encoder(&bytes);
  bytes.Varint(losses.list.size());
  for (const Loss& loss : losses.list) encoder.Put(loss);
  bytes.Varint(losses.tasks.size());
  for (const CarriedTask& task : losses.tasks) {
    encoder.PutTask(task.parent, task.flow, task.is_main, task.function, task.name, task.path);
  }
  bytes.Varint(losses.ordinals.size());
  for (const CarriedOrdinal& ordinal : losses.ordinals) {
    encoder.PutOrdinal(ordinal.parent, ordinal.word, ordinal.count);
  }
  bytes.Varint(losses.object_numbers.size());
  for (const std::uint64_t number : losses.object_numbers) bytes.Varint(number);
  if (!HasStates(losses)) return;
  bytes.Varint(losses.tasks.size());
  for (const CarriedTask& task : losses.tasks) {
    encoder.PutState(task.state, task.is_called, task.started, task.flow_since);
  }
}

class LossesDecoder {
 public:
  explicit LossesDecoder(ByteReader* in) : in_(*in) {}

  Losses Decode() {
    Losses losses;
    Repeat([&] { losses.list.push_back(OneLoss()); });
    Repeat([&] { losses.tasks.push_back(OneTask(losses.tasks.size())); });
    Repeat([&] {
      CarriedOrdinal ordinal;
      ordinal.parent = Parent(losses.tasks.size());
      ordinal.word = Text();
      ordinal.count = Number();
      losses.ordinals.push_back(std::move(ordinal));
    });
    Repeat([&] { losses.object_numbers.push_back(Number()); });
    std::size_t task = 0;
    if (in_.ok() && in_.remaining() > 0) Repeat([&] { ReadState(losses.tasks, task++); });
    return losses;
  }

 private:
  // A count that lies meets the end of the bytes first: every item has some.
  template <class ReadOne>
  void Repeat(ReadOne read_one) {
    const std::uint64_t count = Number();
    for (std::uint64_t i = 0; i < count && in_.ok(); ++i) read_one();
  }

  Loss OneLoss() {
    Loss loss;
    const std::uint8_t reason = in_.Byte();
    if (reason == 0 || reason > static_cast<std::uint8_t>(kLastLossReason)) {
      in_.Fail("there is no reason " + std::to_string(reason) + " of a loss");
    }
    loss.reason = static_cast<LossReason>(reason);
    loss.what = Text();
    loss.events = Number();
    loss.requests = Number();
    loss.from = static_cast<VirtualNanos>(UnZigZag(Number()));
    loss.to = static_cast<VirtualNanos>(UnZigZag(Number()));
    return loss;
  }

  CarriedTask OneTask(std::size_t number) {
    CarriedTask task;
    task.parent = Parent(number);
    task.flow = in_.Varint<std::uint32_t>();
    task.is_main = in_.Byte() != 0;
    task.function = Text();
    task.name = Text();
    task.path = Text();
    return task;
  }

  void ReadState(std::vector<CarriedTask>& tasks, std::size_t number) {
    if (number >= tasks.size()) return in_.Fail("it has more states than tasks");
    CarriedTask& task = tasks[number];
    const std::uint8_t byte = in_.Byte();
    task.is_called = (byte & kCalledBit) != 0;
    const auto state = static_cast<std::uint8_t>(byte & ~kCalledBit);
    if (state > static_cast<std::uint8_t>(kLastCarriedState)) {
      return in_.Fail("there is no state " + std::to_string(state) + " of a task");
    }
    task.state = static_cast<CarriedState>(state);
    task.started = static_cast<VirtualNanos>(UnZigZag(Number()));
    task.flow_since = static_cast<VirtualNanos>(UnZigZag(Number()));
  }

  // Nobody, or one of `tasks`.
  TaskId Parent(std::size_t tasks) {
    const auto parent = in_.Varint<std::uint32_t>();
    if (parent > tasks) in_.Fail("a parent is not among the tasks before it");
    return parent - 1;
  }

  std::uint64_t Number() { return in_.Varint<std::uint64_t>(); }
  std::string Text() { return std::string(in_.Bytes(Number())); }

  ByteReader& in_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_LOSSES_CODEC_H_
