// SPDX-License-Identifier: MIT
//
// Recordings that are not as they should be. The rule: whatever the bytes are, reading
// ends with an error or with a part of what was recorded and a word about the rest. It
// never crashes, never invents anything, and never takes memory because a number says so.
#include <sys/resource.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "example_trace.h"
#include "heddle/trace_io.h"
#include "heddle/trace_text.h"
#include "support/catch.h"
#include "support/law.h"

namespace heddle {
namespace {

// Written here again, from docs/trace_format.md, so that the page is tested too.
constexpr std::size_t kPreamble = 12;
constexpr std::size_t kFrame = 9;
constexpr bool kHasZstd = HEDDLE_ZSTD;
enum Type : std::uint8_t {
  kHeader = 1,
  kSites,
  kObjects,
  kFlows,
  kMarks,
  kChoices,
  kEvents,
  kEnd,
  kOutcome,
  kPacked,
  kLosses,
  kPlainEvents
};

template <class Number>
std::string LittleEndian(Number number) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(number); ++i) {
    bytes.push_back(static_cast<char>(number >> (8 * i)));
  }
  return bytes;
}

std::uint32_t FromLittleEndian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    number |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return number;
}

// A chunk with the checksum that belongs to it, whatever `length` says.
std::string ChunkOf(std::uint8_t type, std::string_view payload, std::uint32_t length) {
  const std::string start = LittleEndian(length) + static_cast<char>(type);
  const XXH64_hash_t seed = XXH3_64bits(start.data(), start.size());
  const XXH64_hash_t checksum = XXH3_64bits_withSeed(payload.data(), payload.size(), seed);
  return start + LittleEndian(static_cast<std::uint32_t>(checksum)) + std::string(payload);
}

std::string ChunkOf(std::uint8_t type, std::string_view payload) {
  return ChunkOf(type, payload, static_cast<std::uint32_t>(payload.size()));
}

// A recording in pieces.
struct Pieces {
  explicit Pieces(const std::string& bytes) : preamble(bytes.substr(0, kPreamble)) {
    for (std::size_t at = kPreamble; at < bytes.size();) {
      const std::size_t size = kFrame + FromLittleEndian(std::string_view(bytes).substr(at));
      chunks.push_back(bytes.substr(at, size));
      at += size;
    }
  }

  std::string Join() const {
    std::string bytes = preamble;
    for (const std::string& chunk : chunks) bytes += chunk;
    return bytes;
  }
  std::uint8_t TypeOf(std::size_t i) const { return static_cast<std::uint8_t>(chunks[i][4]); }
  std::string PayloadOf(std::size_t i) const { return chunks[i].substr(kFrame); }

  std::string preamble;
  std::vector<std::string> chunks;
};

const Trace& Original() {
  static const Trace trace = ExampleTrace();
  return trace;
}
const std::string& Bytes() {
  static const std::string bytes = EncodeRecording(Original());
  return bytes;
}
std::size_t EndOfHeader() { return kPreamble + Pieces(Bytes()).chunks[0].size(); }

template <class Item>
bool IsStart(const std::vector<Item>& start, const std::vector<Item>& whole) {
  return start.size() <= whole.size() && std::equal(start.begin(), start.end(), whole.begin());
}

bool IsStart(const Trace& start, const Trace& whole) {
  return start.header == whole.header && IsStart(start.sites, whole.sites) &&
         IsStart(start.objects, whole.objects) && IsStart(start.flows, whole.flows) &&
         IsStart(start.marks, whole.marks) && IsStart(start.choices, whole.choices) &&
         IsStart(start.events, whole.events);
}

bool Names(const absl::Status& status) { return status.message().find("run.heddle: ") == 0; }

// An error, or the start of the original with a word about the rest.
bool IsNoticed(const absl::StatusOr<Recording>& recording) {
  if (!recording.ok()) return Names(recording.status());
  return !recording->damage.ok() && Names(recording->damage) &&
         IsStart(recording->trace, Original());
}

absl::StatusOr<Recording> Read(const std::string& bytes) {
  return DecodeRecording(bytes, "run.heddle");
}

