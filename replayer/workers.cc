// SPDX-License-Identifier: MIT
//
// From the bottom: what all processes see, a worker's loop, and WorkerPool, which starts workers
// and listens to them.
#include "workers.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <limits>
#include <map>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "block_runner.h"
#include "child_process.h"
#include "heddle/check.h"
#include "order_counter.h"
#include "shared_memory.h"

namespace heddle::internal {
namespace {

constexpr std::uint64_t kIdle = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

// So far apart what one worker writes does not slow down another one.
constexpr std::size_t kCacheLine = 64;

// Where a worker is, to be read after its death.
struct alignas(kCacheLine) Place {
  std::atomic<std::uint64_t> block = kIdle;
  std::atomic<std::uint64_t> schedule = 0;
};

// What all processes of an exploration see.
struct Board {
  std::atomic<std::uint64_t> next = 0;  // no block off the main line before it is left
  // Blocks from here on are of no interest.
  alignas(kCacheLine) std::atomic<std::uint64_t> limit = kNoLimit;
  std::array<Place, kWorkersMost> places;
};

void LowerTo(std::atomic<std::uint64_t>& limit, std::uint64_t value) {
  std::uint64_t before = limit.load();
  while (value < before && !limit.compare_exchange_weak(before, value)) {
  }
}

// --- in a worker --------------------------------------------------------------------------

// Writes down where it is, and stops where the limit is.
class WorkerWatch final : public BlockWatch {
 public:
  WorkerWatch(const Board& board, const Deadline& deadline, ExtraTime extra_time, Place& place)
      : board_(&board), deadline_(&deadline), place_(&place), extra_time_(extra_time) {}

  void BeginBlock(std::uint64_t /*block*/) override { classes_.clear(); }
  Wish BeginSchedule(std::uint64_t schedule) override {
    place_->schedule.store(schedule, std::memory_order_relaxed);
    const bool wanted = place_->block.load(std::memory_order_relaxed) <
                        board_->limit.load(std::memory_order_relaxed);
    if (!wanted) return Wish::kDrop;
    const bool first = !std::exchange(begun_, true);  // however little time there is
    return !first && deadline_->Passed() ? Wish::kTimeUp : Wish::kGoOn;
  }
  bool ExtraTimePassed() override { return extra_time_.Passed(); }
  void Passed(std::uint64_t /*schedule*/, std::uint64_t run_class) override {
    if (run_class != 0) classes_.push_back(run_class);
  }
  std::vector<std::uint64_t> TakeClasses() { return std::move(classes_); }

 private:
  const Board* board_;
  const Deadline* deadline_;
  Place* place_;
  ExtraTime extra_time_;
  bool begun_ = false;
  std::vector<std::uint64_t> classes_;
};

void WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) _exit(1);  // nobody reads any more
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// `done`: blocks that need not be run, by number.
class Worker {
 public:
  Worker(ExploredBody& body, const ExploreOptions& options, const Deadline& deadline, Board& board,
         std::uint64_t number, const std::function<bool(std::uint64_t)>& done)
      : runner_(body, options, BlockRunner::WatchedBy(orders_, options)),
        deadline_(&deadline),
        extra_time_(options.search_to_end_max),
        board_(&board),
        place_(&board.places[number]),
        on_main_line_(number == 0 && runner_.deal().Mine(0)),
        done_(&done) {}

  void Run(int out) {
    WorkerWatch watch(*board_, *deadline_, extra_time_, *place_);
    bool time_up = false;
    for (std::uint64_t block = Claim(); block != kIdle && !time_up; block = Claim()) {
      place_->block.store(block);
      BlockMessage message{.block = block,
                           .result = RunBlock(block, watch),
                           .classes = {},
                           .orders = orders_.Take()};
      const BlockEnd end = message.result.end;
      if (end == BlockEnd::kDropped) continue;
      time_up = end == BlockEnd::kTimeUp;
      if (EndsExploration(end)) LowerTo(board_->limit, block + 1);
      message.classes = watch.TakeClasses();
      WriteAll(out, Encode(message));
    }
    place_->block.store(kIdle);
  }

