// SPDX-License-Identifier: MIT
//
// The index of a recording: who has one, what it says, and what comes of one that is damaged or
// lies. What is shown by it is in tests/tools/indexed_test.cc.
#include <sys/resource.h>

#include "heddle/trace_index.h"
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/trace_io.h"
#include "recorder/indexed_run.h"
#include "support/catch.h"
#include "support/golden.h"

namespace heddle {
namespace {

// Written here again, from docs/trace_format.md, so that the page is tested too.
constexpr std::size_t kPreambleSize = 12;
constexpr std::size_t kFrameSize = 9;
constexpr std::uint8_t kEndType = 8;
constexpr std::uint8_t kIndexType = 0x81;

const std::string& IndexedBytes() {
  static const std::string bytes = IndexedRun(6);
  return bytes;
}

std::uint32_t LengthOf(std::string_view chunk) {
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    length |= static_cast<std::uint32_t>(static_cast<unsigned char>(chunk[i])) << (8 * i);
  }
  return length;
}

std::string Fixed32(std::uint32_t number) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(number >> (8 * i)));
  return bytes;
}

std::vector<std::string> ChunksOf(const std::string& bytes) {
  std::vector<std::string> chunks;
  for (std::size_t at = kPreambleSize; at < bytes.size();) {
    chunks.push_back(bytes.substr(at, kFrameSize + LengthOf(std::string_view(bytes).substr(at))));
    at += chunks.back().size();
  }
  return chunks;
}

std::string Join(const std::vector<std::string>& chunks) {
  std::string bytes = IndexedBytes().substr(0, kPreambleSize);
  for (const std::string& chunk : chunks) bytes += chunk;
  return bytes;
}

// With the checksum that belongs to it, whatever `length` says.
std::string IndexChunk(const std::string& payload, std::uint32_t length) {
  const std::string start = Fixed32(length) + static_cast<char>(kIndexType);
  const XXH64_hash_t seed = XXH3_64bits(start.data(), start.size());
  const XXH64_hash_t checksum = XXH3_64bits_withSeed(payload.data(), payload.size(), seed);
  return start + Fixed32(static_cast<std::uint32_t>(checksum)) + payload;
}

// The recording with another payload of its index.
std::string WithIndex(const std::string& payload) {
  std::vector<std::string> chunks = ChunksOf(IndexedBytes());
  chunks[chunks.size() - 2] = IndexChunk(payload, static_cast<std::uint32_t>(payload.size()));
  return Join(chunks);
}

std::string IndexPayload() {
  const std::vector<std::string> chunks = ChunksOf(IndexedBytes());
  REQUIRE(static_cast<std::uint8_t>(chunks[chunks.size() - 2][4]) == kIndexType);
  REQUIRE(static_cast<std::uint8_t>(chunks.back()[4]) == kEndType);
  return chunks[chunks.size() - 2].substr(kFrameSize);
}

const Trace& WholeRun() {
  static const Trace trace = DecodeRecording(IndexedBytes(), "run.heddle").value().trace;
  return trace;
}

template <class Item>
bool Begins(const std::vector<Item>& start, const std::vector<Item>& whole) {
  return start.size() <= whole.size() && std::equal(start.begin(), start.end(), whole.begin());
}

// An error, or the start of the run with a word about the rest.
bool IsSeen(const absl::StatusOr<Recording>& recording) {
  if (!recording.ok()) return true;
  return !recording->damage.ok() && Begins(recording->trace.events, WholeRun().events) &&
         Begins(recording->trace.marks, WholeRun().marks);
}

bool HasIndex(const std::string& bytes) {
  return IndexedRecording::Open(*BytesInMemory(bytes)) != nullptr;
}

// The events of all chunks, read by the index; those up to where it was seen that it lies.
std::vector<Event> EventsByIndex(IndexedRecording& recording) {
  struct Collector : TraceVisitor {
    void Visit(const Trace& piece, std::size_t first) override {
      CHECK(first == events.size());
      events.insert(events.end(), piece.events.begin(), piece.events.end());
    }
    std::vector<Event> events;
  };
  Collector collector;
  std::vector<std::size_t> chunks(recording.index().chunks.size());
  std::iota(chunks.begin(), chunks.end(), std::size_t{0});
  (void)recording.Visit(chunks, collector);
  return std::move(collector.events);
}

