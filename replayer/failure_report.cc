// SPDX-License-Identifier: MIT
//
// The report, part by part, in the order in which it is read: headline, what happened, the
// choices that differ from first-in-first-out, a table of the last steps, the lines to paste.
// Before the parts come the words that they share. A recording may be damaged: ids are
// looked up, never trusted, and every text of the recorded program passes through Printable.
#include "heddle/failure_report.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "heddle/causality.h"
#include "heddle/site.h"
#include "heddle/task_table.h"
#include "heddle/trace_text.h"

namespace heddle {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kNameWidth = 40;  // of a task in running text
constexpr std::size_t kMessageLinesMax = 20;
constexpr std::size_t kListMax = 12;
constexpr std::size_t kChoicesMax = 8;
constexpr std::size_t kLanesMax = 5;
constexpr std::size_t kRowsMax = 25;
// How far back from the failure the table looks for what matters, in events.
constexpr std::size_t kWindow = 10'000;
constexpr std::size_t kBusySteps = 1'000;

// --- text ---------------------------------------------------------------------------------

// How many bytes the code point that begins `text` has; 0 if it is not UTF-8, or a control
// character.
std::size_t PrintableLength(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return lead < 0x20 || lead == 0x7f ? 0 : 1;
  const std::size_t length = (lead & 0xe0) == 0xc0   ? 2
                             : (lead & 0xf0) == 0xe0 ? 3
                             : (lead & 0xf8) == 0xf0 ? 4
                                                     : 0;
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  return lead == 0xc2 && byte(1) < 0xa0 ? 0 : length;
}

std::string EscapedByte(char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

// `text` with control characters, and bytes that are not UTF-8, spelled out.
std::string Printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = PrintableLength(text);
    if (length != 0) {
      result += text.substr(0, length);
    } else if (text[0] == '\n') {
      result += "\\n";
    } else if (text[0] == '\t') {
      result += "    ";
    } else {
      result += EscapedByte(text[0]);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

bool BeginsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

// In code points.
std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), BeginsCodePoint));
}

// Where column `width` of `text` begins, in bytes.
std::size_t OffsetOf(std::string_view text, std::size_t width) {
  std::size_t offset = 0;
  for (; offset < text.size(); ++offset) {
    if (BeginsCodePoint(text[offset]) && width-- == 0) break;
  }
  return offset;
}

// Its beginning, where it is too wide.
std::string Cut(std::string text, std::size_t width) {
  if (Width(text) <= width) return text;
  const std::size_t kept = width < 3 ? 0 : width - 3;
  text.resize(OffsetOf(text, kept));
  return text.append(std::min<std::size_t>(width, 3), '.');
}

// Its end, where it is too wide.
std::string CutFront(const std::string& text, std::size_t width) {
  const std::size_t all = Width(text);
  if (all <= width || width < 3) return Cut(text, width);
  return "..." + text.substr(OffsetOf(text, all - (width - 3)));
}

// A path that is too wide loses its front, at a slash where that is possible.
std::string CutPath(const std::string& path, std::size_t width) {
  if (Width(path) <= width) return path;
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    if (Width(path) - Width(path.substr(0, slash)) + 3 <= width) return "..." + path.substr(slash);
  }
  return CutFront(path.substr(path.rfind('/') + 1), width);
}

std::string Padded(std::string text, std::size_t width) {
  const std::size_t used = Width(text);
  return text.append(width - std::min(used, width), ' ');
}

// "10 000"
std::string Grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, " ");
  return digits;
}

