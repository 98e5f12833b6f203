// SPDX-License-Identifier: MIT
//
// FeedbackChooser: keeps the schedules that showed something new, and makes others of them. What
// takes several unlikely turns one after the other is then found turn by turn.
#ifndef HEDDLE_CHOOSERS_FEEDBACK_H_
#define HEDDLE_CHOOSERS_FEEDBACK_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "heddle/event.h"
#include "heddle/internal/class_counts.h"
#include "heddle/internal/strand_chooser.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// A schedule is kept if two steps that conflict came in an order that no run before had shown (of
// which strand they are, at which line, and what they do), or if its class is new (conflict.h). The
// next schedule is one of these up to a place that is drawn, and from there
//   - a random walk,
//   - or one step of another strand, and then on as before,
//   - or what another one that was kept does from there.
// Every fourth run or so is a random walk from its start. (Wolff, Shi, Duck, Mathur and
// Roychoudhury, "Greybox fuzzing for concurrency testing", ASPLOS 2024, keep what shows new pairs
// of a write and a read; the three mutations are those of American Fuzzy Lop.)
//
// It guarantees that each schedule has a probability that is not 0. Schedule n is a function of the
// seed and of what the body does in the runs before. A step costs O(1), and time for each candidate
// that came or went.
class FeedbackChooser final : public internal::StrandChooser {
 public:
  explicit FeedbackChooser(std::uint64_t seed) : StrandChooser(seed) {}

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override;
  std::uint32_t ChooseValue(std::uint32_t alternatives) override;
  void EndRun(const Recorder& recorder, Ending ending) override;
  // 0: what is made of what was found is no sample, so classes seen once say nothing of others.
  std::uint64_t run_class() const override { return 0; }
  std::string_view name() const override { return "feedback"; }

 private:
  friend internal::Strands;

  // The choices of a run, in words that hold in every schedule.
  struct Log {
    std::vector<std::uint64_t> steps;  // the paths of the strands that made them
    std::vector<std::uint32_t> draws;
  };
  // The last so many that were kept for one reason.
  struct Pool {
    std::vector<Log> logs;
    std::size_t newest = 0;

    void Keep(const Log& log);
  };
  enum Mutation : std::uint8_t { kWalkOn, kDeviate, kSplice, kMutations };
  // What was done to an object last.
  struct Touches {
    std::uint64_t written = 0;
    std::uint64_t read = 0;
  };

  void OnSpawn(internal::StrandNumber strand) { numbers_[strands_[strand].path] = strand; }
  void OnArrive(internal::StrandNumber /*strand*/, Candidate /*candidate*/) {}
  void OnLeave(internal::StrandNumber /*strand*/) {}
  const Log& DrawKept();
  std::size_t DrawDistance(std::size_t length);
  internal::StrandNumber Next(const ReadySet& ready);
  internal::StrandNumber NextOfGuide();
  void Turn();
  void Observe(std::uint64_t path, Candidate candidate);
  void ObserveOrder(std::uint64_t first, std::uint64_t second);

  Pool with_new_orders_;
  Pool with_new_class_;
  internal::ClassCounts orders_;
  internal::ClassCounts classes_;

  // Of this run.
  Log log_;
  const Log* guide_ = nullptr;  // null: a random walk
  std::size_t guided_ = 0;      // how many of its steps are behind us
  std::size_t turn_ = 0;        // before which step it turns off
  Mutation mutation_ = kWalkOn;
  const Log* other_ = nullptr;  // that follows, if it is a splice
  std::size_t news_ = 0;  // how many steps there were when the last new order came; 0: none did
  std::unordered_map<std::uint64_t, internal::StrandNumber> numbers_;  // by path
  std::vector<Touches> touches_;                                       // by ObjectId
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSERS_FEEDBACK_H_
