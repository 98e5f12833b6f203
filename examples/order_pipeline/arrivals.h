// SPDX-License-Identifier: MIT
//
// The orders as they come in: one line of JSON each, and the time at which it arrives. They
// are read from the file once; every run of the pipeline goes through the same ones.
#ifndef HEDDLE_EXAMPLES_ORDER_PIPELINE_ARRIVALS_H_
#define HEDDLE_EXAMPLES_ORDER_PIPELINE_ARRIVALS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "heddle/clock.h"

namespace order_pipeline {

struct Arrival {
  std::int64_t number = 0;  // the line in the file, counting from 1
  heddle::Duration at{};
  std::string text;  // not looked at yet: that is for the Parse stage
};

// Throws std::runtime_error when the file cannot be read or holds no line.
std::vector<Arrival> ReadArrivals(const std::string& path);

}  // namespace order_pipeline

#endif  // HEDDLE_EXAMPLES_ORDER_PIPELINE_ARRIVALS_H_
