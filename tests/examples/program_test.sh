#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# program_test.sh ORDER_PIPELINE: what the program says with its exit code, and where.
set -euo pipefail

program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset HEDDLE_REPLAY HEDDLE_REPLAY_OUT HEDDLE_SCHEDULES HEDDLE_SEED
export HEDDLE_SHRINK=0  # the README's test does, and takes its time
failed=0

# check EXIT_CODE TEXT ARGUMENTS...: TEXT is in what it prints.
check() {
  local expected=$1 text=$2 code=0 output
  shift 2
  output=$("$program" "$@" 2>&1) || code=$?
  [[ $code -eq $expected && $output == *"$text"* ]] && return
  echo "order_pipeline $*: exit code $code, not $expected; or no '$text' in: $output"
  failed=1
}

printf '' >empty.jsonl
check 0 "1000 orders: " --fifo
check 0 "fixed variant: 0 failures in 3 schedules" --variant fixed --schedules 3
check 1 "order_pipeline: ledger out of balance for customer C-0042" --schedules 500
[[ -s heddle-failures/order-pipeline.heddle ]] || { echo "no recording"; failed=1; }
check 2 "--variant" --variant neither
check 2 "--colour" --colour
check 2 "cannot read missing.jsonl" --orders missing.jsonl
check 2 "no orders in empty.jsonl" --orders empty.jsonl
HEDDLE_REPLAY=missing.heddle check 2 "missing.heddle"
HEDDLE_REPLAY=heddle-failures/order-pipeline.heddle check 1 "reproduced"
exit "$failed"
