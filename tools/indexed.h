// SPDX-License-Identifier: MIT
//
// An extract of a recording (extract.h) by its index: reads the chunks of events that tell of one
// request, those in which the tasks that are told of were created, and no others. So time and
// memory go with what the request did, and with the tables of the recording.
//
// What is shown of such an extract is, letter for letter, what is shown of the whole recording.
#ifndef HEDDLE_TOOLS_INDEXED_H_
#define HEDDLE_TOOLS_INDEXED_H_

#include <optional>

#include "extract.h"
#include "heddle/trace_index.h"
#include "overview.h"

namespace heddle::tools {

// But for Overview::requests, of which only the count is known.
Overview OverviewOf(const TraceIndex& index);

// What RequestTree() looks at for `flow`, which is not 0. Nothing where the index and the chunks
// that were read do not agree: then all of the recording has to be read.
std::optional<Extract> ExtractByIndex(IndexedRecording& recording, FlowId flow);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_INDEXED_H_
