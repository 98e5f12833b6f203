// SPDX-License-Identifier: MIT
//
// The determinism guard: what a run asks of the machine around it (the time, random numbers,
// threads, files) is answered from the run itself, or is reported at the place that asked.
//
// Who links heddle::guard has it. It takes the place of the C library's functions in that
// program, and acts only inside a simulated run and on the thread that runs it; elsewhere they
// are what they were.
//
//   heddle::guard::ScopedPolicy no_files({.file = heddle::guard::Answer::kFail});
//   heddle::Explore([]() -> heddle::Task<> { ... });   // opens a file: the schedule fails
//
// docs/determinism.md lists the functions. The replacements are in clock.cc, entropy.cc and
// system.cc of this module; what is decided about a call, in guard.cc.
#ifndef HEDDLE_GUARD_H_
#define HEDDLE_GUARD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/check.h"

namespace heddle::guard {

enum class Category : std::uint8_t {
  kClock,    // reads a clock
  kSleep,    // blocks the thread for a while
  kEntropy,  // random numbers: of the system, of the C library, std::random_device
  kProcess,  // the number of the process
  kThread,   // makes a thread, or a process
  kSocket,   // makes a socket, or a pipe
  kFile,     // opens, makes or looks for a file
};
inline constexpr std::size_t kCategories = 7;

std::string_view Name(Category category);  // "clock", "sleep", "entropy", ...

// What a run gets when it calls such a function.
enum class Answer : std::uint8_t {
  kAllow,    // what everybody gets
  kReport,   // the same, and the place is kept (Escapes) and printed once
  kVirtual,  // an answer that belongs to the run and is the same whenever it is run again
  kFail,     // the run ends after this step, with an EscapeError that names the place
};

// There is no virtual thread, socket or file.
struct Policy {
  Answer clock = Answer::kVirtual;    // virtual time; the calendar starts on 2000-01-01
  Answer sleep = Answer::kVirtual;    // virtual time passes, for every task
  Answer entropy = Answer::kVirtual;  // a stream whose seed is a draw of the run
  Answer process = Answer::kVirtual;  // always the same number
  Answer thread = Answer::kReport;
  Answer socket = Answer::kReport;
  Answer file = Answer::kReport;

  friend bool operator==(const Policy&, const Policy&) = default;
};

// For all runs of the process from here on. Not while one is under way. Throws UsageError where
// something is asked for that does not exist.
void SetPolicy(const Policy& policy);
Policy CurrentPolicy();

// A policy for as long as it lives.
class ScopedPolicy {
 public:
  explicit ScopedPolicy(const Policy& policy) : before_(CurrentPolicy()) { SetPolicy(policy); }
  ScopedPolicy(const ScopedPolicy&) = delete;
  ScopedPolicy& operator=(const ScopedPolicy&) = delete;
  ~ScopedPolicy() { SetPolicy(before_); }

 private:
  Policy before_;
};

// What a run ends with where the policy says kFail.
class EscapeError : public UsageError {
 public:
  using UsageError::UsageError;
};

// A place from which runs reached the machine around them.
struct Escape {
  Category category = Category::kClock;
  std::string function;  // "clock_gettime"
  std::string caller;    // the standard library left out: "shop::Charge (shop_test+0x1f3a2)"
  std::string after;     // the await from which its task went on last, "shop.cc:41"; may be empty
  std::uint64_t count = 0;

  friend bool operator==(const Escape&, const Escape&) = default;
};

// "open (file), called 3 times by shop::Charge (shop_test+0x1f3a2), after the await at shop.cc:41"
std::string ToString(const Escape& escape);

// Those that were reported, or failed a run, since ForgetEscapes; in the order of their texts.
std::vector<Escape> Escapes();
void ForgetEscapes();

}  // namespace heddle::guard

#endif  // HEDDLE_GUARD_H_