// What is wrong with a recording that has a good header.
std::string Damage(const std::string& bytes) {
  const absl::StatusOr<Recording> recording = Read(bytes);
  REQUIRE(recording.ok());
  CHECK(IsNoticed(recording));
  return std::string(recording->damage.message());
}

std::string Error(const std::string& bytes) {
  const absl::StatusOr<Recording> recording = Read(bytes);
  REQUIRE_FALSE(recording.ok());
  return std::string(recording.status().message());
}

constexpr long kMemoryMax = 64L * 1024;  // kilobytes

long PeakKilobytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST_CASE("every flipped bit is noticed") {
  for (std::size_t at = 0; at < Bytes().size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = Bytes();
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
      const absl::StatusOr<Recording> recording = Read(bytes);
      if (IsNoticed(recording) && recording.ok() == (at >= EndOfHeader())) continue;
      FAIL_CHECK("bit " << bit << " of byte " << at);
    }
  }
}

TEST_CASE("every cut is noticed, and what came before it is kept") {
  for (std::size_t size = 0; size < Bytes().size(); ++size) {
    const absl::StatusOr<Recording> recording = Read(Bytes().substr(0, size));
    if (IsNoticed(recording) && recording.ok() == (size >= EndOfHeader())) continue;
    FAIL_CHECK("after " << size << " bytes");
  }
}

TEST_CASE("every byte that is lost, and every byte that is put in, is noticed") {
  for (std::size_t at = 0; at < Bytes().size(); ++at) {
    const std::string lost = Bytes().substr(0, at) + Bytes().substr(at + 1);
    const std::string put_in = Bytes().substr(0, at) + '\x5a' + Bytes().substr(at);
    if (!IsNoticed(Read(lost))) FAIL_CHECK("lost: byte " << at);
    if (!IsNoticed(Read(put_in))) FAIL_CHECK("put in: byte " << at);
  }
}

TEST_CASE("a torn file costs the chunk that is torn, and nothing else") {
  const std::string torn = Bytes().substr(0, Bytes().size() - Pieces(Bytes()).chunks.back().size());
  const absl::StatusOr<Recording> recording = Read(torn);
  REQUIRE(recording.ok());
  CHECK(recording->trace == Original());
  CHECK(recording->damage.code() == absl::StatusCode::kDataLoss);
  CHECK_THAT(std::string(recording->damage.message()),
             ContainsText("chunk 8 (end)") && ContainsText("is missing") &&
                 ContainsText("the program was killed") && ContainsText("7 events"));
}

TEST_CASE("every chunk that is lost or doubled is noticed") {
  const Pieces whole(Bytes());
  for (std::size_t i = 0; i < whole.chunks.size(); ++i) {
    INFO("chunk " << i);
    Pieces lost = whole;
    lost.chunks.erase(lost.chunks.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(IsNoticed(Read(lost.Join())));
    Pieces doubled = whole;
    doubled.chunks.insert(doubled.chunks.begin() + static_cast<std::ptrdiff_t>(i), whole.chunks[i]);
    CHECK(IsNoticed(Read(doubled.Join())));
  }
}

TEST_CASE("chunks in another order give the same trace or are noticed") {
  const Pieces whole(Bytes());
  for (std::size_t i = 0; i < whole.chunks.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      INFO("chunks " << j << " and " << i);
      Pieces swapped = whole;
      std::swap(swapped.chunks[i], swapped.chunks[j]);
      const absl::StatusOr<Recording> recording = Read(swapped.Join());
      const bool same = recording.ok() && recording->damage.ok() && recording->trace == Original();
      CHECK((same || IsNoticed(recording)));
    }
  }
}

