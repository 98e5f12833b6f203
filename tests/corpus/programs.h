// SPDX-License-Identifier: MIT
//
// The programs of the corpus. What they are, where they come from and what others measured on
// them: references.h.
#ifndef HEDDLE_TESTS_CORPUS_PROGRAMS_H_
#define HEDDLE_TESTS_CORPUS_PROGRAMS_H_

#include <vector>

#include "corpus/program.h"

namespace heddle::corpus {

// Small programs around locks and conditions. (locking.cc)
std::vector<Entry> LockingPrograms();
// Counters, flags and pointers that are not locked well enough. (racing.cc)
std::vector<Entry> RacingPrograms();
// A work-stealing deque, twice. (work_stealing.cc)
std::vector<Entry> WorkStealingPrograms();
// All of these, in the order of their numbers, B01 to B17.
std::vector<Entry> BugPrograms();

// B18, in both forms.
Entry LongAgainstShort();
Entry ManyAgainstShort();
// B12 with two items for each task.
Entry SmallBoundedBuffer();

// A real bug of an async library, and the same with the fix. (gallery.cc)
struct RealBug {
  Entry buggy;
  Entry fixed;
};
std::vector<RealBug> Gallery();

}  // namespace heddle::corpus

#endif  // HEDDLE_TESTS_CORPUS_PROGRAMS_H_