// "1 task", "3 tasks"
std::string Count(std::uint64_t number, std::string_view noun) {
  return Grouped(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(Printable(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// `text` as lines that fit: broken at a blank where there is one; all but the first begin
// with `indent` blanks.
std::string Wrapped(std::string text, std::size_t indent) {
  std::string result;
  while (Width(text) > kWidth) {
    const std::size_t limit = OffsetOf(text, kWidth);
    const std::size_t start = text.find_first_not_of(' ');
    std::size_t end = text.rfind(' ', limit);
    if (end == std::string::npos || end <= start) end = limit;
    const std::size_t next = std::min(text.find_first_not_of(' ', end), text.size());
    result.append(text, 0, text.find_last_not_of(' ', end - 1) + 1).append("\n");
    text.replace(0, next, indent, ' ');
  }
  return result.append(text, 0, text.find_last_not_of(' ') + 1).append("\n");
}

// Cells in columns, the lines indented.
std::string Columns(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths;
  for (const std::vector<std::string>& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], Width(line[i]));
  }
  std::string text;
  for (const std::vector<std::string>& line : lines) {
    std::string row(4, ' ');
    for (std::size_t i = 0; i < line.size(); ++i) row += Padded(line[i], widths[i] + 2);
    text += Wrapped(row, 8);
  }
  return text;
}

// --- who is who ---------------------------------------------------------------------------

bool IsMessage(EventKind kind) { return kind == EventKind::kSend || kind == EventKind::kReceive; }
bool IsStep(EventKind kind) { return kind == EventKind::kStart || kind == EventKind::kResume; }

// Whether a kAbandon is of a task that nobody awaited. The other sort was spawned, and then
// cancelled before its turn came.
bool IsForgotten(const Event& event) {
  return event.kind == EventKind::kAbandon && event.op() == Operation::kNone;
}

// Whether it waits for tasks that it started itself.
bool IsForOwnTask(const WaitingTask& waiting) {
  return waiting.operation == Operation::kCall || waiting.operation == Operation::kJoin;
}

// What a task that awaits this is about to do.
std::string AwaitText(Operation operation, const std::string& object) {
  switch (operation) {
    case Operation::kNone:
      break;
    case Operation::kStart:
      return "start";
    case Operation::kYield:
      return "yield";
    case Operation::kSleep:
      return "sleep";
    case Operation::kCall:
      return "call " + object;
    case Operation::kJoin:
    case Operation::kWait:
      return object;
    case Operation::kLock:
      return "lock " + object;
    case Operation::kSend:
      return "send into " + object;
    case Operation::kReceive:
      return "receive from " + object;
    case Operation::kForeign:
      return "an awaitable that is not heddle's";
  }
  return "?";
}

// The same, said of the task.
std::string AwaitsText(Operation operation, const std::string& await) {
  switch (operation) {
    case Operation::kStart:
      return "has not started";
    case Operation::kYield:
      return "yields";
    case Operation::kSleep:
      return "sleeps";
    default:
      return "awaits " + await;
  }
}

// What a ready task does next: the other end of what it awaited.
std::string NextText(Operation operation, const std::string& await) {
  switch (operation) {
    case Operation::kYield:
    case Operation::kForeign:
      return "go on";
    case Operation::kSleep:
      return "wake up";
    case Operation::kJoin:
      return "join " + await;
    case Operation::kWait:
      return "pass " + await;
    default:
      return await;
  }
}

// A trace, and what every part asks of it. A strand is a task that was spawned, and all that
// it calls: they take turns on one stack, so they share a column of the table.
class Story {
 public:
  explicit Story(const Trace& a_trace)
      : trace(a_trace), tasks(a_trace), objects_(ObjectNames(a_trace)) {
    FindStrands();
    const std::size_t failed = tasks[trace.header.failed_task].ended;
    const bool threw = failed != kNoEvent && trace.events[failed].kind == EventKind::kFinish &&
                       trace.events[failed].outcome() == Outcome::kException;
    end = threw ? failed + 1 : trace.events.size();
    begin = end - std::min(end, kWindow);
    FindIntentsAndHolders();
    NumberChoices();
  }

  const Event& event(std::size_t index) const { return trace.events[index]; }
  bool Knows(TaskId task) const { return task < strands_.size(); }
  TaskId StrandOf(TaskId task) const { return Knows(task) ? strands_[task] : kNoTask; }
  std::size_t DepthOf(TaskId task) const { return Knows(task) ? depths_[task] : 0; }

  // Paths, and what a person may add to one: the request that it works for.
  std::string Path(TaskId task) const {
    return Knows(task) ? Printable(tasks.Path(task)) : "task " + std::to_string(task);
  }
  std::string Name(TaskId task) const { return CutPath(Path(task), kNameWidth); }
  std::string FlowName(TaskId task) const {
    const FlowId flow = tasks[task].flow;
    if (flow == 0 || flow >= trace.flows.size()) return "";
    const std::string& name = trace.flows[flow].name;
    return name.empty() ? "request " + std::to_string(flow) : Printable(name);
  }

  // "Gate doors", "Mutex#1"
  std::string Object(ObjectId object) const {
    return Printable(object < objects_.size() ? objects_[object] : "?");
  }
  // "ledger", where what is done with it says that it is a Mutex
  std::string ShortObject(ObjectId object) const {
    const bool named = object < trace.objects.size() && !trace.objects[object].name.empty();
    return named ? Printable(trace.objects[object].name) : Object(object);
  }
  std::string SiteText(SiteId site) const {
    if (site >= trace.sites.size() || trace.sites[site].line == 0) return "";
    return Printable(ToString(trace.sites[site]));
  }

  // What a kSuspend awaits: "lock ledger".
  std::string Await(const Event& suspend) const {
    const Operation operation = suspend.op();
    if (operation == Operation::kCall) return AwaitText(operation, Name(suspend.object));
    const bool full = operation == Operation::kJoin || operation == Operation::kWait;
    return AwaitText(operation, full ? Object(suspend.object) : ShortObject(suspend.object));
  }

  // What says what `task` was to do next at event number `before`: its last kSuspend, or the
  // kSpawn of a task that has not run.
  std::optional<std::size_t> Intent(TaskId task, std::size_t before) const {
    if (!Knows(task)) return std::nullopt;
    std::optional<std::size_t> intent = intents_[task];
    if (intent && *intent < before) return intent;
    for (std::size_t i = before; i-- > 0;) {
      if (event(i).task == task && IsIntent(event(i))) return i;
    }
    return std::nullopt;
  }

  // Who has taken `mutex` and not let go of it; kNoTask: nobody.
  TaskId HolderOf(ObjectId mutex) const {
    const auto found = holders_.find(mutex);
    return found == holders_.end() ? kNoTask : found->second;
  }

  // The choice that led to event number `index`, and the other way round.
  std::optional<std::size_t> ChoiceOf(std::size_t index) const {
    const auto found = choice_of_event_.find(index);
    if (found == choice_of_event_.end()) return std::nullopt;
    return found->second;
  }
  std::optional<std::size_t> EventOf(std::size_t choice) const {
    return choice < event_of_choice_.size() ? event_of_choice_[choice] : std::nullopt;
  }

  const Trace& trace;
  TaskTable tasks;
  std::size_t end = 0;    // one past the last event that can have led to the failure
  std::size_t begin = 0;  // the table looks at the events from here on

 private:
  static bool IsIntent(const Event& event) {
    return event.kind == EventKind::kSuspend || event.kind == EventKind::kSpawn;
  }

  void FindStrands() {
    strands_.resize(tasks.tasks().size());
    depths_.resize(strands_.size());
    for (std::size_t id = 0; id < strands_.size(); ++id) strands_[id] = static_cast<TaskId>(id);
    for (const Event& at : trace.events) {
      if (!Knows(at.task)) continue;
      if (at.kind == EventKind::kSuspend && at.op() == Operation::kCall && Knows(at.object)) {
        strands_[at.object] = strands_[at.task];
        depths_[at.object] = depths_[at.task] + 1;
      } else if (IsForgotten(at) && Knows(tasks[at.task].parent)) {
        strands_[at.task] = strands_[tasks[at.task].parent];
      }
    }
  }

  void FindIntentsAndHolders() {
    intents_.resize(strands_.size());
    for (std::size_t i = 0; i < end; ++i) {
      const Event& at = event(i);
      if (Knows(at.task) && IsIntent(at)) intents_[at.task] = i;
      const bool locked = at.kind == EventKind::kResume && at.op() == Operation::kLock;
      if (locked || at.kind == EventKind::kAcquire) holders_[at.object] = at.task;
      if (at.kind == EventKind::kRelease) holders_.erase(at.object);
    }
  }

  // Choices and the events that they led to come in the same order.
  void NumberChoices() {
    event_of_choice_.resize(trace.choices.size());
    std::size_t choice = 0;
    for (std::size_t i = 0; i < trace.events.size() && choice < trace.choices.size(); ++i) {
      const Event& at = event(i);
      const bool task = IsStep(at.kind) && at.chosen();
      // A draw among one alternative is an event and no choice.
      const bool value = at.kind == EventKind::kDraw && at.object != 1;
      if (!task && !value) continue;
      const Choice& made = trace.choices[choice];
      const bool same = made.kind == (task ? ChoiceKind::kTask : ChoiceKind::kValue) &&
                        made.picked == (task ? at.task : at.value);
      if (!same) return;  // a damaged recording
      event_of_choice_[choice] = i;
      if (made.deviates()) choice_of_event_[i] = choice;
      ++choice;
    }
  }

  std::vector<std::string> objects_;
  std::vector<TaskId> strands_;
  std::vector<std::size_t> depths_;
  std::vector<std::optional<std::size_t>> intents_;  // by task, at the end
  std::map<ObjectId, TaskId> holders_;               // at the end
  std::vector<std::optional<std::size_t>> event_of_choice_;
  std::map<std::size_t, std::size_t> choice_of_event_;  // those that deviate
};

// --- headline -----------------------------------------------------------------------------

std::string Headline(const TraceHeader& header, const ReportContext& context) {
  std::string text = "heddle: ";
  text += header.test.empty() ? "a test" : "\"" + Printable(header.test) + "\"";
  text += " failed in ";
  if (header.schedule == 0) {
    text += "a single run";
  } else {
    text += "schedule " + Grouped(header.schedule);
    if (context.schedules != 0) text += " of " + Grouped(context.schedules);
  }
  if (!header.chooser.empty()) {
    text += " (" + Printable(header.chooser);
    if (header.schedule != 0) text += ", seed " + std::to_string(header.seed);
    text += ")";
  }
  return Wrapped(text, 8);
}

std::string DivergencePart(const Divergence& divergence) {
  std::string text = Wrapped(
      "  The body is not deterministic: the failing schedule was run again to record it, and the "
      "same "
      "choices led elsewhere. Repair this first. All that follows is about the second run, and its "
      "recording may not replay.",
      2);
  for (const std::string& line : Lines(Describe(divergence))) text += Wrapped("    " + line, 10);
  return text;
}

// --- what happened ------------------------------------------------------------------------

// `intro` and the text behind it, or below it where it has more than a line.
std::string TextBlock(const std::string& intro, const std::string& text) {
  const std::vector<std::string> lines = Lines(text);
  if (lines.size() == 1) return Wrapped("  " + intro + " " + lines[0], 4);
  std::string block = "  " + intro + "\n";
  const std::size_t shown = std::min(lines.size(), kMessageLinesMax);
  for (std::size_t i = 0; i < shown; ++i) {
    block += lines[i].empty() ? "\n" : Wrapped("    " + lines[i], 6);
  }
  if (shown < lines.size()) block += "    ... " + Count(lines.size() - shown, "more line") + "\n";
  return block;
}

// Where in its source a task was before event number `before`.
std::string PlaceText(const Story& story, TaskId task, std::size_t before) {
  const std::optional<std::size_t> intent = story.Intent(task, before);
  if (!intent) return "";
  const Event& event = story.event(*intent);
  if (event.kind == EventKind::kSpawn) return ", before its first await";
  const std::string site = story.SiteText(event.site);
  return ", after its await" + (site.empty() ? "" : " at " + site) + " (" + story.Await(event) +
         ")";
}

std::string ThrewPart(const Story& story) {
  const TraceHeader& header = story.trace.header;
  std::string text = header.message.empty() ? "  It threw an exception without a message.\n"
                                            : TextBlock("It threw:", header.message);
  if (!story.Knows(header.failed_task)) return text;
  const std::string flow = story.FlowName(header.failed_task);
  return text + Wrapped("  In " + story.Name(header.failed_task) +
                            (flow.empty() ? "" : " (" + flow + ")") +
                            PlaceText(story, header.failed_task, story.end) + ".",
                        4);
}

// "awaits lock ledger, held by Charge#0"
std::string WaitsFor(const Story& story, const WaitingTask& waiting) {
  const std::optional<std::size_t> intent = story.Intent(waiting.task, story.end);
  if (!intent || story.event(*intent).kind != EventKind::kSuspend) {
    return AwaitsText(waiting.operation, AwaitText(waiting.operation, Printable(waiting.object)));
  }
  const Event& suspend = story.event(*intent);
  std::string text = AwaitsText(suspend.op(), story.Await(suspend));
  if (suspend.op() != Operation::kLock) return text;
  const TaskId holder = story.HolderOf(suspend.object);
  if (holder == kNoTask) return text;
  return text + ", held by " + (holder == waiting.task ? "itself" : story.Name(holder));
}

// Those that wait for a task of their own come last: what they wait for is in the list.
std::vector<WaitingTask> TellingFirst(const std::vector<WaitingTask>& waiting) {
  std::vector<WaitingTask> sorted;
  sorted.reserve(waiting.size());
  for (const bool own : {false, true}) {
    for (const WaitingTask& task : waiting) {
      if (IsForOwnTask(task) == own) sorted.push_back(task);
    }
  }
  return sorted;
}

std::string WaitingList(const Story& story) {
  const std::vector<WaitingTask> waiting = TellingFirst(story.trace.header.waiting);
  const bool timed = std::any_of(waiting.begin(), waiting.end(),
                                 [](const WaitingTask& task) { return task.since != 0; });
  std::vector<std::vector<std::string>> lines;
  for (const WaitingTask& task : waiting) {
    if (lines.size() == kListMax) break;
    std::string name = CutPath(Printable(task.name), kNameWidth);
    lines.push_back({std::move(name), WaitsFor(story, task), Printable(task.site)});
    if (timed) lines.back().push_back("since " + FormatNanos(task.since));
  }
  std::string text = Columns(lines);
  if (lines.size() < waiting.size()) {
    text += "    and " + Grouped(waiting.size() - lines.size()) + " more\n";
  }
  return text;
}

std::string StuckPart(const Story& story) {
  const std::size_t count = story.trace.header.waiting.size();
  return "  It is stuck: nothing is ready, no timer is left, and " + Count(count, "task") +
         (count == 1 ? " still waits:\n" : " still wait:\n") + WaitingList(story);
}

std::string UnfinishedList(const Story& story) {
  const std::size_t count = story.trace.header.waiting.size();
  if (count == 0) return "";
  return "  " + Count(count, "task") + " had not ended:\n" + WaitingList(story);
}

// Who made the last steps: those that made a fifth of them or more.
struct BusyTasks {
  std::size_t steps = 0;
  std::vector<std::pair<TaskId, std::size_t>> tasks;
};

BusyTasks FindBusyTasks(const Story& story) {
  BusyTasks busy;
  std::map<TaskId, std::size_t> steps_of;
  for (std::size_t i = story.end; i-- > 0 && busy.steps < kBusySteps;) {
    if (!IsStep(story.event(i).kind) || story.event(i).op() == Operation::kCall) continue;
    ++steps_of[story.event(i).task];
    ++busy.steps;
  }
  for (const auto& [task, count] : steps_of) {
    if (count * 5 >= busy.steps) busy.tasks.emplace_back(task, count);
  }
  return busy;
}

std::string BusyText(const Story& story) {
  const BusyTasks busy = FindBusyTasks(story);
  if (busy.tasks.empty()) return "";
  std::string text = "  Of its last " + Count(busy.steps, "step");
  std::string_view separator = ", ";
  for (const auto& [task, count] : busy.tasks) {
    text.append(separator).append(story.Name(task)).append(" made ").append(Grouped(count));
    separator = " and ";
  }
  return Wrapped(text + ".", 2);
}

std::string StepLimitPart(const Story& story) {
  const TraceHeader& header = story.trace.header;
  const std::string option =
      header.schedule == 0 ? "RunOptions::steps_max" : "ExploreOptions::steps_max";
  return Wrapped("  It was stopped after " + Count(header.steps, "step") +
                     ", its limit. Likely cause: a task that loops without end. If it is meant "
                     "to be this long, raise " +
                     option + ".",
                 2) +
         BusyText(story) + UnfinishedList(story);
}

std::string TaskLimitPart(const Story& story) {
  const std::string option =
      story.trace.header.schedule == 0 ? "RunOptions::tasks_max" : "ExploreOptions::tasks_max";
  return Wrapped(
             "  It was stopped because too many tasks existed at a time. Likely cause: spawning "
             "without end. If there are meant to be this many, raise " +
                 option + ".",
             2) +
         UnfinishedList(story);
}

std::string AbandonedPart(const Story& story) {
  std::vector<std::string> lines;
  for (const Event& event : story.trace.events) {
    if (!IsForgotten(event)) continue;
    const TaskInfo& task = story.tasks[event.task];
    std::string line = "    " + story.Name(task.id);
    if (story.Knows(task.parent)) {
      line +=
          ", created by " + story.Name(task.parent) + PlaceText(story, task.parent, task.spawned);
    }
    lines.push_back(Wrapped(line, 8));
  }
  std::string text = Wrapped("  The body returned, but " + Count(lines.size(), "task") +
                                 " never ran. Likely cause: a forgotten co_await.",
                             2);
  const std::size_t shown = std::min(lines.size(), kListMax);
  for (std::size_t i = 0; i < shown; ++i) text += lines[i];
  if (shown < lines.size()) text += "    and " + Grouped(lines.size() - shown) + " more\n";
  return text;
}

std::string EndingPart(const Story& story) {
  switch (story.trace.header.ending) {
    case Ending::kFinished:
      return "  It finished, and nothing failed.\n";
    case Ending::kThrew:
      return ThrewPart(story);
    case Ending::kStuck:
      return StuckPart(story);
    case Ending::kStepLimit:
      return StepLimitPart(story);
    case Ending::kTaskLimit:
      return TaskLimitPart(story);
    case Ending::kAbandoned:
      return AbandonedPart(story);
    case Ending::kStopped:
      return "  It was stopped, because its choices could not be followed any further.\n";
  }
  return "";
}

// --- lanes: which strands the table shows -------------------------------------------------

// The object that an event is about; 0: none.
ObjectId ObjectOf(const Event& event) {
  switch (event.kind) {
    case EventKind::kSuspend:
    case EventKind::kResume:
      return event.op() == Operation::kCall ? 0 : event.object;
    case EventKind::kFinish:
    case EventKind::kSend:
    case EventKind::kReceive:
    case EventKind::kAcquire:
    case EventKind::kRelease:
      return event.object;
    default:
      return 0;
  }
}

// Whether an event says more than that its task ran.
bool IsTelling(const Event& event) {
  switch (event.kind) {
    case EventKind::kMark:
    case EventKind::kInput:
    case EventKind::kFault:
    case EventKind::kDraw:
    case EventKind::kAbandon:
    case EventKind::kContextLost:
      return true;
    case EventKind::kFinish:
      return event.outcome() != Outcome::kValue;
    default:
      return event.kind != EventKind::kSuspend && ObjectOf(event) != 0;
  }
}

// Chooses strands: first those in which the failure is, then those that threw, then those that
// touched the same objects, then those that could have influenced it, then those that overtook
// somebody; of equals, those that were there last.
class LaneChooser {
 public:
  explicit LaneChooser(const Story& story) : story_(story) {
    FindFocus();
    FindShared();
    FindPast();
    for (std::size_t i = story.begin; i < story.end; ++i) Consider(i);
  }

  // At most so many, in the order in which they were spawned.
  std::vector<TaskId> Chosen(std::size_t limit) const {
    std::vector<std::pair<TaskId, Merit>> ranked;
    for (const auto& entry : merits_) {
      const Merit& merit = entry.second;
      if (merit.focus || (merit.tells && merit.Rank() > 0)) ranked.emplace_back(entry);
    }
    std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
      return std::tuple(a.second.Rank(), a.second.last, a.first) >
             std::tuple(b.second.Rank(), b.second.last, b.first);
    });
    ranked.resize(std::min(ranked.size(), limit));
    std::vector<TaskId> lanes;
    lanes.reserve(ranked.size());
    for (const auto& [strand, merit] : ranked) lanes.push_back(strand);
    std::sort(lanes.begin(), lanes.end());
    return lanes;
  }

 private:
  struct Merit {
    bool holds = false;
    bool focus = false;
    bool throws = false;
    bool shares = false;
    bool past = false;
    bool deviates = false;
    bool tells = false;
    std::size_t last = 0;

    int Rank() const {
      return holds * 32 + focus * 16 + throws * 8 + shares * 4 + past * 2 + deviates;
    }
  };

  void Focus(TaskId task) {
    const TaskId strand = story_.StrandOf(task);
    if (strand == kNoTask) return;
    focus_tasks_.insert(task);
    merits_[strand].focus = true;
  }

  void FindFocus() {
    const TraceHeader& header = story_.trace.header;
    if (header.ending == Ending::kThrew) Focus(header.failed_task);
    if (header.ending == Ending::kStuck) FocusOnWaiting();
    if (header.ending == Ending::kAbandoned) {
      for (const Event& event : story_.trace.events) {
        if (IsForgotten(event)) Focus(story_.tasks[event.task].parent);
      }
    }
    if (header.ending == Ending::kStepLimit) {
      for (const auto& [task, steps] : FindBusyTasks(story_).tasks) Focus(task);
    }
    for (std::size_t i = story_.end; i-- > 0 && focus_tasks_.empty();) Focus(story_.event(i).task);
  }

  // Who holds what others wait for matters more than who merely waits.
  void FocusOnWaiting() {
    for (const WaitingTask& waiting : story_.trace.header.waiting) {
      if (IsForOwnTask(waiting)) continue;
      Focus(waiting.task);
      const std::optional<std::size_t> intent = story_.Intent(waiting.task, story_.end);
      if (!intent || story_.event(*intent).op() != Operation::kLock) continue;
      const ObjectId mutex = story_.event(*intent).object;
      if (!held_seen_.insert(mutex).second) continue;
      const TaskId holder = story_.StrandOf(story_.HolderOf(mutex));
      if (holder != kNoTask) merits_[holder].holds = merits_[holder].focus = true;
    }
  }

  // What the strands and the requests of the failure touch. That two tasks report to the same
  // join says little, unless the failure is in the one that joins them.
  void FindShared() {
    std::set<FlowId> flows;
    for (const TaskId task : focus_tasks_) {
      if (story_.tasks[task].flow != 0) flows.insert(story_.tasks[task].flow);
    }
    for (std::size_t i = story_.begin; i < story_.end; ++i) {
      const Event& event = story_.event(i);
      if (event.kind == EventKind::kFinish || ObjectOf(event) == 0) continue;
      const bool ours = InFocus(event.task) || flows.count(story_.tasks.FlowOf(i)) != 0;
      if (ours) shared_.insert(ObjectOf(event));
    }
  }

  bool InFocus(TaskId task) const {
    const auto merit = merits_.find(story_.StrandOf(task));
    return merit != merits_.end() && merit->second.focus;
  }

  // Backwards from the last event of each strand in focus.
  void FindPast() {
    past_.resize(story_.end - story_.begin);
    const Causality causality(story_.trace);
    std::set<TaskId> open_for;
    for (std::size_t i = story_.end; i-- > story_.begin;) {
      const TaskId task = story_.event(i).task;
      if (InFocus(task) && open_for.insert(task).second) past_[i - story_.begin] = true;
      if (!past_[i - story_.begin]) continue;
      for (const std::size_t cause : causality.CausesOf(i)) {
        if (cause >= story_.begin) past_[cause - story_.begin] = true;
      }
    }
  }

  void Consider(std::size_t index) {
    const Event& event = story_.event(index);
    const TaskId strand = story_.StrandOf(event.task);
    if (strand == kNoTask) return;
    Merit& merit = merits_[strand];
    merit.last = index;
    merit.tells = merit.tells || IsTelling(event);
    const bool threw = event.kind == EventKind::kFinish && event.outcome() == Outcome::kException;
    merit.throws = merit.throws || threw;
    merit.past = merit.past || past_[index - story_.begin];
    merit.shares = merit.shares || (ObjectOf(event) != 0 && shared_.count(ObjectOf(event)) != 0);
    merit.deviates = merit.deviates || story_.ChoiceOf(index).has_value();
  }

  const Story& story_;
  std::map<TaskId, Merit> merits_;  // by strand
  std::set<TaskId> focus_tasks_;
  std::set<ObjectId> held_seen_;
  std::set<ObjectId> shared_;
  std::vector<bool> past_;  // from story_.begin on
};