TEST_CASE("a recording is read by its index as it is read without") {
  const auto bytes = BytesInMemory(IndexedBytes());
  const auto recording = IndexedRecording::Open(*bytes);
  REQUIRE(recording != nullptr);
  CHECK(recording->index().chunks.size() > 5);
  CHECK(recording->index().requests == 6);
  CHECK(recording->index().tasks == 8);
  CHECK(recording->index().events == WholeRun().events.size());
  CHECK(recording->tables().header == WholeRun().header);
  CHECK(recording->tables().flows == WholeRun().flows);
  CHECK(recording->tables().objects == WholeRun().objects);
  CHECK(EventsByIndex(*recording) == WholeRun().events);
  std::vector<MarkRecord> marks;
  REQUIRE(recording->ReadMarks({1, 4}, &marks));
  CHECK(marks == std::vector<MarkRecord>{WholeRun().marks[1], WholeRun().marks[4]});
  CHECK(!recording->ReadMarks({99}, &marks));
}

TEST_CASE("every event of a request is in a chunk that is said to be of it") {
  const auto bytes = BytesInMemory(IndexedBytes());
  const auto recording = IndexedRecording::Open(*bytes);
  REQUIRE(recording != nullptr);
  std::vector<FlowId> works_for(recording->index().tasks);
  std::size_t number = 0;
  for (const IndexedChunk& chunk : recording->index().chunks) {
    for (std::uint32_t i = 0; i < chunk.events; ++i) {
      const Event& event = WholeRun().events[number++];
      if (event.task == kNoTask) continue;
      if (event.kind == EventKind::kFlow) works_for[event.task] = event.object;
      if (event.kind == EventKind::kSpawn && event.object != kNoTask) {
        works_for[event.task] = works_for[event.object];
      }
      const FlowId flow = works_for[event.task];
      if (flow != 0) CHECK(Contains(chunk.flows, flow));
    }
  }
  // Order 1 is over when the last chunk begins, but for the end of the worker that served it.
  const std::vector<IndexedChunk>& chunks = recording->index().chunks;
  CHECK(!Contains(chunks[chunks.size() - 3].flows, 1));
  CHECK(Contains(chunks.back().flows, 1));
}

TEST_CASE("a recording that is small, or has no requests, or was not finished, has no index") {
  CHECK(!HasIndex(EncodeRecording(WholeRun())));
  CHECK(!HasIndex(IndexedRun(0)));
  std::vector<std::string> chunks = ChunksOf(IndexedBytes());
  chunks.resize(chunks.size() - 2);
  CHECK(!HasIndex(Join(chunks)));
}

TEST_CASE("a long recording has an index, which is a small part of it") {
  Trace trace = WholeRun();
  const std::vector<Event> last(trace.events.end() - 2, trace.events.end());
  trace.events.resize(trace.events.size() - last.size());
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    trace.events.push_back({.task = 0, .object = 1, .value = i * 7919, .kind = EventKind::kDraw});
  }
  trace.events.insert(trace.events.end(), last.begin(), last.end());
  const std::string bytes = EncodeRecording(trace);
  CHECK(HasIndex(bytes));
  const std::vector<std::string> chunks = ChunksOf(bytes);
  CHECK(chunks[chunks.size() - 2].size() * 50 < bytes.size());
}

TEST_CASE("a flipped bit of a recording with an index is noticed, and the index not believed") {
  for (std::size_t at = 0; at < IndexedBytes().size(); ++at) {
    for (const int bit : {0, 3, 7}) {
      std::string bytes = IndexedBytes();
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
      if (IsSeen(DecodeRecording(bytes, "run.heddle")) && !HasIndex(bytes)) continue;
      FAIL_CHECK("bit " << bit << " of byte " << at);
    }
  }
}

TEST_CASE("a start of a recording with an index is read as far as it goes, and by no index") {
  for (std::size_t size = 0; size < IndexedBytes().size(); ++size) {
    const std::string bytes = IndexedBytes().substr(0, size);
    if (IsSeen(DecodeRecording(bytes, "run.heddle")) && !HasIndex(bytes)) continue;
    FAIL_CHECK("after " << size << " bytes");
  }
}

TEST_CASE("without its index a recording is the same") {
  std::vector<std::string> chunks = ChunksOf(IndexedBytes());
  chunks.erase(chunks.end() - 2);
  const auto recording = DecodeRecording(Join(chunks), "run.heddle");
  REQUIRE(recording.ok());
  CHECK(recording->damage == absl::OkStatus());
  CHECK(recording->trace == WholeRun());
  CHECK(!HasIndex(Join(chunks)));
}

TEST_CASE("chunks of a recording with an index that are lost, doubled or swapped are noticed") {
  const std::vector<std::string> whole = ChunksOf(IndexedBytes());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    INFO("chunk " << i);
    std::vector<std::string> lost = whole;
    lost.erase(lost.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(!HasIndex(Join(lost)));
    CHECK((i + 2 == whole.size() || IsSeen(DecodeRecording(Join(lost), "run.heddle"))));
    std::vector<std::string> doubled = whole;
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), whole[i]);
    CHECK(!HasIndex(Join(doubled)));
    CHECK(IsSeen(DecodeRecording(Join(doubled), "run.heddle")));
    for (std::size_t j = 0; j < i; ++j) {
      std::vector<std::string> swapped = whole;
      std::swap(swapped[i], swapped[j]);
      if (swapped == whole) continue;
      CHECK(!HasIndex(Join(swapped)));
      CHECK(IsSeen(DecodeRecording(Join(swapped), "run.heddle")));
    }
  }
}

