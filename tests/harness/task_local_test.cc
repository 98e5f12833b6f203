// SPDX-License-Identifier: MIT
//
// task_local.h: who sees which binding, and for how long. That both variants agree:
// tests/variants.
#include "heddle/task_local.h"

#include <chrono>
#include <coroutine>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "heddle/cancel.h"
#include "heddle/channel.h"
#include "heddle/choosers/urw.h"
#include "heddle/combinators.h"
#include "heddle/detach.h"
#include "heddle/gate.h"
#include "heddle/generator.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "heddle/timeout.h"
#include "support/catch.h"
#include "support/law.h"

namespace {

using heddle::Task;
using heddle::TaskLocal;
using namespace std::chrono_literals;

const TaskLocal<std::string> tenant("nobody");
const TaskLocal<int> level(0);

Task<std::string> Tenant() { co_return tenant.Get(); }

Task<> SaveTenant(std::string& seen) {
  co_await heddle::Yield();
  seen = tenant.Get();
}

}  // namespace

TEST_CASE("without a binding there is the default, inside a run and outside") {
  CHECK(tenant.Get() == "nobody");
  heddle::Run([]() -> Task<> {
    CHECK(tenant.Get() == "nobody");
    co_await heddle::Yield();
    CHECK(tenant.Get() == "nobody");
  });
}

TEST_CASE("a binding holds to the end of its scope, and the one before it is back then") {
  heddle::Run([]() -> Task<> {
    {
      const auto outer = tenant.Bind("acme");
      {
        const auto inner = tenant.Bind("globex");
        const auto other = level.Bind(3);
        CHECK(tenant.Get() == "globex");
        CHECK(level.Get() == 3);
      }
      CHECK(tenant.Get() == "acme");
      CHECK(level.Get() == 0);
    }
    CHECK(tenant.Get() == "nobody");
    co_return;
  });
}

TEST_CASE("a called task sees what its caller sees, and its own bindings end with it") {
  heddle::Run([]() -> Task<> {
    const auto bound = tenant.Bind("acme");
    Task<std::string> early = Tenant();
    const auto again = tenant.Bind("globex");
    const std::string called_later = co_await std::move(early);
    CHECK(called_later == "globex");  // it counts when it is called, not when it was made
    co_await []() -> Task<> {
      const auto own = tenant.Bind("initech");
      co_await heddle::Yield();
      CHECK(tenant.Get() == "initech");
    }();
    CHECK(tenant.Get() == "globex");
  });
}

TEST_CASE("a spawned task keeps what was bound when it was spawned, and may outlive the scope") {
  std::string in_group;
  std::string detached;
  heddle::Gate opened;
  heddle::Run([&]() -> Task<> {
    heddle::TaskGroup group;
    {
      const auto bound = tenant.Bind("acme");
      group.Spawn(SaveTenant(in_group));
      heddle::Detach([](heddle::Gate& gate, std::string& seen) -> Task<> {
        co_await gate.Wait();
        seen = tenant.Get();
      }(opened, detached));
      const auto later = tenant.Bind("globex");
      co_await heddle::Yield();
    }
    co_await group.Join();
    opened.Open();
    CHECK(tenant.Get() == "nobody");
  });
  CHECK(in_group == "acme");
  CHECK(detached == "acme");
}

TEST_CASE("a body that is no coroutine binds for the tasks that it spawns") {
  std::string seen;
  heddle::Run([&](heddle::World& world) {
    const auto bound = tenant.Bind("acme");
    world.Spawn(SaveTenant(seen));
  });
  CHECK(seen == "acme");
  CHECK(tenant.Get() == "nobody");
}

TEST_CASE("siblings do not see each other's bindings, nor does their parent") {
  const auto bind = [](const char* name, heddle::Channel<int>& turns) -> Task<std::string> {
    const auto bound = tenant.Bind(name);
    co_await turns.Send(1);
    co_await heddle::SleepFor(1ms);
    co_return tenant.Get();
  };
  heddle::Run([&]() -> Task<> {
    heddle::Channel<int> turns(heddle::kUnbounded);
    const auto bound = tenant.Bind("parent");
    auto [a, b, c] = co_await heddle::All(bind("a", turns), bind("b", turns), Tenant());
    CHECK(a == "a");
    CHECK(b == "b");
    CHECK(c == "parent");
    CHECK(tenant.Get() == "parent");
  });
}

