// SPDX-License-Identifier: MIT
//
// Display names twice: from what this compiler prints, so that every compiler that runs
// the tests must agree on the names, and from texts that g++ and clang are known to print.
#include "heddle/site.h"

#include <coroutine>
#include <map>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"
#include "support/law.h"

// As a task names itself: a defaulted source_location in get_return_object.
namespace heddle {
inline namespace traced {

template <class T>
struct Named {
  struct promise_type {  // NOLINT(readability-identifier-naming): the language's name
    Named get_return_object(std::source_location here = std::source_location::current()) {
      return {DisplayName(here.function_name())};
    }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void unhandled_exception() {}
    void return_void() {}
  };

  std::string name;
};

struct Library {
  Named<void> Borrow() { co_return; }
};

}  // namespace traced
}  // namespace heddle

namespace shop {

using heddle::Named;

Named<int> Free() { co_return; }
Named<std::map<int, std::vector<std::string>>> Parameters(std::map<int, std::string>,
                                                          int (*)(int, char)) {
  co_return;
}
auto Trailing() -> Named<int (*)(int)> { co_return; }

namespace {
Named<void> Hidden() { co_return; }
}  // namespace

template <class T, int kNumber, char kLetter>
Named<T> Generic(T) {
  co_return;
}
template <class... Types>
Named<void> Several(Types...) {
  co_return;
}
template <class T>
  requires(sizeof(T) > 1)
Named<T> Constrained(T) {
  co_return;
}
template <class T>
Named<T> ConstrainedBehind(T)
  requires(sizeof(T) > 1)
{
  co_return;
}

struct Ledger {
  virtual ~Ledger() = default;
  Named<void> Lock() { co_return; }
  Named<void> Peek() const& noexcept { co_return; }
  static Named<void> Open() { co_return; }
  virtual Named<void> Close() { co_return; }
  Named<void> operator()(int) { co_return; }
  Named<void> operator<(int) { co_return; }
  Named<void> operator>>(int) { co_return; }
  Named<void> operator->*(int) { co_return; }
  Named<void> operator[](int) { co_return; }
  explicit operator Named<int>() { co_return; }
  Named<void> InLambda() const {
    return []() -> Named<void> { co_return; }();
  }
  Named<void> InLocalClass() const {
    struct Local {
      Named<void> Go() { co_return; }
    };
    return Local().Go();
  }
  template <class T>
  struct Page {
    template <class U>
    Named<T> Turn(U) {
      co_return;
    }
  };
};

template <char kLetter>
struct Shelf {
  Named<void> Take() { co_return; }
};

constexpr auto kAtNamespaceScope = [](int) -> Named<void> { co_return; };

}  // namespace shop

