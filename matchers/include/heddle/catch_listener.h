// SPDX-License-Identifier: MIT
//
// A listener for Catch2, v2 or v3, that tells heddle of failed checks: every flight recorder that
// has a SnapshotOnFailure then writes its window, in the middle of a run, while the run goes on.
// A REQUIRE that ends a run does so without it; a CHECK does not. See docs/recording.md.
//
// Include it in one file of a test program, before anything that includes Catch2: v2 shows its
// listeners only to a file that has asked for them.
#ifndef HEDDLE_CATCH_LISTENER_H_
#define HEDDLE_CATCH_LISTENER_H_

#if !defined(CATCH_VERSION_MAJOR) && !defined(CATCH_CONFIG_EXTERNAL_INTERFACES)
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#endif

#include "heddle/catch_adapter.h"
#include "heddle/flight_recorder.h"

#if HEDDLE_CATCH_GENERATION == 3
#include <catch2/catch_assertion_result.hpp>
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
#elif !defined(CATCH_CONFIG_EXTERNAL_INTERFACES)
#error "include heddle/catch_listener.h before <catch2/catch.hpp> and heddle/catch.h"
#endif

namespace heddle::internal {

#if HEDDLE_CATCH_GENERATION == 3

class FailedCheckListener : public Catch::EventListenerBase {
 public:
  using EventListenerBase::EventListenerBase;

  void assertionEnded(const Catch::AssertionStats& stats) override {
    if (!stats.assertionResult.isOk()) NoteFailedCheck();
  }
};

#else

class FailedCheckListener : public Catch::TestEventListenerBase {
 public:
  using TestEventListenerBase::TestEventListenerBase;

  // False: the messages of the assertion stay for the next listener.
  bool assertionEnded(const Catch::AssertionStats& stats) override {
    if (!stats.assertionResult.isOk()) NoteFailedCheck();
    return false;
  }
};

#endif

CATCH_REGISTER_LISTENER(FailedCheckListener)

}  // namespace heddle::internal

#endif  // HEDDLE_CATCH_LISTENER_H_
