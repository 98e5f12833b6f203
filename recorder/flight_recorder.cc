// SPDX-License-Identifier: MIT
//
// Implements flight_recorder.h: the ring of blocks, and what is kept of those that go. What a
// snapshot is made of is in window_writer.h.
#include "heddle/flight_recorder.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <source_location>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "crash_file.h"
#include "failure_listeners.h"
#include "heddle/check.h"
#include "heddle/internal/crash_signals.h"
#include "heddle/task_label.h"
#include "heddle/trace_io.h"
#include "live_tasks.h"
#include "window_writer.h"
#include "write_error.h"

namespace heddle {
namespace {

using internal::WindowWriter;
using Block = WindowWriter::Block;

// Objects from before the window whose names are kept; nobody says when one has gone.
constexpr std::size_t kObjectsMax = std::size_t{1} << 15;

TraceHeader StoppedHeader(TraceHeader header, std::string message) {
  header.ending = Ending::kStopped;
  header.message = std::move(message);
  return header;
}

std::size_t BytesOf(const MarkRecord& mark) {
  std::size_t bytes = sizeof(mark) + mark.name.size();
  for (const Field& field : mark.fields) {
    bytes += sizeof(field) + field.key.size();
    if (const auto* text = std::get_if<std::string>(&field.value)) bytes += text->size();
    if (const auto* data = std::get_if<Bytes>(&field.value)) bytes += data->data.size();
  }
  return bytes;
}

std::size_t BytesOf(const Block& block) {
  std::size_t bytes = block.events.size() * sizeof(WindowWriter::RawEvent);
  for (const WindowWriter::RawObject& object : block.objects) {
    bytes += sizeof(object) + object.name.size();
  }
  for (const FlowRecord& flow : block.flows) bytes += sizeof(flow) + flow.name.size();
  for (const MarkRecord& mark : block.marks) bytes += BytesOf(mark);
  return bytes;
}

class StringSink final : public internal::ByteSink {
 public:
  bool Write(std::string_view bytes) override {
    text_.append(bytes);
    return true;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

struct FlightRecorder::State final : internal::CrashListener {
  explicit State(FlightRecorderOptions its_options) : options(its_options) {
    options.block_events = std::max<std::size_t>(options.block_events, 1);
    const std::size_t block_bytes = options.block_events * sizeof(WindowWriter::RawEvent);
    // One more than there is room for, so that the next has a place before the first goes.
    blocks.resize(std::max<std::size_t>(options.bytes_max / block_bytes, 2) + 1);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() = default;

  Block& BlockAt(std::size_t index) { return blocks[(first + index) % blocks.size()]; }

  // Nothing is left of the last run.
  void Reset() {
    while (count > 0) {
      BlockAt(0) = {};
      first = (first + 1) % blocks.size();
      --count;
    }
    bytes = 0;
    events = 0;
    lost_events = 0;
    begin = 0;
    tasks = {};
    objects.clear();
    type_counts.clear();
  }

  void Take(Recorder& from_run) {
    Block& block = BlockAt(count);
    block.first = from_run.forgotten_;
    block.begin = now;
    const WindowWriter::RawEvent* const begin_event = from_run.events_.get();
    const WindowWriter::RawEvent* const end_event =
        from_run.events_on_ ? from_run.next_event_ : from_run.last_event_;
    block.events.assign(begin_event, end_event);
    const auto move = [](auto& from, auto& to) {
      to.assign(std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    };
    move(from_run.objects_, block.objects);
    move(from_run.flows_, block.flows);
    move(from_run.marks_, block.marks);
    block.bytes = BytesOf(block);
    from_run.Forget();
    now = from_run.now();
    bytes += block.bytes;
    events += block.events.size();
    ++count;
    while (count > 2 && (count == blocks.size() || bytes > options.bytes_max || IsTooOld())) {
      DropFirst();
    }
  }

  // The first block ends where the second begins.
  bool IsTooOld() {
    return options.time_max.count() > 0 && BlockAt(1).begin < now - options.time_max.count();
  }

  void DropFirst() {
    Block& block = BlockAt(0);
    Carry(block);
    bytes -= block.bytes;
    events -= block.events.size();
    lost_events += block.events.size();
    begin = BlockAt(1).begin;
    block.events.clear();  // its room is used again
    block.objects.clear();
    block.flows.clear();
    block.marks.clear();
    first = (first + 1) % blocks.size();
    --count;
    if (objects.size() > kObjectsMax) ForgetObjects();
  }

  // What the rest of the window may refer to.
  void Carry(Block& block) {
    for (std::size_t i = 0; i < block.objects.size(); ++i) {
      auto& [type, name] = block.objects[i];
      const auto id = static_cast<ObjectId>(block.first.objects + i + 1);
      const std::uint64_t number = ++type_counts[type];
      objects.emplace_hint(objects.end(), id,
                           WindowWriter::CarriedObject{type, std::move(name), number});
    }
    VirtualNanos time = block.begin;
    for (const WindowWriter::RawEvent& event : block.events) CarryTask(event, block, time);
    // After the events: by now it is known who works for them. Only that of the last one may come
    // in the next block.
    for (std::size_t i = 0; i < block.flows.size(); ++i) {
      const auto flow = static_cast<FlowId>(block.first.flows + i);
      if (flow != 0) tasks.NameFlow(flow, std::move(block.flows[i].name));
    }
  }

  // `time` is that of the event before; it goes on to this one's.
  void CarryTask(const WindowWriter::RawEvent& event, const Block& block, VirtualNanos& time) {
    switch (KindOf(event.deed)) {
      case EventKind::kSpawn:
        tasks.Spawn(event.task, ObjectOf(event.deed), SiteOf(event), event.value == 1, time);
        break;
      case EventKind::kTime:
        time = static_cast<VirtualNanos>(Recorder::NumberOf(event));
        break;
      case EventKind::kStart:
        tasks.Start(event.task, time);
        break;
      case EventKind::kSuspend:
        if (OperationOf(event.deed) == Operation::kCall) tasks.Call(ObjectOf(event.deed));
        break;
      case EventKind::kFinish:
      case EventKind::kAbandon:
        tasks.End(event.task);
        break;
      case EventKind::kFlow:
        tasks.SetFlow(event.task, ObjectOf(event.deed), time);
        break;
      case EventKind::kMark: {
        const MarkRecord& mark = block.marks[ObjectOf(event.deed) - block.first.marks];
        if (const std::string* label = LabelOf(mark)) tasks.SetLabel(event.task, *label);
        break;
      }
      default:
        break;
    }
  }

  static SiteRef SiteOf(const WindowWriter::RawEvent& event) {
    return event.site == nullptr ? SiteRef()
                                 : SiteRef(std::bit_cast<std::source_location>(event.site));
  }

  // The older half of those that nothing in the window mentions.
  void ForgetObjects() {
    std::set<ObjectId> mentioned;
    for (std::size_t i = 0; i < count; ++i) {
      for (const auto& event : BlockAt(i).events) mentioned.insert(ObjectOf(event.deed));
    }
    for (auto object = objects.begin();
         object != objects.end() && objects.size() > kObjectsMax / 2;) {
      object = mentioned.contains(object->first) ? std::next(object) : objects.erase(object);
    }
  }

  WindowWriter::Window WindowNow() const {
    return {.blocks = &blocks,
            .first_block = first,
            .count = count,
            .recorder = recorder,
            .tasks = &tasks,
            .objects = &objects,
            .type_counts = &type_counts,
            .lost_events = lost_events,
            .begin = begin};
  }

  void OnCrash(std::size_t index) noexcept override {
    internal::CrashFile file(crash_path);
    if (file.is_open()) writer.Write(WindowNow(), crash_headers[index], file);
  }

  void MakeCrashHeaders() { crash_headers = internal::CrashHeaders(header); }

  FlightRecorderOptions options;
  TraceHeader header;
  bool is_running = false;
  const Recorder* recorder = nullptr;  // during a run: has what came after the last block
  std::vector<Block> blocks;           // a ring
  std::size_t first = 0;
  std::size_t count = 0;
  std::size_t bytes = 0;
  std::size_t events = 0;
  VirtualNanos now = 0;  // at the end of the last block

  // At the beginning of the first block.
  std::uint64_t lost_events = 0;
  VirtualNanos begin = 0;
  internal::LiveTasks tasks;
  std::map<ObjectId, WindowWriter::CarriedObject> objects;
  std::map<std::string_view, std::uint64_t> type_counts;

  mutable WindowWriter writer;
  std::string crash_path;
  internal::CrashHeaderChunks crash_headers;
};

namespace {

// Those that want to know of failures.
struct FailureListeners {
  struct Entry {
    const void* owner = nullptr;
    std::function<void()> take;
  };
  std::mutex mutex;
  std::vector<Entry> all;
};

FailureListeners& Listeners() {
  static FailureListeners listeners;
  return listeners;
}

}  // namespace

void internal::ListenForFailures(const void* owner, std::function<void()> take) {
  FailureListeners& listeners = Listeners();
  const std::lock_guard lock(listeners.mutex);
  listeners.all.push_back({.owner = owner, .take = std::move(take)});
}

void internal::StopListeningForFailures(const void* owner) {
  FailureListeners& listeners = Listeners();
  const std::lock_guard lock(listeners.mutex);
  std::erase_if(listeners.all, [owner](const auto& entry) { return entry.owner == owner; });
}

void internal::TellOfFailure(const void* owner) {
  FailureListeners& listeners = Listeners();
  const std::lock_guard lock(listeners.mutex);
  for (const auto& entry : listeners.all) {
    if (entry.owner == owner) entry.take();
  }
}

FlightRecorder::FlightRecorder(FlightRecorderOptions options)
    : state_(std::make_unique<State>(options)) {}

FlightRecorder::~FlightRecorder() {
  internal::StopListening(state_.get());
  internal::StopListeningForFailures(this);
}

void FlightRecorder::Begin(const TraceHeader& header, Recorder& recorder) {
  state_->Reset();
  state_->now = 0;
  state_->header = header;
  state_->MakeCrashHeaders();
  state_->is_running = true;
  state_->recorder = &recorder;
  recorder.SetSink(this, state_->options.block_events);
}

void FlightRecorder::TakeEvents(Recorder& recorder) { state_->Take(recorder); }

void FlightRecorder::End(Recorder& recorder) {
  recorder.SetSink(nullptr, 0);
  state_->Take(recorder);
  state_->recorder = nullptr;
  state_->is_running = false;
}

void FlightRecorder::SetOutcome(const TraceHeader& header) {
  state_->header = header;
  if (header.ending != Ending::kFinished) internal::TellOfFailure(this);
}

Trace FlightRecorder::ToTrace() const {
  const TraceHeader header =
      state_->is_running
          ? StoppedHeader(state_->header, "a snapshot of a run that went on afterwards")
          : state_->header;
  StringSink sink;
  state_->writer.Write(state_->WindowNow(), WindowWriter::HeaderChunk(header), sink);
  absl::StatusOr<Recording> recording = DecodeRecording(sink.text(), "a snapshot");
  HEDDLE_CHECK(recording.ok() && recording->damage.ok(),
               "a snapshot of a flight recorder cannot be read");
  return std::move(recording->trace);
}

TaskId FlightRecorder::IdInTrace(TaskId task) const {
  return state_->writer.IdOf(task, state_->WindowNow());
}

absl::Status FlightRecorder::Snapshot(const std::string& path) const {
  return WriteRecording(path, ToTrace());
}

absl::Status FlightRecorder::SnapshotOnCrash(const std::string& path) {
  internal::StopListening(state_.get());
  state_->crash_path = path;
  state_->MakeCrashHeaders();
  internal::NeedSignalStack();
  if (internal::ListenForCrashes(state_.get())) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      "heddle: too many flight recorders want a snapshot on a crash. Let some of them go first, or "
      "use one for all runs of a thread.");
}

void FlightRecorder::SnapshotOnFailure(const std::string& path) {
  // There is nobody to tell of a file that cannot be written: the check has failed anyway.
  internal::ListenForFailures(this, [this, path] { Snapshot(path).IgnoreError(); });
}

std::size_t FlightRecorder::events() const { return state_->events; }
std::size_t FlightRecorder::bytes() const { return state_->bytes; }
std::uint64_t FlightRecorder::lost_events() const { return state_->lost_events; }

void NoteFailedCheck() {
  FailureListeners& listeners = Listeners();
  const std::lock_guard lock(listeners.mutex);
  for (const auto& entry : listeners.all) entry.take();
}

}  // namespace heddle
