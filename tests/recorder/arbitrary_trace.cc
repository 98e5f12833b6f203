// SPDX-License-Identifier: MIT
#include "recorder/arbitrary_trace.h"

#include <cstddef>
#include <cstdint>

#include "heddle/trace_text.h"

namespace heddle {
namespace {

rc::Gen<ObjectRecord> AnyObject() {
  return rc::gen::build<ObjectRecord>(rc::gen::set(&ObjectRecord::type, AnyBytes()),
                                      rc::gen::set(&ObjectRecord::name, AnyBytes()));
}

rc::Gen<FlowRecord> AnyFlow() {
  return rc::gen::build<FlowRecord>(rc::gen::set(&FlowRecord::name, AnyBytes()));
}

rc::Gen<MarkRecord> AnyMark() {
  const auto value = rc::gen::oneOf(
      rc::gen::cast<FieldValue>(AnyNumber<std::int64_t>()),
      rc::gen::cast<FieldValue>(rc::gen::arbitrary<double>()),
      rc::gen::cast<FieldValue>(rc::gen::arbitrary<bool>()), rc::gen::cast<FieldValue>(AnyBytes()),
      rc::gen::map(AnyBytes(),
                   [](std::string bytes) { return FieldValue(Bytes{std::move(bytes)}); }));
  return rc::gen::build<MarkRecord>(
      rc::gen::set(&MarkRecord::name, AnyBytes()),
      rc::gen::set(&MarkRecord::fields,
                   Several(rc::gen::build<Field>(rc::gen::set(&Field::key, AnyBytes()),
                                                 rc::gen::set(&Field::value, value)))));
}

rc::Gen<WaitingTask> AnyWaitingTask() {
  return rc::gen::build<WaitingTask>(
      rc::gen::set(&WaitingTask::task, AnyNumber<TaskId>()),
      rc::gen::set(&WaitingTask::name, AnyBytes()),
      rc::gen::set(&WaitingTask::operation, AnyOf(Operation::kNone, kLastOperation)),
      rc::gen::set(&WaitingTask::object, AnyBytes()), rc::gen::set(&WaitingTask::site, AnyBytes()),
      rc::gen::set(&WaitingTask::since, AnyNumber<VirtualNanos>()));
}

rc::Gen<TraceHeader> AnyHeader() {
  return rc::gen::build<TraceHeader>(
      rc::gen::set(&TraceHeader::test, AnyBytes()), rc::gen::set(&TraceHeader::chooser, AnyBytes()),
      rc::gen::set(&TraceHeader::seed, AnyNumber<std::uint64_t>()),
      rc::gen::set(&TraceHeader::schedule, AnyNumber<std::uint64_t>()),
      rc::gen::set(&TraceHeader::input, AnyBytes()),
      rc::gen::set(&TraceHeader::input_text, AnyBytes()),
      rc::gen::set(&TraceHeader::ending, AnyOf(Ending::kFinished, kLastEnding)),
      rc::gen::set(&TraceHeader::message, AnyBytes()),
      rc::gen::set(&TraceHeader::failed_task, AnyNumber<TaskId>()),
      rc::gen::set(&TraceHeader::steps, AnyNumber<std::uint64_t>()),
      rc::gen::set(&TraceHeader::waiting, Several(AnyWaitingTask())),
      rc::gen::set(&TraceHeader::heddle_version, AnyBytes()),
      rc::gen::set(&TraceHeader::build_id, AnyBytes()),
      rc::gen::set(&TraceHeader::compiler, AnyBytes()),
      rc::gen::set(&TraceHeader::command, Several(AnyBytes())),
      rc::gen::set(&TraceHeader::directory, AnyBytes()),
      rc::gen::set(&TraceHeader::source, AnyBytes()),
      rc::gen::set(&TraceHeader::began, AnyNumber<std::int64_t>()));
}

}  // namespace

void showValue(const Trace& trace, std::ostream& out) { out << CanonicalText(trace); }

rc::Gen<std::string> AnyBytes() {
  return rc::gen::scale(
      0.2, rc::gen::oneOf(rc::gen::arbitrary<std::string>(),
                          rc::gen::container<std::string>(rc::gen::arbitrary<char>()),
                          rc::gen::container<std::string>(
                              rc::gen::element('\0', '\n', '\r', '"', '\\', '#', 'x'))));
}

rc::Gen<Site> AnySite() {
  return rc::gen::build<Site>(rc::gen::set(&Site::file, AnyBytes()),
                              rc::gen::set(&Site::line, AnyNumber<std::uint32_t>()),
                              rc::gen::set(&Site::function, AnyBytes()));
}

rc::Gen<Choice> AnyChoice() {
  return rc::gen::build<Choice>(
      rc::gen::set(&Choice::picked, AnyNumber<std::uint32_t>()),
      rc::gen::set(&Choice::first, AnyNumber<std::uint32_t>()),
      rc::gen::set(&Choice::alternatives, AnyNumber<std::uint32_t>()),
      rc::gen::set(&Choice::kind, AnyOf(ChoiceKind::kTask, kLastChoiceKind)));
}

rc::Gen<Event> AnyRawEvent() {
  const auto few = rc::gen::inRange<std::uint32_t>(0, 4);
  return rc::gen::build<Event>(
      rc::gen::set(&Event::time, AnyNumber<VirtualNanos>()),
      rc::gen::set(&Event::task, rc::gen::oneOf(few, AnyNumber<TaskId>())),
      rc::gen::set(&Event::site, AnyNumber<SiteId>()),
      rc::gen::set(&Event::object, rc::gen::oneOf(few, AnyNumber<std::uint32_t>())),
      rc::gen::set(&Event::value, rc::gen::oneOf(few, AnyNumber<std::uint32_t>())),
      rc::gen::set(&Event::kind, AnyOf(EventKind::kSpawn, kLastEventKind)),
      rc::gen::set(&Event::operation, rc::gen::arbitrary<std::uint8_t>()),
      rc::gen::set(&Event::flags, AnyNumber<std::uint8_t>()));
}

Event Sound(Event event, const Trace& trace) {
  const auto within = [](std::uint32_t id, std::size_t size) {
    return size == 0 ? 0 : static_cast<std::uint32_t>(id % size);
  };
  const bool finish = event.kind == EventKind::kFinish;
  const auto last =
      static_cast<int>(finish ? static_cast<Operation>(Outcome::kCancelled) : kLastOperation);
  event.operation = static_cast<std::uint8_t>(event.operation % (last + 1));
  event.site = within(event.site, trace.sites.size());
  switch (event.kind) {
    case EventKind::kMark:
    case EventKind::kInput:
    case EventKind::kFault:
      if (trace.marks.empty()) event.kind = EventKind::kContextLost;
      event.object = within(event.object, trace.marks.size());
      break;
    case EventKind::kFlow:
      event.object = within(event.object, trace.flows.size());
      break;
    case EventKind::kSuspend:
    case EventKind::kResume:
      if (event.op() == Operation::kCall) break;
      [[fallthrough]];
    case EventKind::kFinish:
    case EventKind::kSend:
    case EventKind::kReceive:
    case EventKind::kAcquire:
    case EventKind::kRelease:
      event.object = within(event.object, trace.objects.size());
      break;
    default:
      break;
  }
  return event;
}

rc::Gen<Trace> AnyTrace() {
  return rc::gen::exec([] {
    Trace trace;
    trace.header = *AnyHeader();
    trace.sites = *Several(AnySite());
    trace.objects = *Several(AnyObject());
    trace.flows = *Several(AnyFlow());
    trace.marks = *Several(AnyMark());
    trace.choices = *Several(AnyChoice());
    trace.events = *Several(AnyRawEvent());
    for (Event& event : trace.events) event = Sound(event, trace);
    return trace;
  });
}

}  // namespace heddle