// --- choices ------------------------------------------------------------------------------

// " (lock ledger, shop.cc:41)"
std::string NextText(const Story& story, TaskId task, std::size_t event) {
  const std::optional<std::size_t> intent = story.Intent(task, event);
  if (!intent) return "";
  const Event& next = story.event(*intent);
  if (next.kind == EventKind::kSpawn) return " (start)";
  const std::string site = story.SiteText(next.site);
  return " (" + NextText(next.op(), story.Await(next)) + (site.empty() ? "" : ", " + site) + ")";
}

// In `width` columns: the first thing to go is what the one that lost was about to do.
std::string ChoiceText(const Story& story, std::size_t number, std::size_t width) {
  const Choice& choice = story.trace.choices[number];
  const std::optional<std::size_t> event = story.EventOf(number);
  if (choice.kind == ChoiceKind::kValue) {
    const std::string who = event ? story.Name(story.event(*event).task) + " drew " : "drew ";
    return who + std::to_string(choice.picked) + ", not 0 (of " +
           std::to_string(choice.alternatives) + ")";
  }
  std::string text = story.Name(choice.picked);
  if (event) text += NextText(story, choice.picked, *event);
  text += " went before " + story.Name(choice.first);
  const std::string next_of_first = event ? NextText(story, choice.first, *event) : "";
  if (Width(text) + Width(next_of_first) <= width) text += next_of_first;
  return text;
}

