// SPDX-License-Identifier: MIT
//
// Profile: what a body did in one run, strand by strand: what choosers weigh strands with that
// make all interleavings equally likely.
#ifndef HEDDLE_INTERNAL_PROFILE_H_
#define HEDDLE_INTERNAL_PROFILE_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "heddle/ending.h"
#include "heddle/event.h"
#include "heddle/internal/strands.h"
#include "heddle/internal/turns.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// Made of the first run that finished; if none of the first sixty does, of the longest of them. Of
// another run, later, if strands had more to do with the same objects there.
// Strands are found again by their paths. Counts are those of a strand with all that it spawns,
// as long as that is not there yet: who spawns takes off what the new strand brings with it.
class Profile {
 public:
  using Entry = std::uint32_t;  // a strand of the profile
  static constexpr Entry kUnknown = kNoStrand;

  // An object that two strands or more touch.
  struct SharedObject {
    std::uint64_t touches = 0;
    std::uint32_t first_share = 0;  // up to that of the next object
    ObjectId id = 0;                // in the run that the profile was made of
  };

  bool complete() const { return complete_; }
  std::uint64_t runs() const { return runs_; }

  // During a run that it may be made of: `strand` touches `object`.
  void Touch(StrandNumber strand, ObjectId object) { touches_.push_back({object, strand}); }
  void EndRun(const Strands& strands, Ending ending);

  Entry Find(std::uint64_t path) const;
  std::size_t entries() const { return paths_.size(); }
  // kUnknown: the body.
  Entry spawner(Entry entry) const { return spawners_[entry]; }
  std::uint64_t steps(Entry entry) const { return steps_[entry]; }
  // What the `ordinal`-th touch of that strand alone was, from 0; 0: there was none.
  ObjectId ObjectOf(Entry entry, std::uint64_t ordinal) const;

  // All but the last, which is empty.
  const std::vector<SharedObject>& shared_objects() const { return shared_objects_; }
  std::uint64_t shared_touches() const { return shared_touches_; }
  // How often each entry touches it.
  void CountTouches(std::size_t shared_object, std::vector<std::uint64_t>& by_entry) const;
  // A turn of the entry for each of those; or for each step, of any kind.
  void AddTouches(std::size_t shared_object, Turns& turns) const;
  void AddSteps(Turns& turns) const;

 private:
  struct TouchRecord {
    ObjectId object;
    StrandNumber strand;
    friend auto operator<=>(const TouchRecord&, const TouchRecord&) = default;
  };
  struct Share {
    Entry entry;
    std::uint32_t touches;
  };

  std::uint64_t CountSharedTouches() const;
  void Learn(const Strands& strands);
  void IndexPaths(const Strands& strands);
  void LearnSequences();
  void LearnSharedObjects();

  bool complete_ = false;
  bool finished_ = false;  // the run that it was made of
  std::uint64_t runs_ = 0;
  std::uint64_t steps_most_ = 0;
  std::vector<TouchRecord> touches_;    // of the current run
  std::vector<TouchRecord> by_object_;  // the same, sorted

  std::vector<StrandNumber> spawners_;
  std::vector<std::uint64_t> steps_;
  std::vector<std::uint32_t> own_steps_;  // of the strand alone
  std::vector<std::uint64_t> paths_;
  std::vector<Entry> buckets_;  // by path: open addressing, a power of two
  std::vector<std::uint32_t> sequence_ends_;
  std::vector<ObjectId> sequences_;  // what each entry touched, one after the other
  std::vector<SharedObject> shared_objects_;
  std::vector<Share> shares_;
  std::uint64_t shared_touches_ = 0;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_PROFILE_H_
