// SPDX-License-Identifier: MIT
#include "recorder/arbitrary_trace.h"

#include <cstddef>
#include <cstdint>

#include "heddle/trace_text.h"

// Fields one after the other, with exec: build() of as many takes the compiler half a minute.

namespace heddle {
namespace {

rc::Gen<ObjectRecord> AnyObject() {
  return rc::gen::exec([] {
    ObjectRecord object;
    object.type = *AnyBytes();
    object.name = *AnyBytes();
    return object;
  });
}

rc::Gen<FlowRecord> AnyFlow() {
  return rc::gen::exec([] {
    FlowRecord flow;
    flow.name = *AnyBytes();
    return flow;
  });
}

rc::Gen<Field> AnyField() {
  const auto value = rc::gen::oneOf(
      rc::gen::cast<FieldValue>(AnyNumber<std::int64_t>()),
      rc::gen::cast<FieldValue>(rc::gen::arbitrary<double>()),
      rc::gen::cast<FieldValue>(rc::gen::arbitrary<bool>()), rc::gen::cast<FieldValue>(AnyBytes()),
      rc::gen::map(AnyBytes(),
                   [](std::string bytes) { return FieldValue(Bytes{std::move(bytes)}); }));
  return rc::gen::exec([=] {
    Field field;
    field.key = *AnyBytes();
    field.value = *value;
    return field;
  });
}

rc::Gen<MarkRecord> AnyMark() {
  return rc::gen::exec([] {
    MarkRecord mark;
    mark.name = *AnyBytes();
    mark.fields = *Several(AnyField());
    return mark;
  });
}

rc::Gen<WaitingTask> AnyWaitingTask() {
  return rc::gen::exec([] {
    WaitingTask task;
    task.task = *AnyNumber<TaskId>();
    task.name = *AnyBytes();
    task.operation = *AnyOf(Operation::kNone, kLastOperation);
    task.object = *AnyBytes();
    task.site = *AnyBytes();
    task.since = *AnyNumber<VirtualNanos>();
    return task;
  });
}

// Small numbers, so that there are such steps.
rc::Gen<ExplainedStep> AnyExplainedStep() {
  return rc::gen::exec([] {
    ExplainedStep step;
    step.number = *rc::gen::inRange<std::uint64_t>(0, 30);
    if (*rc::gen::inRange(0, 5) == 0) step.number = ExplainedStep::kNeverCame;
    step.text = *AnyBytes();
    return step;
  });
}

rc::Gen<TraceHeader> AnyHeader() {
  return rc::gen::exec([] {
    TraceHeader header;
    header.test = *AnyBytes();
    header.chooser = *AnyBytes();
    header.seed = *AnyNumber<std::uint64_t>();
    header.schedule = *AnyNumber<std::uint64_t>();
    header.input = *AnyBytes();
    header.input_text = *AnyBytes();
    header.ending = *AnyOf(Ending::kFinished, kLastEnding);
    header.message = *AnyBytes();
    header.failed_task = *AnyNumber<TaskId>();
    header.steps = *AnyNumber<std::uint64_t>();
    header.waiting = *Several(AnyWaitingTask());
    header.heddle_version = *AnyBytes();
    header.build_id = *AnyBytes();
    header.compiler = *AnyBytes();
    header.command = *Several(AnyBytes());
    header.directory = *AnyBytes();
    header.source = *AnyBytes();
    header.began = *AnyNumber<std::int64_t>();
    header.explanation.steps = *Several(AnyExplainedStep());
    header.explanation.fails_plain = *rc::gen::arbitrary<bool>();
    header.explanation.verdict = *AnyBytes();
    return header;
  });
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
  return rc::gen::exec([] {
    Site site;
    site.file = *AnyBytes();
    site.line = *AnyNumber<std::uint32_t>();
    site.function = *AnyBytes();
    return site;
  });
}

rc::Gen<Choice> AnyChoice() {
  return rc::gen::exec([] {
    Choice choice;
    choice.picked = *AnyNumber<std::uint32_t>();
    choice.first = *AnyNumber<std::uint32_t>();
    choice.alternatives = *AnyNumber<std::uint32_t>();
    choice.kind = *AnyOf(ChoiceKind::kTask, kLastChoiceKind);
    return choice;
  });
}

rc::Gen<Event> AnyRawEvent() {
  const auto few = rc::gen::inRange<std::uint32_t>(0, 4);
  return rc::gen::exec([=] {
    Event event;
    event.time = *AnyNumber<VirtualNanos>();
    event.task = *rc::gen::oneOf(few, AnyNumber<TaskId>());
    event.site = *AnyNumber<SiteId>();
    event.object = *rc::gen::oneOf(few, AnyNumber<std::uint32_t>());
    event.value = *rc::gen::oneOf(few, AnyNumber<std::uint32_t>());
    event.kind = *AnyOf(EventKind::kSpawn, kLastEventKind);
    event.operation = *rc::gen::arbitrary<std::uint8_t>();
    event.flags = *AnyNumber<std::uint8_t>();
    return event;
  });
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