// Whether it let a task of one of the lanes go first, or draw.
bool IsFor(const Story& story, const std::vector<TaskId>& lanes, std::size_t number) {
  const Choice& choice = story.trace.choices[number];
  TaskId task = choice.picked;
  if (choice.kind == ChoiceKind::kValue) {
    const std::optional<std::size_t> event = story.EventOf(number);
    task = event ? story.event(*event).task : kNoTask;
  }
  return std::count(lanes.begin(), lanes.end(), story.StrandOf(task)) != 0;
}

std::string ChoiceList(const Story& story, const std::vector<std::size_t>& numbers) {
  std::string text;
  const std::size_t digits = std::to_string(numbers.back()).size();
  for (const std::size_t number : numbers) {
    std::string label = std::to_string(number);
    label.insert(0, digits - label.size(), ' ');
    const std::size_t indent = 13 + digits;
    text +=
        Wrapped("    choice " + label + "  " + ChoiceText(story, number, kWidth - indent), indent);
  }
  return text;
}

std::string ChoicesPart(const Story& story, const std::vector<TaskId>& lanes) {
  const std::vector<Choice>& choices = story.trace.choices;
  if (choices.empty()) return "  There was nothing to choose: every schedule goes like this one.\n";
  std::vector<std::size_t> deviating;
  std::vector<std::size_t> for_lanes;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (!choices[i].deviates()) continue;
    deviating.push_back(i);
    if (IsFor(story, lanes, i)) for_lanes.push_back(i);
  }
  const std::string all = Count(choices.size(), "choice");
  if (deviating.empty()) {
    return "  First-in-first-out throughout (" + all +
           "): a plain heddle::Run goes like this too.\n";
  }
  const std::string counts = Grouped(deviating.size()) + " of " + all;
  if (deviating.size() <= kChoicesMax) {
    return "  First-in-first-out everywhere, except at " + counts + ":\n" +
           ChoiceList(story, deviating);
  }
  const bool told = !for_lanes.empty();
  std::vector<std::size_t> shown = told ? std::move(for_lanes) : deviating;
  if (shown.size() > kChoicesMax) shown.erase(shown.begin(), shown.end() - kChoicesMax);
  return "  Not first-in-first-out in " + counts + ". The last of them" +
         (told ? " for the tasks below" : "") + ":\n" + ChoiceList(story, shown) + "    and " +
         Grouped(deviating.size() - shown.size()) + " more\n";
}

