// SPDX-License-Identifier: MIT
//
// The three places at which the first version of the program differs from the one that came of the
// reports. Each is the order of two things with an await between them, and each of the first
// choices has something to be said for it.
#ifndef HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_VERSION_H_
#define HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_VERSION_H_

#include <cstdint>

namespace two_phase_commit {

// When the coordinator closes the poll of a transaction (coordinator.cc, Attempt).
enum class Closing : std::uint8_t {
  kWhenVotesAreIn,  // first: no vote is waited for any more
  kWhenDecided,
};

// When the branches are told to commit (coordinator.cc, Commit).
enum class Telling : std::uint8_t {
  kWhileWriting,  // first: the disk and the network work side by side, which saves a disk's time
  kWhenWritten,
};

// When a branch changes its books (branch.cc, OnCommit).
enum class Booking : std::uint8_t {
  kWhenWritten,  // first: the books say nothing that the disk does not know
  kAtOnce,
};

struct Version {
  Closing closing = Closing::kWhenDecided;
  Telling telling = Telling::kWhenWritten;
  Booking booking = Booking::kAtOnce;
};

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_VERSION_H_
