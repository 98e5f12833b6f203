// SPDX-License-Identifier: MIT
#include "inventory.h"

namespace order_pipeline {
namespace {

constexpr std::int64_t kPiecesInTheMorning = 480;

}  // namespace

std::int64_t& Inventory::Pieces(const std::string& sku) {
  return pieces_.try_emplace(sku, kPiecesInTheMorning).first->second;
}

heddle::Task<bool> Inventory::Take(const OrderLine& line) {
  const heddle::MutexGuard guard = co_await mutex_.Lock();
  std::int64_t& pieces = Pieces(line.sku);
  if (pieces < line.quantity) co_return false;
  pieces -= line.quantity;
  co_return true;
}

heddle::Task<void> Inventory::PutBack(const OrderLine& line) {
  const heddle::MutexGuard guard = co_await mutex_.Lock();
  Pieces(line.sku) += line.quantity;
}

}  // namespace order_pipeline