// --- the table ----------------------------------------------------------------------------

struct Row {
  VirtualNanos time = 0;
  std::size_t lane = 0;
  std::string text;
  std::string site;
  std::string choice;
  bool minor = false;  // goes first when there are too many
};

class RowWriter {
 public:
  RowWriter(const Story& story, const std::vector<TaskId>& lanes) : story_(story), lanes_(lanes) {}

  std::vector<Row> Rows() {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < story_.end; ++i) {
      const Event& event = story_.event(i);
      if (i >= story_.begin) {
        const auto lane = std::find(lanes_.begin(), lanes_.end(), story_.StrandOf(event.task));
        if (lane != lanes_.end()) {
          AddRow(rows, i, static_cast<std::size_t>(lane - lanes_.begin()));
        }
      }
      if (event.kind == EventKind::kSuspend) suspended_[event.task] = i;
    }
    return rows;
  }

 private:
  void AddRow(std::vector<Row>& rows, std::size_t index, std::size_t lane) const {
    const Event& event = story_.event(index);
    std::string text = Text(index);
    if (text.empty()) return;
    constexpr std::size_t kIndentsMax = 3;
    const std::size_t depth = std::min(story_.DepthOf(event.task), kIndentsMax);
    // A message has the place and the choice of the resumption that it belongs to.
    const bool of_resume = IsMessage(event.kind) && index > 0 && IsMessageNext(index - 1);
    rows.push_back({.time = event.time,
                    .lane = lane,
                    .text = std::string(2 * depth, ' ') + text,
                    .site = Site(of_resume ? story_.event(index - 1) : event),
                    .choice = ChoiceMark(of_resume ? index - 1 : index),
                    .minor = IsMinor(index)});
  }

  std::string Text(std::size_t index) const {
    const Event& event = story_.event(index);
    switch (event.kind) {
      case EventKind::kSpawn:
        return IsForgottenTask(event.task) ? "creates " + ShortName(event.task) : "";
      case EventKind::kStart:
        return event.op() == Operation::kCall || IsCalled(event.task) ? "" : "starts";
      case EventKind::kSuspend:
        return SuspendText(index);
      case EventKind::kResume:
        return ResumeText(index);
      case EventKind::kFinish:
        return FinishText(event);
      case EventKind::kAbandon:
        return IsForgotten(event) ? "drops " + ShortName(event.task) + ", which never ran"
                                  : "is cancelled before it ran";
      case EventKind::kMark:
        return "mark " + Mark(event);
      case EventKind::kInput:
        return "input " + Mark(event);
      case EventKind::kFault:
        return "fault " + Mark(event);
      case EventKind::kDraw:
        return "draws " + std::to_string(event.value);
      case EventKind::kSend:
        return "sends #" + std::to_string(event.value) + " into " +
               story_.ShortObject(event.object);
      case EventKind::kReceive:
        return "receives #" + std::to_string(event.value) + " from " +
               story_.ShortObject(event.object);
      case EventKind::kAcquire:
        return "locks " + story_.ShortObject(event.object);
      case EventKind::kRelease:
        return ReleaseText(event.object);
      case EventKind::kContextLost:
        return "loses its context";
      case EventKind::kFlow:
      case EventKind::kWake:
      case EventKind::kTime:
        break;
    }
    return "";
  }

  std::string SuspendText(std::size_t index) const {
    const Event& event = story_.event(index);
    switch (event.op()) {
      case Operation::kYield:
        return "yields";
      case Operation::kSleep:
        return "sleeps";
      case Operation::kCall:
        return "calls " + ShortName(event.object);
      default:
        // Where it goes on at once, that row says it all.
        return GoesOnAtOnce(index) ? "" : "awaits " + story_.Await(event);
    }
  }

  std::string ResumeText(std::size_t index) const {
    const Event& event = story_.event(index);
    switch (event.op()) {
      case Operation::kYield:
      case Operation::kForeign:
        return "goes on";
      case Operation::kSleep:
        return "wakes up";
      case Operation::kJoin:
        return "has joined " + story_.Object(event.object);
      case Operation::kWait:
        return "passes " + story_.Object(event.object);
      case Operation::kLock:
        return "locks " + story_.ShortObject(event.object);
      case Operation::kSend:
      case Operation::kReceive:
        return IsMessageNext(index) ? "" : "finds " + story_.ShortObject(event.object) + " closed";
      case Operation::kNone:
      case Operation::kStart:
      case Operation::kCall:
        break;
    }
    return "";
  }

  std::string FinishText(const Event& event) const {
    switch (event.outcome()) {
      case Outcome::kValue:
        return IsCalled(event.task) ? "" : "returns";
      case Outcome::kException:
        return "throws";
      case Outcome::kCancelled:
        return "is cancelled";
    }
    return "";
  }

  std::string ReleaseText(ObjectId object) const {
    const std::string_view type = object < story_.trace.objects.size()
                                      ? std::string_view(story_.trace.objects[object].type)
                                      : std::string_view();
    if (type == "Mutex") return "unlocks " + story_.ShortObject(object);
    if (type == "Channel") return "closes " + story_.ShortObject(object);
    return (type == "Gate" ? "opens " : "releases ") + story_.Object(object);
  }

  std::string Mark(const Event& event) const {
    return event.object < story_.trace.marks.size()
               ? Printable(MarkText(story_.trace.marks[event.object]))
               : "?";
  }

  // Its name without those above it: they are in the column too.
  std::string ShortName(TaskId task) const {
    return story_.Knows(task) ? Printable(story_.tasks[task].name) : story_.Path(task);
  }

  bool IsCalled(TaskId task) const { return story_.DepthOf(task) > 0; }

  bool IsForgottenTask(TaskId task) const {
    const std::size_t ended = story_.tasks[task].ended;
    return ended != kNoEvent && IsForgotten(story_.event(ended));
  }

  // Whether the kResume at `index` sends or receives.
  bool IsMessageNext(std::size_t index) const {
    if (index + 1 >= story_.end) return false;
    const Event& resume = story_.event(index);
    const Event& next = story_.event(index + 1);
    return resume.kind == EventKind::kResume && IsMessage(next.kind) && next.task == resume.task &&
           next.object == resume.object;
  }

  // Whether nothing but time comes between the kSuspend at `index` and its kResume.
  bool GoesOnAtOnce(std::size_t index) const {
    std::size_t next = index + 1;
    while (next < story_.end && (story_.event(next).kind == EventKind::kTime ||
                                 story_.event(next).kind == EventKind::kWake)) {
      ++next;
    }
    return next < story_.end && story_.event(next).kind == EventKind::kResume &&
           story_.event(next).task == story_.event(index).task;
  }

  std::string Site(const Event& event) const {
    if (event.kind == EventKind::kSpawn) return "";  // the line of the coroutine is uncertain
    if (event.kind != EventKind::kResume) return story_.SiteText(event.site);
    const auto suspended = suspended_.find(event.task);
    return suspended == suspended_.end() ? ""
                                         : story_.SiteText(story_.event(suspended->second).site);
  }

  std::string ChoiceMark(std::size_t index) const {
    const std::optional<std::size_t> choice = story_.ChoiceOf(index);
    return choice ? std::to_string(*choice) : "";
  }

  // The last thing that a task does is never minor.
  bool IsMinor(std::size_t index) const {
    const Event& event = story_.event(index);
    if (event.kind == EventKind::kStart) return true;
    if (event.kind == EventKind::kFinish) return event.outcome() == Outcome::kValue;
    if (event.kind == EventKind::kResume) {
      return event.op() == Operation::kYield || event.op() == Operation::kSleep;
    }
    if (event.kind != EventKind::kSuspend) return false;
    return Resumes(index);
  }

  bool Resumes(std::size_t suspend) const {
    const TaskId task = story_.event(suspend).task;
    for (std::size_t i = suspend + 1; i < story_.end; ++i) {
      if (story_.event(i).task == task && story_.event(i).kind != EventKind::kWake) return true;
    }
    return false;
  }

  const Story& story_;
  const std::vector<TaskId>& lanes_;
  std::map<TaskId, std::size_t> suspended_;  // the last kSuspend so far
};

