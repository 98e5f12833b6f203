// SPDX-License-Identifier: MIT
#include "shrink_apart.h"

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cereal/archives/binary.hpp>
#include <cereal/types/vector.hpp>
#include <cerrno>
#include <cstddef>
#include <exception>
#include <sstream>
#include <string>
#include <string_view>

#include "child_process.h"
#include "workers.h"

namespace heddle {

template <class Archive>
void serialize(Archive& archive, DecidingPair& pair) {
  archive(pair.step, pair.in_order, pair.in_order_failed, pair.reversed, pair.reversed_failed,
          pair.passes_reversed, pair.others_in_order, pair.distance, pair.observed);
}

template <class Archive>
void serialize(Archive& archive, OtherSchedules& others) {
  archive(others.tried, others.passed, others.failed_otherwise, others.cut_short);
}

}  // namespace heddle

namespace heddle::internal {

template <class Archive>
void serialize(Archive& archive, StepName& step) {
  archive(step.strand, step.number);
}
template <class Archive>
void serialize(Archive& archive, PlannedDraw& draw) {
  archive(draw.step, draw.number, draw.value, draw.alternatives, draw.turn);
}
template <class Archive>
void serialize(Archive& archive, StepOrder& order) {
  archive(order.in_order, order.steps, order.draws, order.draws_by_turn);
}
template <class Archive>
void serialize(Archive& archive, ShrinkPlan& plan) {
  archive(plan.order, plan.pairs, plan.fails_plain, plan.draws_decide, plan.others, plan.runs,
          plan.minimal, plan.reproduced);
}

namespace {

std::string Encode(const ShrinkPlan& plan) {
  std::ostringstream bytes;
  cereal::BinaryOutputArchive archive(bytes);
  archive(plan);
  return bytes.str();
}

// nullopt: half a plan, of a process that died.
std::optional<ShrinkPlan> Decode(const std::string& bytes) {
  std::istringstream stream(bytes);
  cereal::BinaryInputArchive archive(stream);
  ShrinkPlan plan;
  try {
    archive(plan);
  } catch (const std::exception&) {
    return std::nullopt;
  }
  return plan;
}

void WriteToEnd(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return;
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string ReadAll(int file) {
  std::string bytes;
  std::array<char, 4096> piece;
  for (;;) {
    const ssize_t size = read(file, piece.data(), piece.size());
    if (size == 0 || (size < 0 && errno != EINTR)) return bytes;
    if (size > 0) bytes.append(piece.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace

std::optional<ShrinkPlan> ShrinkApart(const Trace& trace, BodyRef body,
                                      const ShrinkOptions& options) {
  std::array<int, 2> ends{};
  if (!OneThreadOnly() || pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  const pid_t child =
      ForkChild([&] { WriteToEnd(ends[1], Encode(Shrinker(trace, body, options).Run())); });
  close(ends[1]);
  std::string bytes;
  if (child > 0) {
    bytes = ReadAll(ends[0]);
    WaitForChild(child);
  }
  close(ends[0]);
  return Decode(bytes);
}

}  // namespace heddle::internal