 private:
  // What is thrown here is thrown again where the test's own process runs the same block.
  BlockResult RunBlock(std::uint64_t block, WorkerWatch& watch) {
    try {
      return runner_.Run(block, watch);
    } catch (const std::exception&) {
      return {.end = BlockEnd::kFailed};
    }
  }

  // The lowest block that is left for this worker.
  std::uint64_t Claim() {
    const std::uint64_t end = std::min(runner_.deal().blocks(), board_->limit.load());
    if (on_main_line_) main_line_next_ = NextOnMainLine(end);
    for (;;) {
      std::uint64_t block = board_->next.load();
      if (on_main_line_ && main_line_next_ < std::min(end, block)) return main_line_next_++;
      if (block >= end) return kIdle;
      if (board_->next.compare_exchange_weak(block, block + 1) && Wanted(block, false)) {
        return block;
      }
    }
  }

  // The next block of the main line that is this worker's to run, or `end` or beyond.
  std::uint64_t NextOnMainLine(std::uint64_t end) const {
    const Deal& deal = runner_.deal();
    std::uint64_t block = deal.NextOnMainLine(main_line_next_);
    while (block < end && !Wanted(block, true)) block = deal.NextOnMainLine(block + 1);
    return block;
  }

  bool Wanted(std::uint64_t block, bool main_line) const {
    const Deal& deal = runner_.deal();
    return deal.Mine(block) && deal.OnMainLine(block) == main_line && !(*done_)(block);
  }

  OrderCounter orders_;
  BlockRunner runner_;
  const Deadline* deadline_;
  ExtraTime extra_time_;
  Board* board_;
  Place* place_;
  bool on_main_line_;
  std::uint64_t main_line_next_ = 0;
  const std::function<bool(std::uint64_t)>* done_;
};

// --- in the test's own process ------------------------------------------------------------

struct Process {
  pid_t id = -1;
  int in = -1;  // what it sends
  BlockMessageReader reader;
};

class WorkerPool {
 public:
  WorkerPool(ExploredBody& body, const ExploreOptions& options, const Deadline& deadline,
             const std::function<void(const BlockMessage&)>& take)
      : body_(&body), options_(&options), deadline_(&deadline), take_(&take), deal_(options) {}
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool() { StopAll(); }

  std::optional<Crash> Run() {
    SkipOthers();
    while (next_ < end_ && !time_up_) {
      StartAll();
      while (!processes_.empty() && next_ < end_) Listen();
      StopAll();
    }
    // Blocks before these are missing where there was no time for them.
    for (const auto& [block, message] : waiting_) {
      if (block < end_) (*take_)(message);
    }
    return std::move(crash_);
  }

 private:
  void StartAll() {
    board_->next.store(next_);
    board_->limit.store(end_);
    const std::uint64_t count = std::min({options_->workers, end_ - next_, kWorkersMost});
    for (std::uint64_t number = 0; number < count; ++number) Start(number);
    if (!processes_.empty()) return;
    throw UsageError("heddle: no worker process could be started: " + problem_ +
                     ". Likely cause: a limit on processes or on memory. HEDDLE_WORKERS=1 looks "
                     "through the schedules without any.");
  }

  void Start(std::uint64_t number) {
    Place& place = board_->places[number];
    place.block.store(next_);  // a worker that dies before it has a block of its own
    place.schedule.store(0);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return NoteProblem();
    const std::function<bool(std::uint64_t)> done = [this](std::uint64_t block) {
      return block < next_ || waiting_.contains(block);
    };
    const pid_t child = ForkChild([&] {
      close(ends[0]);
      Worker(*body_, *options_, *deadline_, *board_, number, done).Run(ends[1]);
    });
    if (child < 0) NoteProblem();
    close(ends[1]);
    if (child < 0) {
      close(ends[0]);
    } else {
      processes_.emplace(number, Process{.id = child, .in = ends[0], .reader = {}});
    }
  }

  void NoteProblem() { problem_ = std::generic_category().message(errno); }

  // Until somebody says something. Whenever this process wakes up a worker may have to make room
  // for it, so it does not for each word: what there is to hear can wait.
  void Listen() {
    std::this_thread::sleep_for(kBetweenHearings);
    std::vector<pollfd> files;
    std::vector<std::uint64_t> numbers;
    for (const auto& [number, process] : processes_) {
      files.push_back({.fd = process.in, .events = POLLIN, .revents = 0});
      numbers.push_back(number);
    }
    if (poll(files.data(), files.size(), -1) < 0) return;
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (files[i].revents != 0) Hear(numbers[i]);
    }
  }

