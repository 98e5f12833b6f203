// SPDX-License-Identifier: MIT
//
// What a worker process sends of a block, as bytes in a pipe. A worker that is killed leaves half a
// frame, which is never taken for a block.
#ifndef HEDDLE_REPLAYER_BLOCK_MESSAGE_H_
#define HEDDLE_REPLAYER_BLOCK_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "block_runner.h"

namespace heddle::internal {

struct BlockMessage {
  std::uint64_t block = 0;
  BlockResult result;
  std::vector<std::uint64_t> classes;  // of the schedules that passed, in their order
  std::vector<OrderSeen> orders;
};

//   frame   size (8 bytes)   digest (8 bytes)   what cereal makes of it
std::string Encode(const BlockMessage& message);

// Puts together what comes out of a pipe piece by piece.
class BlockMessageReader {
 public:
  void Append(std::string_view bytes) { bytes_.append(bytes); }
  // The next message that is there in full and intact. Nothing follows one that is not.
  std::optional<BlockMessage> Next();

 private:
  std::string bytes_;
  std::size_t at_ = 0;
  bool damaged_ = false;
};

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_BLOCK_MESSAGE_H_
