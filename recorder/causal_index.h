// SPDX-License-Identifier: MIT
//
// Causal index: what makes HappensBefore quick. The events are covered by *chains*, in each of
// which every event happens after the one before it. Mostly a chain is what one task does, and
// goes on in the tasks that it calls. An event knows its chain, and has a clock (clocks.h): up
// to where it comes after each of the other chains.
//
// Most events have the clock of the one before them in their chain. Where another chain comes
// in, one of the two clocks mostly knows all of the other, which is seen by one look at it;
// otherwise they are merged.
#ifndef HEDDLE_RECORDER_CAUSAL_INDEX_H_
#define HEDDLE_RECORDER_CAUSAL_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "clocks.h"
#include "huge_pages.h"

namespace heddle::internal {

class CausalIndex {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  // What comes directly before an event.
  struct Causes {
    std::uint32_t previous = kNone;  // in its task
    std::uint32_t other = kNone;     // in another task
    std::uint32_t heritage = kNone;  // one of them, whose chain it may take over if it is the last
    Clock taken = 0;                 // what it takes from an object
  };

  explicit CausalIndex(std::size_t events) : clocks_(nodes_), places_(events) {
    nodes_.reserve(events);
  }
  CausalIndex(const CausalIndex&) = delete;
  CausalIndex& operator=(const CausalIndex&) = delete;

  // Events are added in order. One that is not added happens neither before nor after another.
  void Add(std::uint32_t event, const Causes& causes);
  // One of no task. Others may follow from it all the same.
  void AddLoose(std::uint32_t event, const Causes& causes);
  // The creation of a task. It has one cause at most, and mostly only one event follows from
  // it, the next of its task. So it needs no place in a chain.
  void AddCreation(std::uint32_t event, std::uint32_t cause);
  // `event`, which was added last, comes after `cause` too.
  void AddCause(std::uint32_t event, std::uint32_t cause);
  // `event`, which was added last, ended its task.
  void MarkEnd(std::uint32_t event) { ended_.push_back({places_[event].chain, event}); }

  // `clock`, but that it also knows `event`, and all before that.
  Clock Joined(Clock clock, std::uint32_t event);
  Clock Merged(Clock a, Clock b) { return clocks_.Merged(a, b); }

  // For events that were added.
  bool HappensBefore(std::uint32_t a, std::uint32_t b) const;

  // Gives back the room that only building needs.
  void Finish();

 private:
  static constexpr std::uint32_t kLoose = 0xffffffff;        // in place of a chain
  static constexpr std::uint32_t kCreationBit = 0x80000000;  // a number of a Creation

  struct Place {
    std::uint32_t chain = kLoose;
    Clock clock = 0;
  };
  struct Creation {
    std::uint32_t cause = kNone;
    std::uint32_t successor = kNone;
  };
  struct Chain {
    std::uint32_t last = kNone;       // event
    std::uint32_t since = kNone;      // the first of its events with the clock of `last`
    std::uint32_t published = kNone;  // of which event `known` is what others learn from it
    Clock known = 0;
  };
  struct Ended {
    std::uint32_t chain;
    std::uint32_t event;
  };

  bool IsCreation(std::uint32_t event) const {
    return places_[event].chain != kLoose && (places_[event].chain & kCreationBit) != 0;
  }
  const Creation& CreationOf(std::uint32_t event) const {
    return creations_[places_[event].chain & ~kCreationBit];
  }
  bool IsLastOfChain(std::uint32_t event) const {
    const std::uint32_t chain = places_[event].chain;
    return (chain & kCreationBit) == 0 && chains_[chain].last == event;
  }
  bool Knows(Clock clock, std::uint32_t event) const {
    return clocks_.At(clock, places_[event].chain) > event;
  }

  void PutIntoChain(std::uint32_t event);
  Clock Published(std::uint32_t event);
  std::uint32_t Previous(std::uint32_t event, std::uint32_t previous);
  void Grow(std::uint32_t event, Clock clock);
  std::uint32_t NewChain(Clock clock);

  ClockNodes nodes_;
  ClockMaker clocks_;
  std::vector<Place, HugePages<Place>> places_;  // index as in Trace::events
  std::vector<Creation> creations_;
  std::vector<Chain> chains_;
  std::vector<Ended> ended_;  // chains that may have come to their end
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_CAUSAL_INDEX_H_
