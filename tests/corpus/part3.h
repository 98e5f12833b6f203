// SPDX-License-Identifier: MIT
//
// The programs whose traces have been counted: for each, how many kinds of runs there are, how
// many schedules, and the program itself, in the language of model.h.
#ifndef HEDDLE_TESTS_CORPUS_PART3_H_
#define HEDDLE_TESTS_CORPUS_PART3_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "corpus/model.h"
#include "corpus/program.h"

namespace heddle::corpus {

// A run that leaves the paths that are counted.
class AssumptionFailed : public std::runtime_error {
 public:
  AssumptionFailed() : std::runtime_error("assumption failed") {}
};

class CountedProgram : public Program {
 public:
  CountedProgram() = default;

  Var& NewVar(const std::string& name, int value = 0) { return vars_.emplace_back(value, name); }
  Lock& NewLock(const std::string& name) { return locks_.emplace_back(name); }
  using Program::Add;

  // The values of all variables.
  std::string State();

 private:
  std::deque<Var> vars_;
  std::deque<Lock> locks_;
};

struct CountedRow {
  std::string name;
  std::uint64_t traces;     // that are complete
  std::uint64_t schedules;  // 0: not known
  std::function<void(CountedProgram&)> build;
};

// Those of up to `traces_max` traces.
std::vector<CountedRow> CountedRows(std::uint64_t traces_max);

// A row as a body, to be run any number of times.
class CountedBody {
 public:
  explicit CountedBody(const CountedRow& row) : row_(&row) {}

  void operator()(World& world);
  // Of the last run.
  CountedProgram& program() { return *program_; }

 private:
  const CountedRow* row_;
  std::unique_ptr<CountedProgram> program_;
};

}  // namespace heddle::corpus

#endif  // HEDDLE_TESTS_CORPUS_PART3_H_
