// SPDX-License-Identifier: MIT
//
// How large a coroutine's frame is. No language feature tells; what the frame asks of
// operator new does, so this program has an operator new that remembers.
#ifndef HEDDLE_BENCH_FRAME_BYTES_H_
#define HEDDLE_BENCH_FRAME_BYTES_H_

#include <cstddef>

namespace heddle::bench {

// The size that operator new was last asked for; 0 when nothing was allocated since.
std::size_t LastAllocationBytes();
void ForgetLastAllocation();

// The frame of the same coroutine (call_tree.h) with HEDDLE_TRACING=0 and written by hand.
struct FrameBytes {
  std::size_t heddle;
  std::size_t floor;
};
FrameBytes OffFrameBytes();

}  // namespace heddle::bench

#endif  // HEDDLE_BENCH_FRAME_BYTES_H_
