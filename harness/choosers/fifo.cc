// SPDX-License-Identifier: MIT
#include "heddle/chooser.h"

namespace heddle::inline HEDDLE_VARIANT {

std::size_t FifoChooser::ChooseTask(const ReadySet& ready) { return ready.first(); }

std::uint32_t FifoChooser::ChooseValue(std::uint32_t /*alternatives*/) { return 0; }

}  // namespace heddle::inline HEDDLE_VARIANT
