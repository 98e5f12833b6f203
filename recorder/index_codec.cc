// SPDX-License-Identifier: MIT
//
// Implements index_codec.h. Everything that grows is a difference to the chunk before.
#include "index_codec.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "format.h"

namespace heddle::internal {
namespace {

std::uint64_t Bits(VirtualNanos time) { return static_cast<std::uint64_t>(time); }

void AppendRanges(const std::vector<IdRange>& ranges, std::string* out) {
  AppendVarint(out, ranges.size());
  std::uint32_t next = 0;
  for (const IdRange& range : ranges) {
    AppendVarint(out, range.first - next);
    AppendVarint(out, range.last - range.first);
    next = range.last + 1;
  }
}

void AppendCreated(const std::vector<CreatedBefore>& created, std::string* out) {
  AppendVarint(out, created.size());
  std::uint32_t before = 0;
  for (const CreatedBefore& entry : created) {
    const std::uint32_t creator = entry.creator + 1;  // nobody comes first
    AppendVarint(out, creator - std::exchange(before, creator));
    AppendVarint(out, entry.word);
    AppendVarint(out, entry.count);
  }
}

class IndexDecoder {
 public:
  explicit IndexDecoder(ByteReader* in) : in_(*in) {}

  TraceIndex Decode() {
    TraceIndex index;
    index.events = Number();
    index.tasks = Number();
    index.steps = Number();
    index.end = Time(0);
    index.choices = Number();
    index.deviations = Number();
    index.lost_contexts = Number();
    index.requests = Number();
    index.failed = in_.Varint<FlowId>();
    Repeat([&] { AddChunk(index.chunks); });
    return index;
  }

 private:
  // A count that lies meets the end of the bytes first: every item has some.
  template <class ReadOne>
  void Repeat(ReadOne read_one) {
    const std::uint64_t count = Number();
    for (std::uint64_t i = 0; i < count && in_.ok(); ++i) read_one();
  }

  void AddChunk(std::vector<IndexedChunk>& chunks) {
    const IndexedChunk before = chunks.empty() ? IndexedChunk() : Numbers(chunks.back());
    IndexedChunk& chunk = chunks.emplace_back();
    chunk.offset = before.offset + Number();
    chunk.first_event = before.first_event + before.events;
    chunk.events = in_.Varint<std::uint32_t>();
    chunk.time = Time(before.time);
    chunk.tasks = before.tasks + Number();
    chunk.steps = before.steps + Number();
    chunk.main = before.main + in_.Varint<TaskId>();
    chunk.flows = Ranges();
    chunk.labels = Ranges();
    std::uint32_t creator = 0;
    Repeat([&] {
      creator += in_.Varint<std::uint32_t>();
      const auto word = in_.Varint<SiteId>();
      const auto count = in_.Varint<std::uint32_t>();
      chunk.created.push_back({.creator = creator - 1, .word = word, .count = count});
    });
  }

  static IndexedChunk Numbers(const IndexedChunk& chunk) {
    IndexedChunk numbers;
    numbers.offset = chunk.offset;
    numbers.first_event = chunk.first_event;
    numbers.events = chunk.events;
    numbers.time = chunk.time;
    numbers.tasks = chunk.tasks;
    numbers.steps = chunk.steps;
    numbers.main = chunk.main;
    return numbers;
  }

  std::vector<IdRange> Ranges() {
    std::vector<IdRange> ranges;
    std::uint64_t next = 0;
    Repeat([&] {
      const std::uint64_t first = next + in_.Varint<std::uint32_t>();
      const std::uint64_t last = first + in_.Varint<std::uint32_t>();
      if (last > kNoTask) return in_.Fail("a range of it goes beyond 32 bits");
      ranges.push_back({static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)});
      next = last + 1;
    });
    return ranges;
  }

  std::uint64_t Number() { return in_.Varint<std::uint64_t>(); }
  VirtualNanos Time(VirtualNanos before) {
    return static_cast<VirtualNanos>(in_.Delta(Bits(before)));
  }

  ByteReader& in_;
};

}  // namespace

std::uint64_t FoldChunks(std::uint64_t binding, std::string_view chunks) {
  while (chunks.size() >= kFrameBytes) {
    binding = FoldFrame(binding, chunks.substr(0, kFrameBytes));
    const std::size_t size = kFrameBytes + ByteReader(chunks).Fixed<std::uint32_t>();
    chunks.remove_prefix(std::min(size, chunks.size()));
  }
  return binding;
}

std::string EncodeIndex(const TraceIndex& index, std::uint64_t binding) {
  std::string out(1, static_cast<char>(kIndexVersion));
  AppendFixed(&out, binding);
  AppendVarint(&out, index.events);
  AppendVarint(&out, index.tasks);
  AppendVarint(&out, index.steps);
  AppendVarint(&out, ZigZag(Bits(index.end)));
  AppendVarint(&out, index.choices);
  AppendVarint(&out, index.deviations);
  AppendVarint(&out, index.lost_contexts);
  AppendVarint(&out, index.requests);
  AppendVarint(&out, index.failed);
  AppendVarint(&out, index.chunks.size());
  const IndexedChunk none;
  const IndexedChunk* before = &none;
  for (const IndexedChunk& chunk : index.chunks) {
    AppendVarint(&out, chunk.offset - before->offset);
    AppendVarint(&out, chunk.events);
    AppendVarint(&out, ZigZag(Bits(chunk.time) - Bits(before->time)));
    AppendVarint(&out, chunk.tasks - before->tasks);
    AppendVarint(&out, chunk.steps - before->steps);
    AppendVarint(&out, static_cast<TaskId>(chunk.main - before->main));
    AppendRanges(chunk.flows, &out);
    AppendRanges(chunk.labels, &out);
    AppendCreated(chunk.created, &out);
    before = &chunk;
  }
  AppendFixed(&out, static_cast<std::uint32_t>(out.size() + kIndexLengthBytes));
  return out;
}

std::optional<BoundIndex> DecodeIndex(ByteReader* in) {
  const std::size_t size = in->remaining();
  if (in->Byte() != kIndexVersion) {
    if (in->ok()) in->Bytes(in->remaining());
    return std::nullopt;
  }
  BoundIndex bound;
  bound.binding = in->Fixed<std::uint64_t>();
  bound.index = IndexDecoder(in).Decode();
  if (in->Fixed<std::uint32_t>() != size) in->Fail("it says another length at its end");
  return bound;
}

}  // namespace heddle::internal
