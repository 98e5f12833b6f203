#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# check.sh BUILD_DIR: whether the README tells the truth. A block of it that follows the line
# `<!-- block: NAME -->` has to be what this script makes for NAME: a region of readme_test.cc,
# or what a program in BUILD_DIR prints now. HEDDLE_UPDATE_GOLDEN=1 writes the blocks anew.
set -euo pipefail

[[ $# -eq 1 && -d $1 ]] || {
  echo "usage: check.sh BUILD_DIR" >&2
  exit 2
}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(cd "$1" && pwd)
readme=$root/README.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/made"
unset HEDDLE_REPLAY HEDDLE_REPLAY_OUT HEDDLE_SCHEDULES HEDDLE_SEED HEDDLE_KEPT
failed=0

die() {
  echo "readme: $*" >&2
  exit 1
}

# --- what the blocks have to be ---------------------------------------------------------------

# code NAME: the region of readme_test.cc between the lines `// [NAME` and `// NAME]`.
code() {
  sed -n "\|^// \[$1\$|,\|^// $1\]\$|p" "$here/readme_test.cc" | sed '1d;$d' >"$work/made/$1"
  [[ -s $work/made/$1 ]] || die "readme_test.cc has no region '$1'"
}

# The test that fails on purpose is run as a user would, in a folder of its own.
shop() {
  local test="no schedule charges twice" recording=heddle-failures/no-schedule-charges-twice.heddle
  cd "$work"
  ln -s "$build/tests/readme/shop_test" shop_test
  ./shop_test "~$test" >shop.log 2>&1 || { cat shop.log; die "the README's other tests fail"; }
  if ./shop_test "$test" >shop.log 2>made/failure; then
    cat shop.log
    die "the README's test '$test' does not fail"
  fi
  "$build/tools/heddle" show "$recording" >made/show
  "$build/tools/heddle" replay "$recording" --times 3 >made/replay
}

demo() {
  "$root/examples/order_pipeline/demo.sh" "$build" >"$work/made/demo" ||
    { cat "$work/made/demo"; die "the demo fails"; }
  tail -n 2 "$work/made/demo" >"$work/made/demo_end"
}

# --- what they are ----------------------------------------------------------------------------

# block NAME: the text of the README's block.
block() {
  awk -v marker="<!-- block: $1 -->" '
    $0 == marker { wanted = 1; next }
    wanted && /^```/ { if (inside) exit; inside = 1; next }
    inside { print }' "$readme"
}

# Puts the block that was made into the README.
update() {
  awk -v marker="<!-- block: $1 -->" -v made="$work/made/$1" '
    $0 == marker { wanted = 1 }
    wanted && /^```/ {
      if (inside) { wanted = inside = 0 } else {
        inside = 1
        print
        while ((getline line < made) > 0) print line
      }
    }
    !inside { print }' "$readme" >"$work/README.md"
  cat "$work/README.md" >"$readme"
}

compare() {
  grep -qx -e "<!-- block: $1 -->" "$readme" || die "README.md has no block '$1'"
  block "$1" >"$work/block"
  diff -u --label "README.md, block $1" --label "now" "$work/block" "$work/made/$1" && return
  failed=1
}

for region in use order explore property; do code "$region"; done
shop
demo
for made in "$work"/made/*; do
  name=${made##*/}
  [[ ${HEDDLE_UPDATE_GOLDEN-} != 1 ]] || update "$name"
  compare "$name"
done
for name in $(sed -n 's/^<!-- block: \(.*\) -->$/\1/p' "$readme"); do
  [[ -e $work/made/$name ]] || die "nothing makes the README's block '$name'"
done
[[ $failed -eq 0 ]] || die "the README is not what the programs do. If they are right, run
  HEDDLE_UPDATE_GOLDEN=1 tests/readme/check.sh BUILD_DIR
and review the difference"
