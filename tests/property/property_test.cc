// SPDX-License-Identifier: MIT
#include "heddle/property.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "heddle/catch.h"
#include "heddle/check.h"
#include "heddle/gate.h"
#include "heddle/sleep.h"
#include "heddle/tape_text.h"
#include "heddle/test_framework.h"
#include "heddle/trace_io.h"
#include "heddle/trace_text.h"
#include "property/bank.h"
#include "support/catch.h"
#include "support/law.h"

namespace {

using heddle::FindCounterexample;
using heddle::Property;
using heddle::PropertyFailed;
using heddle::PropertyOptions;
using heddle::PropertyResult;
using heddle::Task;
using heddle::World;

constexpr const char* kName = "transfers conserve money";

Task<void> MoneyIsConserved(std::vector<Transfer> transfers) {
  Bank bank;
  co_await bank.Carry(std::move(transfers));
  if (bank.total() != Bank::kTotal) throw std::runtime_error("money is lost");
}

// A directory of its own for each test, and no variable of the environment left behind.
class Scratch {
 public:
  Scratch() : directory_("property_test.scratch/" + heddle::CurrentTestName()) {
    std::filesystem::remove_all(directory_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    for (const char* variable : {"HEDDLE_KEPT", "HEDDLE_REPLAY", "HEDDLE_REPLAY_OUT", "HEDDLE_SEED",
                                 "HEDDLE_SCHEDULES", "RC_PARAMS"}) {
      unsetenv(variable);  // NOLINT(concurrency-mt-unsafe): one thread
    }
    std::filesystem::remove_all("property_test.scratch");
  }

  PropertyOptions Options() const {
    PropertyOptions options;
    options.directory = directory_;
    return options;
  }
  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  static void Set(const char* variable, const std::string& value) {
    setenv(variable, value.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
  }

 private:
  std::string directory_;
};

heddle::Trace Read(const std::string& path) {
  auto recording = heddle::ReadRecording(path);
  REQUIRE(recording.ok());
  REQUIRE(recording->damage.ok());
  return recording->trace;
}

template <class Body>
auto BodyOf(Body& body) {
  return heddle::internal::PropertyBodyOf<Body>(body);
}

// The values in a recording of a property, which come after the line that says whose they are.
std::string Values(const heddle::Trace& trace) {
  const std::string& input = trace.header.input;
  return input.substr(input.find('\n') + 1);
}

}  // namespace

TEST_CASE("A property that holds runs as many inputs and schedules as it is told to") {
  std::map<int, int> runs;
  int all = 0;
  PropertyOptions options;
  options.cases = 30;
  options.schedules = 4;
  const PropertyResult result = FindCounterexample(
      "holds",
      [&](int number) -> Task<void> {
        ++runs[number];
        ++all;
        co_return;
      },
      options);
  CHECK(result.ok());
  CHECK(result.cases == 30);
  CHECK(all == 30 * 4);
  CHECK(runs.size() > 10);
}

TEST_CASE("A bug of input and schedule together is found and its input made small") {
  const Scratch scratch;
  const PropertyResult result = FindCounterexample(kName, &MoneyIsConserved, scratch.Options());
  REQUIRE(result.failure.has_value());
  CHECK_FALSE(result.ok());
  CHECK(result.failure->run.message == "money is lost");
  CHECK_FALSE(result.failure->divergence.has_value());

  std::istringstream bytes(Values(result.failure->run.trace));
  cereal::PortableBinaryInputArchive archive(bytes);
  std::vector<Transfer> transfers;
  archive(transfers);
  INFO(result.report);
  REQUIRE(transfers.size() == 2);  // one alone cannot be overtaken
  const std::set<int> amounts = {transfers[0].amount, transfers[1].amount};
  CHECK(amounts == std::set<int>{1, Bank::kAudited + 1});
}

TEST_CASE("The recording of a counterexample holds its input, for people and for cereal") {
  const Scratch scratch;
  const PropertyResult result = FindCounterexample(kName, &MoneyIsConserved, scratch.Options());
  REQUIRE(result.failure.has_value());
  const heddle::Trace trace = Read(result.failure->recording);
  CHECK(heddle::SameRun(trace, result.failure->run.trace));
  CHECK(trace.header.test == heddle::CurrentTestName());

  auto body = &MoneyIsConserved;
  auto property = BodyOf(body);
  property.Load(Values(trace));
  CHECK(property.Text() == trace.header.input_text);
  CHECK_THAT(trace.header.input_text, ContainsText(": 11"));
  CHECK_THAT(result.report, ContainsText("The input: " + trace.header.input_text));
}

TEST_CASE("A property fails its test with the body's own exception") {
  const Scratch scratch;
  CHECK_THROWS_WITH(Property(kName, &MoneyIsConserved, scratch.Options()), "money is lost");
}

TEST_CASE("A recording of a property replays from its file, to the same digest") {
  const Scratch scratch;
  const PropertyResult result = FindCounterexample(kName, &MoneyIsConserved, scratch.Options());
  REQUIRE(result.failure.has_value());
  Scratch::Set("HEDDLE_REPLAY", result.failure->recording);
  Scratch::Set("HEDDLE_REPLAY_OUT", scratch.Path("replayed"));
  int runs = 0;
  CHECK_THROWS_WITH(Property(
                        kName,
                        [&](std::vector<Transfer> transfers) {
                          ++runs;
                          return MoneyIsConserved(std::move(transfers));
                        },
                        scratch.Options()),
                    "money is lost");
  CHECK(runs == 1);
  CHECK(heddle::Digest(Read(scratch.Path("replayed"))) ==
        heddle::Digest(result.failure->run.trace));
}

TEST_CASE("What a property tries is decided by its options alone") {
  const Scratch scratch;
  const PropertyResult first = FindCounterexample(kName, &MoneyIsConserved, scratch.Options());
  const PropertyResult again = FindCounterexample(kName, &MoneyIsConserved, scratch.Options());
  CHECK(first.report == again.report);
  CHECK(first.cases == again.cases);
  REQUIRE(first.failure.has_value());
  REQUIRE(again.failure.has_value());
  CHECK(first.failure->run.trace == again.failure->run.trace);
}

TEST_CASE("HEDDLE_SEED and RC_PARAMS give a property other inputs, and other numbers of them") {
  const Scratch scratch;
  const auto inputs = [] {
    std::vector<int> numbers;
    Property("numbers", [&](int number) -> Task<void> {
      numbers.push_back(number);
      co_return;
    });
    return numbers;
  };
  const std::vector<int> usual = inputs();
  CHECK(usual.size() == 1000);
  CHECK(inputs() == usual);

  Scratch::Set("HEDDLE_SEED", "43");
  const std::vector<int> seeded = inputs();
  CHECK(seeded != usual);
  Scratch::Set("RC_PARAMS", "max_success=7 seed=42");
  Scratch::Set("HEDDLE_SCHEDULES", "2");
  CHECK(inputs().size() == 14);

  Scratch::Set("RC_PARAMS", "max_success=many");
  CHECK_THROWS_WITH(inputs(),
                    ContainsText("RC_PARAMS cannot be read") && ContainsText("max_success"));
  Scratch::Set("RC_PARAMS", "");
  Scratch::Set("HEDDLE_SEED", "dice");
  CHECK_THROWS_WITH(inputs(), ContainsText("HEDDLE_SEED='dice' is not a whole number"));
}

TEST_CASE("RC_ASSERT fails a property, and its text is shown and thrown") {
  const Scratch scratch;
  const auto body = [](int a, std::string b) -> Task<void> {
    RC_ASSERT(a < 20 || b.empty());
    co_return;
  };
  const PropertyResult result = FindCounterexample("small", body, scratch.Options());
  CHECK_THAT(result.report, ContainsText("It threw: property_test.cc:"));
  CHECK_THAT(result.report,
             ContainsText("RC_ASSERT(a < 20 || b.empty()) Expands to: 20 < 20 || false"));
  REQUIRE(result.failure.has_value());
  CHECK(result.failure->run.trace.header.input_text == "20\n\"a\"");
  CHECK_THROWS_AS(Property("small", body, scratch.Options()), PropertyFailed);
  CHECK_THROWS_WITH(Property("small", body, scratch.Options()), ContainsText("RC_ASSERT(a < 20"));

  Scratch::Set("HEDDLE_REPLAY", result.failure->recording);
  CHECK_THROWS_WITH(Property("small", body, scratch.Options()), ContainsText("RC_ASSERT(a < 20"));
}

TEST_CASE("RC_PRE passes over an input, and too many of them leave a property undecided") {
  int even = 0;
  PropertyOptions options;
  options.schedules = 1;
  const PropertyResult some = FindCounterexample(
      "even numbers",
      [&](int number) -> Task<void> {
        RC_PRE(number % 2 == 0);
        ++even;
        co_return;
      },
      options);
  CHECK(some.ok());
  CHECK(some.cases == 100);
  CHECK(even == 100);

  const auto never = [](int) -> Task<void> {
    RC_DISCARD("never");
    co_return;
  };
  const PropertyResult none = FindCounterexample("never", never);
  CHECK_FALSE(none.ok());
  CHECK(none.cases == 0);
  CHECK_THAT(none.report, ContainsText("property \"never\" is not decided: 0 inputs passed"));
  CHECK_THROWS_WITH(Property("never", never), ContainsText("did not meet RC_PRE"));
}

TEST_CASE("A property may take no arguments, or only the world") {
  int runs = 0;
  PropertyOptions options;
  options.cases = 3;
  options.schedules = 2;
  CHECK(FindCounterexample(
            "no arguments",
            [&]() -> Task<void> {
              ++runs;
              co_return;
            },
            options)
            .ok());
  CHECK(FindCounterexample(
            "the world", [&](World& world) { runs += world.Draw(1) == 0 ? 1 : 0; }, options)
            .ok());
  CHECK(runs == 3 * 2 * 2);
}

TEST_CASE("A property may take two arguments of one type") {
  PropertyOptions options;
  options.cases = 10;
  const PropertyResult result = FindCounterexample(
      "sum",
      [](int a, int b) -> Task<void> {
        RC_ASSERT(std::int64_t{a} + b == std::int64_t{b} + a);
        co_return;
      },
      options);
  CHECK(result.ok());
}

TEST_CASE("Tasks spawned by a property may hold references to its arguments") {
  const Scratch scratch;
  const auto add = [](const std::vector<int>& numbers, std::int64_t& sum) -> Task<void> {
    co_await heddle::Yield();
    for (const int number : numbers) sum += number;
  };
  std::int64_t sum = 0;
  const auto body = [&](World& world, const std::vector<int>& numbers, int) {
    sum = 0;
    world.Spawn(add(numbers, sum));
  };
  CHECK(FindCounterexample("sums", body, scratch.Options()).ok());
}

TEST_CASE("Each run of a property gets arguments of its own") {
  PropertyOptions options;
  options.schedules = 2;
  std::vector<std::vector<int>> taken;
  const auto body = [&](std::vector<int>&& numbers) -> Task<void> {
    taken.push_back(std::move(numbers));
    numbers.clear();
    co_return;
  };
  CHECK(FindCounterexample("taken", body, options).ok());
  REQUIRE(taken.size() == 200);
  std::size_t numbers = 0;
  for (std::size_t i = 0; i < taken.size(); i += 2) {
    CHECK(taken[i] == taken[i + 1]);
    numbers += taken[i].size();
  }
  CHECK(numbers > 100);
}

TEST_CASE("A property that gets stuck fails by PropertyFailed") {
  const Scratch scratch;
  const auto body = [](bool stuck) -> Task<void> {
    heddle::Gate gate;
    if (stuck) co_await gate.Wait();
  };
  const PropertyResult result = FindCounterexample("stuck", body, scratch.Options());
  REQUIRE(result.failure.has_value());
  CHECK(result.failure->run.ending == heddle::Ending::kStuck);
  CHECK(result.failure->run.trace.header.input_text == "true");
  CHECK_THROWS_AS(Property("stuck", body, scratch.Options()), PropertyFailed);
  CHECK_THROWS_WITH(Property("stuck", body, scratch.Options()),
                    ContainsText("property \"stuck\": the run is stuck"));
}

TEST_CASE("A case that was kept is run before all else, with its input") {
  const Scratch scratch;
  const PropertyResult found = FindCounterexample(kName, &MoneyIsConserved, scratch.Options());
  REQUIRE(found.failure.has_value());
  const heddle::Trace& trace = found.failure->run.trace;
  std::filesystem::create_directories(scratch.Path("kept"));
  std::ofstream(scratch.Path("kept/a.tape")) << heddle::TapeText(trace);
  Scratch::Set("HEDDLE_KEPT", scratch.Path("kept"));

  PropertyOptions none = scratch.Options();
  none.cases = 0;
  CHECK_THROWS_WITH(Property(kName, &MoneyIsConserved, none), "money is lost");
  std::vector<Transfer> seen;
  const auto mended = [&](std::vector<Transfer> transfers) -> Task<void> {
    seen = std::move(transfers);
    co_return;
  };
  CHECK(Property(kName, mended, none).ok());
  CHECK(!seen.empty());
  const auto other = [](std::string) -> Task<void> { co_return; };
  CHECK_THROWS_WITH(Property(kName, other, none),
                    ContainsText("a.tape holds an input of property"));
}

TEST_CASE("A recording of another property, or of other types, is refused") {
  const Scratch scratch;
  const PropertyResult result = FindCounterexample(kName, &MoneyIsConserved, scratch.Options());
  REQUIRE(result.failure.has_value());
  Scratch::Set("HEDDLE_REPLAY", result.failure->recording);
  CHECK_THROWS_AS(Property("renamed", &MoneyIsConserved), heddle::UsageError);
  CHECK_THROWS_WITH(Property("renamed", &MoneyIsConserved),
                    ContainsText("property \"transfers conserve money\"") &&
                        ContainsText("this is property \"renamed\""));
  const auto other = [](std::string) -> Task<void> { co_return; };
  CHECK_THROWS_WITH(Property(kName, other), ContainsText("(std::vector<Transfer>), but this is") &&
                                                ContainsText("(std::string)"));
}

TEST_CASE("Bytes that are no input of the property are refused") {
  const Scratch scratch;
  const PropertyResult result = FindCounterexample(kName, &MoneyIsConserved, scratch.Options());
  REQUIRE(result.failure.has_value());
  const auto replay = [&](const std::string& input) {
    heddle::Trace trace = result.failure->run.trace;
    trace.header.input = input;
    REQUIRE(heddle::WriteRecording(scratch.Path("changed"), trace).ok());
    Scratch::Set("HEDDLE_REPLAY", scratch.Path("changed"));
    Property(kName, &MoneyIsConserved);
  };
  const std::string input = result.failure->run.trace.header.input;
  CHECK_THROWS_WITH(replay(input), "money is lost");

  const std::string cut = input.substr(0, input.size() - 1);
  CHECK_THROWS_AS(replay(cut), heddle::UsageError);
  CHECK_THROWS_WITH(replay(cut), ContainsText("Failed to read") &&
                                     ContainsText("are not an input of property \"transfers"));
  CHECK_THROWS_WITH(replay(input.substr(0, input.find('\n') + 1)), ContainsText("Failed to read"));
  CHECK_THROWS_WITH(replay(input + "?"), ContainsText("there are bytes left over"));
  CHECK_THROWS_WITH(replay(""), ContainsText("holds an input of no property"));
}

TEST_CASE("A body that is not deterministic is said to be so") {
  const Scratch scratch;
  int failing = 0;
  const auto body = [&]() -> Task<void> {
    if (failing-- > 0) throw std::runtime_error("at first");
    co_return;
  };
  PropertyOptions options = scratch.Options();
  options.shrink_schedules = options.schedules = 1;

  failing = 1;
  const PropertyResult gone = FindCounterexample("at first", body, options);
  CHECK_FALSE(gone.ok());
  CHECK_FALSE(gone.failure.has_value());
  CHECK_THAT(gone.report, ContainsText("the body is not deterministic"));

  failing = 1;
  CHECK_THROWS_WITH(Property("at first", body, options), ContainsText("did not fail again"));
  failing = 3;  // found, run again by rapidcheck, found by FindFailure, and then not recorded
  CHECK_THROWS_WITH(Property("at first", body, options), ContainsText("went another way"));
}

TEST_CASE("The caller's mistakes in a property leave it as UsageError") {
  CHECK_THROWS_AS(FindCounterexample("succeeds",
                                     [](int) -> Task<void> {
                                       RC_SUCCEED("early");
                                       co_return;
                                     }),
                  heddle::UsageError);
}

TEST_CASE("Inputs survive their bytes") {
  CheckLaw([](const std::vector<Transfer>& transfers, const std::map<std::string, double>& map) {
    const auto body = [](std::vector<Transfer>, std::map<std::string, double>) -> Task<void> {
      co_return;
    };
    auto property = BodyOf(body);
    std::ostringstream bytes;
    cereal::PortableBinaryOutputArchive archive(
        bytes, cereal::PortableBinaryOutputArchive::Options::LittleEndian());
    archive(transfers, map);
    property.Load(bytes.str());
    RC_ASSERT(property.Save() == bytes.str());
    RC_ASSERT(property.Text() == rc::toString(transfers) + "\n" + rc::toString(map));
  });
}