TEST_CASE("every chunk of events that is lost, doubled or moved is noticed") {
  Trace trace = Original();
  for (std::uint32_t i = 0; i < 30'000; ++i) {
    trace.events.push_back({.task = i * i, .value = i * 7919, .kind = EventKind::kDraw});
  }
  const Pieces whole(EncodeRecording(trace));
  std::vector<std::ptrdiff_t> events;
  for (std::size_t i = 0; i < whole.chunks.size(); ++i) {
    if (whole.TypeOf(i) == kEvents) events.push_back(static_cast<std::ptrdiff_t>(i));
  }
  REQUIRE(events.size() > 2);
  const auto is_noticed = [&](const Pieces& pieces) {
    const absl::StatusOr<Recording> recording = Read(pieces.Join());
    return recording.ok() && !recording->damage.ok() && IsStart(recording->trace, trace);
  };
  for (const std::ptrdiff_t at : events) {
    Pieces changed = whole;
    changed.chunks.erase(changed.chunks.begin() + at);
    CHECK(is_noticed(changed));
    changed.chunks.insert(changed.chunks.begin() + at, 2,
                          whole.chunks[static_cast<std::size_t>(at)]);
    CHECK(is_noticed(changed));
    changed = whole;
    std::iter_swap(changed.chunks.begin() + at, changed.chunks.begin() + events.front());
    CHECK((at == events.front() || is_noticed(changed)));
  }
}

TEST_CASE("a chunk of a type that can be skipped is skipped") {
  Pieces pieces(Bytes());
  pieces.chunks.insert(pieces.chunks.begin() + 3, ChunkOf(0x80 | 10, "from the future"));
  const absl::StatusOr<Recording> recording = Read(pieces.Join());
  REQUIRE(recording.ok());
  CHECK(recording->damage == absl::OkStatus());
  CHECK(recording->trace == Original());
}

TEST_CASE("a chunk of another type that is not known says who wrote it") {
  Pieces pieces(Bytes());
  pieces.chunks.insert(pieces.chunks.begin() + 3, ChunkOf(13, "from the future"));
  CHECK(Read(pieces.Join())->damage.code() == absl::StatusCode::kUnimplemented);
  CHECK_THAT(Damage(pieces.Join()), ContainsText("chunk 4 ") && ContainsText("of type 13") &&
                                        ContainsText("heddle 0.1.0") &&
                                        ContainsText("update heddle"));
}

TEST_CASE("a newer format version asks for an update") {
  std::string bytes = Bytes();
  bytes[8] = 7;
  CHECK(Read(bytes).status().code() == absl::StatusCode::kUnimplemented);
  CHECK(Error(bytes) ==
        "run.heddle: was written by format version 7, this heddle reads up to 1: update heddle.");
}

TEST_CASE("empty, foreign and converted files are told apart") {
  CHECK(Read("").status().code() == absl::StatusCode::kDataLoss);
  CHECK_THAT(Error(""), ContainsText("is empty"));
  CHECK(Read("{\"json\": 1}").status().code() == absl::StatusCode::kInvalidArgument);
  CHECK_THAT(Error("{\"json\": 1}"), ContainsText("is not a recording"));
  std::string unix_lines = Bytes();
  unix_lines.erase(4, 1);  // "\r\n" became "\n"
  CHECK(Read(unix_lines).status().code() == absl::StatusCode::kDataLoss);
  CHECK_THAT(Error(unix_lines), ContainsText("copied as text"));
  std::string seven_bits = Bytes();
  seven_bits[0] = static_cast<char>(seven_bits[0] & 0x7f);
  CHECK_THAT(Error(seven_bits), ContainsText("copied as text"));
}

TEST_CASE("something after the end is noticed, and the trace is whole") {
  const absl::StatusOr<Recording> recording = Read(Bytes() + Bytes());
  REQUIRE(recording.ok());
  CHECK(recording->trace == Original());
  CHECK_THAT(std::string(recording->damage.message()), ContainsText("appended"));
}

TEST_CASE("an error names file, chunk, offset, cause and next step") {
  const Pieces pieces(Bytes());
  std::string bytes = Bytes();
  const std::size_t second = kPreamble + pieces.chunks[0].size();
  bytes[second + kFrame] ^= 1;
  CHECK(Damage(bytes) ==
        "run.heddle: chunk 2 (sites) at byte " + std::to_string(second) +
            " is damaged: its checksum is wrong. Likely cause: the file was changed or damaged "
            "after it was written. Before it, 0 events and 0 choices were read; record the run "
            "again to have all of them.");
}

