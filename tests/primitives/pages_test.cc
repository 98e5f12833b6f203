// SPDX-License-Identifier: MIT
//
// Whether the pages of docs/primitives/ tell the truth. A block of a page that follows the line
// `<!-- code -->` has to be the program of that page (page.h); the one after `<!-- run -->` what
// `heddle show` says of a run of it, first in, first out; the one after `<!-- search -->` what an
// exploration found. HEDDLE_UPDATE_GOLDEN=1 writes the blocks anew.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/explore.h"
#include "heddle/run.h"
#include "primitives/page.h"
#include "show.h"
#include "support/catch.h"
#include "support/golden.h"

namespace heddle {
namespace {

std::vector<const Page*>& Registry() {
  static std::vector<const Page*> pages;
  return pages;
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  INFO("cannot read " << path);
  REQUIRE(file.is_open());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

const std::string kDocs = HEDDLE_SOURCE_DIR "/docs/";

std::string FileOf(const Page& page) { return kDocs + "primitives/" + page.name + ".md"; }

// --- what the blocks have to be ---------------------------------------------------------------

std::string Source(const Page& page) {
  return ReadText(std::string(HEDDLE_SOURCE_DIR "/tests/primitives/") + page.name + ".cc");
}

std::string Code(const Page& page) {
  const std::string source = Source(page);
  const std::string begin = "// [page\n";
  const std::string end = "// page]\n";
  const std::size_t from = source.find(begin);
  const std::size_t to = source.find(end);
  REQUIRE(from != std::string::npos);
  REQUIRE(to != std::string::npos);
  return source.substr(from + begin.size(), to - from - begin.size());
}

// Lines are counted from the first that is on the page.
std::string WithLinesOfPage(std::string text, const Page& page) {
  const std::string source = Source(page);
  const auto before =
      std::count(source.begin(),
                 source.begin() + static_cast<std::ptrdiff_t>(source.find("// [page")), '\n') +
      1;
  const std::string file = std::string(page.name) + ".cc:";
  for (std::size_t at = text.find(file); at != std::string::npos; at = text.find(file, at + 1)) {
    const std::size_t begin = at + file.size();
    const std::size_t end = text.find_first_not_of("0123456789", begin);
    const std::size_t width = end - begin;
    std::string line = std::to_string(std::stol(text.substr(begin, width)) - before);
    line.resize(width, ' ');
    text.replace(begin, width, line);
  }
  return text;
}

// Where a primitive is made of others its own lines are seen, which change.
std::string WithoutLinesOfHeddle(std::string text) {
  const std::string header = ".h:";
  for (std::size_t at = text.find(header); at != std::string::npos; at = text.find(header, at)) {
    const std::size_t colon = at + header.size() - 1;
    const std::size_t end = text.find_first_not_of("0123456789", colon + 1);
    text.replace(colon, end - colon, end - colon, ' ');
  }
  return text;
}

// The tree of a run, without what stands above it.
std::string Shown(const Page& page) {
  const RunResult run = Run(page.body);
  INFO(Describe(run));
  REQUIRE(run.ok());
  const auto shown = tools::ShowText(run.trace, {.all = true});
  REQUIRE(shown.ok());
  const std::size_t tree = shown->rfind('\n', shown->find("  step "));
  REQUIRE(tree != std::string::npos);
  const std::string text = WithLinesOfPage(shown->substr(tree + 1), page);
  return WithoutSpacesAtEnds(WithoutLinesOfHeddle(text));
}

std::string Searched(const Page& page) {
  const ExploreResult result = FindFailure(page.body, {.name = page.name, .directory = {}});
  INFO((result.failure ? result.failure->report : ""));
  REQUIRE(result.ok());
  CHECK(result.coverage.complete);
  return Describe(result.coverage) + "\n";
}

// --- what they are ----------------------------------------------------------------------------

// Makes the block behind `marker` what it has to be; says so where it was not.
void CheckBlock(const std::string& marker, const std::string& expected, std::string& text) {
  const std::string line = "<!-- " + marker + " -->\n```";
  const std::size_t at = text.find(line);
  INFO("the block after <!-- " << marker << " -->");
  REQUIRE(at != std::string::npos);
  const std::size_t begin = text.find('\n', at + line.size()) + 1;
  const std::size_t end = text.find("```", begin);
  REQUIRE(end != std::string::npos);
  if (!GoldenUpdateIsWanted()) CHECK(text.substr(begin, end - begin) == expected);
  text.replace(begin, end - begin, expected);
}

TEST_CASE("the page of each primitive shows a program that runs, and what it did") {
  for (const Page* page : AllPages()) {
    INFO("If the page is to change, run this test once with HEDDLE_UPDATE_GOLDEN=1: "
         << FileOf(*page));
    std::string text = ReadText(FileOf(*page));
    CheckBlock("code", Code(*page), text);
    CheckBlock("run", Shown(*page), text);
    CheckBlock("search", Searched(*page), text);
    if (!GoldenUpdateIsWanted()) continue;
    std::ofstream file(FileOf(*page), std::ios::binary);
    file << text << std::flush;
    CHECK(file.good());
  }
}

TEST_CASE("each page of the primitives has a program, and the table leads to it") {
  std::set<std::string> pages;
  for (const Page* page : AllPages()) pages.insert(page->name);
  std::set<std::string> files;
  for (const auto& file : std::filesystem::directory_iterator(kDocs + "primitives")) {
    files.insert(file.path().stem().string());
  }
  CHECK(pages == files);
  const std::string table = ReadText(kDocs + "primitives.md");
  for (const std::string& page : pages)
    CHECK_THAT(table, ContainsText("](primitives/" + page + ".md)"));
}

}  // namespace

Page::Page(const char* its_name, Task<> (*its_body)()) : name(its_name), body(its_body) {
  Registry().push_back(this);
}

std::vector<const Page*> AllPages() {
  std::vector<const Page*> pages = Registry();
  std::ranges::sort(pages, {}, [](const Page* page) { return std::string_view(page->name); });
  return pages;
}

}  // namespace heddle
