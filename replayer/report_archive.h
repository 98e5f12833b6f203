// SPDX-License-Identifier: MIT
//
// How cereal writes what both a report and a worker's message hold.
#ifndef HEDDLE_REPLAYER_REPORT_ARCHIVE_H_
#define HEDDLE_REPLAYER_REPORT_ARCHIVE_H_

#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

#include "heddle/internal/exploration_report.h"
#include "heddle/orders.h"

namespace heddle {

// Found by name look-up, so it lives where its type does.
template <class Archive>
void serialize(Archive& archive, OrderSeen& order) {
  archive(order.object, order.a, order.b, order.a_first, order.b_first, order.either);
}

}  // namespace heddle

namespace heddle::internal {

template <class Archive>
void serialize(Archive& archive, BlockResult& result) {
  archive(result.end, result.schedules, result.interleavings, result.missed_of_depth_2);
}

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_REPORT_ARCHIVE_H_
