// SPDX-License-Identifier: MIT
//
// PosChooser: what its paper says about orders of steps that conflict, and of steps that do not.
#include "heddle/choosers/pos.h"

#include "harness/choosers/letters.h"
#include "support/catch.h"

namespace heddle {
namespace {

// Each task makes one step beside its start: to the object of all, or to one of its own.
class OneStepEach {
 public:
  explicit OneStepEach(bool one_object) : one_object_(one_object) {}

  void operator()(World& world) {
    log_.clear();
    for (std::size_t i = 0; i < 4; ++i) world.Spawn(Write(i));
  }
  const std::string& log() const { return log_; }

 private:
  Task<> Write(std::size_t i) {
    co_await objects_[one_object_ ? 0 : i].Write(1);
    log_ += static_cast<char>('a' + i);
  }

  bool one_object_;
  std::vector<Shared<int>> objects_ = std::vector<Shared<int>>(4);
  std::string log_;
};

TEST_CASE("pos gives all orders of steps that conflict, and of steps that do not, a good chance") {
  for (const bool one_object : {true, false}) {
    OneStepEach body(one_object);
    PosChooser chooser(42);
    const auto counts = CountLogs(chooser, body, 24'000);
    CHECK(counts.size() == 24);
    for (const auto& [log, count] : counts) CHECK(count > 300);
  }
}

// The example with which POS begins (section 2 of its paper): A makes many steps of its own before
// the one that counts, and B must come last.
class LongAndShort {
 public:
  void operator()(World& world) {
    world.Spawn(Long());
    world.Spawn(Short());
  }
  const std::string& log() const { return log_; }

 private:
  Task<> Long() {
    Shared<int> own(0);
    for (int i = 0; i < 10; ++i) co_await own.Write(i);
    co_await shared_.Write(1);
    log_ = "long last";
  }
  Task<> Short() {
    co_await shared_.Write(2);
    log_ = "short last";
  }

  Shared<int> shared_{0};
  std::string log_;
};

TEST_CASE("pos lets a short task come after a long one, where a random walk hardly ever does") {
  LongAndShort body;
  PosChooser pos(42);
  RandomChooser walk(42);
  // Short's pending step keeps its priority, which is below ten and more others with probability
  // 1/12 or so; the random walk needs eleven flips of a coin.
  CHECK(CountLogs(pos, body, 4'000)["short last"] > 200);
  CHECK(CountLogs(walk, body, 4'000)["short last"] < 40);
}

TEST_CASE("pos reaches every interleaving") {
  Letters letters({3, 3});
  PosChooser chooser(42);
  CHECK(CountLogs(chooser, letters, 2'000).size() == 20);
}

TEST_CASE("schedule n of pos is a function of the seed and n") {
  Letters letters({3, 4, 5});
  PosChooser one(3);
  std::vector<std::string> forward;
  for (std::uint64_t n = 1; n < 20; ++n) {
    Run(letters, {.chooser = &one, .schedule = n});
    forward.push_back(letters.log());
  }
  PosChooser two(3);
  for (std::uint64_t n = 19; n >= 1; --n) {
    Run(letters, {.chooser = &two, .schedule = n});
    CHECK(letters.log() == forward[n - 1]);
  }
}

}  // namespace
}  // namespace heddle
