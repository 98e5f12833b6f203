// SPDX-License-Identifier: MIT
//
// What the objects are called that tasks in production wait for. An event has a pointer to it, and
// the object may be gone when somebody reads the event.
#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "heddle/internal/live_log.h"

namespace heddle::internal {
namespace {

// Beyond that an object is called by its type: names that are made up for each request would
// otherwise take ever more memory.
constexpr std::size_t kNamesMax = std::size_t{1} << 12;

class ObjectTypes {
 public:
  const LiveType* Find(std::string_view type, std::string_view name) {
    const std::lock_guard lock(mutex_);
    std::string text(type);
    if (!name.empty()) text.append(" ").append(name);
    const auto known = known_.find(text);
    if (known != known_.end()) return &known->second;
    if (known_.size() >= kNamesMax) text.resize(type.size());
    const auto [place, is_new] = known_.try_emplace(std::move(text));
    if (is_new) place->second = {.name = place->first, .object_type_size = type.size()};
    return &place->second;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, LiveType, std::less<>> known_;  // which never move
};

}  // namespace

const LiveType* LiveObjectType(std::string_view type, std::string_view name) {
  // Never destroyed: threads may outlive main().
  static ObjectTypes& types = *new ObjectTypes;
  if (!name.empty()) return types.Find(type, name);
  // Groups and joins come and go all the time: each thread knows its types.
  struct Known {
    std::string_view type;
    const LiveType* found = nullptr;
  };
  constinit thread_local std::array<Known, 32> known{};
  for (Known& each : known) {
    if (each.type.data() == type.data()) return each.found;
    if (each.found != nullptr) continue;
    each = {.type = type, .found = types.Find(type, name)};
    return each.found;
  }
  return types.Find(type, name);
}

}  // namespace heddle::internal