TEST_CASE("a task that is cancelled takes its bindings with it, whoever cancels it") {
  const auto wait = []() -> Task<> {
    const auto own = tenant.Bind("loser");
    const auto more = level.Bind(9);
    co_await heddle::SleepFor(1h);
  };
  heddle::Run([&]() -> Task<> {
    const auto bound = tenant.Bind("parent");
    co_await heddle::WithTimeout(wait(), 1ms);
    CHECK(tenant.Get() == "parent");
    CHECK(level.Get() == 0);
    {
      heddle::TaskGroup group;
      group.Spawn(wait());
      co_await heddle::SleepFor(1ms);
      const auto inner = tenant.Bind("inner");  // bound after the loser's, and gone before it
      CHECK(tenant.Get() == "inner");
    }
    CHECK(tenant.Get() == "parent");
  });
}

TEST_CASE("a task that cleans up after a stop still has its bindings") {
  std::string seen;
  heddle::Run([&]() -> Task<> {
    heddle::CancelScope scope;
    scope.Spawn([](std::string& name, std::stop_token stop) -> Task<> {
      const auto own = tenant.Bind("acme");
      co_await heddle::Stopped(stop);
      co_await heddle::Yield();
      name = tenant.Get();
    }(seen, scope.token()));
    co_await heddle::Yield();
    const auto bound = tenant.Bind("who stops it");
    scope.RequestStop();
    co_await scope.Join();
  });
  CHECK(seen == "acme");
}

TEST_CASE("an exception that leaves a scope ends its binding") {
  heddle::Run([]() -> Task<> {
    try {
      co_await []() -> Task<> {
        const auto own = tenant.Bind("acme");
        co_await heddle::Yield();
        throw std::runtime_error("no");
      }();
    } catch (const std::runtime_error&) {
      CHECK(tenant.Get() == "nobody");
    }
  });
}

namespace {

// Resumes who waits when it is told to, in the middle of the step of who tells it.
class Bell {
 public:
  auto Wait() {
    struct Awaiter {
      explicit Awaiter(Bell& its_bell) : bell(&its_bell) {}
      bool await_ready() const { return false; }
      void await_suspend(std::coroutine_handle<> task) const { bell->waiter_ = task; }
      void await_resume() const {}
      Bell* bell;
    };
    return Awaiter(*this);
  }
  void Ring() { std::exchange(waiter_, nullptr).resume(); }

 private:
  std::coroutine_handle<> waiter_;
};

}  // namespace

TEST_CASE("an awaitable of others does not lose a binding, and does not take one along") {
  std::string seen;
  heddle::Run([&](heddle::World& world) {
    auto bell = std::make_shared<Bell>();
    world.Spawn([](std::shared_ptr<Bell> its_bell, std::string& name) -> Task<> {
      const auto bound = tenant.Bind("acme");
      co_await its_bell->Wait();
      name = tenant.Get();
    }(bell, seen));
    world.Spawn([](std::shared_ptr<Bell> its_bell) -> Task<> {
      const auto bound = tenant.Bind("who rings");
      its_bell->Ring();
      CHECK(tenant.Get() == "who rings");
      co_await heddle::Yield();
      CHECK(tenant.Get() == "who rings");
    }(bell));
  });
  CHECK(seen == "acme");
}

TEST_CASE("a generator sees what is bound where its next value is asked for") {
  const auto tenants = []() -> heddle::Generator<std::string> {
    for (;;) {
      {
        const auto own = level.Bind(1);
        co_await heddle::Yield();
      }
      co_yield tenant.Get();
    }
  };
  heddle::Run([&]() -> Task<> {
    auto names = tenants();
    std::optional<std::string> name = co_await names.Next();
    CHECK(name == "nobody");
    const auto bound = tenant.Bind("acme");
    name = co_await names.Next();
    CHECK(name == "acme");
    CHECK(level.Get() == 0);
  });
}

TEST_CASE("to yield a value inside of a scope is a mistake that ends the run") {
  const auto numbers = []() -> heddle::Generator<int> {
    const auto own = level.Bind(1);
    co_yield 1;
    co_yield 2;
  };
  const heddle::RunResult run = heddle::Run([&]() -> Task<> {
    auto generator = numbers();
    co_await generator.Next();
    co_await heddle::Yield();
    co_await generator.Next();
  });
  CHECK(run.ending == heddle::Ending::kThrew);
  CHECK(run.message ==
        "heddle: a Generator yielded while a TaskLocal was bound in it. The binding would hold for "
        "whoever asked for the value, too. End its scope before the co_yield.");
}

TEST_CASE("scopes that end in another order are a mistake that ends the run") {
  struct Holder {
    heddle::internal::BindingScope scope;
  };
  const heddle::RunResult run = heddle::Run([]() -> Task<> {
    std::unique_ptr<Holder> first(new Holder{tenant.Bind("first")});
    const auto second = tenant.Bind("second");
    first.reset();
    co_return;
  });
  CHECK(run.ending == heddle::Ending::kThrew);
  CHECK(run.message ==
        "heddle: the bindings of a TaskLocal did not end in the reverse order of their beginning. "
        "Likely cause: what Bind() gave is a member of an object. Keep it in a local variable.");
}

