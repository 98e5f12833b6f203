// SPDX-License-Identifier: MIT
#include "order_counter.h"

#include <algorithm>
#include <limits>
#include <source_location>
#include <string_view>
#include <utility>

#include "heddle/conflict.h"
#include "heddle/site.h"

namespace heddle::internal {
namespace {

constexpr std::uint32_t kNoRun = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kNoPlace = std::numeric_limits<std::size_t>::max();

// Of a pair (i, j): i came before j; both were ready at one moment.
constexpr std::uint8_t kBefore = 1;
constexpr std::uint8_t kEither = 2;

// A join is asked for by one task, and who waits does not come in anybody's way.
bool MayConflict(Operation operation) {
  return TouchesObject(operation) && operation != Operation::kJoin;
}

bool Conflict(Operation a, Operation b) {
  const bool both_wait = a == Operation::kWait && b == Operation::kWait;
  return !both_wait && heddle::Conflict(a, 1, b, 1);
}

std::string_view Verb(Operation operation) {
  switch (operation) {
    case Operation::kLock:
      return "locks";
    case Operation::kSend:
      return "sends";
    case Operation::kReceive:
      return "receives";
    case Operation::kRead:
      return "reads";
    case Operation::kWrite:
      return "writes";
    case Operation::kUpdate:
      return "updates";
    default:
      return "waits";
  }
}

// "Lock" of "shop::Ledger::Lock": the file and line tell the rest.
std::string LastName(const std::string& name) {
  const std::size_t colons = name.rfind("::");
  return colons == std::string::npos ? name : name.substr(colons + 2);
}

// "Deposit locks (shop.cc:12)"
std::string TextOf(SiteRef site, Operation operation) {
  std::string text;
  std::string place = "?";
  if (site) {
    const std::source_location location = site.location();
    text = LastName(DisplayName(location.function_name())) + " ";
    place = std::string(FileName(location.file_name())) + ":" + std::to_string(location.line());
  }
  return text + std::string(Verb(operation)) + " (" + place + ")";
}

}  // namespace

// Asks to see every step, and the chooser inside only those that it wants.
class OrderCounter::WatchedChooser final : public Chooser {
 public:
  WatchedChooser(std::unique_ptr<Chooser> chooser, OrderCounter& counter)
      : chooser_(std::move(chooser)), counter_(&counter) {}

  void BeginRun(std::uint64_t schedule) override {
    sees_every_step_ = chooser_->wants_every_step();
    chooser_->BeginRun(schedule);
  }
  std::size_t ChooseTask(const ReadySet& ready) override {
    const bool asked = ready.size() > 1 || sees_every_step_;
    const std::size_t picked = asked ? chooser_->ChooseTask(ready) : 0;
    if (picked < ready.size()) counter_->Sees(ready, picked);
    return picked;
  }
  std::uint32_t ChooseValue(std::uint32_t alternatives) override {
    return chooser_->ChooseValue(alternatives);
  }
  void EndRun(const Recorder& recorder, Ending ending) override {
    counter_->EndRun(recorder);
    chooser_->EndRun(recorder, ending);
  }
  bool wants_every_step() const override { return true; }
  bool wants_events() const override { return chooser_->wants_events(); }
  bool exhausted() const override { return chooser_->exhausted(); }
  std::uint64_t run_class() const override { return chooser_->run_class(); }
  double miss_probability(std::uint32_t depth) const override {
    return chooser_->miss_probability(depth);
  }
  std::string_view name() const override { return chooser_->name(); }
  std::uint64_t seed() const override { return chooser_->seed(); }