TEST_CASE("lengths that lie are noticed and take no memory") {
  const long before = PeakKilobytes();
  const Pieces whole(Bytes());
  for (const std::uint32_t length : {0xffffffffu, 0x80000000u, 0x20000000u, 0u}) {
    for (std::size_t i = 0; i < whole.chunks.size(); ++i) {
      INFO("chunk " << i << ", length " << length);
      Pieces lying = whole;
      lying.chunks[i] = ChunkOf(whole.TypeOf(i), whole.PayloadOf(i), length);
      CHECK(IsNoticed(Read(lying.Join())));
    }
  }
  CHECK(PeakKilobytes() - before < kMemoryMax);
}

TEST_CASE("counts that lie are noticed and take no memory") {
  const long before = PeakKilobytes();
  const Pieces whole(Bytes());
  for (std::size_t i = 1; i + 1 < whole.chunks.size(); ++i) {
    INFO("chunk " << i);
    std::string payload = whole.PayloadOf(i);
    payload.replace(8, 4, LittleEndian(0xffffffffu));
    Pieces lying = whole;
    lying.chunks[i] = ChunkOf(whole.TypeOf(i), payload);
    CHECK(IsNoticed(Read(lying.Join())));
  }
  CHECK(PeakKilobytes() - before < kMemoryMax);
}

