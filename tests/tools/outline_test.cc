// SPDX-License-Identifier: MIT
//
// Outline: columns, branches, repeats.
#include "outline.h"

#include "support/catch.h"

namespace heddle::tools {
namespace {

Row Leaf(const std::string& text, VirtualNanos time = 0) {
  Row row;
  row.time = time;
  row.text = row.repeat_name = text;
  return row;
}

Row Timed(const std::string& text, VirtualNanos time, VirtualNanos took) {
  Row row = Leaf(text, time);
  row.took = took;
  return row;
}

TEST_CASE("rows stand in columns, and no line ends in blanks") {
  Row root = Timed("Checkout#0", 0, 1'500'000);
  root.note = "returned";
  root.children = {Leaf("parsed"), Timed("sleep", 500, 20)};
  root.children[1].site = "shop.cc:7";
  root.children[1].failed = true;
  CHECK(OutlineText({root}, false) ==
        "    time  step        site        took\n"
        "       0  Checkout#0             1.5ms  returned\n"
        "       0  ├─ parsed\n"
        "✗  500ns  ╰─ sleep    shop.cc:7   20ns\n");
}

TEST_CASE("without colour there is no escape sequence, with colour there are") {
  CHECK(OutlineText({Leaf("a")}, false).find('\x1b') == std::string::npos);
  CHECK(OutlineText({Leaf("a")}, true).find('\x1b') != std::string::npos);
}

TEST_CASE("a step that comes many times in a row is told once") {
  std::vector<Row> rows;
  for (VirtualNanos i = 0; i < 100; ++i) rows.push_back(Timed("yield", i, 1));
  FoldRepeats(rows);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].text == "yield x 100");
  CHECK(rows[0].took == 100);
}

TEST_CASE("two of a kind are told twice") {
  std::vector<Row> rows = {Leaf("yield"), Leaf("yield")};
  FoldRepeats(rows);
  CHECK(rows.size() == 2);
}

TEST_CASE("a loop of several steps is told once") {
  std::vector<Row> rows = {Leaf("begin")};
  for (VirtualNanos i = 1; i <= 10; ++i) {
    rows.push_back(Leaf("lock", i));
    rows.push_back(Leaf("unlock", i));
  }
  rows.push_back(Leaf("end"));
  FoldRepeats(rows);
  REQUIRE(rows.size() == 5);
  CHECK(rows[1].text == "lock");
  CHECK(rows[2].text == "unlock");
  CHECK(rows[3].text == "... these 2 lines 9 times more");
  CHECK(rows[3].time == 2);
  CHECK(rows[3].took == 8);
  CHECK(rows[4].text == "end");
}

TEST_CASE("tasks that do the same are repeats whatever their number") {
  std::vector<Row> rows;
  for (int i = 0; i < 5; ++i) {
    rows.push_back(Leaf("Poll#" + std::to_string(i)));
    rows.back().repeat_name = "Poll";
    rows.back().children = {Leaf("yield")};
  }
  rows[4].children.push_back(Leaf("mark"));
  FoldRepeats(rows);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].text == "Poll#0");
  CHECK(rows[1].text == "... and 3 more like it");
  CHECK(rows[2].text == "Poll#4");
}

TEST_CASE("a step whose order decides has its number in the margin, and is never folded away") {
  std::vector<Row> rows(6, Leaf("sleep"));
  rows[1].order = "2";
  rows[4].order = "1";
  rows[4].failed = true;
  FoldRepeats(rows);
  const std::string text = OutlineText(rows, false);
  CHECK_THAT(text, ContainsText("\n2 ") && ContainsText("\n1✗"));
  Row task = Leaf("Charge#0");
  task.children = rows;
  std::vector<Row> tasks = {task};
  CutBelow(tasks, 1);
  CHECK(tasks[0].order == "2,1");
  CHECK(tasks[0].failed);
}

TEST_CASE("the place of the failure is never folded away") {
  std::vector<Row> rows(10, Leaf("lock"));
  rows[5].failed = true;
  FoldRepeats(rows);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].text == "lock x 5");
  CHECK(rows[1].failed);
  CHECK(rows[2].text == "lock x 4");
}

TEST_CASE(
    "of many tasks side by side those that did the same are told once, with how long they took") {
  std::vector<Row> rows;
  for (int i = 0; i < 99; ++i) {
    Row task = Leaf("Step#" + std::to_string(i));
    task.kind = RowKind::kTask;
    task.repeat_name = i % 2 == 0 ? "Step" : "Other";
    task.took = 10 + i;
    task.note = "returned";
    task.children = {Leaf("lock"), Leaf("in {i: " + std::to_string(i) + "}")};
    task.children[0].note = "released by Step#" + std::to_string(i + 1);
    rows.push_back(task);
  }
  rows[50].failed = true;
  FoldRepeats(rows);
  CHECK(rows.size() == 99);
  FoldLikeTasks(rows);
  REQUIRE(rows.size() == 5);
  CHECK(rows[0].text == "Step#0");
  CHECK(rows[1].text == "... and 48 more like it");
  CHECK(rows[1].note == "all of them took 10ns to 108ns");
  CHECK(rows[3].text == "... and 48 more like it");
  CHECK(rows[4].failed);
}

TEST_CASE("a few tasks side by side are told one by one") {
  std::vector<Row> rows;
  for (int i = 0; i < 20; ++i) {
    rows.push_back(Leaf("Step#" + std::to_string(i)));
    rows.back().kind = RowKind::kTask;
    rows.back().note = std::to_string(i);
  }
  FoldRepeats(rows);
  FoldLikeTasks(rows);
  CHECK(rows.size() == 20);
}

}  // namespace
}  // namespace heddle::tools
