#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run.sh BUILD_DIR [SECONDS]: runs each fuzz program of BUILD_DIR for so long (default: 20), from
# corpus/ and from what earlier runs found. Exit code 0: nothing broke. What broke something
# lies in BUILD_DIR/fuzz; a program that is given that file does it again.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
seconds=${2-20}
[[ $# -ge 1 && -x $1/tests/fuzz/heddle_fuzz_recording && $seconds =~ ^[1-9][0-9]*$ ]] || {
  echo "usage: run.sh BUILD_DIR [SECONDS], with heddle_fuzz built there" >&2
  exit 2
}
programs=$(cd "$1/tests/fuzz" && pwd)
work=$(cd "$1" && pwd)/fuzz

# fuzz NAME SEED_DIRECTORY: what is found goes to the first directory that libFuzzer gets.
fuzz() {
  local name=$1 seeds=$2 log=$work/$1.log
  mkdir -p "$work/$name"
  if ! "$programs/heddle_fuzz_$name" -max_total_time="$seconds" -max_len=8192 -timeout=10 \
    -rss_limit_mb=1024 -artifact_prefix="$work/$name-" "$work/$name" "$seeds" >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    return 1
  fi
  echo "$name: $(grep -E '^Done ' "$log"), $(find "$work/$name" -type f | wc -l) inputs kept"
}

rm -rf "$work/seeds"
mkdir -p "$work/seeds"
"$programs/heddle_fuzz_seeds" "$work/seeds"
running=()
fuzz context "$here/corpus/context" & running+=("$!")
fuzz tape "$here/corpus/tape" & running+=("$!")
fuzz recording "$work/seeds" & running+=("$!")
failed=0
for program in "${running[@]}"; do
  wait "$program" || failed=1
done
exit "$failed"
