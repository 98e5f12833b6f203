// SPDX-License-Identifier: MIT
//
// A small trace, written by hand, that has something of everything a recording can hold.
// The golden recording of format version 1 is this trace: to change it is to break that.
#ifndef HEDDLE_TESTS_RECORDER_EXAMPLE_TRACE_H_
#define HEDDLE_TESTS_RECORDER_EXAMPLE_TRACE_H_

#include <string>

#include "heddle/trace.h"

namespace heddle {

inline Trace ExampleTrace() {
  Trace trace;
  trace.header.test = "no interleaving charges twice";
  trace.header.chooser = "random";
  trace.header.seed = 42;
  trace.header.schedule = 17;
  trace.header.input = std::string("\x0a\x00", 2);
  trace.header.input_text = "10";
  trace.header.ending = Ending::kStuck;
  trace.header.steps = 3;
  trace.header.waiting = {{.task = 1,
                           .name = "Charge#0",
                           .operation = Operation::kLock,
                           .object = "Mutex ledger",
                           .site = "shop.cc:41",
                           .since = 2'500'000}};
  trace.header.heddle_version = "0.1.0";
  trace.header.compiler = "g++ 12";
  trace.header.command = {"./shop_test", "-s"};
  trace.header.directory = "/shop";
  trace.header.source = "/shop/shop_test.cc";
  trace.header.began = 1'700'000'000'000'000'000;
  trace.header.explanation = {
      .steps = {{.number = 2, .text = "Charge#0, from its start to its end"}, {.text = "main"}},
      .fails_plain = true,
      .verdict = "The order of 1 and 2 decides."};
  trace.sites = {{}, {"shop.cc", 40, "Charge"}, {"shop.cc", 41, ""}};
  trace.objects = {{}, {"Mutex", "ledger"}};
  trace.flows = {{}, {"order 7"}};
  trace.marks = {
      {"charged", {{"order", 7}, {"amount", 12.5}, {"again", true}, {"who", std::string("ann")}}}};
  trace.choices = {{.picked = 2, .first = 1, .alternatives = 2, .kind = ChoiceKind::kTask},
                   {.picked = 1, .first = 0, .alternatives = 3, .kind = ChoiceKind::kValue}};
  trace.events = {
      {.task = 1, .site = 1, .object = 0, .kind = EventKind::kSpawn},
      {.task = 1, .object = 0, .kind = EventKind::kStart, .flags = kEventChosen},
      {.task = 1, .object = 1, .kind = EventKind::kFlow},
      {.task = 1, .site = 2, .object = 0, .kind = EventKind::kMark},
      {.task = 1, .value = 1, .kind = EventKind::kDraw},
      {.time = 2'500'000, .kind = EventKind::kTime},
      {.time = 2'500'000,
       .task = 1,
       .site = 2,
       .object = 1,
       .kind = EventKind::kSuspend,
       .operation = static_cast<std::uint8_t>(Operation::kLock)},
  };
  return trace;
}

}  // namespace heddle

#endif  // HEDDLE_TESTS_RECORDER_EXAMPLE_TRACE_H_