bool SameButForTime(const Row& a, const Row& b) {
  return a.lane == b.lane && a.text == b.text && a.site == b.site;
}

// Takes away what only repeats the last few rows, three times or more. Gives how many rows
// are repeated; 0: none.
std::size_t FoldTail(std::vector<Row>& rows) {
  constexpr std::size_t kPeriodMax = 8;
  for (std::size_t period = 1; period <= kPeriodMax; ++period) {
    std::size_t start = rows.size();  // the first row of the repetition
    while (start > period && SameButForTime(rows[start - 1], rows[start - 1 - period])) --start;
    if (rows.size() - start < 2 * period) continue;
    const std::size_t copies = (rows.size() - start) / period;
    rows.resize(rows.size() - copies * period);
    return period;
  }
  return 0;
}

// Which rows stay, where there are too many: the last ones of each lane, so that none is
// empty; then the last ones of all; then minor ones.
std::vector<bool> RowsToKeep(const std::vector<Row>& rows, std::size_t lanes) {
  std::vector<bool> keep(rows.size());
  std::vector<std::size_t> kept_in(lanes);
  std::size_t kept = 0;
  const auto keep_last = [&](std::size_t lane_limit, bool minor) {
    for (std::size_t i = rows.size(); i-- > 0 && kept < kRowsMax;) {
      std::size_t& in_lane = kept_in[rows[i].lane];
      if (keep[i] || rows[i].minor != minor || in_lane >= lane_limit) continue;
      keep[i] = true;
      ++in_lane;
      ++kept;
    }
  };
  keep_last(kRowsMax / (2 * lanes), false);
  keep_last(kRowsMax, false);
  keep_last(kRowsMax, true);
  return keep;
}

