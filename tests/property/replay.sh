#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# replay.sh PROGRAM WORK_DIR
#   A property fails in one process and replays in others. PROGRAM is bank_property.
set -euo pipefail

program=$1 work_dir=$2
recording=heddle-failures/money-is-conserved-always.heddle

fail() {
  echo "replay.sh: $*" >&2
  exit 1
}
# Runs the command, which must fail; its output is in $work_dir/NAME.
fails() {
  local name=$1
  shift
  if "$@" >"$name" 2>&1; then fail "this was to fail: $*"; fi
}
has() {
  grep -qF -- "$2" "$1" || fail "$1 does not say '$2':"$'\n'"$(cat "$1")"
}

rm -rf "$work_dir"
mkdir -p "$work_dir"
cd "$work_dir"

fails found.txt "$program"
has found.txt 'heddle: property "transfers conserve money" does not hold'
has found.txt "HEDDLE_REPLAY=$recording"
[[ -s $recording ]] || fail "there is no $recording"
cp "$recording" first.heddle

# Looked for again: the same bytes.
fails found_again.txt "$program"
# Catch2 3 draws a seed of its own for each process, and prints it.
cmp <(grep -v "^Randomness seeded to" found.txt) <(grep -v "^Randomness seeded to" found_again.txt)
cmp "$recording" first.heddle

# As the report says it: the line after "Replay it:", up to "Look at it:".
replay_line=$(sed -n '/^ *Replay it:/,/^ *Look at it:/{/Look at it:/!p}' found.txt |
  sed 's/^ *Replay it: *//')
fails pasted.txt bash -c "$replay_line"
has pasted.txt 'heddle: "money is conserved, [always]": reproduced'

# Called as it was recorded, so that the bytes are the same to the last one.
HEDDLE_REPLAY=$recording HEDDLE_REPLAY_OUT=replayed.heddle fails replayed.txt "$program"
cmp replayed.heddle "$recording"

# The other test must not take this recording for its own.
HEDDLE_REPLAY=$recording fails other.txt "$program" "another test"
has other.txt 'a recording of "money is conserved, [always]", but this is'
