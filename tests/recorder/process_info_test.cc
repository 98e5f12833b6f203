// SPDX-License-Identifier: MIT
//
// What a recording says about the program that made it.
#include "heddle/process_info.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "heddle/test_framework.h"
#include "support/catch.h"

namespace heddle {
namespace {

TraceHeader Described() {
  TraceHeader header;
  DescribeProcess(header);
  return header;
}

std::string Bytes(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

TEST_CASE("the command is the program and its arguments") {
  const TraceHeader header = Described();
  REQUIRE(!header.command.empty());
  CHECK(std::filesystem::equivalent(header.command[0], "/proc/self/exe"));
}

TEST_CASE("within a test the command is the one that runs only that test") {
  static constexpr TestFramework kFramework = {
      .current_test = [] { return std::string("a test"); },
      .argument_of = [](const std::string& test) { return "only " + test; }};
  SetTestFramework(&kFramework);
  const std::vector<std::string> command = Described().command;
  SetTestFramework(nullptr);
  REQUIRE(command.size() == 2);
  CHECK(command[0] == Described().command[0]);
  CHECK(command[1] == "only a test");
}

TEST_CASE("the build id is the one that the linker wrote into the program") {
  const std::string id = Described().build_id;
  CHECK(id.size() == 40);  // SHA-1; CMakeLists.txt asks for it
  CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
  std::ifstream file("/proc/self/exe", std::ios::binary);
  const std::string program(std::istreambuf_iterator<char>(file), {});
  CHECK(program.find("GNU" + std::string(1, '\0') + Bytes(id)) != std::string::npos);
}

TEST_CASE("compiler, version and directory are known") {
  const TraceHeader header = Described();
  CHECK_THAT(header.compiler, StartsWithText("g++ ") || StartsWithText("clang "));
  CHECK(!header.heddle_version.empty());
  CHECK(std::filesystem::equivalent(header.directory, std::filesystem::current_path()));
}

TEST_CASE("what was run and how it ended is left alone") {
  TraceHeader header;
  header.test = "a test";
  header.seed = 7;
  header.message = "text";
  header.steps = 3;
  DescribeProcess(header);
  CHECK(header.test == "a test");
  CHECK(header.seed == 7);
  CHECK(header.message == "text");
  CHECK(header.steps == 3);
}

}  // namespace
}  // namespace heddle