// Lays rows out: time, a column for each lane, place and choice. A row has one cell, which
// may run on into the columns of other lanes: they are empty there.
class TableWriter {
 public:
  TableWriter(const Story& story, const std::vector<TaskId>& lanes, std::vector<Row> rows)
      : story_(story),
        lanes_(lanes),
        rows_(std::move(rows)),
        keep_(RowsToKeep(rows_, lanes.size())) {
    Measure();
  }

  // Whether what happens in the last lane can be read: it has nowhere to run on into.
  bool IsReadable() const { return widths_.back() >= std::min(last_wanted_, kLaneMax); }

  std::string Text() const {
    std::string text = HeaderText();
    VirtualNanos now = 0;
    bool first = true;
    bool gap = false;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const Row& row = rows_[i];
      if (!keep_[i]) {
        gap = gap || !row.minor;
        continue;
      }
      if (std::exchange(gap, false)) text += first ? "" : "    ...\n";
      const bool moved = std::exchange(first, false) || row.time != now;
      now = row.time;
      text += RowText(row, moved ? FormatNanos(now) : "");
    }
    return text;
  }

 private:
  static constexpr std::size_t kIndent = 4;
  static constexpr std::size_t kTimeMax = 12;
  static constexpr std::size_t kSiteMax = 22;
  static constexpr std::size_t kLaneMin = 12;
  static constexpr std::size_t kLaneMax = 22;
  static constexpr std::string_view kChoice = "choice";

  void Measure() {
    widths_.resize(lanes_.size());
    bool timed = false;
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
      Widen(widths_[lane], story_.Path(lanes_[lane]), kLaneMax);
      Widen(widths_[lane], story_.FlowName(lanes_[lane]), kLaneMax);
    }
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (!keep_[i]) continue;
      timed = timed || rows_[i].time != 0;
      Widen(time_, "time", kTimeMax);
      Widen(time_, FormatNanos(rows_[i].time), kTimeMax);
      const bool last = rows_[i].lane + 1 == lanes_.size();
      Widen(widths_[rows_[i].lane], rows_[i].text, last ? kWidth : kLaneMax);
      Widen(site_, rows_[i].site, kSiteMax);
      chosen_ = chosen_ || !rows_[i].choice.empty();
    }
    if (!timed) time_ = 0;
    last_wanted_ = widths_.back();
    while (LanesEnd() + site_ + (chosen_ ? 2 + kChoice.size() : 0) > kWidth) Shrink();
  }

  static void Widen(std::size_t& width, const std::string& text, std::size_t limit) {
    width = std::max(width, std::min(Width(text), limit));
  }

  // The widest lane gives way by a column: the last one only when the others have no more to
  // give. The limits above see to it that a fifth of the room is always something.
  void Shrink() {
    auto widest = std::max_element(widths_.begin(), widths_.end() - 1);
    if (*widest <= kLaneMin) widest = std::max_element(widths_.begin(), widths_.end());
    --*widest;
  }

  std::size_t LaneStart(std::size_t lane) const {
    std::size_t start = kIndent + (time_ == 0 ? 0 : time_ + 2);
    for (std::size_t i = 0; i < lane; ++i) start += widths_[i] + 2;
    return start;
  }
  std::size_t LanesEnd() const { return LaneStart(lanes_.size()); }

  std::string HeaderText() const {
    std::string names = Padded("    time", LaneStart(0));
    std::string flows(LaneStart(0), ' ');
    if (time_ == 0) names.assign(kIndent, ' ');
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
      const std::size_t width = widths_[lane];
      names += Padded(CutPath(story_.Path(lanes_[lane]), width), width + 2);
      flows += Padded(CutFront(story_.FlowName(lanes_[lane]), width), width + 2);
    }
    if (chosen_) names += std::string(site_ + 2, ' ').append(kChoice);
    return Line(names) + (flows.find_first_not_of(' ') == std::string::npos ? "" : Line(flows));
  }

  std::string RowText(const Row& row, const std::string& time) const {
    std::string line(kIndent, ' ');
    if (time_ != 0) line += Padded(Cut(time, time_), time_ + 2);
    const std::size_t start = LaneStart(row.lane);
    line = Padded(line, start);
    line += Padded(Cut(row.text, LanesEnd() - 2 - start), LanesEnd() - start);
    line += Padded(CutFront(row.site, site_), site_ + 2) + Cut(row.choice, kChoice.size());
    return Line(line);
  }

  static std::string Line(std::string line) {
    line.resize(line.find_last_not_of(' ') + 1);
    return line + "\n";
  }

  const Story& story_;
  const std::vector<TaskId>& lanes_;
  std::vector<Row> rows_;
  std::vector<bool> keep_;
  std::vector<std::size_t> widths_;
  std::size_t last_wanted_ = 0;
  std::size_t time_ = 0;
  std::size_t site_ = 0;
  bool chosen_ = false;
};

