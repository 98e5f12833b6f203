// SPDX-License-Identifier: MIT
//
// The policy, what it says about a call, and the list of the places from which runs escaped.
#include "heddle/guard.h"

#include <dlfcn.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <utility>

#include "ambient_call.h"
#include "call_site.h"
#include "heddle/internal/ambient_calls.h"
#include "heddle/site.h"

namespace heddle::guard {
namespace {

// What the guard itself calls is not the run's doing.
constinit thread_local bool inside_guard = false;

class InsideGuard {
 public:
  InsideGuard() : before_(std::exchange(inside_guard, true)) {}
  InsideGuard(const InsideGuard&) = delete;
  InsideGuard& operator=(const InsideGuard&) = delete;
  ~InsideGuard() { inside_guard = before_; }

 private:
  bool before_;
};

// --- the policy ---------------------------------------------------------------------------

// Read by every thread that runs something, and so one by one.
using Answers = std::array<std::atomic<Answer>, kCategories>;

constexpr std::size_t Index(Category category) { return static_cast<std::size_t>(category); }

std::array<Answer, kCategories> ToArray(const Policy& policy) {
  return {policy.clock,  policy.sleep,  policy.entropy, policy.process,
          policy.thread, policy.socket, policy.file};
}

constinit Answers answers = {Policy().clock,  Policy().sleep,  Policy().entropy, Policy().process,
                             Policy().thread, Policy().socket, Policy().file};

bool HasVirtualAnswer(Category category) { return category < Category::kThread; }

// --- the escapes --------------------------------------------------------------------------

// One escape without its count, in the order in which they are listed.
using EscapeKey = std::tuple<std::string, std::string, std::string, Category>;

Escape ToEscape(const EscapeKey& key, std::uint64_t count) {
  const auto& [function, caller, after, category] = key;
  return {
      .category = category, .function = function, .caller = caller, .after = after, .count = count};
}

class EscapeList {
 public:
  // How often it was added, this time included.
  std::uint64_t Add(EscapeKey key) {
    const std::scoped_lock lock(mutex_);
    return ++counts_[std::move(key)];
  }
  std::vector<Escape> Get() {
    const std::scoped_lock lock(mutex_);
    std::vector<Escape> escapes;
    escapes.reserve(counts_.size());
    for (const auto& [key, count] : counts_) escapes.push_back(ToEscape(key, count));
    return escapes;
  }
  void Clear() {
    const std::scoped_lock lock(mutex_);
    counts_.clear();
  }

