// SPDX-License-Identifier: MIT
//
// The report, part by part, in the order in which it is read: headline, what happened
// (report_ending.h), the choices that differ from first-in-first-out (report_choices.h), a
// table of the last steps (report_table.h), the lines to paste. Headline and lines are here.
#include "heddle/failure_report.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "report_choices.h"
#include "report_ending.h"
#include "report_order.h"
#include "report_story.h"
#include "report_table.h"
#include "report_text.h"

namespace heddle::internal {
namespace {

// --- headline -----------------------------------------------------------------------------

std::string Headline(const TraceHeader& header, const ReportContext& context) {
  std::string text = "heddle: ";
  text += header.test.empty() ? "a test" : "\"" + Printable(header.test) + "\"";
  text += " failed in ";
  if (!context.kept.empty()) return Wrapped(text + "a schedule that was kept, " + context.kept, 8);
  if (header.schedule == 0) {
    text += "a single run";
  } else {
    text += "schedule " + Grouped(header.schedule);
    const bool beyond = header.schedule > context.schedules;  // of a search that went on
    if (!beyond) text += " of " + Grouped(context.schedules);
  }
  std::string_view chooser = header.chooser;
  if (chooser.ends_with(kShrunkMark)) chooser.remove_suffix(kShrunkMark.size());
  if (!chooser.empty()) {
    text += " (" + Printable(chooser);
    if (header.schedule != 0) text += ", seed " + std::to_string(header.seed);
    text += ")";
  }
  return Wrapped(text, 8);
}

std::string DivergencePart(const Divergence& divergence) {
  std::string text = Wrapped(
      "  The body is not deterministic: this schedule was run a second time, and the same choices "
      "led elsewhere. Repair this first. All that follows is about the second run, and its "
      "recording may not replay.",
      2);
  for (const std::string& line : Lines(Describe(divergence))) text += Wrapped("    " + line, 10);
  return text;
}

std::string StatePart(const Divergence& divergence) {
  std::string text = Wrapped(
      "  The body keeps something from one run to the next: the first schedule was run again after "
      "this one, with the same choices, and went otherwise than before. Repair this first: what "
      "the "
      "body changes has to be made inside it. This failure may have nothing to do with its "
      "schedule, and its recording may not replay.",
      2);
  for (const std::string& line : Lines(Describe(divergence))) text += Wrapped("    " + line, 10);
  return text;
}

std::string CrashPart(const std::string& how) {
  return Wrapped("  The program crashed: " + Printable(how) + ".", 2) +
         Wrapped(
             "  It did so in two worker processes, one after the other, in this same schedule. The "
             "recording holds the choices up to there. Replayed, it crashes in the test's own "
             "process: run that in a debugger, or in a build with -fsanitize=address.",
             2);
}

// --- lines to paste -----------------------------------------------------------------------

// A command in parts that stay whole. Where they do not fit in one line they go on in the
// next, as a shell allows.
std::string CommandLine(const std::string& label, const std::vector<std::string>& parts) {
  constexpr std::size_t kStart = 15;
  std::string text;
  std::string line = Padded("  " + label + " ", kStart);
  bool empty = true;
  for (const std::string& part : parts) {
    if (!empty && Width(line) + 1 + Width(part) > kWidth) {
      text += line + " \\\n";
      line = std::string(kStart + 2, ' ');
      empty = true;
    }
    line += (empty ? "" : " ") + part;
    empty = false;
  }
  return text + line + "\n";
}

// The test again, with these variables set.
std::string RunLine(const std::string& label, const std::string& variables,
                    const TraceHeader& header) {
  if (!header.command.empty()) return CommandLine(label, {variables, ShellCommand(header.command)});
  return CommandLine(label, {variables}) + "  (set in the environment when the test runs)\n";
}

// As a literal of C++.
std::string CodeText(const std::string& text) {
  std::string literal = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') literal += '\\';
    literal += c;
  }
  return literal + "\"";
}

std::string RecordingPart(const TraceHeader& header, const ReportContext& context) {
  const std::string file = Quoted(context.recording);
  const bool can_be_kept = !header.source.empty() && context.kept.empty() &&
                           context.divergence == nullptr && context.state == nullptr &&
                           context.reads_environment;
  const std::string replay =
      context.reads_environment
          ? RunLine("Replay it:", "HEDDLE_REPLAY=" + file, header)
          : CommandLine("Replay it:", {"heddle::Replay(heddle::ReadRecording(" +
                                       CodeText(context.recording) + ")->trace, body)"});
  return replay + CommandLine("Look at it:", {"heddle show " + file}) +
         CommandLine("Draw it:", {"heddle view " + file}) +
         (can_be_kept ? CommandLine("Keep it:", {"heddle keep " + file}) : "");
}

// An input is found again by the seed of its property, which is not that of the schedules.
std::string AgainPart(const TraceHeader& header, const ReportContext& context) {
  if (header.schedule != 0 && header.input.empty()) {
    const std::string seed = std::to_string(header.seed);
    // A schedule beyond them is come to from this number of them, and from no other.
    const bool beyond = context.schedules != 0 && header.schedule > context.schedules;
    const std::string schedules = std::to_string(beyond ? context.schedules : header.schedule);
    if (!context.reads_environment) {
      return Wrapped("  Find it again: heddle::FindFailure with the same options, and .seed = " +
                         seed + ", .schedules = " + schedules,
                     17);
    }
    const std::string& variables = context.variables;
    return RunLine("Find it again:",
                   variables + (variables.empty() ? "" : " ") + "HEDDLE_SEED=" + seed +
                       " HEDDLE_SCHEDULES=" + schedules,
                   header);
  }
  return header.command.empty() ? "" : CommandLine("Run it again:", {ShellCommand(header.command)});
}

std::string NoRecordingPart(const TraceHeader& header, const std::string& error) {
  if (error.empty()) return "";
  const std::string options = header.input.empty() ? "ExploreOptions" : "PropertyOptions";
  return TextBlock("No recording was written:", error) +
         Wrapped("  To have one, give a directory that can be written to as " + options +
                     "::directory.",
                 2);
}

std::string WayBackPart(const TraceHeader& header, const ReportContext& context) {
  if (!context.recording.empty()) return RecordingPart(header, context);
  const std::string problem = NoRecordingPart(header, context.recording_error);
  const std::string again = AgainPart(header, context);
  return problem + (problem.empty() || again.empty() ? "" : "\n") + again;
}

// What the report consists of. An empty one has nothing to say.
std::vector<std::string> Parts(const Trace& trace, const ReportContext& context) {
  if (!context.crash.empty()) {
    return {Headline(trace.header, context), CrashPart(context.crash),
            trace.header.input_text.empty() ? "" : TextBlock("The input:", trace.header.input_text),
            WayBackPart(trace.header, context)};
  }
  const Story story(trace);
  const Table table = MakeTable(story, context.shrunk);
  std::vector<std::string> parts = {Headline(trace.header, context)};
  if (context.divergence != nullptr) parts.push_back(DivergencePart(*context.divergence));
  if (context.state != nullptr) parts.push_back(StatePart(*context.state));
  parts.push_back(EndingPart(story));
  if (!trace.header.input_text.empty()) {
    parts.push_back(TextBlock("The input:", trace.header.input_text));
  }
  const std::string order = context.shrunk != nullptr ? OrderPart(story, *context.shrunk) : "";
  // That a plain run fails too is worth knowing, and so are draws.
  if (order.empty() || context.shrunk->fails_plain) {
    parts.push_back(ChoicesPart(story, table.lanes));
  }
  parts.push_back(order);
  if (!order.empty() && !context.shrunk->fails_plain) parts.push_back(DrawsPart(story));
  parts.push_back(table.text);
  parts.push_back(WayBackPart(trace.header, context));
  return parts;
}

}  // namespace
}  // namespace heddle::internal

namespace heddle {

std::string FailureReport(const Trace& trace, const ReportContext& context) {
  std::string report;
  for (const std::string& part : internal::Parts(trace, context)) {
    if (!part.empty()) report += report.empty() ? part : "\n" + part;
  }
  return report;
}

}  // namespace heddle
