// SPDX-License-Identifier: MIT
#include "arrivals.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace order_pipeline {
namespace {

// A line without a readable time arrives together with the line before it.
heddle::Duration ArrivalTime(const std::string& text, heddle::Duration previous) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return previous;
  const auto at = json.find("at_ms");
  if (at == json.end() || !at->is_number_integer()) return previous;
  return std::max<heddle::Duration>(previous, std::chrono::milliseconds(at->get<std::int64_t>()));
}

}  // namespace

std::vector<Arrival> ReadArrivals(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path + "\n  is it there, and a file?");
  std::vector<Arrival> arrivals;
  heddle::Duration at{};
  for (std::string line; std::getline(file, line);) {
    at = ArrivalTime(line, at);
    const auto number = static_cast<std::int64_t>(arrivals.size()) + 1;
    arrivals.push_back({.number = number, .at = at, .text = std::move(line)});
  }
  if (arrivals.empty()) {
    throw std::runtime_error("no orders in " + path +
                             "\n  it should hold one order a line, as JSON");
  }
  return arrivals;
}

}  // namespace order_pipeline
