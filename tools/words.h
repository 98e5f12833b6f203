// SPDX-License-Identifier: MIT
//
// Words: what the events of a trace are called when one talks to a person. Every text that
// comes from the recorded program passes through Printable here, so that a strange name
// cannot spoil the terminal. Used by outline.h, show.h and graph.h.
#ifndef HEDDLE_TOOLS_WORDS_H_
#define HEDDLE_TOOLS_WORDS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/trace.h"

namespace heddle::tools {

// `text` with control characters, marks of direction, and bytes that are not UTF-8 spelled out:
// "\n", "\x1b", "\xe2\x80\xae".
std::string Printable(std::string_view text);
// Its lines, at least one. A newline at the end begins no further one.
std::vector<std::string> PrintableLines(std::string_view text);

// How many columns of a terminal `text` takes: its code points.
std::size_t Width(std::string_view text);

// The first line of `text`, with "..." where there is more.
std::string FirstLine(std::string_view text);

// `text`, printable, in lines of at most `width` columns where its words allow that.
std::vector<std::string> FittingLines(std::string_view text, std::size_t width);

// `from` to `to`, and `a` and `b` together. Times of a damaged recording may be anything:
// what does not fit is the largest time.
VirtualNanos Elapsed(VirtualNanos from, VirtualNanos to);
VirtualNanos Sum(VirtualNanos a, VirtualNanos b);

// "59.5s"; ">= 500ms" where it took at least as long.
std::string DurationText(VirtualNanos duration, bool at_least);

// "4,912": digits in groups of three.
std::string Grouped(std::size_t number);

// "1 task", "4,912 tasks".
std::string Count(std::size_t number, std::string_view noun);

// The path of a task as far as a line has room: "A#0/B#1/C#0/D#2" is ".../C#0/D#2".
std::string ShortPath(std::string_view path);

// "shop.cc:41"; empty where it is unknown.
std::string SiteText(const Trace& trace, SiteId site);

// "order-17"; "request 3" where it has no name.
std::string FlowText(const Trace& trace, FlowId flow);

// "Mutex"; empty where it is unknown.
std::string_view ObjectType(const Trace& trace, ObjectId object);

// What a kSuspend awaits: "lock Mutex ledger", "sleep". Not for kCall.
std::string AwaitText(const Trace& trace, const Event& suspend);

// What a task did without suspending: "charged {order: 17}", "unlocks Mutex ledger".
// Empty for events that only say how tasks run (spawn, start, wake, ...) or are called.
std::string ActText(const Trace& trace, const Event& event);

// What a kRelease was: "released" (a Mutex), "opened" (a Gate), "closed" (a Channel).
std::string_view ReleasedText(const Trace& trace, const Event& release);

// "returned", "threw", "cancelled".
std::string_view OutcomeText(Outcome outcome);

// What a task found in a Shared, or put there, when it went on: "reads Shared balance: 100". Empty
// where the recording does not say.
std::string FoundText(const Trace& trace, const Event& resume);

// Whether a kAbandon is of a task that nobody awaited. The other sort was spawned, and then
// cancelled before its turn came.
bool IsForgotten(const Event& abandon);

// How a task went that never ran: "destroyed before it ran", "never awaited, and still there", or,
// of a generator, "never asked for a value".
std::string_view AbandonText(const Event& abandon);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_WORDS_H_
