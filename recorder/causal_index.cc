// SPDX-License-Identifier: MIT
//
// Implements causal_index.h. A component of a clock is one more than the number of the latest
// event of the chain that is known; so 0 is none.
#include "causal_index.h"

#include <algorithm>

namespace heddle::internal {

void CausalIndex::Add(std::uint32_t event, const Causes& causes) {
  Place& place = places_[event];
  const std::uint32_t previous = Previous(event, causes.previous);
  std::uint32_t heir = kNone;
  for (const std::uint32_t candidate : {causes.previous, causes.heritage}) {
    if (candidate == kNone || !IsLastOfChain(candidate)) continue;
    heir = candidate;
    break;
  }
  if (heir != kNone) {
    place = places_[heir];
    chains_[place.chain].last = event;
  } else {
    Clock clock = causes.taken;
    if (previous != kNone) clock = Joined(clock, previous);
    if (causes.other != kNone) clock = Joined(clock, causes.other);
    place = {.chain = NewChain(clock), .clock = clock};
    Chain& chain = chains_[place.chain];
    chain.last = chain.since = event;
    return;
  }
  if (previous != kNone && previous != heir) AddCause(event, previous);
  if (causes.other != kNone && causes.other != heir) AddCause(event, causes.other);
  if (causes.taken == 0) return;
  const Chain& chain = chains_[place.chain];
  const bool dominated =
      chain.since != event && clocks_.At(causes.taken, place.chain) > chain.since;
  Grow(event, dominated ? causes.taken : Merged(place.clock, causes.taken));
}

void CausalIndex::AddLoose(std::uint32_t event, const Causes& causes) {
  Clock clock = causes.taken;
  if (causes.other != kNone) clock = Joined(clock, causes.other);
  places_[event] = {.chain = kLoose, .clock = clock};
}

void CausalIndex::AddCreation(std::uint32_t event, std::uint32_t cause) {
  if (cause != kNone) PutIntoChain(cause);
  places_[event].chain = kCreationBit | static_cast<std::uint32_t>(creations_.size());
  creations_.push_back({.cause = cause});
}

void CausalIndex::AddCause(std::uint32_t event, std::uint32_t cause) {
  PutIntoChain(cause);
  const Place place = places_[event];
  if (places_[cause].chain == place.chain || Knows(place.clock, cause)) return;
  const Chain& chain = chains_[place.chain];
  if (chain.since != event) {
    const Clock known = Published(cause);
    if (clocks_.At(known, place.chain) > chain.since) return Grow(event, known);
  }
  Grow(event, Joined(place.clock, cause));
}

Clock CausalIndex::Joined(Clock clock, std::uint32_t event) {
  PutIntoChain(event);
  if (clock == 0) return Published(event);
  if (Knows(clock, event)) return clock;
  const std::uint32_t number = places_[event].chain;
  const Chain& chain = chains_[number];
  if (event >= chain.since && clocks_.At(clock, number) > chain.since) {
    return clocks_.With(clock, number, event + 1);
  }
  return Merged(clock, Published(event));
}

// Gives an event of which others may learn a chain, if it has none.
void CausalIndex::PutIntoChain(std::uint32_t event) {
  Place& place = places_[event];
  if ((place.chain & kCreationBit) == 0) return;
  if (place.chain != kLoose) {
    const Creation creation = CreationOf(event);
    place.clock = creation.cause == kNone ? 0 : Joined(0, creation.cause);
  }
  place.chain = static_cast<std::uint32_t>(chains_.size());
  chains_.push_back({.last = event, .since = event});
}

// What whoever comes after `event` knows.
Clock CausalIndex::Published(std::uint32_t event) {
  Chain& chain = chains_[places_[event].chain];
  if (chain.published != event) {
    chain.published = event;
    chain.known = clocks_.With(places_[event].clock, places_[event].chain, event + 1);
  }
  return chain.known;
}

// What comes before `event` in its task. Where that is the creation, the cause of that.
std::uint32_t CausalIndex::Previous(std::uint32_t event, std::uint32_t previous) {
  if (previous == kNone || !IsCreation(previous)) return previous;
  Creation& creation = creations_[places_[previous].chain & ~kCreationBit];
  creation.successor = event;
  return creation.cause;
}

void CausalIndex::Grow(std::uint32_t event, Clock clock) {
  Place& place = places_[event];
  if (clock == place.clock) return;
  place.clock = clock;
  chains_[place.chain].since = event;
}

// One that has come to its end before an event with `clock`, if one is found quickly.
std::uint32_t CausalIndex::NewChain(Clock clock) {
  constexpr std::size_t kTries = 4;
  std::size_t tries = 0;
  for (std::size_t i = ended_.size(); i-- > 0 && tries < kTries;) {
    const Ended ended = ended_[i];
    const bool is_over =
        (ended.chain & kCreationBit) == 0 && chains_[ended.chain].last == ended.event;
    const bool is_known = is_over && clocks_.At(clock, ended.chain) > ended.event;
    if (is_over && !is_known) {
      ++tries;
      continue;
    }
    ended_[i] = ended_.back();
    ended_.pop_back();
    if (is_known) return ended.chain;
  }
  chains_.emplace_back();
  return static_cast<std::uint32_t>(chains_.size() - 1);
}

bool CausalIndex::HappensBefore(std::uint32_t a, std::uint32_t b) const {
  if (IsCreation(b)) {
    b = CreationOf(b).cause;
    if (a == b) return true;
    if (b == kNone) return false;
  }
  if (IsCreation(a)) {
    a = CreationOf(a).successor;
    if (a == b) return true;
    if (a == kNone) return false;
  }
  const Place& place = places_[a];
  if (a >= b || place.chain == kLoose) return false;
  return place.chain == places_[b].chain || ComponentOf(nodes_, places_[b].clock, place.chain) > a;
}

void CausalIndex::Finish() {
  chains_ = {};
  ended_ = {};
  clocks_.Finish();
}

}  // namespace heddle::internal
