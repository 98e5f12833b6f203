// SPDX-License-Identifier: MIT
//
// order_pipeline: runs the orders of a file through the pipeline, once or in many schedules.
// Exit codes: 0 no failure, 1 a failure (the report goes to standard error), 2 wrong usage.
#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "heddle/check.h"
#include "heddle/ending.h"
#include "heddle/explore.h"
#include "heddle/run.h"
#include "pipeline.h"

namespace order_pipeline {
namespace {

enum ExitCode { kOk = 0, kFailure = 1, kUsage = 2 };

struct Options {
  std::string orders = ORDER_PIPELINE_ORDERS;
  std::string variant = "buggy";
  std::uint64_t schedules = 500;
  std::uint64_t seed = 42;
  bool fifo = false;
};

int Fail(const std::exception& error, ExitCode code) {
  std::cerr << "order_pipeline: " << error.what() << "\n";
  return code;
}

// Every choice first in, first out.
int RunOnce(const std::vector<Arrival>& arrivals, Variant variant) {
  Summary summary;
  const heddle::RunResult run = heddle::Run([&](heddle::World& world) -> heddle::Task<void> {
    summary = co_await HandleOrders(world, arrivals, variant);
  });
  if (!run.ok()) {
    std::cerr << "order_pipeline: " << heddle::Describe(run) << "\n";
    return kFailure;
  }
  std::cout << arrivals.size() << " orders: " << summary.shipped << " shipped, " << summary.rejected
            << " rejected, " << summary.out_of_stock << " out of stock, " << summary.declined
            << " declined\n"
            << "virtual time: " << heddle::FormatNanos(run.elapsed.count()) << "\n";
  return kOk;
}

int RunManySchedules(const std::vector<Arrival>& arrivals, Variant variant,
                     const Options& options) {
  const heddle::ExploreResult result = heddle::Explore(
      [&](heddle::World& world) { return HandleOrders(world, arrivals, variant); },
      {.name = "order pipeline", .seed = options.seed, .schedules = options.schedules});
  std::cout << options.variant << " variant: 0 failures in " << result.schedules << " schedules\n";
  return kOk;
}

int Main(int argc, char** argv) {
  const std::map<std::string, Variant> variants = {{"buggy", Variant::kBuggy},
                                                   {"fixed", Variant::kFixed}};
  Options options;
  CLI::App app("Runs a file of orders through a pipeline of async stages.", "order_pipeline");
  app.add_option("--orders", options.orders, "one order a line, as JSON (default: orders.jsonl)");
  app.add_option("--variant", options.variant, "buggy (the default) or fixed")
      ->check(CLI::IsMember(variants));
  app.add_option("--schedules", options.schedules, "how many to look through (default: 500)")
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", options.seed, "of the schedules (default: 42)");
  app.add_flag("--fifo", options.fifo, "run once, first in, first out, and sum up");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  }

  std::vector<Arrival> arrivals;
  try {
    arrivals = ReadArrivals(options.orders);
  } catch (const std::exception& error) {
    return Fail(error, kUsage);
  }
  const Variant variant = variants.at(options.variant);
  try {
    return options.fifo ? RunOnce(arrivals, variant) : RunManySchedules(arrivals, variant, options);
  } catch (const heddle::UsageError& error) {
    return Fail(error, kUsage);
  } catch (const std::exception& error) {
    return Fail(error, kFailure);
  }
}

}  // namespace
}  // namespace order_pipeline

int main(int argc, char** argv) { return order_pipeline::Main(argc, argv); }
