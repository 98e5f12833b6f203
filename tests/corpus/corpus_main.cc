// SPDX-License-Identifier: MIT
//
// heddle_corpus [--json FILE] [--quick]: prints what we measure on the programs of the corpus,
// beside what others did. A figure that misses its target is marked so.
//
//  - Exact figures are equal, to the printed digit.
//  - Schedules to the first failure, 1/p over 20,000 schedules and more where failures are rare:
//    random walk and POS within 15 % where the reference is below 500; PCT, URW and SURW within
//    a factor of 2 where it is below 1,000.
//
// --quick leaves out what takes longer than a few seconds.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "corpus/measure.h"
#include "corpus/part3.h"
#include "corpus/program.h"
#include "corpus/programs.h"
#include "corpus/references.h"
#include "heddle/choosers/dpor.h"
#include "heddle/choosers/portfolio.h"
#include "heddle/executor.h"

namespace heddle::corpus {
namespace {

struct Options {
  std::string json;
  bool quick = false;

  std::uint64_t interleavings_max() const { return quick ? 20'000 : 20'000'000; }
  std::uint64_t schedules() const { return quick ? 1'000 : 20'000; }
};

// One number of a table.
struct Figure {
  std::string_view table;
  std::string program;
  std::string_view column;
  std::string ours;
  std::string reference;  // empty: there is none
  std::string verdict;    // "ok", "MISS", or empty where nothing is demanded
};

// The figures of all tables; prints each row when it is complete.
class Tables {
 public:
  void Begin(std::string_view table) {
    table_ = table;
    std::cout << "\n== " << table << "\n   ours [reference], ! marks what misses its target\n\n";
  }
  void Row(const std::string& program) {
    program_ = program;
    std::cout << program << std::string(program.size() < 26 ? 26 - program.size() : 1, ' ');
  }
  void Add(std::string_view column, std::string ours, std::string reference, std::string verdict) {
    std::cout << "  " << column << ' ' << (verdict == "MISS" ? "!" : "") << ours;
    if (!reference.empty()) std::cout << " [" << reference << ']';
    misses_ += verdict == "MISS" ? 1 : 0;
    met_ += verdict == "ok" ? 1 : 0;
    figures_.push_back({.table = table_,
                        .program = program_,
                        .column = column,
                        .ours = std::move(ours),
                        .reference = std::move(reference),
                        .verdict = std::move(verdict)});
  }
  // An exact figure: equal or not.
  void AddExact(std::string_view column, const std::string& ours, std::string_view reference) {
    if (reference.empty()) return Add(column, ours, "", "");
    Add(column, ours, std::string(reference), ours == reference ? "ok" : "MISS");
  }
  void EndRow() { std::cout << std::endl; }  // NOLINT(performance-avoid-endl): it may be watched

  int misses() const { return misses_; }
  int met() const { return met_; }
  const std::vector<Figure>& figures() const { return figures_; }

