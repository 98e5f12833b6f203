// SPDX-License-Identifier: MIT
//
// What a person is told about a failing schedule: a pure function of its recording.
#ifndef HEDDLE_FAILURE_REPORT_H_
#define HEDDLE_FAILURE_REPORT_H_

#include <cstdint>
#include <string>

#include "heddle/divergence.h"
#include "heddle/shrink.h"
#include "heddle/trace.h"

namespace heddle {

struct ReportContext {
  std::uint64_t schedules = 0;             // how many were to be looked through; 0: nobody knows
  std::string variables = {};              // of the environment, needed to find it again
  bool reads_environment = true;           // as Explore does, and FindFailure does not
  std::string recording;                   // the file; empty: none was written
  std::string recording_error;             // why none was written
  const Divergence* divergence = nullptr;  // the second run went otherwise
  const Divergence* state = nullptr;       // the first schedule, run again, went otherwise
  const ShrinkResult* shrunk = nullptr;    // how the trace was made simple
  std::string crash = {};                  // how the schedule ended its process, if it did
  std::string kept = {};                   // the tape, of a schedule that was kept
};

// Headline, what happened, the choices that matter, a table of the steps that led there, and
// the lines to paste. Plain text, at most 100 columns.
std::string FailureReport(const Trace& trace, const ReportContext& context);

}  // namespace heddle

#endif  // HEDDLE_FAILURE_REPORT_H_
