// SPDX-License-Identifier: MIT
//
// Export: a recording in the words of other tools. `chrome` is the JSON that Perfetto and Chrome
// open, with a lane for each strand and arrows for causes between lanes; `otlp` the JSON mapping
// of OpenTelemetry's protocol, a span for each task; `csv` a line for each event.
#ifndef HEDDLE_TOOLS_EXPORT_H_
#define HEDDLE_TOOLS_EXPORT_H_

#include <string>

#include "heddle/trace.h"

namespace heddle::tools {

std::string ChromeText(const Trace& trace);
std::string OtlpText(const Trace& trace);
std::string CsvText(const Trace& trace);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_EXPORT_H_