TEST_CASE("the index of another recording is noticed, and all of the recording is read") {
  std::vector<std::string> chunks = ChunksOf(IndexedBytes());
  const std::vector<std::string> others = ChunksOf(IndexedRun(7));
  chunks[chunks.size() - 2] = others[others.size() - 2];
  CHECK(!HasIndex(Join(chunks)));
  const auto recording = DecodeRecording(Join(chunks), "run.heddle");
  REQUIRE(recording.ok());
  CHECK(recording->trace == WholeRun());
  CHECK_THAT(std::string(recording->damage.message()),
             ContainsText("(index) at byte ") && ContainsText("belongs to other chunks"));
}

TEST_CASE("an index of a later version is left aside, and so is the rest of what it says") {
  std::string payload = IndexPayload();
  payload[0] = 9;
  const auto recording = DecodeRecording(WithIndex(payload), "run.heddle");
  REQUIRE(recording.ok());
  CHECK(recording->damage == absl::OkStatus());
  CHECK(recording->trace == WholeRun());
  CHECK(!HasIndex(WithIndex(payload)));
}

// The checksum was made again, so that only what it says can be wrong.
TEST_CASE("an index that lies does not change what is read, and takes no memory") {
  rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  const std::string payload = IndexPayload();
  for (std::size_t at = 0; at < payload.size(); ++at) {
    for (const int flip : {0x01, 0x40, 0x80, 0xff}) {
      INFO("byte " << at << " by " << flip);
      std::string lie = payload;
      lie[at] = static_cast<char>(lie[at] ^ flip);
      const std::string bytes = WithIndex(lie);
      const auto recording = DecodeRecording(bytes, "run.heddle");
      REQUIRE(recording.ok());
      CHECK(recording->trace == WholeRun());
      const auto in_memory = BytesInMemory(bytes);
      const auto indexed = IndexedRecording::Open(*in_memory);
      if (indexed != nullptr) CHECK(Begins(EventsByIndex(*indexed), WholeRun().events));
    }
    const std::string cut = payload.substr(0, at);
    CHECK(DecodeRecording(WithIndex(cut), "run.heddle")->trace == WholeRun());
    CHECK(!HasIndex(WithIndex(cut)));
  }
  for (const std::uint32_t length : {0xffffffffU, 0x80000000U, 0x100000U, 4U, 0U}) {
    std::vector<std::string> chunks = ChunksOf(IndexedBytes());
    chunks[chunks.size() - 2] = IndexChunk(payload, length);
    CHECK(!HasIndex(Join(chunks)));
    CHECK(IsSeen(DecodeRecording(Join(chunks), "run.heddle")));
    const std::string lie = payload.substr(0, payload.size() - 4) + Fixed32(length);
    CHECK(!HasIndex(WithIndex(lie)));
    CHECK(!DecodeRecording(WithIndex(lie), "run.heddle")->damage.ok());
  }
  rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  CHECK(after.ru_maxrss - before.ru_maxrss < 64L * 1024);
}

TEST_CASE("a recording keeps its index when it is packed, and when it is unpacked") {
  if (!HEDDLE_ZSTD) return;
  const std::string bytes = IndexedRun(8);
  const auto packed = PackRecording(bytes, "run.heddle");
  REQUIRE(packed.ok());
  CHECK(packed->size() < bytes.size());
  CHECK(UnpackRecording(*packed, "run.heddle").value() == bytes);
  const auto in_memory = BytesInMemory(*packed);
  const auto recording = IndexedRecording::Open(*in_memory);
  REQUIRE(recording != nullptr);
  CHECK(EventsByIndex(*recording) == DecodeRecording(bytes, "run.heddle")->trace.events);
}

TEST_CASE("the bytes of an index have not changed") {
  std::ostringstream listing;
  const std::string payload = IndexPayload();
  constexpr char kDigits[] = "0123456789abcdef";
  for (std::size_t i = 0; i < payload.size(); ++i) {
    const auto byte = static_cast<unsigned char>(payload[i]);
    listing << kDigits[byte / 16] << kDigits[byte % 16] << (i % 16 == 15 ? "\n" : " ");
  }
  CheckGolden("format_version_1_index", listing.str() + "\n");
}

}  // namespace
}  // namespace heddle
