// SPDX-License-Identifier: MIT
//
// Implements report_rows.h.
#include "report_rows.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "heddle/internal/shared_value.h"
#include "heddle/object_words.h"
#include "heddle/task_label.h"
#include "heddle/trace_text.h"
#include "report_text.h"

namespace heddle::internal {
namespace {

bool IsMessage(EventKind kind) { return kind == EventKind::kSend || kind == EventKind::kReceive; }

class RowWriter {
 public:
  RowWriter(const Story& story, const std::vector<TaskId>& lanes) : story_(story), lanes_(lanes) {}

  std::vector<Row> Rows(const std::function<bool(std::size_t)>& wanted) {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < story_.end; ++i) {
      const Event& event = story_.event(i);
      if (i >= story_.begin || wanted(i)) {
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
    rows.push_back({.event = index,
                    .time = event.time,
                    .lane = lane,
                    .text = std::string(2 * depth, ' ') + text,
                    .site = Site(of_resume ? story_.event(index - 1) : event),
                    .choice = ChoiceMark(of_resume ? index - 1 : index),
                    .minor = IsMinor(index),
                    .tells = Tells(event)});
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
        if (event.went_unused()) return "";
        if (!IsForgotten(event)) return "is cancelled before it ran";
        return (event.value == 0 ? "drops " : "leaks ") + ShortName(event.task) +
               ", which never ran";
      case EventKind::kMark:
        return LabelOf(story_.trace, event) != nullptr ? "" : "mark " + Mark(event);
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
        return LockText(event.object);
      case EventKind::kRelease:
        return ReleaseText(event.object);
      case EventKind::kContextLost:
        return "loses its context";
      case EventKind::kAccess:
        if (!IsAct(event.op(), story_.ObjectType(event.object))) return "";
        return std::string(AccessWord(event, story_.ObjectType(event.object))) + " " +
               story_.ShortObject(event.object) + AccessedText(index);
      case EventKind::kCancel:
        return "cancels " + ShortName(event.object);
      case EventKind::kFlow:
        return event.also_for() == 0 ? "" : "also for " + story_.RequestName(event.also_for());
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
        return event.is_co_yield() ? "hands over a value" : "yields";
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
        return LockText(event.object);
      case Operation::kSend:
      case Operation::kReceive:
        return IsMessageNext(index) ? "" : "finds " + story_.ShortObject(event.object) + " closed";
      case Operation::kRead:
        return "reads " + story_.ShortObject(event.object) + ValueSuffix(event);
      case Operation::kWrite:
        return "writes " + story_.ShortObject(event.object) + ValueSuffix(event);
      case Operation::kUpdate:  // the access that follows says it
        return "";
      case Operation::kNone:
      case Operation::kStart:
      case Operation::kCall:
        break;
    }
    return "";
  }

  // Of a kAccess: ": 95, was 100", ": 3, not 2, unchanged".
  std::string AccessedText(std::size_t index) const {
    const Event& event = story_.event(index);
    const std::string value = ValueText(event);
    const std::string was = index == 0 ? "" : ValueBefore(story_.event(index - 1), event);
    if (value.empty() || was.empty()) return ValueSuffix(event);
    if (event.is_failed_exchange()) return ": " + was + ", not " + value + ", unchanged";
    return ": " + value + ", was " + was;
  }

  // What it was when the Update began that `access` is of.
  static std::string ValueBefore(const Event& resume, const Event& access) {
    const bool is_it = resume.kind == EventKind::kResume && resume.op() == Operation::kUpdate &&
                       resume.task == access.task && resume.object == access.object;
    return is_it ? ValueText(resume) : "";
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
    const std::string_view type = story_.ObjectType(object);
    const bool is_short = type == "Mutex" || type == "Channel";
    return std::string(WordsOf(type).releases) + " " +
           (is_short ? story_.ShortObject(object) : story_.Object(object));
  }

  std::string LockText(ObjectId object) const {
    return std::string(LocksWord(story_.ObjectType(object))) + " " + story_.ShortObject(object);
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
    if (event.kind == EventKind::kAccess) {
      return event.op() != Operation::kRead && event.op() != Operation::kWrite;
    }
    if (event.kind == EventKind::kFinish) return event.outcome() == Outcome::kValue;
    if (event.kind == EventKind::kResume) {
      return event.op() == Operation::kYield || event.op() == Operation::kSleep;
    }
    if (event.kind != EventKind::kSuspend) return false;
    return Resumes(index);
  }

  // What the program says itself, and what ends a task.
  static bool Tells(const Event& event) {
    switch (event.kind) {
      case EventKind::kMark:
      case EventKind::kInput:
      case EventKind::kFault:
      case EventKind::kDraw:
      case EventKind::kCancel:
        return true;
      case EventKind::kFinish:
        return event.outcome() != Outcome::kValue;
      default:
        return false;
    }
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

}  // namespace

std::vector<Row> RowsOf(const Story& story, const std::vector<TaskId>& lanes,
                        const std::function<bool(std::size_t)>& wanted) {
  return RowWriter(story, lanes).Rows(wanted);
}

}  // namespace heddle::internal
