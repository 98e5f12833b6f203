// SPDX-License-Identifier: MIT
//
// OrderCounter: which of two conflicting steps came first, schedule by schedule (heddle/orders.h).
// It stands around the choosers of an exploration and sees what they pick; no event is needed.
//
// Steps are told apart by the await that they end: its place in the source, and the operation.
#ifndef HEDDLE_REPLAYER_ORDER_COUNTER_H_
#define HEDDLE_REPLAYER_ORDER_COUNTER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "heddle/chooser.h"
#include "heddle/orders.h"
#include "heddle/recorder.h"

namespace heddle::internal {

class OrderCounter {
 public:
  OrderCounter() = default;
  OrderCounter(const OrderCounter&) = delete;
  OrderCounter& operator=(const OrderCounter&) = delete;

  // A chooser that picks what `chooser` picks, and is watched. The counter outlives it.
  std::unique_ptr<Chooser> Watch(std::unique_ptr<Chooser> chooser);

  // What was counted since the last call, in the order of object, a, b.
  std::vector<OrderSeen> Take();

 private:
  class WatchedChooser;

  // How many awaits of one object are told apart in a run: those that come first.
  static constexpr std::size_t kPlacesMost = 16;

  // An await that touches an object.
  struct Place {
    SiteRef site;
    Operation operation = Operation::kNone;

    bool operator==(const Place& other) const {
      return site.data() == other.site.data() && operation == other.operation;
    }
  };

  // What happened to one object in the current run.
  struct ObjectRun {
    std::size_t places = 0;
    std::array<std::uint32_t, kPlacesMost> place{};  // indices into places_
    std::array<TaskId, kPlacesMost> strand{};        // who was there
    std::array<bool, kPlacesMost> done{};            // somebody made the step
    std::array<bool, kPlacesMost> by_many{};         // several strands did
    // [i * kPlacesMost + j]: bits of what is known of i and j.
    std::array<std::uint8_t, kPlacesMost * kPlacesMost> pairs{};
  };

  struct Counts {
    std::uint64_t a_first = 0;
    std::uint64_t b_first = 0;
    bool either = false;
  };
  // An index into objects_, and two into places_, the lower first.
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;

  void Sees(const ReadySet& ready, std::size_t picked);
  void EndRun(const Recorder& recorder);

  ObjectRun& RunOf(std::uint32_t object);
  std::size_t PlaceIn(ObjectRun& run, const Candidate& candidate);
  void Steps(ObjectRun& run, std::size_t at, TaskId strand);
  void CountRun(std::uint32_t object, const ObjectRun& run);
  std::uint32_t IndexOfObject(const Recorder& recorder, std::uint32_t object);

  std::vector<Place> places_;
  std::vector<std::string> objects_;          // "Mutex account"
  std::vector<std::uint32_t> object_index_;   // by ObjectId, of the last run that had it
  std::vector<ObjectRun> runs_;               // of the current run, as many as used_
  std::vector<std::uint32_t> used_;           // their ObjectIds
  std::vector<std::uint32_t> run_of_object_;  // by ObjectId; index into runs_, kNoRun: none
  std::map<Key, Counts> counts_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_ORDER_COUNTER_H_
