// SPDX-License-Identifier: MIT
//
// By its index a recording is shown as it is without one, letter for letter.
#include "indexed.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/channel.h"
#include "heddle/chooser.h"
#include "heddle/mark.h"
#include "heddle/mutex.h"
#include "heddle/named.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "heddle/trace_index.h"
#include "heddle/trace_io.h"
#include "heddle/trace_stream.h"
#include "recorder/indexed_run.h"
#include "show.h"
#include "support/catch.h"
#include "support/law.h"
#include "support/temporary_path.h"

namespace heddle::tools {
namespace {

// Requests that have tasks of their own, that are served by workers who serve others too, that wait
// for each other's locks and messages, and some that fail.
struct Market {
  Mutex ledger;
  Channel<int> orders{2};
  Channel<int> receipts{1};
  bool fails = false;
};

Task<> Charge(Market& market, int order) {
  const MutexGuard guard = co_await market.ledger.Lock();
  co_await SleepFor(std::chrono::milliseconds(order % 3));
  if (order % 5 == 4) throw std::runtime_error("no such card");
}

Task<> WrapUp(int order) {
  co_await SleepFor(std::chrono::milliseconds(order % 2));
  Mark("packed", {{"order", order}});
}

Task<> Handle(Market& market, int order) {
  BeginFlow("order " + std::to_string(order));
  if (order % 3 == 0) NameTask("special " + std::to_string(order));
  TaskGroup group;
  group.Spawn(WrapUp(order));
  group.Spawn(WrapUp(order + 100));
  try {
    co_await Charge(market, order);
  } catch (const std::runtime_error&) {
    Mark("refused");
    if (market.fails) throw;
  }
  co_await market.orders.Send(order);
  co_await group.Join();
}

Task<> Clerk(Market& market, int orders) {
  for (int i = 0; i < orders; ++i) {
    const std::optional<int> order = co_await market.orders.Receive();
    if (!order) co_return;
    BeginFlow("order " + std::to_string(*order));
    co_await WrapUp(*order);
    co_await Charge(market, 1);
    co_await market.receipts.Send(*order);
  }
}

Task<> Collect(Market& market, int orders) {
  for (int i = 0; i < orders; ++i) co_await market.receipts.Receive();
}

// With one receipt too many the run gets stuck.
Task<> Trade(int orders, int receipts, bool fails) {
  Market market;
  market.fails = fails;
  TaskGroup clerks;
  for (int clerk = 0; clerk < 2; ++clerk) clerks.Spawn(Named("clerk", Clerk(market, orders)));
  TaskGroup handlers;
  for (int order = 0; order < orders; ++order) handlers.Spawn(Handle(market, order));
  co_await Collect(market, receipts);
  co_await handlers.Join();
  market.orders.Close();
  co_await clerks.Join();
}

// The recording of one schedule, in chunks of so many events.
std::string TradeBytes(std::uint64_t seed, int orders, std::size_t chunk_events, int receipts,
                       bool fails) {
  const TemporaryPath path("heddle-trade");
  RandomChooser chooser(seed);
  TraceStream stream(path.string(), {.chunk_events = chunk_events});
  RunOptions options;
  options.chooser = &chooser;
  options.stream = &stream;
  (void)Run([&] { return Trade(orders, receipts, fails); }, options);
  std::ifstream file(path.string(), std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

// The same recording as a file of old has it.
std::string WithoutIndex(const std::string& bytes) {
  return EncodeRecording(DecodeRecording(bytes, "run.heddle").value().trace);
}

std::string TextOf(const absl::StatusOr<Shown>& shown) {
  if (!shown.ok()) return std::string(shown.status().message());
  return shown->text.ok() ? *shown->text : std::string(shown->text.status().message());
}

TEST_CASE("by its index a recording is shown as without it, letter for letter") {
  std::size_t by_index = 0;
  CheckLaw([&](std::uint64_t seed, std::uint8_t how) {
    const int orders = 4 + how % 9;
    const std::string bytes = TradeBytes(seed, orders, 40 + std::size_t{how} * 2,
                                         how % 4 == 3 ? orders + 1 : orders, how % 4 == 2);
    const std::string plain = WithoutIndex(bytes);
    const auto in_memory = BytesInMemory(bytes);
    const auto recording = IndexedRecording::Open(*in_memory);
    std::vector<ShowOptions> ways = {{}, {.flow = "nobody"}, {.flow = "#2", .depth = 2}};
    for (int flow = 1; flow <= orders + 1; ++flow)
      ways.push_back({.flow = "#" + std::to_string(flow)});
    ways.push_back({.flow = "order 1", .json = true});
    for (const ShowOptions& way : ways) {
      RC_ASSERT(TextOf(ShowRecording(bytes, "run.heddle", way)) ==
                TextOf(ShowRecording(plain, "run.heddle", way)));
    }
    for (FlowId flow = 1; recording != nullptr && flow < recording->tables().flows.size(); ++flow) {
      RC_ASSERT(ExtractByIndex(*recording, flow).has_value());
      ++by_index;
    }
  });
  CHECK(by_index > 100);
}

TEST_CASE("by its index only those chunks are read that tell of the request") {
  struct Counted final : RecordingBytes {
    explicit Counted(std::string_view its_bytes) : bytes(its_bytes) {}
    std::uint64_t size() const override { return bytes.size(); }
    std::string_view Read(std::uint64_t offset, std::size_t size) override {
      read += size;
      return bytes.substr(offset, size);
    }
    std::string_view bytes;
    std::size_t read = 0;
  };
  const std::string bytes = IndexedRun(30);
  Counted counted(bytes);
  const auto recording = IndexedRecording::Open(counted);
  REQUIRE(recording != nullptr);
  counted.read = 0;
  REQUIRE(ExtractByIndex(*recording, 20).has_value());
  CHECK(counted.read * 2 < bytes.size());
}

// The checksum is not made again for what is flipped in the index alone: the scan says what is
// wrong.
TEST_CASE("a recording whose index was damaged is shown by the scan, and it is said") {
  std::string bytes = IndexedRun(6);
  const std::string expected = TextOf(ShowRecording(bytes, "run.heddle", {.flow = "#3"}));
  for (std::size_t at = bytes.size() - 60; at < bytes.size() - 25; ++at) {
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    const auto shown = ShowRecording(bytes, "run.heddle", {.flow = "#3"});
    REQUIRE(shown.ok());
    CHECK_THAT(std::string(shown->damage.message()), ContainsText("(index)"));
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
  }
  CHECK_THAT(expected, ContainsText("order 3"));
}

}  // namespace
}  // namespace heddle::tools
