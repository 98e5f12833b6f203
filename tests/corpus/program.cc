// SPDX-License-Identifier: MIT
#include "corpus/program.h"

#include <stdexcept>

#include "corpus/model.h"
#include "heddle/ending.h"
#include "heddle/gate.h"

namespace heddle::corpus {
namespace {

// Far more steps than any program of the corpus makes.
constexpr std::uint64_t kStepsMax = 100'000;

// One task of `program`; `left` is how many have not ended.
Task<> Member(Program& program, std::size_t index, std::size_t& left) {
  co_await program.starts()[index]();
  if (--left == 0) program.AtEnd();
}

Task<> MemberThatOpens(Program& program, std::size_t index, std::size_t& left, Gate& ended) {
  co_await Member(program, index, left);
  ended.Open();
}

Task<> Main(Program& program, World& world, std::size_t& left) {
  std::vector<Gate> ended(program.starts().size());
  for (std::size_t i = 0; i < ended.size(); ++i) {
    co_await Step();
    world.Spawn(MemberThatOpens(program, i, left, ended[i]));
  }
  for (Gate& gate : ended) co_await gate.Wait();
}

}  // namespace

void ProgramBody::operator()(World& world) {
  program_ = entry_->make();
  // One more than there are: nobody is the last to end.
  left_ = program_->starts().size() + (end_check_ == EndCheck::kAfterwards ? 1 : 0);
  if (mode_ == StartMode::kOneByOne) {
    world.Spawn(Main(*program_, world, left_));
    return;
  }
  for (std::size_t i = 0; i < program_->starts().size(); ++i) {
    world.Spawn(Member(*program_, i, left_));
  }
}

bool ProgramBody::HoldsAtEnd() {
  try {
    program_->AtEnd();
  } catch (const Violation&) {
    return false;
  }
  return true;
}

std::size_t StartAtOnce::ChooseTask(const ReadySet& ready) {
  for (std::size_t i = 0; i < ready.size(); ++i) {
    if (ready[i].operation() == Operation::kStart) return i;
  }
  return inner_->ChooseTask(ready);
}

bool ProgramRunner::Fails(std::uint64_t schedule) {
  const RecordMode record =
      start_at_once_.wants_events() ? RecordMode::kEvents : RecordMode::kChoices;
  switch (executor_.Execute(runner_.ref(), {.chooser = &start_at_once_,
                                            .steps_max = kStepsMax,
                                            .record = record,
                                            .schedule = schedule})) {
    case Ending::kFinished:
      return false;
    case Ending::kThrew:
      return true;
    case Ending::kStuck:
      return body_.program().deadlock_is_failure();
    default:
      throw std::runtime_error("a schedule of the corpus did not end");
  }
}

}  // namespace heddle::corpus
