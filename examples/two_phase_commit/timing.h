// SPDX-License-Identifier: MIT
//
// How long things take, and how long is waited for them. All of it is virtual time.
#ifndef HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_TIMING_H_
#define HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_TIMING_H_

#include <heddle/clock.h>

#include <chrono>

namespace two_phase_commit {

using std::chrono_literals::operator""ms;

// The world.
inline constexpr heddle::Duration kMessageTakes = 1ms;
inline constexpr heddle::Duration kLateMessageTakes = 12ms;
inline constexpr heddle::Duration kSyncTakes = 1ms;
inline constexpr heddle::Duration kSlowSyncTakes = 15ms;
inline constexpr heddle::Duration kRestartTakes = 10ms;

// The coordinator.
inline constexpr heddle::Duration kVoteTimeout = 20ms;
inline constexpr heddle::Duration kResendAfter = 8ms;
inline constexpr heddle::Duration kTryAgainAfter = 5ms;  // more with each attempt
inline constexpr int kAttemptsMax = 8;                   // in one life

// A branch that has voted yes asks again and again what was decided.
inline constexpr heddle::Duration kAskAfter = 8ms;

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_TIMING_H_
