// SPDX-License-Identifier: MIT
//
// The smallest program of a user: two tasks, one run, how it ended. The same source is
// built with HEDDLE_TRACING 1 and 0 and has to print the same.
#include <heddle/heddle.h>

#include <iostream>

namespace {

heddle::Task<int> Answer(int value) {
  co_await heddle::Yield();
  co_return value;
}

}  // namespace

int main() {
  int sum = 0;
  const heddle::RunResult result = heddle::Run([&sum]() -> heddle::Task<void> {
    sum += co_await Answer(40);
    sum += co_await Answer(2);
  });
  std::cout << heddle::Name(result.ending) << ' ' << sum << '\n';
  return result.ending == heddle::Ending::kFinished ? 0 : 1;
}