 private:
  std::mutex mutex_;
  std::map<EscapeKey, std::uint64_t> counts_;
};

EscapeList& AllEscapes() {
  static EscapeList escapes;
  return escapes;
}

std::string LastAwait(const Executor& run) {
  const internal::TaskState* task = run.running();
  if (task == nullptr || !task->site) return {};
  const std::source_location site = task->site.location();
  return heddle::ToString(Site{.file = site.file_name(), .line = site.line(), .function = {}});
}

EscapeKey KeyOf(const Executor& run, Category category, const char* function, const void* caller) {
  return {function, CallerOnStack(caller), LastAwait(run), category};
}

std::string WayOut(Category category) {
  switch (category) {
    case Category::kClock:
      return "Use heddle::VirtualClock";
    case Category::kSleep:
      return "co_await heddle::SleepFor, or what heddle has to wait for";
    case Category::kEntropy:
      return "Use heddle::Input or World::Draw";
    case Category::kProcess:
      return "Give the body a number of its own";
    case Category::kThread:
      return "Spawn a task";
    case Category::kSocket:
      return "Give the body a heddle::Channel, or a stand-in for the other side";
    case Category::kFile:
      return "Read the file before the run, or give the body a stand-in for it";
  }
  return {};
}

void FailRun(Executor& run, const Escape& escape) {
  run.Fail(std::make_exception_ptr(
      EscapeError("heddle: the run left its world: " + ToString(escape) +
                  ". What it gets there is not in the "
                  "recording, so a replay may get something else. " +
                  WayOut(escape.category) +
                  ", or allow it: heddle::guard::Policy::" + std::string(Name(escape.category)))));
}

void Print(const Escape& escape) {
  const std::string line = "heddle: guard: a run left its world: " + ToString(escape) + "\n";
  std::fputs(line.c_str(), stderr);
}

internal::AmbientCalls ReadAmbientCalls() {
  const Policy policy = CurrentPolicy();
  internal::AmbientCalls calls{.clock_is_virtual = policy.clock == Answer::kVirtual,
                               .entropy_is_virtual = policy.entropy == Answer::kVirtual,
                               .escapes = {}};
  for (const Escape& escape : Escapes()) calls.escapes.push_back(ToString(escape));
  return calls;
}

[[maybe_unused]] const bool registered = (internal::SetAmbientReader(&ReadAmbientCalls), true);

}  // namespace

std::string_view Name(Category category) {
  constexpr std::array<std::string_view, kCategories> kNames = {
      "clock", "sleep", "entropy", "process", "thread", "socket", "file"};
  return kNames[Index(category)];
}

void SetPolicy(const Policy& policy) {
  const std::array<Answer, kCategories> wanted = ToArray(policy);
  for (std::size_t i = 0; i < kCategories; ++i) {
    const auto category = static_cast<Category>(i);
    if (wanted[i] != Answer::kVirtual || HasVirtualAnswer(category)) continue;
    throw UsageError("heddle: guard::Policy::" + std::string(Name(category)) +
                     " is kVirtual, and there is no virtual " + std::string(Name(category)) +
                     ". Choose kReport or kFail to be told of it, or kAllow.");
  }
  for (std::size_t i = 0; i < kCategories; ++i) answers[i] = wanted[i];
}

Policy CurrentPolicy() {
  return {.clock = answers[Index(Category::kClock)],
          .sleep = answers[Index(Category::kSleep)],
          .entropy = answers[Index(Category::kEntropy)],
          .process = answers[Index(Category::kProcess)],
          .thread = answers[Index(Category::kThread)],
          .socket = answers[Index(Category::kSocket)],
          .file = answers[Index(Category::kFile)]};
}

std::string ToString(const Escape& escape) {
  std::string text = escape.function + " (" + std::string(Name(escape.category)) + "), called ";
  if (escape.count > 1) text += std::to_string(escape.count) + " times ";
  text += "by " + escape.caller;
  if (!escape.after.empty()) text += ", after the await at " + escape.after;
  return text;
}

std::vector<Escape> Escapes() { return AllEscapes().Get(); }

void ForgetEscapes() { AllEscapes().Clear(); }

// --- for the replacements -----------------------------------------------------------------

namespace {

enum class Action : std::uint8_t { kPass, kAnswer };

// Keeps the place, and fails the run where the policy says so.
Escape Keep(Executor& run, Answer answer, Category category, const char* function,
            const void* caller) {
  const EscapeKey key = KeyOf(run, category, function, caller);
  if (answer == Answer::kFail) FailRun(run, ToEscape(key, 1));
  return ToEscape(key, AllEscapes().Add(key));
}

Action Decide(Executor& run, Category category, const char* function, const void* caller) {
  const Answer answer = answers[Index(category)];
  if (answer == Answer::kAllow) return Action::kPass;
  if (answer == Answer::kVirtual) return Action::kAnswer;
  const InsideGuard inside;
  const Escape escape = Keep(run, answer, category, function, caller);
  if (answer == Answer::kFail) return Action::kAnswer;
  if (escape.count == 1) Print(escape);
  return Action::kPass;
}

Executor* GuardedRun() { return inside_guard ? nullptr : Executor::Current(); }

}  // namespace

Executor* RunThatAnswers(Category category, const char* function, const void* caller) {
  Executor* run = GuardedRun();
  if (run == nullptr) return nullptr;
  return Decide(*run, category, function, caller) == Action::kAnswer ? run : nullptr;
}

bool IsRefused(Category category, const char* function, const void* caller) {
  return RunThatAnswers(category, function, caller) != nullptr;
}

void Report(Category category, const char* function, const void* caller) {
  Executor* run = GuardedRun();
  const Answer answer = answers[Index(category)];
  if (run == nullptr || answer == Answer::kAllow) return;
  const InsideGuard inside;
  const Escape escape = Keep(*run, answer, category, function, caller);
  if (escape.count == 1) Print(escape);
}

// A sanitizer that is linked into the program itself has wrapped the function already.
void* FindNext(const char* function) {
  const std::string wrapped = std::string("__interceptor_") + function;
  if (void* wrapper = dlsym(RTLD_DEFAULT, wrapped.c_str()); wrapper != nullptr) return wrapper;
  // Of condition variables there is an older form, which dlsym may give.
  void* next = dlvsym(RTLD_NEXT, function, "GLIBC_2.3.2");
  if (next == nullptr) next = dlsym(RTLD_NEXT, function);
  if (next == nullptr) {
    std::fprintf(stderr,
                 "heddle: guard: the C library has no %s. Likely cause: a static link, which the "
                 "guard cannot work in. Link the C library dynamically, or leave heddle::guard "
                 "out.\n",
                 function);
    std::abort();
  }
  return next;
}

}  // namespace heddle::guard