TEST_CASE("texts of the header that lie about their length are noticed and take no memory") {
  const long before = PeakKilobytes();
  const Pieces whole(Bytes());
  const std::string payload = whole.PayloadOf(0);
  for (const std::uint64_t claim :
       {std::uint64_t{1} << 29, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    for (std::size_t at = 0; at + 8 <= payload.size(); ++at) {
      std::string lie = payload;
      lie.replace(at, 8, LittleEndian(claim));
      Pieces lying = whole;
      lying.chunks[0] = ChunkOf(kHeader, lie);
      const absl::StatusOr<Recording> recording = Read(lying.Join());  // may be a number, or text
      if (recording.ok()) CHECK(recording->trace.events == Original().events);
    }
  }
  CHECK(PeakKilobytes() - before < kMemoryMax);
}

TEST_CASE("an enum that has no name is noticed") {
  const auto damage_of = [](const Trace& trace) {
    const absl::StatusOr<Recording> recording = Read(EncodeRecording(trace));
    return std::string(recording.ok() ? recording->damage.message() : recording.status().message());
  };
  const int no_operation = static_cast<int>(kLastOperation) + 1;
  const int no_kind = static_cast<int>(kLastEventKind) + 1;
  Trace trace = Original();
  trace.events[6].operation = static_cast<std::uint8_t>(no_operation);
  CHECK_THAT(damage_of(trace),
             ContainsText("there is no operation " + std::to_string(no_operation)));
  trace = Original();
  trace.events[6].kind = EventKind::kFinish;
  trace.events[6].operation = 3;
  CHECK_THAT(damage_of(trace), ContainsText("there is no outcome 3"));
  trace = Original();
  trace.events[6].kind = static_cast<EventKind>(no_kind);
  CHECK_THAT(damage_of(trace), ContainsText("there is no event kind " + std::to_string(no_kind)));
  trace = Original();
  trace.choices[0].kind = static_cast<ChoiceKind>(3);
  CHECK_THAT(damage_of(trace), ContainsText("there is no choice kind 3"));
  trace = Original();
  trace.header.ending = static_cast<Ending>(8);
  CHECK_THAT(damage_of(trace), ContainsText("there is no ending 8"));
}

TEST_CASE("a flag that is neither yes nor no is noticed") {
  Pieces pieces(Bytes());
  std::string header = pieces.PayloadOf(0);
  const std::size_t text = sizeof(std::uint64_t) + Original().header.explanation.verdict.size();
  REQUIRE(header.size() > text);
  char& fails_plain = header[header.size() - text - 1];  // the last but one
  REQUIRE(fails_plain == static_cast<char>(Original().header.explanation.fails_plain));
  fails_plain = 7;
  pieces.chunks[0] = ChunkOf(kHeader, header);
  const absl::StatusOr<Recording> recording = Read(pieces.Join());
  REQUIRE(!recording.ok());
  CHECK_THAT(std::string(recording.status().message()), ContainsText("a flag is 7"));
}

TEST_CASE("an event that refers to nothing is noticed, and the events before it are kept") {
  const auto check = [](auto change, const std::string& problem) {
    Trace trace = Original();
    change(trace.events[3]);
    const absl::StatusOr<Recording> recording = Read(EncodeRecording(trace));
    REQUIRE(recording.ok());
    CHECK(recording->trace.events.size() == 3);
    CHECK_THAT(std::string(recording->damage.message()),
               ContainsText(problem) && ContainsText("a defect in the heddle that wrote it"));
  };
  check([](Event& event) { event.site = 3; }, "an event refers to site 3 of 3");
  check([](Event& event) { event.object = 1; }, "an event refers to mark 1 of 1");
  check(
      [](Event& event) {
        event.kind = EventKind::kFlow;
        event.object = 2;
      },
      "an event refers to flow 2 of 2");
  check(
      [](Event& event) {
        event.kind = EventKind::kRelease;
        event.object = 0xffffffff;
      },
      "an event refers to object 4294967295 of 2");
}

TEST_CASE("an end that counts more than there is says what is missing") {
  Pieces pieces(Bytes());
  std::string counts = pieces.PayloadOf(7);
  counts.back() = 9;
  pieces.chunks[7] = ChunkOf(kEnd, counts);
  CHECK_THAT(Damage(pieces.Join()), ContainsText("counts 9 events, but 7 were read"));
}

TEST_CASE("an outcome takes the place of the header, and a damaged one is noticed") {
  Trace ended = Original();
  ended.header.ending = Ending::kThrew;
  ended.header.message = "out of balance";
  const std::string payload = Pieces(EncodeRecording(ended)).PayloadOf(0);
  Pieces pieces(Bytes());
  pieces.chunks.insert(pieces.chunks.end() - 1, ChunkOf(kOutcome, payload));
  const std::string bytes = pieces.Join();
  CHECK(Read(bytes)->damage == absl::OkStatus());
  CHECK(Read(bytes)->trace == ended);

  const std::size_t end = bytes.size() - pieces.chunks.back().size();
  for (std::size_t at = end - pieces.chunks[7].size(); at < end; ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    if (!IsNoticed(Read(flipped))) FAIL_CHECK("byte " << at << " was flipped");
    if (!IsNoticed(Read(bytes.substr(0, at)))) FAIL_CHECK("cut after " << at << " bytes");
  }
  for (std::size_t size = 0; size < payload.size(); ++size) {
    Pieces torn = pieces;
    torn.chunks[7] = ChunkOf(kOutcome, payload.substr(0, size));
    if (!IsNoticed(Read(torn.Join()))) FAIL_CHECK("an outcome of " << size << " bytes");
  }
}

// Of the chunk before the end: every bit that is flipped, every cut in the file, and every cut in
// its payload for which the checksum was made again.
template <class IsFound>
void DamageTheLastButOne(const Pieces& pieces, IsFound is_found) {
  const std::string bytes = pieces.Join();
  const std::size_t last = pieces.chunks.size() - 2;
  const std::size_t end = bytes.size() - pieces.chunks.back().size();
  for (std::size_t at = end - pieces.chunks[last].size(); at < end; ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      if (!is_found(Read(flipped))) FAIL_CHECK("bit " << bit << " of byte " << at);
    }
    if (!is_found(Read(bytes.substr(0, at)))) FAIL_CHECK("cut after " << at << " bytes");
  }
  const std::string payload = pieces.PayloadOf(last);
  for (std::size_t size = 0; size < payload.size(); ++size) {
    Pieces torn = pieces;
    torn.chunks[last] = ChunkOf(pieces.TypeOf(last), payload.substr(0, size));
    if (!is_found(Read(torn.Join()))) FAIL_CHECK("a payload of " << size << " bytes");
  }
}

