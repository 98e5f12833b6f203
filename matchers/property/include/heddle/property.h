// SPDX-License-Identifier: MIT
//
// Property: a statement about every input and every schedule. rapidcheck makes the inputs; each
// is run under several schedules; an input that fails is made smaller for as long as one of its
// schedules still fails.
//
//   TEST_CASE("money is conserved") {
//     heddle::Property("transfers conserve money",
//                      [](std::vector<Transfer> transfers) -> heddle::Task<void> {
//                        Bank bank;
//                        co_await bank.Carry(std::move(transfers));
//                        RC_ASSERT(bank.total() == 300);
//                      });
//   }
//
// The body is a body as in run.h, with any number of arguments, after a World& if it wants one.
// Each run gets arguments of its own. Their types can be default-constructed and copied, and have
//   - a generator: rc::Arbitrary<T>, which rapidcheck has for numbers, strings and containers;
//   - serialize(), or what else cereal knows, for the recording holds the input;
//   - operator<<, so that a person can read it (without one it is shown as <???>).
//
// In a body, throw, or use RC_ASSERT and RC_FAIL; RC_PRE passes over an input that the property
// says nothing about. CHECK and REQUIRE of Catch2 do as well, and are reported once, with the
// values of the smallest input. Generators belong in the arguments: what a body draws with
// `*rc::gen::...` would not be recorded, and throws.
//
// The failing run is recorded as by Explore (explore.h), with its input, and comes back with
// HEDDLE_REPLAY=FILE. A recording belongs to a test case: give each property its own. `heddle keep`
// makes a test of a recording, which is run before all else from then on.
//
// What is tried is a pure function of the options: the seed is fixed, not drawn.
//
// Environment:
//   HEDDLE_REPLAY=FILE      runs this recording instead of looking
//   HEDDLE_KEPT=FOLDER      where kept cases are; =0: there are none
//   HEDDLE_SEED=N           overrides PropertyOptions::seed
//   HEDDLE_SCHEDULES=N      overrides PropertyOptions::schedules
//   RC_PARAMS="max_success=1000 max_size=20 ..."   rapidcheck's own; a seed in it comes second
#ifndef HEDDLE_PROPERTY_H_
#define HEDDLE_PROPERTY_H_

#include <rapidcheck.h>

#include <cereal/archives/portable_binary.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/chrono.hpp>
#include <cereal/types/deque.hpp>
#include <cereal/types/list.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/tuple.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/vector.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <source_location>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "heddle/explore.h"
#include "heddle/run.h"
#include "heddle/world.h"

namespace heddle {

struct PropertyOptions {
  // What the recording is called and HEDDLE_REPLAY is checked against. Empty: the current test
  // case, where heddle/catch.h is included, and else the property.
  std::string name;
  std::uint64_t seed = 42;
  // How many inputs must pass.
  std::uint32_t cases = 100;
  // How many schedules of each input are run.
  std::uint64_t schedules = 10;
  // The same once an input has failed, for those that are smaller. More of them find a smaller
  // input where few schedules fail.
  std::uint64_t shrink_schedules = 100;
  std::uint64_t steps_max = RunOptions().steps_max;
  std::size_t tasks_max = RunOptions().tasks_max;
  // Where recordings of failures go; made when it is needed. Empty: nothing is written.
  std::string directory = "heddle-failures";
  // The source file of the test, beside which cases are kept. Empty: the file that calls Property.
  std::string source = {};
};

struct PropertyResult {
  std::uint64_t cases = 0;         // how many inputs passed
  std::uint64_t shrinks = 0;       // in how many steps the failing input was made smaller
  std::optional<Failure> failure;  // of the smallest input that was found
  std::string report;              // what a person is shown; empty if the property holds

  bool ok() const { return report.empty(); }
};

// Thrown by Property for a failure that is not an exception of the body's own. The report went
// to standard error.
class PropertyFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace internal {

// Runs the input that has been generated, and says what came of it.
using CaseRunner = std::function<rc::detail::CaseDescription(std::uint64_t schedule_seed)>;

// A property's body and the input it is to be run with, for the half of Property that is not a
// template.
class PropertyBody : public ExploredBody {
 public:
  // Cases as rapidcheck takes them: each becomes the input, and then `run` is called.
  virtual rc::detail::Property Cases(CaseRunner run) = 0;
  // The types of the arguments: "int, std::vector<Transfer>".
  virtual std::string Types() const = 0;
  // The input for people, an argument a line.
  virtual std::string Text() const = 0;
  // The input as bytes, and back. Load throws what cereal throws, and std::runtime_error.
  virtual std::string Save() const = 0;
  virtual void Load(const std::string& bytes) = 0;
};

PropertyResult FindCounterexample(const std::string& property, PropertyBody& body,
                                  const PropertyOptions& options);
// `source`: the file of the call.
PropertyResult CheckProperty(const std::string& property, PropertyBody& body,
                             const PropertyOptions& options, const char* source);

// Seeds of schedules: as random in a small case as in a large one, and never made smaller.
rc::Gen<std::uint64_t> ScheduleSeeds();

template <class Types>
struct PropertyArguments;
template <class... Args>
struct PropertyArguments<rc::detail::TypeList<Args...>> {
  using Input = std::tuple<std::decay_t<Args>...>;
  using TypeList = rc::detail::TypeList<std::decay_t<Args>...>;
  static constexpr bool kTakesWorld = false;
};
template <class... Args>
struct PropertyArguments<rc::detail::TypeList<World&, Args...>>
    : PropertyArguments<rc::detail::TypeList<Args...>> {
  static constexpr bool kTakesWorld = true;
};

// What a recording needs of an argument, each said in words.
template <class Argument>
constexpr bool CheckArgument() {
  static_assert(std::is_default_constructible_v<Argument> && std::is_copy_assignable_v<Argument>,
                "an argument of a property must have a default constructor and be copyable: it is "
                "read back from the recording, and each run gets its own");
  static_assert(
      cereal::traits::is_output_serializable<Argument, cereal::PortableBinaryOutputArchive>::value,
      "cereal cannot write an argument of this property, which belongs into the recording: give "
      "its type serialize(), or include <cereal/types/...> for it");
  static_assert(
      cereal::traits::is_input_serializable<Argument, cereal::PortableBinaryInputArchive>::value,
      "cereal cannot read an argument of this property, which comes from the recording: give its "
      "type serialize(), or include <cereal/types/...> for it");
  return true;
}

template <class Input>
struct InputTraits;
template <class... Args>
struct InputTraits<std::tuple<Args...>> {
  static_assert((... && CheckArgument<Args>()));

