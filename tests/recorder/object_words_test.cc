// SPDX-License-Identifier: MIT
//
// The words for objects: right for the types there are, and something for any other.
#include "heddle/object_words.h"

#include "support/catch.h"

namespace heddle {
namespace {

TEST_CASE("every type of object has its own words, and an unknown one has general ones") {
  CHECK(WordsOf("Mutex").releases == "unlocks");
  CHECK(WordsOf("Gate").released == "opened");
  CHECK(WordsOf("Watch").releases == "changes");
  CHECK(WordsOf("Latch").released == "counted down");
  CHECK(WordsOf("Loom").releases == "releases");
  CHECK(WordsOf("").released == "released");
}

TEST_CASE("a permit is taken and a lock is locked") {
  CHECK(LocksWord("Semaphore") == "takes a permit of");
  CHECK(LockWord("Semaphore") == "a permit of");
  CHECK(LocksWord("SharedMutex") == "locks");
  CHECK(LockWord("Mutex") == "lock");
}

}  // namespace
}  // namespace heddle