TEST_CASE("damaged losses are noticed, and none is made up") {
  Trace lossy = Original();
  lossy.losses.list.push_back({.reason = LossReason::kKind, .what = "marks", .events = 300});
  lossy.losses.tasks.push_back({.name = "Charge#4", .path = "Charge#4"});
  lossy.losses.ordinals.push_back({.parent = 0, .word = "Ship", .count = 7});
  lossy.losses.object_numbers.assign(lossy.objects.size(), 17);
  const Pieces encoded(EncodeRecording(lossy));
  Pieces pieces(Bytes());
  for (std::size_t i = 0; i < encoded.chunks.size(); ++i) {
    if (encoded.TypeOf(i) != kLosses) continue;
    pieces.chunks.insert(pieces.chunks.end() - 1, encoded.chunks[i]);
  }
  REQUIRE(pieces.chunks.size() == encoded.chunks.size());
  CHECK(Read(pieces.Join())->damage == absl::OkStatus());
  CHECK(Read(pieces.Join())->trace == lossy);
  DamageTheLastButOne(pieces, [](const absl::StatusOr<Recording>& recording) {
    return IsNoticed(recording) && recording.ok() && recording->trace.losses.empty();
  });
}

TEST_CASE("a chunk of losses, or an outcome, that is lost or doubled is noticed") {
  Trace lossy = Original();
  lossy.losses.list.push_back({.reason = LossReason::kKind, .what = "marks", .events = 300});
  Pieces pieces(EncodeRecording(lossy));
  pieces.chunks.insert(pieces.chunks.end() - 1, ChunkOf(kOutcome, pieces.PayloadOf(0)));
  std::string counts = Pieces(EncodeRecording(lossy)).PayloadOf(pieces.chunks.size() - 2);
  counts.back() = 1;  // the outcome
  pieces.chunks.back() = ChunkOf(kEnd, counts);
  REQUIRE(Read(pieces.Join())->damage == absl::OkStatus());
  REQUIRE(Read(pieces.Join())->trace == lossy);
  int tried = 0;
  for (std::size_t i = 0; i < pieces.chunks.size(); ++i) {
    if (pieces.TypeOf(i) != kLosses && pieces.TypeOf(i) != kOutcome) continue;
    ++tried;
    const auto at = static_cast<std::ptrdiff_t>(i);
    Pieces lost = pieces;
    lost.chunks.erase(lost.chunks.begin() + at);
    CHECK_THAT(
        std::string(Read(lost.Join())->damage.message()),
        ContainsText("(end)") && ContainsText("counts 1 ") && ContainsText(", but 0 were read"));
    Pieces doubled = pieces;
    doubled.chunks.insert(doubled.chunks.begin() + at, pieces.chunks[i]);
    CHECK_THAT(std::string(Read(doubled.Join())->damage.message()),
               ContainsText("counts 1 ") && ContainsText(", but 2 were read"));
  }
  CHECK(tried == 2);
}

TEST_CASE("damaged plain events are noticed, and those before them are kept") {
  Trace longer = Original();
  std::string payload = LittleEndian(std::uint64_t{longer.events.size()}) + LittleEndian(2U);
  for (const std::uint32_t value : {5U, 6U}) {
    const Event event{.time = 7'000'000, .task = 1, .value = value, .kind = EventKind::kDraw};
    payload += LittleEndian(event.time) + LittleEndian(event.task) + LittleEndian(event.site) +
               LittleEndian(event.object) + LittleEndian(event.value) +
               static_cast<char>(event.kind) + std::string(2, '\0');
    longer.events.push_back(event);
  }
  Pieces pieces(Bytes());
  std::string counts = pieces.PayloadOf(7);
  counts.back() = static_cast<char>(longer.events.size());
  pieces.chunks[7] = ChunkOf(kEnd, counts);
  pieces.chunks.insert(pieces.chunks.end() - 1, ChunkOf(kPlainEvents, payload));
  CHECK(Read(pieces.Join())->damage == absl::OkStatus());
  CHECK(Read(pieces.Join())->trace == longer);
  DamageTheLastButOne(pieces, [&](const absl::StatusOr<Recording>& recording) {
    return recording.ok() && !recording->damage.ok() && Names(recording->damage) &&
           IsStart(Original(), recording->trace) && IsStart(recording->trace, longer);
  });
}

// Long enough to become smaller: one packed chunk between header and end.
const std::string& Packed() {
  static const std::string bytes = [] {
    Trace trace = ExampleTrace();
    while (trace.marks.size() < 100) trace.marks.push_back(trace.marks.back());
    const auto packed = PackRecording(EncodeRecording(trace), "run.heddle");
    REQUIRE(packed.ok());
    REQUIRE(Pieces(*packed).chunks.size() == 3);
    REQUIRE(Pieces(*packed).TypeOf(1) == kPacked);
    return *packed;
  }();
  return bytes;
}