namespace heddle {

TEST_CASE("a free function is called by its qualified name, without types") {
  CHECK(shop::Free().name == "shop::Free");
  CHECK(shop::Parameters({}, nullptr).name == "shop::Parameters");
  CHECK(shop::Trailing().name == "shop::Trailing");
}

TEST_CASE("anonymous namespaces and our inline namespaces are left out of a name") {
  CHECK(shop::Hidden().name == "shop::Hidden");
  CHECK(Library().Borrow().name == "heddle::Library::Borrow");
}

TEST_CASE("members keep their class, and lose what qualifies them") {
  shop::Ledger ledger;
  CHECK(ledger.Lock().name == "shop::Ledger::Lock");
  CHECK(ledger.Peek().name == "shop::Ledger::Peek");
  CHECK(shop::Ledger::Open().name == "shop::Ledger::Open");
  CHECK(ledger.Close().name == "shop::Ledger::Close");
}

TEST_CASE("templates lose their arguments and constraints") {
  CHECK(shop::Generic<int, 3, 'x'>(1).name == "shop::Generic");
  CHECK(shop::Generic<std::string, 3, '>'>("").name == "shop::Generic");
  CHECK(shop::Several(1, 2.0, "three").name == "shop::Several");
  CHECK(shop::Constrained(1).name == "shop::Constrained");
  CHECK(shop::ConstrainedBehind(1).name == "shop::ConstrainedBehind");
  CHECK(shop::Ledger::Page<std::vector<int>>().Turn(1).name == "shop::Ledger::Page::Turn");
  CHECK(shop::Shelf<'>'>().Take().name == "shop::Shelf::Take");
  CHECK(shop::Shelf<'\''>().Take().name == "shop::Shelf::Take");
}

TEST_CASE("operators are names too") {
  shop::Ledger ledger;
  CHECK(ledger(1).name == "shop::Ledger::operator()");
  CHECK((ledger < 1).name == "shop::Ledger::operator<");
  CHECK((ledger >> 1).name == "shop::Ledger::operator>>");
  CHECK((ledger->*1).name == "shop::Ledger::operator->*");
  CHECK(ledger[1].name == "shop::Ledger::operator[]");
  CHECK(static_cast<Named<int>>(ledger).name == "shop::Ledger::operator Named");
}

TEST_CASE("a lambda is called lambda, wherever it is") {
  CHECK([](int) -> Named<void> { co_return; }(1).name == "lambda");
  CHECK([](auto) -> Named<void> { co_return; }(1).name == "lambda");
  const auto nested = [] { return [](std::string) -> Named<void> { co_return; }(""); };
  CHECK(nested().name == "lambda");
  CHECK(shop::kAtNamespaceScope(1).name == "lambda");
  CHECK(shop::Ledger().InLambda().name == "lambda");
}

TEST_CASE("a class inside a function keeps its own name only") {
  struct Local {
    Named<void> Go() { co_return; }
  };
  CHECK(Local().Go().name == "Local::Go");
  CHECK(shop::Ledger().InLocalClass().name == "Local::Go");
}

TEST_CASE("g++ and clang spell one function differently, and its display name is the same") {
  struct Spelling {
    std::string_view gcc;
    std::string_view clang;
    std::string_view name;
  };
  const std::vector<Spelling> spellings = {
      {"heddle::traced::Task<Receipt> shop::Checkout(Shop&, Order)",
       "Task<Receipt> shop::Checkout(Shop &, Order)", "shop::Checkout"},
      {"heddle::untraced::Task<void> heddle::untraced::Mutex::Lock()",
       "Task<void> heddle::Mutex::Lock()", "heddle::Mutex::Lock"},
      {"traced::Task<void> traced::Mine()", "Task<void> traced::Mine()", "traced::Mine"},
      {"heddle::traced::Task<void> shop::traced::Mine()", "Task<void> shop::traced::Mine()",
       "shop::traced::Mine"},
      {"heddle::traced::Task<T> shop::{anonymous}::Twice(T) [with T = std::vector<int>]",
       "Task<T> shop::(anonymous namespace)::Twice(T) [T = std::vector<int>]", "shop::Twice"},
      {"heddle::traced::Task<U> shop::Box<T>::As(U) const && [with U = int; T = long int]",
       "Task<U> shop::Box<long>::As(U) const && [T = long, U = int]", "shop::Box::As"},
      {"heddle::traced::Task<void> shop::Wrap<F>::Go() [with F = main()::<lambda(int, char)>]",
       "Task<void> shop::Wrap<(lambda at a(b).cc:74:56)>::Go() [F = (lambda at a(b).cc:74:56)]",
       "shop::Wrap::Go"},
      {"decltype (t.F()) shop::Like(T) [with T = X; decltype (t.F()) = heddle::traced::Task<void>]",
       "<dependent type> shop::Like(T) [T = shop::X]", "shop::Like"},
      {"shop::Ledger::operator heddle::traced::Task<int>()",
       "Task<int> shop::Ledger::operator Task()", "shop::Ledger::operator Task"},
      {"heddle::traced::Task<void> shop::X::operator co_await()",
       "Task<void> shop::X::operator co_await()", "shop::X::operator co_await"},
      {"heddle::traced::Task<void> shop::Shelf<kLetter>::Take() [with char kLetter = '>']",
       "Task<void> shop::Shelf<'>'>::Take() [kLetter = '>']", "shop::Shelf::Take"},
      {"heddle::traced::Task<void> operator\"\"_task(long long unsigned int)",
       "Task<void> operator\"\"_task(unsigned long long)", "operator\"\"_task"},
      {"heddle::traced::Task<void> shop::<unnamed struct>::Run()",
       "Task<void> shop::(anonymous struct)::Run()", "shop::Run"},
      {"heddle::traced::Task<void> shop::Behind(T) requires  sizeof (T) > 2 [with T = int]",
       "Task<void> shop::Behind(T) [T = int]", "shop::Behind"},
      {"main()::<lambda(heddle::World&)>",
       "auto main()::(anonymous class)::operator()(heddle::World &) const", "lambda"},
      {"main()::<lambda(heddle::World&)>",
       "auto main()::(lambda at shop.cc:3:4)::operator()(heddle::World &) const", "lambda"},
      {"shop::X::F() const::<lambda()>", "auto shop::X::F()::(anonymous class)::operator()() const",
       "lambda"},
      {"shop::X::F<int>(int) requires  sizeof (T) > 2::<lambda()>",
       "auto shop::X::F(int)::(anonymous class)::operator()() const", "lambda"},
      {"shop::F(F()::_ZN4shop1FEv.Frame*)::<lambda(T)> mutable [with T = int]",
       "auto shop::F()::(anonymous class)::operator()(T) [T = int]", "lambda"},
      {"____C_A_T_C_H____T_E_S_T____0()::<lambda()>::<lambda(auto:12)> [with auto:12 = int]",
       "auto CATCH2_INTERNAL_TEST_0()::(anonymous class)::operator()()::(anonymous class)"
       "::operator()(auto) const [auto:1 = int]",
       "lambda"},
      {"heddle::traced::Task<void> Body()::<lambda()>::Local::Run() [with T = int]",
       "Task<void> Body()::(anonymous class)::operator()()::Local::Run()", "Local::Run"},
      {"heddle::traced::Task<void> shop::X::operator>>(int) const::Local::Run()",
       "Task<void> shop::X::operator>>(int)::Local::Run()", "Local::Run"},
  };
  for (const Spelling& spelling : spellings) {
    CHECK(DisplayName(spelling.gcc) == spelling.name);
    CHECK(DisplayName(spelling.clang) == spelling.name);
  }
}

TEST_CASE("a plain name stays as it is, and so does what is no name at all") {
  CHECK(DisplayName("Checkout") == "Checkout");
  CHECK(DisplayName("shop::Checkout") == "shop::Checkout");
  CHECK(DisplayName("") == "");
  CHECK(DisplayName("((") == "((");
  CHECK(DisplayName("lambda()") == "lambda");
}

TEST_CASE("a text of any kind has a display name, and a non-empty one has a non-empty one") {
  CheckLaw([] {
    const std::string alphabet = "ab:<>()[]{}'\"\\ &,operator~1";
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(alphabet));
    RC_ASSERT(DisplayName(text).empty() == text.empty());
  });
}

TEST_CASE("a file is called by the last part of its path") {
  CHECK(FileName("/home/me/shop/src/shop.cc") == "shop.cc");
  CHECK(FileName("C:\\shop\\shop.cc") == "shop.cc");
  CHECK(FileName("shop.cc") == "shop.cc");
  CHECK(FileName("") == "");
}

TEST_CASE("a site is a file and a line, as far as they are known") {
  CHECK(ToString(Site{.file = "/src/shop.cc", .line = 41, .function = {}}) == "shop.cc:41");
  CHECK(ToString(Site{.file = "/src/shop.cc", .line = 0, .function = {}}) == "shop.cc");
  CHECK(ToString(Site{}) == "?");
}

}  // namespace heddle