 private:
  std::unique_ptr<Chooser> chooser_;
  OrderCounter* counter_;
  bool sees_every_step_ = false;
};

std::unique_ptr<Chooser> OrderCounter::Watch(std::unique_ptr<Chooser> chooser) {
  return std::make_unique<WatchedChooser>(std::move(chooser), *this);
}

void OrderCounter::Sees(const ReadySet& ready, std::size_t picked) {
  const Candidate step = ready[picked];
  if (!MayConflict(step.operation()) || step.object() == 0) return;
  ObjectRun& run = RunOf(step.object());
  const std::size_t at = PlaceIn(run, step);
  if (at == kNoPlace) return;
  for (std::size_t i = 0; i < ready.size(); ++i) {
    const Candidate other = ready[i];
    if (i == picked || other.object() != step.object() || !MayConflict(other.operation())) continue;
    const std::size_t other_at = PlaceIn(run, other);
    if (other_at != kNoPlace && other_at != at) run.pairs[at * kPlacesMost + other_at] |= kEither;
  }
  Steps(run, at, step.strand());
}

OrderCounter::ObjectRun& OrderCounter::RunOf(std::uint32_t object) {
  if (object >= run_of_object_.size()) run_of_object_.resize(object + 1, kNoRun);
  std::uint32_t& index = run_of_object_[object];
  if (index == kNoRun) {
    index = static_cast<std::uint32_t>(used_.size());
    used_.push_back(object);
    if (index == runs_.size()) runs_.emplace_back();
    runs_[index] = ObjectRun();
  }
  return runs_[index];
}

std::size_t OrderCounter::PlaceIn(ObjectRun& run, const Candidate& candidate) {
  const Place place{.site = candidate.site(), .operation = candidate.operation()};
  for (std::size_t i = 0; i < run.places; ++i) {
    if (places_[run.place[i]] == place) return i;
  }
  if (run.places == kPlacesMost) return kNoPlace;
  auto known = std::ranges::find(places_, place);
  if (known == places_.end()) known = places_.insert(known, place);
  run.place[run.places] = static_cast<std::uint32_t>(known - places_.begin());
  return run.places++;
}

void OrderCounter::Steps(ObjectRun& run, std::size_t at, TaskId strand) {
  for (std::size_t i = 0; i < run.places; ++i) {
    const bool by_another = run.done[i] && (run.by_many[i] || run.strand[i] != strand);
    if (i != at && by_another) run.pairs[i * kPlacesMost + at] |= kBefore;
  }
  if (!run.done[at]) {
    run.done[at] = true;
    run.strand[at] = strand;
  } else if (run.strand[at] != strand) {
    run.by_many[at] = true;
  }
}

void OrderCounter::EndRun(const Recorder& recorder) {
  for (std::size_t i = 0; i < used_.size(); ++i) {
    run_of_object_[used_[i]] = kNoRun;
    if (runs_[i].places > 1) CountRun(IndexOfObject(recorder, used_[i]), runs_[i]);
  }
  used_.clear();
}

// One for a run, however often it was so there.
void OrderCounter::CountRun(std::uint32_t object, const ObjectRun& run) {
  for (std::size_t i = 0; i < run.places; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const std::uint8_t forth = run.pairs[i * kPlacesMost + j];
      const std::uint8_t back = run.pairs[j * kPlacesMost + i];
      if ((forth | back) == 0) continue;
      const Operation a = places_[run.place[i]].operation;
      if (!Conflict(a, places_[run.place[j]].operation)) continue;
      const bool in_order = run.place[i] < run.place[j];
      Counts& counts = counts_[in_order ? Key(object, run.place[i], run.place[j])
                                        : Key(object, run.place[j], run.place[i])];
      counts.a_first += (in_order ? forth : back) & kBefore;
      counts.b_first += (in_order ? back : forth) & kBefore;
      counts.either = counts.either || ((forth | back) & kEither) != 0;
    }
  }
}

std::uint32_t OrderCounter::IndexOfObject(const Recorder& recorder, std::uint32_t object) {
  const std::string_view type = recorder.TypeOf(object);
  const std::string_view name = recorder.NameOf(object);
  const auto is_it = [&](const std::string& text) {
    return text.starts_with(type) && text.ends_with(name) &&
           text.size() == type.size() + name.size() + (name.empty() ? 0 : 1);
  };
  if (object >= object_index_.size()) object_index_.resize(object + 1, kNoRun);
  std::uint32_t& index = object_index_[object];
  if (index != kNoRun && is_it(objects_[index])) return index;
  auto known = std::ranges::find_if(objects_, is_it);
  if (known == objects_.end()) {
    known =
        objects_.insert(known, std::string(type) + (name.empty() ? "" : " ") + std::string(name));
  }
  return index = static_cast<std::uint32_t>(known - objects_.begin());
}

std::vector<OrderSeen> OrderCounter::Take() {
  std::vector<std::string> texts;
  texts.reserve(places_.size());
  for (const Place& place : places_) texts.push_back(TextOf(place.site, place.operation));
  std::vector<OrderSeen> orders;
  for (const auto& [key, counts] : counts_) {
    const auto [object, a, b] = key;
    OrderSeen order{.object = objects_[object],
                    .a = texts[a],
                    .b = texts[b],
                    .a_first = counts.a_first,
                    .b_first = counts.b_first,
                    .either = counts.either};
    // The numbers of places are in the order in which they were met, which says nothing.
    if (order.b < order.a) {
      std::swap(order.a, order.b);
      std::swap(order.a_first, order.b_first);
    }
    AddOrders({std::move(order)}, orders);
  }
  counts_.clear();
  return orders;
}

}  // namespace heddle::internal