  static rc::Gen<std::tuple<Args...>> Generator() {
    return rc::gen::tuple(rc::gen::arbitrary<Args>()...);
  }
  static std::string Types() {
    std::string text;
    ((text += (text.empty() ? "" : ", ") + rc::detail::typeToString<Args>()), ...);
    return text;
  }
};

// Calls a property's body with the input. Keeps a pointer to the body.
template <class Body>
class BodyWithInput {
 public:
  using Arguments = PropertyArguments<rc::detail::ArgTypes<Body>>;
  using Input = typename Arguments::Input;

  explicit BodyWithInput(Body& body) : body_(&body) {}

  decltype(auto) operator()(World& world) {
    arguments_ = input;
    return std::apply(
        [&](auto&&... arguments) -> decltype(auto) {
          if constexpr (Arguments::kTakesWorld) {
            return (*body_)(world, std::move(arguments)...);
          } else {
            return (*body_)(std::move(arguments)...);
          }
        },
        arguments_);
  }

  Input input;

 private:
  Body* body_;
  Input arguments_;  // of the current run, whose tasks may hold references to them
};

template <class Body>
class PropertyBodyOf final : public PropertyBody {
 public:
  using Input = typename BodyWithInput<Body>::Input;

  explicit PropertyBodyOf(Body& body) : body_(body), runner_(body_) {}

  BodyRef ref() override { return runner_.ref(); }

  rc::detail::Property Cases(CaseRunner run) override {
    return rc::gen::map(rc::gen::pair(ScheduleSeeds(), InputTraits<Input>::Generator()),
                        [this, run = std::move(run)](std::pair<std::uint64_t, Input>&& generated) {
                          body_.input = std::move(generated.second);
                          return run(generated.first);
                        });
  }

  std::string Types() const override { return InputTraits<Input>::Types(); }

  std::string Text() const override {
    std::string text;
    ForEach(body_.input, [&](const auto& argument) {
      text += (text.empty() ? "" : "\n") + rc::toString(argument);
    });
    return text;
  }

  std::string Save() const override {
    using Archive = cereal::PortableBinaryOutputArchive;
    std::ostringstream out;
    Archive archive(out, Archive::Options::LittleEndian());
    ForEach(body_.input, [&](const auto& argument) { archive(argument); });
    return std::move(out).str();
  }

  void Load(const std::string& bytes) override {
    std::istringstream in(bytes);
    cereal::PortableBinaryInputArchive archive(in);
    ForEach(body_.input, [&](auto& argument) { archive(argument); });
    if (in.rdbuf()->in_avail() > 0) throw std::runtime_error("there are bytes left over");
  }

 private:
  template <class Tuple, class Function>
  static void ForEach(Tuple& arguments, Function function) {
    std::apply([&](auto&... argument) { (function(argument), ...); }, arguments);
  }

  BodyWithInput<Body> body_;
  BodyRunner<BodyWithInput<Body>> runner_;
};

}  // namespace internal

// Tries inputs until one fails or enough have passed. Prints nothing and reads no environment.
// Throws UsageError, and what a generator throws.
template <class Body>
PropertyResult FindCounterexample(const std::string& property, Body&& body,
                                  const PropertyOptions& options = {}) {
  internal::PropertyBodyOf<std::remove_reference_t<Body>> property_body(body);
  return internal::FindCounterexample(property, property_body, options);
}

// The same for a test: a failure is reported on standard error and then thrown, the body's own
// exception as it was, anything else as PropertyFailed.
template <class Body>
PropertyResult Property(const std::string& property, Body&& body,
                        const PropertyOptions& options = {},
                        const std::source_location& site = std::source_location::current()) {
  internal::PropertyBodyOf<std::remove_reference_t<Body>> property_body(body);
  return internal::CheckProperty(property, property_body, options, site.file_name());
}

}  // namespace heddle

#endif  // HEDDLE_PROPERTY_H_
