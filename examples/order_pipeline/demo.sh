#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# demo.sh BUILD_DIR: what heddle does with a workflow that fails in some schedules. Each step
# says what it does and the command that does it, to be typed in BUILD_DIR. Exit code 0: every
# step went as it should.
set -euo pipefail

[[ $# -eq 1 && -d $1 ]] || {
  echo "usage: demo.sh BUILD_DIR" >&2
  exit 2
}
cd "$1"
unset HEDDLE_REPLAY HEDDLE_REPLAY_OUT HEDDLE_SCHEDULES HEDDLE_SEED HEDDLE_KEPT

readonly pipeline=examples/order_pipeline/order_pipeline
readonly recording=heddle-failures/order-pipeline.heddle
readonly picture=order-pipeline.svg
readonly page=order-pipeline.html
readonly schedules=500
readonly replays=100

die() {
  echo "demo: $*" >&2
  exit 1
}

# step TEXT COMMAND...: announces both.
step() {
  local text=$1
  shift
  echo
  echo "== $text: $*"
}

# expect EXIT_CODE COMMAND...: runs it; its standard error goes where its output goes.
expect() {
  local expected=$1 code=0
  shift
  "$@" 2>&1 || code=$?
  [[ $code -eq $expected ]] || die "'$*' ended with exit code $code, not with $expected"
}

# announce_and_expect EXIT_CODE TEXT COMMAND...
announce_and_expect() {
  local code=$1 text=$2
  shift 2
  step "$text" "$@"
  expect "$code" "$@"
}

rm -f "$recording" "$picture" "$page"

announce_and_expect 0 "Run the orders once, first in, first out" "$pipeline" --fifo

announce_and_expect 1 "Look for a schedule that fails" "$pipeline" --schedules "$schedules"
[[ -s $recording ]] || die "no recording of the failure: $recording"

announce_and_expect 0 "Show the path of the order that failed" tools/heddle show "$recording"

announce_and_expect 0 "Draw its graph" tools/heddle graph "$recording" -o "$picture"
grep -q '<svg' "$picture" || die "$picture is not a picture"

announce_and_expect 0 "Make a page of the whole run, for a browser" tools/heddle view "$recording" -o "$page"
grep -q '"title": "order pipeline"' "$page" || die "$page does not show the run"

replay=(tools/heddle replay "$recording" --times "$replays")
fixed=("$pipeline" --variant fixed --schedules "$schedules")
step "Replay the failure, each time in a fresh process" "${replay[@]}"
step "Run the fixed variant through as many schedules" "${fixed[@]}"
echo
replayed=$(expect 0 "${replay[@]}")
passed=$(expect 0 "${fixed[@]}")
echo "$replayed"
echo "$passed"
[[ $replayed == "replayed: $replays of $replays byte-identical" ]] || die "not every replay was the same"
[[ $passed == "fixed variant: 0 failures in $schedules schedules" ]] || die "the fixed variant failed"
