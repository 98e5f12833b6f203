// SPDX-License-Identifier: MIT
//
// Recordings that are as they should be: what is written is read, in memory and in a file,
// and what cannot be written leaves everything as it was. Damage is in corruption_test.cc.
#include "heddle/trace_io.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>

#include "arbitrary_trace.h"
#include "example_trace.h"
#include "heddle/trace_scan.h"
#include "support/catch.h"
#include "support/law.h"

namespace heddle {
namespace {

namespace fs = std::filesystem;

// An empty directory, gone at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (fs::temp_directory_path() / "heddle-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::ptrdiff_t entry_count() const {
    return std::distance(fs::directory_iterator(path_), fs::directory_iterator());
  }

 private:
  fs::path path_;
};

// No file can grow beyond `bytes`: what a full disk looks like to the writer.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

// Root may do everything, so it becomes nobody for a while.
class WithoutRoot {
 public:
  WithoutRoot() : before_(::geteuid()) {
    if (before_ == 0) is_root_ = ::seteuid(65534) != 0;
  }
  WithoutRoot(const WithoutRoot&) = delete;
  WithoutRoot& operator=(const WithoutRoot&) = delete;
  ~WithoutRoot() {
    if (before_ == 0 && ::seteuid(0) != 0) std::abort();
  }
  bool is_root() const { return is_root_; }

 private:
  uid_t before_;
  bool is_root_ = false;
};

std::string Contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void Create(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

// The bytes of a listing: hex digits, and comments from `#` to the end of the line.
std::string BytesOfListing(const std::string& path) {
  std::ifstream in(path);
  std::string bytes;
  for (std::string line; std::getline(in, line);) {
    std::istringstream digits(line.substr(0, line.find('#')));
    for (std::string byte; digits >> byte;) {
      bytes.push_back(static_cast<char>(std::stoi(byte, nullptr, 16)));
    }
  }
  return bytes;
}

Trace LongTrace() {
  Trace trace = ExampleTrace();
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    trace.marks.push_back({"mark", {{"number", std::int64_t{i}}}});
    trace.choices.push_back({.picked = i % 5, .first = i % 3, .alternatives = 5});
    trace.events.push_back({.time = i * i, .task = i * 7919, .value = i, .kind = EventKind::kDraw});
    trace.events.push_back({.time = i * i, .object = i, .kind = EventKind::kMark});
  }
  return trace;
}

TEST_CASE("reading gives back the trace that was written") {
  CheckLaw([] {
    const Trace trace = *AnyTrace();
    const absl::StatusOr<Recording> recording = DecodeRecording(EncodeRecording(trace), "t");
    RC_ASSERT(recording.ok());
    RC_ASSERT(recording->damage == absl::OkStatus());
    RC_ASSERT(recording->trace == trace);
  });
}

TEST_CASE("an empty trace survives writing and reading") {
  const auto recording = DecodeRecording(EncodeRecording(Trace{}), "t");
  REQUIRE(recording.ok());
  CHECK(recording->damage.ok());
  CHECK(recording->trace == Trace{});
}

