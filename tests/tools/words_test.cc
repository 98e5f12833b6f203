// SPDX-License-Identifier: MIT
//
// Words: what a person reads must be harmless and exact.
#include "words.h"

#include "support/catch.h"
#include "support/trace_builder.h"

namespace heddle::tools {
namespace {

TEST_CASE("the digits of a count stand in groups of three") {
  CHECK(Grouped(0) == "0");
  CHECK(Grouped(999) == "999");
  CHECK(Grouped(1000) == "1,000");
  CHECK(Grouped(1234567) == "1,234,567");
  CHECK(Count(4912, "step") == "4,912 steps");
}

TEST_CASE("control characters and bytes that are not UTF-8 are spelled out") {
  CHECK(Printable("plain, né, ├─") == "plain, né, ├─");
  CHECK(Printable("a\nb\tc") == "a\\nb\\tc");
  CHECK(Printable("\x1b[31mred") == "\\x1b[31mred");
  CHECK(Printable("\x7f") == "\\x7f");
  CHECK(Printable("\xc2\x9b") == "\\xc2\\x9b");
  CHECK(Printable("\xff\xfe") == "\\xff\\xfe");
  CHECK(Printable("cut \xe2\x94") == "cut \\xe2\\x94");
}

TEST_CASE("marks of direction and line ends that nobody sees are spelled out") {
  for (const std::string mark :
       {"\xd8\x9c", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaa",
        "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9"}) {
    const std::string text = Printable("pay " + mark + "17");
    CHECK(text.find(mark) == std::string::npos);
    CHECK_THAT(text, StartsWithText("pay \\x"));
  }
  // Their neighbours: Arabic, quotes, a dash, a word joiner.
  const std::string others = "\xd8\x9b\xd8\xa7\xe2\x80\x9c\xe2\x80\x94\xe2\x80\xb0\xe2\x81\xa0";
  CHECK(Printable(others) == others);
}

TEST_CASE("what UTF-8 forbids is spelled out: longer than it need be, surrogates, out of range") {
  CHECK(Printable("\xc0\x80") == "\\xc0\\x80");
  CHECK(Printable("\xe0\x9f\xbf") == "\\xe0\\x9f\\xbf");
  CHECK(Printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");
  CHECK(Printable("\xf0\x8f\xbf\xbf") == "\\xf0\\x8f\\xbf\\xbf");
  CHECK(Printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
  CHECK(Printable("\xf5\x80\x80\x80") == "\\xf5\\x80\\x80\\x80");
  const std::string limits = "\xc2\xa0\xed\x9f\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf";
  CHECK(Printable(limits) == limits);
}

TEST_CASE("width counts code points, not bytes") {
  CHECK(Width("") == 0);
  CHECK(Width("abc") == 3);
  CHECK(Width("├─ é") == 4);
}

TEST_CASE("the first line says whether there are more") {
  CHECK(FirstLine("one") == "one");
  CHECK(FirstLine("one\ntwo") == "one ...");
}

TEST_CASE("a release is called after what was released") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const std::size_t at = run.next();
  run.Release(body, run.Object("Mutex", "m"));
  run.Release(body, run.Object("Gate", "g"));
  run.Release(body, run.Object("Channel", "c"));
  run.Release(body, run.Object("Lease", "l"));
  const Trace trace = run.Build();
  CHECK(ActText(trace, trace.events[at]) == "unlocks Mutex m");
  CHECK(ActText(trace, trace.events[at + 1]) == "opens Gate g");
  CHECK(ActText(trace, trace.events[at + 2]) == "closes Channel c");
  CHECK(ActText(trace, trace.events[at + 3]) == "releases Lease l");
}

TEST_CASE("ids that are in no table give placeholders") {
  const Trace trace;
  CHECK(SiteText(trace, 9) == "");
  CHECK(FlowText(trace, 9) == "request 9");
  CHECK(ActText(trace, {.object = 9, .kind = EventKind::kMark}) == "?");
  CHECK(ActText(trace, {.object = 9, .kind = EventKind::kRelease}) == "releases ?");
}

TEST_CASE("a long path is short by its beginning") {
  CHECK(ShortPath("A#0") == "A#0");
  CHECK(ShortPath("A#0/B#1") == "A#0/B#1");
  CHECK(ShortPath("A#0/B#1/C#0/D#2") == ".../C#0/D#2");
  CHECK(ShortPath("").empty());
  CHECK(ShortPath("a//") == "...//");
}

}  // namespace
}  // namespace heddle::tools