bool IsDamaged(const std::string& bytes) {
  const absl::StatusOr<Recording> recording = Read(bytes);
  return recording.ok() ? !recording->damage.ok() && Names(recording->damage)
                        : Names(recording.status());
}

// With this in the place of what is packed.
std::string WithPayload(const std::string& payload) {
  Pieces pieces(Packed());
  pieces.chunks[1] = ChunkOf(kPacked, payload);
  return pieces.Join();
}

TEST_CASE("a packed recording that was changed or cut is noticed, and not unpacked") {
  if (!kHasZstd) return;
  for (std::size_t i = 0; i < Packed().size(); ++i) {
    INFO("byte " << i);
    std::string changed = Packed();
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    CHECK(IsDamaged(changed));
    CHECK(!UnpackRecording(changed, "run.heddle").ok());
    CHECK(!PackRecording(changed, "run.heddle").ok());
    CHECK(IsDamaged(Packed().substr(0, i)));
  }
}

TEST_CASE("whatever a packed chunk holds, it is read without a crash") {
  if (!kHasZstd) return;
  const std::string payload = Pieces(Packed()).PayloadOf(1);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    std::string changed = payload;
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    // A bit that zstd has no use for makes no difference. All others make one in the chunks.
    CHECK((IsDamaged(WithPayload(changed)) ||
           SameRun(Read(WithPayload(changed))->trace, Read(Packed())->trace)));
    CHECK(IsDamaged(WithPayload(payload.substr(0, i))));
  }
}

TEST_CASE("a packed chunk that lies about its size is noticed and takes no memory") {
  if (!kHasZstd) return;
  const long before = PeakKilobytes();
  const std::string payload = Pieces(Packed()).PayloadOf(1);
  for (const std::uint32_t size : {0xffffffffu, 0x10000001u, 0x1000000u, 1u, 0u}) {
    INFO("size " << size);
    CHECK(IsDamaged(WithPayload(LittleEndian(size) + payload.substr(4))));
  }
  CHECK(PeakKilobytes() - before < kMemoryMax);
  CHECK_THAT(Damage(WithPayload(LittleEndian(0xffffffffu) + payload.substr(4))),
             ContainsText("chunk 2 (packed) at byte ") && ContainsText("claims to hold"));
}

TEST_CASE("an error in a packed chunk names both places") {
  if (!kHasZstd) return;
  // Chunks of which one is damaged, packed by hand: PackRecording refuses them. Here the last of
  // those that are packed loses its place in the file.
  Trace trace = ExampleTrace();
  trace.events.clear();
  while (trace.marks.size() < 100) trace.marks.push_back(trace.marks.back());
  const auto other = PackRecording(EncodeRecording(trace), "run.heddle");
  REQUIRE(other.ok());
  Pieces twice(Packed());
  twice.chunks.insert(twice.chunks.begin() + 1, Pieces(*other).chunks[1]);
  CHECK_THAT(
      std::string(Read(twice.Join())->damage.message()),
      StartsWithText("run.heddle: chunk 3 (packed) at byte ") &&
          ContainsText(" holds others: chunk 1 (sites) at byte 0 is wrong: it begins with "));
}

TEST_CASE("a chunk of any bytes is read without a crash") {
  CheckLaw([](const std::vector<std::uint8_t>& tail) {
    const Pieces whole(Bytes());
    for (std::size_t i = 0; i < whole.chunks.size(); ++i) {
      // A sound list prefix, so that the bytes reach the decoder of the records.
      const std::string prefix =
          i == 0 ? "" : LittleEndian(std::uint64_t{0}) + LittleEndian(std::uint32_t{1'000'000});
      Pieces any = whole;
      any.chunks[i] = ChunkOf(whole.TypeOf(i), prefix + std::string(tail.begin(), tail.end()));
      const absl::StatusOr<Recording> recording = Read(any.Join());
      RC_ASSERT((!recording.ok() || !recording->damage.ok()));
    }
  });
}

}  // namespace
}  // namespace heddle
