// SPDX-License-Identifier: MIT
#include "heddle/internal/ambient_calls.h"

namespace heddle::internal {
namespace {

constinit AmbientReader ambient_reader = nullptr;

}  // namespace

void SetAmbientReader(AmbientReader reader) { ambient_reader = reader; }

AmbientReader CurrentAmbientReader() { return ambient_reader; }

}  // namespace heddle::internal