  void Hear(std::uint64_t number) {
    Process& process = processes_.at(number);
    std::array<char, std::size_t{64} * 1024> bytes;
    const ssize_t size = read(process.in, bytes.data(), bytes.size());
    if (size < 0) return;
    if (size == 0) return HearEnd(number);
    process.reader.Append({bytes.data(), static_cast<std::size_t>(size)});
    while (auto message = process.reader.Next()) Take(*std::move(message));
  }

  void Take(BlockMessage message) {
    const std::uint64_t block = message.block;
    if (block < next_ || block >= end_) return;
    if (EndsExploration(message.result.end)) {
      end_ = block + 1;
      crash_.reset();
    }
    time_up_ = time_up_ || message.result.end == BlockEnd::kTimeUp;
    waiting_.emplace(block, std::move(message));
    for (auto first = waiting_.find(next_); first != waiting_.end() && next_ < end_;
         first = waiting_.find(next_)) {
      (*take_)(first->second);
      waiting_.erase(first);
      ++next_;
      SkipOthers();
    }
  }

  // Blocks of other shards.
  void SkipOthers() {
    while (next_ < end_ && !deal_.Mine(next_)) ++next_;
  }

  void HearEnd(std::uint64_t number) {
    const auto process = processes_.extract(number);
    close(process.mapped().in);
    const int status = WaitForChild(process.mapped().id);
    const Place& place = board_->places[number];
    const std::uint64_t block = place.block.load();
    if (block < end_) NoteDeath(block, place.schedule.load(), status);
  }

  // Whoever runs something later is to stop: the block is run again at once, by new workers.
  void NoteDeath(std::uint64_t block, std::uint64_t schedule, int status) {
    LowerTo(board_->limit, block);
    if (schedule != 0 && ++deaths_[schedule] == 2) {
      crash_ = {.block = block, .schedule = schedule, .how = HowChildEnded(status)};
      end_ = block;
    } else if (++deaths_of_all_ == kDeathsMost) {
      throw UsageError(
          "heddle: worker processes died " + std::to_string(kDeathsMost) +
          " times, each in another schedule, the last by " + HowChildEnded(status) +
          ". Likely cause: not enough memory for so many of them, or somebody who kills them. "
          "Give fewer (HEDDLE_WORKERS=N).");
    }
  }

  void StopAll() {
    for (const auto& [number, process] : processes_) kill(process.id, SIGKILL);
    for (const auto& [number, process] : processes_) {
      close(process.in);
      WaitForChild(process.id);
    }
    processes_.clear();
  }

  static constexpr int kDeathsMost = 16;
  // In which a worker has less to say than there is room for in a pipe.
  static constexpr std::chrono::milliseconds kBetweenHearings{1};

  ExploredBody* body_;
  const ExploreOptions* options_;
  const Deadline* deadline_;
  const std::function<void(const BlockMessage&)>* take_;
  Deal deal_;
  SharedMemory<Board> board_;
  std::map<std::uint64_t, Process> processes_;
  std::map<std::uint64_t, BlockMessage> waiting_;  // for those before them
  std::uint64_t next_ = 0;                         // the blocks before it were taken
  std::uint64_t end_ = deal_.blocks();             // those from here on are of no interest
  bool time_up_ = false;
  std::map<std::uint64_t, int> deaths_;  // by schedule
  int deaths_of_all_ = 0;
  std::optional<Crash> crash_;
  std::string problem_;
};

}  // namespace

std::uint64_t WorkersOfMachine() { return std::max(1U, std::thread::hardware_concurrency()); }

bool OneThreadOnly() {
  std::error_code code;
  const std::filesystem::directory_iterator threads("/proc/self/task", code);
  return !code && std::distance(begin(threads), end(threads)) == 1;
}

std::optional<Crash> RunInWorkers(ExploredBody& body, const ExploreOptions& options,
                                  const Deadline& deadline,
                                  const std::function<void(const BlockMessage&)>& take) {
  return WorkerPool(body, options, deadline, take).Run();
}

}  // namespace heddle::internal