TEST_CASE("to bind outside a run is a mistake, and nothing is bound") {
  CHECK_THROWS_WITH(tenant.Bind("acme"),
                    "heddle: a TaskLocal was bound outside a run. Bind it in a task; a value that "
                    "holds for all of them is the TaskLocal's default.");
  CHECK(tenant.Get() == "nobody");
}

TEST_CASE("a run inside of a step does not see the bindings around it") {
  heddle::Run([]() -> Task<> {
    const auto bound = tenant.Bind("outer");
    heddle::Run([]() -> Task<> {
      CHECK(tenant.Get() == "nobody");
      const auto inner = tenant.Bind("inner");
      co_await heddle::Yield();
      CHECK(tenant.Get() == "inner");
    });
    CHECK(tenant.Get() == "outer");
    co_return;
  });
}

TEST_CASE("a value is destroyed when nobody can read it any more") {
  static const TaskLocal<std::shared_ptr<int>> shared;
  const auto value = std::make_shared<int>(7);
  heddle::Run([&]() -> Task<> {
    heddle::TaskGroup group;
    {
      const auto bound = shared.Bind(value);
      group.Spawn([]() -> Task<> {
        co_await heddle::SleepFor(5ms);
        CHECK(*shared.Get() == 7);
      }());
    }
    CHECK(value.use_count() == 2);  // the child's
    co_await group.Join();
    CHECK(value.use_count() == 1);
    const auto left = shared.Bind(value);
    co_await heddle::SleepFor(1ms);
    heddle::Detach([]() -> Task<> { co_await heddle::Gate().Wait(); }());
  });
  CHECK(value.use_count() == 1);  // the run was stuck with it, and is over
}

TEST_CASE("twenty thousand scopes in each other end one by one, and not within each other") {
  heddle::Run([]() -> Task<> {
    const auto descend = [](auto& self, int depth) -> Task<> {
      const auto bound = level.Bind(depth);
      if (depth == 0) {
        heddle::Detach([]() -> Task<> { co_await heddle::Yield(); }());
        co_return;
      }
      co_await self(self, depth - 1);
    };
    co_await descend(descend, 20'000);
  });
  CHECK(level.Get() == 0);
}

namespace {

// A tree of tasks, and what each node reads: a node may bind, calls or spawns its children, and
// waits in between. What it must read follows from the path to it.
struct Node {
  int binds = 0;  // 0: nothing
  bool spawned = false;
  int yields = 0;
  std::vector<Node> children;
};

rc::Gen<Node> Nodes(int depth) {
  return rc::gen::exec([depth] {
    Node node;
    node.binds = *rc::gen::inRange(0, 4);
    node.spawned = *rc::gen::arbitrary<bool>();
    node.yields = *rc::gen::inRange(0, 3);
    const int children = depth == 0 ? 0 : *rc::gen::inRange(0, 3);
    for (int i = 0; i < children; ++i) node.children.push_back(*Nodes(depth - 1));
    return node;
  });
}

struct Tally {
  int read = 0;
  int wrong = 0;
};

void Expect(Tally& tally, int value) {
  ++tally.read;
  if (level.Get() != value) ++tally.wrong;
}

Task<> Walk(const Node& node, int inherited, Tally& tally);

Task<> WalkBelow(const Node& node, int value, heddle::TaskGroup& group, Tally& tally) {
  for (const Node& child : node.children) {
    if (child.spawned) {
      group.Spawn(Walk(child, value, tally));
    } else {
      co_await Walk(child, value, tally);
    }
    Expect(tally, value);
  }
  for (int i = 0; i < node.yields; ++i) {
    co_await heddle::Yield();
    Expect(tally, value);
  }
}

Task<> Walk(const Node& node, int inherited, Tally& tally) {
  Expect(tally, inherited);
  heddle::TaskGroup group;
  if (node.binds == 0) {
    co_await WalkBelow(node, inherited, group, tally);
  } else {
    const auto scope = level.Bind(node.binds);
    co_await WalkBelow(node, node.binds, group, tally);
  }
  Expect(tally, inherited);
  co_await group.Join();
  Expect(tally, inherited);
}

}  // namespace

TEST_CASE("law: in every schedule, every task of a tree reads the binding nearest above it") {
  CheckLaw([] {
    const Node root = *Nodes(3);
    heddle::UrwChooser chooser(*rc::gen::arbitrary<std::uint32_t>());
    Tally tally;
    const heddle::RunResult run =
        heddle::Run([&]() -> Task<> { co_await Walk(root, 0, tally); }, {.chooser = &chooser});
    RC_ASSERT(run.ending == heddle::Ending::kFinished);
    RC_ASSERT(tally.read > 0);
    RC_ASSERT(tally.wrong == 0);
  });
}