 private:
  std::string_view table_;
  std::string program_;
  int misses_ = 0;
  int met_ = 0;
  std::vector<Figure> figures_;
};

std::string Format(const char* format, double number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, number);
  return text.data();
}

// Schedules to the first failure, as the references have them.
std::string FormatSchedules(double schedules) {
  if (schedules < 0) return "> " + Format("%.0f", -schedules);
  return Format(schedules < 3 ? "%.2f" : schedules < 100 ? "%.1f" : "%.0f", schedules);
}

std::string FormatCount(std::uint64_t count) { return std::to_string(count); }

std::string Verdict(Strategy strategy, double ours, double reference) {
  if (reference <= 0) return "";
  const bool exacting = strategy == Strategy::kWalk || strategy == Strategy::kPos;
  if (reference >= (exacting ? 500 : 1000)) return "";
  if (ours <= 0) return "MISS";
  const double ratio = std::max(ours / reference, reference / ours);
  // The references have two or three digits.
  return ratio <= (exacting ? 1.15 : 2.0) + 0.005 ? "ok" : "MISS";
}

// --- exact figures ---------------------------------------------------------------------------

void PrintExactRow(Tables& tables, const Entry& entry, const Reference& reference,
                   const Options& options) {
  tables.Row(entry.name);
  const bool small = reference.interleavings != 0;
  const Exact all_at_once =
      Enumerate(entry, StartMode::kAllAtOnce, small ? options.interleavings_max() : 0);
  if (all_at_once.complete) {
    tables.AddExact("longest", FormatCount(all_at_once.longest), FormatCount(reference.longest));
    tables.AddExact("all", FormatCount(all_at_once.interleavings),
                    FormatCount(reference.interleavings));
    tables.AddExact("failing", FormatCount(all_at_once.failing), FormatCount(reference.failing));
    tables.AddExact("preemptions", FormatCount(all_at_once.preemptions),
                    FormatCount(reference.preemptions));
    tables.AddExact("P(RW) A", Format("%.4g", all_at_once.walk_fails), reference.walk_fails);
  } else {
    tables.Add("mode A", "too large", "", "");
  }
  const Exact one_by_one =
      Enumerate(entry, StartMode::kOneByOne, small ? options.interleavings_max() : 0);
  if (one_by_one.complete) {
    tables.AddExact("P(RW) B", Format("%.4g", one_by_one.walk_fails),
                    reference.walk_fails_one_by_one);
  } else {
    tables.Add("mode B", "too large", "", "");
  }
  tables.EndRow();
}

// Of B12 with two items for each task the figures are known, and it is the largest that can be
// enumerated.
void PrintSmallBoundedBuffer(Tables& tables, const Options& options) {
  if (options.quick) return;
  const Entry entry = SmallBoundedBuffer();
  const Exact exact = Enumerate(entry, StartMode::kAllAtOnce, options.interleavings_max());
  tables.Row(entry.name);
  tables.AddExact("all", FormatCount(exact.interleavings), "998496");
  tables.AddExact("failing", FormatCount(exact.failing), "137784");
  tables.AddExact("P(RW) A", Format("%.6f", exact.walk_fails), "0.128335");
  tables.EndRow();
}

void PrintExact(Tables& tables, const Options& options) {
  tables.Begin("exact figures");
  const std::vector<Entry> programs = BugPrograms();
  for (std::size_t i = 0; i < programs.size(); ++i) {
    PrintExactRow(tables, programs[i], BugReferences()[i], options);
  }
  PrintSmallBoundedBuffer(tables, options);
}

void PrintRealBugs(Tables& tables) {
  tables.Begin("real bugs, mode A");
  const std::vector<RealBug> gallery = Gallery();
  for (std::size_t i = 0; i < gallery.size(); ++i) {
    const RealBugReference& reference = RealBugReferences()[i];
    constexpr std::uint64_t kMax = 100'000;
    const Exact buggy = Enumerate(gallery[i].buggy, StartMode::kAllAtOnce, kMax);
    const Exact fixed = Enumerate(gallery[i].fixed, StartMode::kAllAtOnce, kMax);
    tables.Row(gallery[i].buggy.name);
    tables.AddExact("longest", FormatCount(buggy.longest), FormatCount(reference.longest));
    tables.AddExact("all", FormatCount(buggy.interleavings), FormatCount(reference.interleavings));
    tables.AddExact("failing", FormatCount(buggy.failing), FormatCount(reference.failing));
    tables.AddExact("P(RW)", Format("%.4f", buggy.walk_fails), reference.walk_fails);
    tables.AddExact("preemptions", FormatCount(buggy.preemptions),
                    FormatCount(reference.preemptions));
    tables.AddExact("fixed: all", FormatCount(fixed.interleavings),
                    FormatCount(reference.fixed_interleavings));
    tables.AddExact("failing", FormatCount(fixed.failing), "0");
    tables.EndRow();
  }
}

// --- traces -----------------------------------------------------------------------------------

bool IsAssumption(const std::exception_ptr& exception) {
  if (exception == nullptr) return false;
  try {
    std::rethrow_exception(exception);
  } catch (const AssumptionFailed&) {
    return true;
  } catch (...) {
    return false;
  }
}

// The reduced search makes the starts of tasks steps of its own, which touch nothing.
template <class Body, class Visit>
std::uint64_t ForEachTrace(Body& body, std::uint64_t runs_max, Visit visit) {
  internal::BodyRunner<Body> runner(body);
  DporChooser chooser;
  Executor executor;
  for (std::uint64_t run = 0; run < runs_max && !chooser.exhausted(); ++run) {
    executor.Execute(runner.ref(), {.chooser = &chooser, .record = RecordMode::kEvents});
    executor.TearDown();
    visit(executor);
  }
  return chooser.redundant();
}

void PrintTraces(Tables& tables, const Options& options) {
  tables.Begin("executions of the reduced search, mode A");
  const std::uint64_t traces_max = options.quick ? 1'000 : 300'000;
  const std::vector<Entry> programs = BugPrograms();
  for (std::size_t i = 0; i < programs.size(); ++i) {
    const Traces& optimum = BugReferences()[i].traces;
    const std::uint64_t all = optimum.passing + optimum.failing;
    if (all == 0 || all > traces_max) continue;
    ProgramBody body(programs[i], StartMode::kAllAtOnce, EndCheck::kAfterwards);
    Traces traces;
    const std::uint64_t redundant =
        ForEachTrace(body, 2 * traces_max, [&](const Executor& executor) {
          const bool passes = executor.ending() == Ending::kFinished && body.HoldsAtEnd();
          ++(passes ? traces.passing : traces.failing);
        });
    tables.Row(programs[i].name);
    tables.AddExact("passing", FormatCount(traces.passing), FormatCount(optimum.passing));
    const bool met = traces.failing <= optimum.failing && traces.failing > 0;
    tables.Add("failing", FormatCount(traces.failing), "at most " + FormatCount(optimum.failing),
               met ? "ok" : "MISS");
    tables.AddExact("redundant", FormatCount(redundant), "0");
    tables.EndRow();
  }
  for (const CountedRow& row : CountedRows(traces_max)) {
    CountedBody body(row);
    std::uint64_t complete = 0;
    const std::uint64_t redundant =
        ForEachTrace(body, 2 * traces_max, [&](const Executor& executor) {
          if (!IsAssumption(executor.exception())) ++complete;
        });
    tables.Row(row.name);
    tables.AddExact("executions", FormatCount(complete), FormatCount(row.traces));
    tables.AddExact("redundant", FormatCount(redundant), "0");
    tables.EndRow();
  }
}

// --- schedules to the first failure -------------------------------------------------------------

constexpr std::array kAllStrategies = {Strategy::kWalk, Strategy::kPct3, Strategy::kPos,
                                       Strategy::kUrw, Strategy::kSurw};

// More schedules where failures are rare, for as long as a reference wants to be compared with.
Sample TakeEnough(const Entry& entry, const Options& options, double reference,
                  const std::function<std::unique_ptr<Chooser>(std::uint64_t)>& make) {
  constexpr std::uint64_t kEnough = 400;  // failures: an error of 5 %
  Sample sample = TakeSample(entry, StartMode::kOneByOne, options.schedules(), make);
  if (options.quick || sample.failures >= kEnough || reference < 0 || reference > 1000) {
    return sample;
  }
  return TakeSample(entry, StartMode::kOneByOne, 10 * options.schedules(), make);
}

SchedulesToBug PrintSchedulesRow(Tables& tables, const Entry& entry, const Reference& reference,
                                 const Options& options) {
  SchedulesToBug measured{};
  tables.Row(entry.name);
  for (const Strategy strategy : kAllStrategies) {
    const auto column = static_cast<std::size_t>(strategy);
    const double expected = reference.simulated[column];
    const Sample sample = TakeEnough(
        entry, options, expected, [&](std::uint64_t seed) { return MakeChooser(strategy, seed); });
    measured[column] = sample.SchedulesToBug();
    std::string text = expected != 0 ? FormatSchedules(expected) : "-";
    if (expected > 0 && measured[column] > 0) {
      text += ", x " + Format("%.2f", measured[column] / expected);
    }
    if (reference.published[column] > 0) {
      text += ", published " + FormatSchedules(reference.published[column]);
    }
    tables.Add(Name(strategy), FormatSchedules(measured[column]), text,
               options.quick ? "" : Verdict(strategy, measured[column], expected));
  }
  const Sample sample = TakeEnough(entry, options, 1, [](std::uint64_t seed) {
    return std::make_unique<PortfolioChooser>(seed);
  });
  double best = 0;
  for (const double schedules : measured) {
    if (schedules > 0 && (best == 0 || schedules < best)) best = schedules;
  }
  const double ours = sample.SchedulesToBug();
  const bool met = best == 0 || (ours > 0 && ours <= 2 * best);
  tables.Add("portfolio", FormatSchedules(ours), "best alone " + FormatSchedules(best),
             options.quick ? "" : (met ? "ok" : "MISS"));
  tables.EndRow();
  return measured;
}

// SURW < URW < PCT-3 < POS < random walk; the last two may both find nothing.
bool IsInOrder(const SchedulesToBug& measured) {
  const auto at = [&](Strategy strategy) {
    const double schedules = measured[static_cast<std::size_t>(strategy)];
    return schedules > 0 ? schedules : HUGE_VAL;
  };
  return at(Strategy::kSurw) < at(Strategy::kUrw) && at(Strategy::kUrw) < at(Strategy::kPct3) &&
         at(Strategy::kPct3) < at(Strategy::kPos) && at(Strategy::kPos) <= at(Strategy::kWalk);
}

void PrintSchedules(Tables& tables, const Options& options) {
  tables.Begin("schedules to the first failure, mode B");
  const std::vector<Entry> programs = BugPrograms();
  for (std::size_t i = 0; i < programs.size(); ++i) {
    const std::string& name = programs[i].name;
    const SchedulesToBug measured =
        PrintSchedulesRow(tables, programs[i], BugReferences()[i], options);
    if (options.quick || (name != "B09 reorder_10" && name != "B09 reorder_20")) continue;
    tables.Row("");
    const bool in_order = IsInOrder(measured);
    tables.Add("order", in_order ? "SURW < URW < PCT-3 < POS < random walk" : "another",
               "SURW < URW < PCT-3 < POS < random walk", in_order ? "ok" : "MISS");
    tables.EndRow();
  }
}

// B18. The walk needs 2^25 schedules, the uniform one 26.
void PrintLongAgainstShort(Tables& tables, const Options& options) {
  tables.Begin("a long task against a short one");
  const auto print = [&](const Entry& entry, StartMode mode, std::string_view walk,
                         std::string_view uniform) {
    tables.Row(entry.name);
    for (const Strategy strategy : kAllStrategies) {
      const Sample sample = TakeSample(entry, mode, options.schedules(), [&](std::uint64_t seed) {
        return MakeChooser(strategy, seed);
      });
      const double ours = sample.SchedulesToBug();
      std::string_view reference;
      std::string verdict;
      if (strategy == Strategy::kWalk && !walk.empty()) {
        reference = walk;
        verdict = ours < 0 ? "ok" : "MISS";
      } else if (strategy == Strategy::kUrw && !uniform.empty()) {
        reference = uniform;
        verdict = ours > 20 && ours < 34 ? "ok" : "MISS";
      }
      tables.Add(Name(strategy), FormatSchedules(ours), std::string(reference),
                 options.quick ? "" : verdict);
    }
    tables.EndRow();
  };
  print(LongAgainstShort(), StartMode::kAllAtOnce, "33554432", "26");
  print(ManyAgainstShort(), StartMode::kOneByOne, "", "");
}

// --- the program ------------------------------------------------------------------------------

// Names and numbers of ours: nothing in them needs an escape.
void WriteJson(const Tables& tables, const std::string& path) {
  std::ofstream file(path);
  file << "[";
  const char* separator = "\n";
  for (const Figure& figure : tables.figures()) {
    file << separator << R"(  {"table": ")" << figure.table << R"(", "program": ")"
         << figure.program << R"(", "column": ")" << figure.column << R"(", "ours": ")"
         << figure.ours << R"(", "reference": ")" << figure.reference << R"(", "verdict": ")"
         << figure.verdict << "\"}";
    separator = ",\n";
  }
  file << "\n]\n";
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path);
}

int Main(const Options& options) {
  Tables tables;
  PrintRealBugs(tables);
  PrintExact(tables, options);
  PrintTraces(tables, options);
  PrintLongAgainstShort(tables, options);
  PrintSchedules(tables, options);
  std::cout << '\n'
            << tables.met() << " figures meet their target, " << tables.misses() << " miss it\n";
  if (!options.json.empty()) WriteJson(tables, options.json);
  return 0;
}

}  // namespace
}  // namespace heddle::corpus

int main(int argc, char** argv) {
  heddle::corpus::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--quick") {
      options.quick = true;
    } else if (argument == "--json" && i + 1 < argc) {
      options.json = argv[++i];
    } else {
      std::cerr << "usage: heddle_corpus [--json FILE] [--quick]\n";
      return 2;
    }
  }
  try {
    return heddle::corpus::Main(options);
  } catch (const std::exception& error) {
    std::cerr << "heddle_corpus: " << error.what() << '\n';
    return 1;
  }
}
