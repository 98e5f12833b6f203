// SPDX-License-Identifier: MIT
#include "heddle/choosers/feedback.h"

#include <bit>

#include "heddle/conflict.h"

namespace heddle::inline HEDDLE_VARIANT {

using internal::kNoStrand;
using internal::StrandNumber;

namespace {

constexpr std::size_t kKept = 64;
constexpr std::uint32_t kWalkEvery = 4;

// Which step it is, in words that hold in every schedule.
std::uint64_t NameOf(std::uint64_t path, Candidate candidate) {
  const SiteRef site = candidate.site();
  const std::uint64_t line = site ? site.location().line() : 0;
  return Random::Mix(path + (line << 8) + static_cast<std::uint64_t>(candidate.operation())) | 1;
}

}  // namespace

void FeedbackChooser::Pool::Keep(const Log& log) {
  newest = logs.empty() ? 0 : (newest + 1) % kKept;
  if (newest == logs.size()) logs.emplace_back();
  logs[newest] = log;
}

void FeedbackChooser::BeginRun(std::uint64_t schedule) {
  StrandChooser::BeginRun(schedule);
  log_.steps.clear();
  log_.draws.clear();
  numbers_.clear();
  touches_.clear();
  news_ = 0;
  guide_ = nullptr;
  guided_ = 0;
  if (with_new_class_.logs.empty() || random().Below(kWalkEvery) == 0) return;
  guide_ = &DrawKept();
  turn_ = guide_->steps.size() - DrawDistance(guide_->steps.size());
  mutation_ = static_cast<Mutation>(random().Below(kMutations));
  if (mutation_ == kSplice) other_ = &DrawKept();
}

// New orders are rarer than new classes, and the newest lead furthest.
const FeedbackChooser::Log& FeedbackChooser::DrawKept() {
  const bool has_orders = !with_new_orders_.logs.empty();
  const Pool& pool = has_orders && random().Below(4) > 0 ? with_new_orders_ : with_new_class_;
  if (random().Below(2) == 0) return pool.logs[pool.newest];
  return pool.logs[random().Below(static_cast<std::uint32_t>(pool.logs.size()))];
}

// From the end of a log, where what it showed first is near: each magnitude is equally likely.
std::size_t FeedbackChooser::DrawDistance(std::size_t length) {
  const auto magnitudes = static_cast<std::uint32_t>(std::bit_width(length) + 1);
  return random().Below(static_cast<std::uint32_t>(length + 1)) >> random().Below(magnitudes);
}

std::size_t FeedbackChooser::ChooseTask(const ReadySet& ready) {
  strands_.Update(ready, *this);
  const StrandNumber next = Next(ready);
  const internal::Strand& strand = strands_[next];
  log_.steps.push_back(strand.path);
  Observe(strand.path, ready[strand.index()]);
  return strands_.Step(next);
}

StrandNumber FeedbackChooser::Next(const ReadySet& ready) {
  const bool turns = guide_ != nullptr && strands_.steps() == turn_;
  const bool deviates = turns && mutation_ == kDeviate;
  if (turns) Turn();
  if (guide_ != nullptr && !deviates) {
    if (const StrandNumber next = NextOfGuide(); next != kNoStrand) return next;
  }
  const auto candidates = static_cast<std::uint32_t>(ready.size());
  return strands_.Of(ready[candidates > 1 ? random().Below(candidates) : 0]);
}

void FeedbackChooser::Turn() {
  if (mutation_ == kWalkOn) {
    guide_ = nullptr;
  } else if (mutation_ == kSplice) {
    guide_ = other_;
  }
}

// Steps of strands that are not ready here are left out.
StrandNumber FeedbackChooser::NextOfGuide() {
  while (guided_ < guide_->steps.size()) {
    const auto found = numbers_.find(guide_->steps[guided_++]);
    if (found != numbers_.end() && strands_[found->second].pending != nullptr) {
      return found->second;
    }
  }
  return kNoStrand;
}

std::uint32_t FeedbackChooser::ChooseValue(std::uint32_t alternatives) {
  const std::size_t ordinal = log_.draws.size();
  const bool known = guide_ != nullptr && ordinal < guide_->draws.size() &&
                     guide_->draws[ordinal] < alternatives && strands_.steps() != turn_;
  const std::uint32_t value = known ? guide_->draws[ordinal] : random().Below(alternatives);
  log_.draws.push_back(value);
  strands_.Draw(value);
  return value;
}

void FeedbackChooser::Observe(std::uint64_t path, Candidate candidate) {
  const ObjectId object = candidate.object();
  if (!TouchesObject(candidate.operation()) || object == 0) return;
  if (object >= touches_.size()) touches_.resize(std::size_t{object} + 1);
  Touches& last = touches_[object];
  const std::uint64_t step = NameOf(path, candidate);
  ObserveOrder(last.written, step);
  if (candidate.operation() == Operation::kRead) {
    last.read = step;
  } else {
    if (last.read != 0) ObserveOrder(last.read, step);
    last = {.written = step, .read = 0};
  }
}

void FeedbackChooser::ObserveOrder(std::uint64_t first, std::uint64_t second) {
  if (orders_.Add(Random::Mix(std::rotl(first, 1) ^ second))) news_ = log_.steps.size();
}

void FeedbackChooser::EndRun(const Recorder& /*recorder*/, Ending /*ending*/) {
  const bool new_class = classes_.Add(StrandChooser::run_class());
  if (new_class) with_new_class_.Keep(log_);
  if (news_ == 0) return;
  log_.steps.resize(news_);  // what came after is as good as any
  with_new_orders_.Keep(log_);
}

}  // namespace heddle::inline HEDDLE_VARIANT