// How many tasks the table does not show: those that were spawned, not what they call.
std::size_t OtherStrands(const Story& story, const std::vector<TaskId>& lanes) {
  std::set<TaskId> others;
  for (const TaskInfo& task : story.tasks.tasks()) {
    if (task.started != kNoEvent && task.started < story.end)
      others.insert(story.StrandOf(task.id));
  }
  for (const TaskId lane : lanes) others.erase(lane);
  return others.size();
}

std::string TableTitle(const Story& story, const std::vector<TaskId>& lanes, bool all) {
  const std::size_t others = OtherStrands(story, lanes);
  std::string title = all ? "  The steps that led there" : "  The last steps before it";
  if (others != 0) title += " (" + Count(others, "other task") + " left out)";
  return title + ":\n\n";
}

std::string RepeatText(std::size_t rows) {
  if (rows == 0) return "";
  return "    and so on: the last " + (rows == 1 ? std::string("row") : Count(rows, "row")) +
         " again and again\n";
}

struct Table {
  std::vector<TaskId> lanes;
  std::string text;
};

// As many lanes as can be read.
Table MakeTable(const Story& story) {
  if (story.end == 0) return {};
  const LaneChooser chooser(story);
  for (std::size_t limit = kLanesMax; limit > 0; --limit) {
    std::vector<TaskId> lanes = chooser.Chosen(limit);
    if (lanes.empty()) break;
    std::vector<Row> rows = RowWriter(story, lanes).Rows();
    const std::size_t repeated = FoldTail(rows);
    if (rows.empty()) break;
    const bool all = rows.size() <= kRowsMax && story.begin == 0;
    const TableWriter writer(story, lanes, std::move(rows));
    if (!writer.IsReadable() && lanes.size() > 1) continue;
    std::string text = TableTitle(story, lanes, all) + writer.Text() + RepeatText(repeated);
    return {.lanes = std::move(lanes), .text = std::move(text)};
  }
  return {};
}

// --- lines to paste -----------------------------------------------------------------------

// A word of a POSIX shell.
std::string Quoted(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  if (word.find_first_of("\"\\$`!") == std::string::npos) return "\"" + word + "\"";
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

// A test's name as Catch2 takes it: a comma would end it, a bracket would begin a tag.
std::string TestSpec(const std::string& name) {
  std::string spec;
  for (const char c : name) {
    if (c == ',' || c == '[' || c == '\\') spec += '\\';
    spec += c;
  }
  return spec;
}

// What runs the test again: as it was run, or the program and the name of the test. Empty
// where the recording does not know.
std::string Command(const TraceHeader& header) {
  std::string command;
  for (const std::string& word : header.command) {
    command += (command.empty() ? "" : " ") + Quoted(word);
  }
  if (header.command.size() != 1 || header.test.empty()) return command;
  return command + " " + Quoted(TestSpec(header.test));
}

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
  if (!header.command.empty()) return CommandLine(label, {variables, Command(header)});
  return CommandLine(label, {variables}) + "  (set in the environment when the test runs)\n";
}

std::string RecordingPart(const TraceHeader& header, const std::string& recording) {
  const std::string file = Quoted(recording);
  return RunLine("Replay it:", "HEDDLE_REPLAY=" + file, header) +
         CommandLine("Look at it:", {"heddle show " + file}) +
         CommandLine("Draw it:", {"heddle graph " + file, "-o failure.svg"});
}

std::string AgainPart(const TraceHeader& header) {
  if (header.schedule != 0) {
    return RunLine("Find it again:",
                   "HEDDLE_SEED=" + std::to_string(header.seed) +
                       " HEDDLE_SCHEDULES=" + std::to_string(header.schedule),
                   header);
  }
  return header.command.empty() ? "" : CommandLine("Run it again:", {Command(header)});
}

std::string NoRecordingPart(const std::string& error) {
  if (error.empty()) return "";
  return TextBlock("No recording was written:", error) +
         Wrapped(
             "  To have one, give a directory that can be written to as "
             "ExploreOptions::directory.",
             2);
}

}  // namespace

std::string FailureReport(const Trace& trace, const ReportContext& context) {
  const Story story(trace);
  const Table table = MakeTable(story);
  std::vector<std::string> parts = {Headline(trace.header, context)};
  if (context.divergence != nullptr) parts.push_back(DivergencePart(*context.divergence));
  parts.push_back(EndingPart(story));
  if (!trace.header.input_text.empty()) {
    parts.push_back(TextBlock("The input:", trace.header.input_text));
  }
  parts.push_back(ChoicesPart(story, table.lanes));
  parts.push_back(table.text);
  if (context.recording.empty()) {
    parts.push_back(NoRecordingPart(context.recording_error));
    parts.push_back(AgainPart(trace.header));
  } else {
    parts.push_back(RecordingPart(trace.header, context.recording));
  }
  std::string report;
  for (const std::string& part : parts) {
    if (!part.empty()) report += report.empty() ? part : "\n" + part;
  }
  return report;
}

}  // namespace heddle
