// SPDX-License-Identifier: MIT
//
// A program with the determinism guard: an hour of the machine's clock passes in a run at once.
#include <heddle/guard.h>
#include <heddle/heddle.h>

#include <chrono>
#include <iostream>

int main() {
  using std::chrono::steady_clock;
  std::chrono::minutes slept{};
  const auto before = steady_clock::now();
  const heddle::RunResult result = heddle::Run([&slept]() -> heddle::Task<void> {
    const auto start = steady_clock::now();
    co_await heddle::SleepFor(std::chrono::hours(1));
    slept = std::chrono::duration_cast<std::chrono::minutes>(steady_clock::now() - start);
  });
  const bool at_once = steady_clock::now() - before < std::chrono::minutes(30);
  std::cout << heddle::Name(result.ending) << ' ' << slept.count() << '\n';
  return at_once ? 0 : 1;
}