TEST_CASE("a trace of many chunks survives writing and reading") {
  const Trace trace = LongTrace();
  const std::string bytes = EncodeRecording(trace);
  REQUIRE(bytes.size() > 300'000);
  const auto recording = DecodeRecording(bytes, "t");
  REQUIRE(recording.ok());
  CHECK(recording->damage == absl::OkStatus());
  CHECK(recording->trace == trace);
}

TEST_CASE("events of more shapes than a chunk can have survive writing and reading") {
  Trace trace;
  trace.sites.resize(3'000);
  for (std::uint32_t i = 0; i < 30'000; ++i) {
    trace.events.push_back({.task = i * i * 7919,
                            .site = i % 3'000,
                            .object = i << (i % 32),
                            .value = i / 3,
                            .kind = EventKind::kDraw});
  }
  const auto recording = DecodeRecording(EncodeRecording(trace), "t");
  REQUIRE(recording.ok());
  CHECK(recording->damage == absl::OkStatus());
  CHECK(recording->trace == trace);
}

TEST_CASE("events whose fields are off by deltas of every length survive writing and reading") {
  constexpr std::uint32_t kSteps[] = {0, 1, 1'000, 1'000'000};
  Trace trace;
  trace.sites.resize(100);
  Event event{.kind = EventKind::kDraw};
  for (std::uint32_t i = 0; i < 12'800; ++i) {
    event.task += kSteps[i & 3];
    event.object -= kSteps[i >> 2 & 3];
    event.value += kSteps[i >> 4 & 3];
    event.time += i >> 6 & 1;
    event.site = i / 128;
    trace.events.push_back(event);
  }
  const auto recording = DecodeRecording(EncodeRecording(trace), "t");
  REQUIRE(recording.ok());
  CHECK(recording->damage == absl::OkStatus());
  CHECK(recording->trace == trace);
}

TEST_CASE("a record larger than a chunk survives writing and reading") {
  Trace trace;
  const std::string large(1'000'000, 'a');
  trace.flows = {{"small"}, {large}, {large}, {"small"}, {std::string(255, 'b')}, {"small"}};
  const auto recording = DecodeRecording(EncodeRecording(trace), "t");
  REQUIRE(recording.ok());
  CHECK(recording->damage == absl::OkStatus());
  CHECK(recording->trace == trace);
}

TEST_CASE("doubles keep every bit") {
  const double values[] = {-0.0, std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::denorm_min()};
  for (const double value : values) {
    Trace trace;
    trace.marks = {{"m", {{"k", value}}}};
    const auto recording = DecodeRecording(EncodeRecording(trace), "t");
    REQUIRE(recording.ok());
    REQUIRE(recording->trace.marks.size() == 1);
    CHECK(std::bit_cast<std::uint64_t>(std::get<double>(
              recording->trace.marks[0].fields[0].value)) == std::bit_cast<std::uint64_t>(value));
  }
}

TEST_CASE("tasks that go the same way again and again take less than two bytes an event") {
  Trace trace;
  trace.sites.resize(4);
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const std::uint32_t task = 1 + i * i % 3;
    const Event yield{.task = task,
                      .site = task,
                      .kind = EventKind::kSuspend,
                      .operation = static_cast<std::uint8_t>(Operation::kYield)};
    trace.events.push_back(yield);
    trace.events.push_back(yield);
    trace.events.back().kind = EventKind::kResume;
  }
  CHECK(EncodeRecording(trace).size() < 2 * trace.events.size());
}

TEST_CASE("format version 1 has not changed") {
  const std::string golden = BytesOfListing(HEDDLE_GOLDEN_DIR "/format_version_1_header_4.hex");
  const auto recording = DecodeRecording(golden, "format_version_1_header_4.hex");
  REQUIRE(recording.ok());
  CHECK(recording->damage == absl::OkStatus());
  CHECK(recording->trace == ExampleTrace());
  CHECK(EncodeRecording(ExampleTrace()) == golden);
}

TEST_CASE("headers of older versions are read, and lack what they did not have") {
  Trace expected = ExampleTrace();
  expected.header.explanation = {};
  for (const std::string name :
       {"format_version_1_header_3.hex", "format_version_1_header_2.hex", "format_version_1.hex"}) {
    INFO(name);
    const std::string golden = BytesOfListing(HEDDLE_GOLDEN_DIR "/" + name);
    const auto recording = DecodeRecording(golden, name);
    REQUIRE(recording.ok());
    CHECK(recording->damage == absl::OkStatus());
    if (name != "format_version_1_header_3.hex") expected.header.began = 0;
    if (name == "format_version_1.hex") expected.header.source.clear();
    CHECK(recording->trace == expected);
  }
}

TEST_CASE("a recording is written to a file and read from it") {
  const TemporaryDirectory directory;
  const std::string path = directory / "run.heddle";
  REQUIRE(WriteRecording(path, ExampleTrace()) == absl::OkStatus());
  const auto recording = ReadRecording(path);
  REQUIRE(recording.ok());
  CHECK(recording->damage == absl::OkStatus());
  CHECK(recording->trace == ExampleTrace());
  CHECK(directory.entry_count() == 1);
}

TEST_CASE("a new recording takes the place of the old one") {
  const TemporaryDirectory directory;
  const std::string path = directory / "run.heddle";
  REQUIRE(WriteRecording(path, LongTrace()).ok());
  REQUIRE(WriteRecording(path, ExampleTrace()).ok());
  CHECK(Contents(path) == EncodeRecording(ExampleTrace()));
}

TEST_CASE("a temporary file that a killed process left behind is no obstacle") {
  const TemporaryDirectory directory;
  const std::string path = directory / "run.heddle";
  const std::string left_behind = path + ".tmp-" + std::to_string(::getpid());
  Create(left_behind, "half of a");
  CHECK(WriteRecording(path, ExampleTrace()) == absl::OkStatus());
  CHECK(Contents(path) == EncodeRecording(ExampleTrace()));
  CHECK(Contents(left_behind) == "half of a");
}

TEST_CASE("a full disk leaves the old recording as it was and no other file") {
  const TemporaryDirectory directory;
  const std::string path = directory / "run.heddle";
  REQUIRE(WriteRecording(path, ExampleTrace()).ok());
  absl::Status status;
  {
    const FileSizeLimit limit(1000);
    status = WriteRecording(path, LongTrace());
  }
  CHECK_FALSE(status.ok());
  CHECK_THAT(Message(status), ContainsText(path));
  CHECK_THAT(Message(status), ContainsText("File too large"));
  CHECK_THAT(Message(status), ContainsText("ulimit -f"));
  CHECK(Contents(path) == EncodeRecording(ExampleTrace()));
  CHECK(directory.entry_count() == 1);
}

TEST_CASE("writing into a directory that is not there says so") {
  const TemporaryDirectory directory;
  const absl::Status status = WriteRecording(directory / "none/run.heddle", ExampleTrace());
  CHECK(status.code() == absl::StatusCode::kNotFound);
  CHECK_THAT(Message(status), ContainsText("none/run.heddle"));
  CHECK_THAT(Message(status), ContainsText("the directory does not exist"));
}

TEST_CASE("writing below a file says so") {
  const TemporaryDirectory directory;
  Create(directory / "file", "");
  const absl::Status status = WriteRecording(directory / "file/run.heddle", ExampleTrace());
  CHECK_FALSE(status.ok());
  CHECK_THAT(Message(status), ContainsText("not a directory"));
}

TEST_CASE("writing over a directory or a device is refused") {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "run.heddle");
  CHECK_THAT(Message(WriteRecording(directory / "run.heddle", ExampleTrace())),
             ContainsText("it is a directory"));
  CHECK_THAT(Message(WriteRecording("/dev/null", ExampleTrace())),
             ContainsText("not a regular file"));
  CHECK(fs::is_character_file("/dev/null"));
  CHECK(directory.entry_count() == 1);
}

TEST_CASE("writing and reading without permission says so") {
  const TemporaryDirectory directory;
  const std::string path = directory / "run.heddle";
  REQUIRE(WriteRecording(path, ExampleTrace()).ok());
  fs::permissions(path, fs::perms::none);
  fs::permissions(directory / "", fs::perms::owner_read | fs::perms::owner_exec);
  absl::Status written;
  absl::Status read;
  bool is_root = false;
  {
    const WithoutRoot without_root;
    is_root = without_root.is_root();
    written = WriteRecording(path, LongTrace());
    read = ReadRecording(path).status();
  }
  fs::permissions(directory / "", fs::perms::owner_all);
  fs::permissions(path, fs::perms::owner_all);
  if (is_root) return;  // a container without a nobody: then nothing is forbidden
  CHECK(written.code() == absl::StatusCode::kPermissionDenied);
  CHECK_THAT(Message(written), ContainsText("you may not write"));
  CHECK(read.code() == absl::StatusCode::kPermissionDenied);
  CHECK_THAT(Message(read), ContainsText("You may not read it"));
  CHECK(Contents(path) == EncodeRecording(ExampleTrace()));
}

TEST_CASE("a missing file and a directory are told apart") {
  const TemporaryDirectory directory;
  const absl::Status missing = ReadRecording(directory / "none.heddle").status();
  CHECK(missing.code() == absl::StatusCode::kNotFound);
  CHECK_THAT(Message(missing), ContainsText("none.heddle"));
  CHECK_THAT(Message(missing), ContainsText("No such file"));
  const absl::Status folder = ReadRecording(directory / "").status();
  CHECK(folder.code() == absl::StatusCode::kInvalidArgument);
  CHECK_THAT(Message(folder), ContainsText("is a directory"));
}

TEST_CASE("an endless device is not read to its end") {
  const absl::Status status = ReadRecording("/dev/zero").status();
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK_THAT(Message(status), ContainsText("not a recording"));
}

// Puts a recording together again from its pieces.
class Collector final : public TraceVisitor {
 public:
  void Visit(const Trace& piece, std::size_t first) override {
    in_order = in_order && first == whole.events.size() && piece.marks.empty();
    for (const Event& event : piece.events) {
      if (event.kind == EventKind::kMark) in_order = in_order && event.object < whole.marks.size();
      whole.events.push_back(event);
    }
    whole.choices.insert(whole.choices.end(), piece.choices.begin(), piece.choices.end());
  }
  void VisitMark(std::size_t id, const MarkRecord& mark) override {
    in_order = in_order && id == whole.marks.size();
    whole.marks.push_back(mark);
  }

  Trace whole;  // without tables and header
  bool in_order = true;
};

TEST_CASE("a recording that is read piece by piece is the whole, each mark before its event") {
  const Trace trace = ExampleTrace();
  Collector collector;
  const auto recording = ScanRecording(EncodeRecording(trace), "run.heddle", collector);
  REQUIRE(recording.ok());
  CHECK(recording->damage.ok());
  CHECK(collector.in_order);
  CHECK(recording->trace.marks.empty());
  Trace joined = recording->trace;
  joined.events = collector.whole.events;
  joined.choices = collector.whole.choices;
  joined.marks = collector.whole.marks;
  CHECK(joined == trace);
}

}  // namespace
}  // namespace heddle
