#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# check.sh BUILD_DIR WORK_DIR: goes through docs/tutorial.md as a newcomer would, with heddle
# installed from BUILD_DIR into WORK_DIR, and fails where the page is not what happens. The line
# above a block says what it is:
#
#   <!-- file: NAME -->     a file with this content       <!-- append: NAME -->   its end
#   <!-- run -->            commands that succeed          <!-- by hand -->        not done here
#   <!-- prints -->         one command, and what it prints
#
# HEDDLE_UPDATE_GOLDEN=1 writes what is printed into the page.
set -euo pipefail

[[ $# -eq 2 && -d $1 ]] || {
  echo "usage: check.sh BUILD_DIR WORK_DIR" >&2
  exit 2
}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
page=$(cd "$here/../.." && pwd)/docs/tutorial.md
build=$(cd "$1" && pwd)
rm -rf "$2"
mkdir -p "$2/blocks" "$2/project"
work=$(cd "$2" && pwd)
failed=0

die() {
  echo "tutorial: $*" >&2
  exit 1
}

# NAME of the cache of BUILD_DIR.
cached() {
  sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"
}

# The newcomer's machine: where heddle is installed, and a terminal, to which heddle says more.
install_heddle() {
  export HOME=$work PATH=$work/heddle/bin:$PATH HEDDLE_VERBOSE=1
  unset HEDDLE_REPLAY HEDDLE_REPLAY_OUT HEDDLE_SCHEDULES HEDDLE_SEED HEDDLE_BUDGET HEDDLE_STRATEGY \
    HEDDLE_WORKERS HEDDLE_SHARD HEDDLE_STEP_TIMEOUT HEDDLE_KEPT
  CXX=$(cached CMAKE_CXX_COMPILER)
  CMAKE_CXX_COMPILER_LAUNCHER=$(cached HEDDLE_CCACHE | grep -v NOTFOUND || true)
  export CXX CMAKE_CXX_COMPILER_LAUNCHER CMAKE_GENERATOR=Ninja
  export CXXFLAGS="-Wall -Wextra -Wpedantic -Wshadow -Werror"
  cmake --install "$build" --prefix "$HOME/heddle" >"$work/install.log"
}

# Puts each block into a file of its own, blocks/NUMBER, and what it is into blocks/NUMBER.is.
split() {
  awk -v to="$work/blocks/" '
    /^<!-- .* -->$/ && !inside { is = substr($0, 6, length($0) - 9); next }
    /^```/ {
      inside = !inside
      if (inside) {
        body = to sprintf("%02d", ++number)
        printf "" >body
        print is >(body ".is")
        is = ""
      }
      next
    }
    inside { print >body }' "$page"
}

# What the command prints: all that heddle says, and of the words of Catch2, which differ between
# its generations, those that say that the test passed.
output_of() {
  case $1 in
    *./build/prices_test*)
      bash -c "$1" 2>&1 >"$work/catch.log" || true
      grep '^All tests passed' "$work/catch.log" || true
      ;;
    *) bash -c "$1" 2>&1 || true ;;
  esac
}

compare_output() {
  local block=$1 command
  command=$(sed -n '1s/^\$ //p' "$block")
  [[ -n $command ]] || die "a block that prints begins with '\$ ' and a command: $(head -n 1 "$block")"
  {
    head -n 1 "$block"
    output_of "$command"
  } >"$block.now"
  [[ ${HEDDLE_UPDATE_GOLDEN-} != 1 ]] || cp "$block.now" "$block"
  diff -u --label "tutorial.md, block ${block##*/}" --label now "$block" "$block.now" || failed=1
}

# Puts the blocks back into the page.
update_page() {
  awk -v from="$work/blocks/" '
    /^```/ {
      inside = !inside
      print
      if (inside) {
        body = from sprintf("%02d", ++number)
        while ((getline line < body) > 0) print line
      }
      next
    }
    !inside { print }' "$page" >"$work/page"
  cat "$work/page" >"$page"
}

follow() {
  local block=$1 is
  is=$(<"$block.is")
  case $is in
    "file: "*) cp "$block" "${is#file: }" ;;
    "append: "*) cat "$block" >>"${is#append: }" ;;
    run) bash -e "$block" >"$work/run.log" 2>&1 || { cat "$work/run.log"; die "these fail: $(<"$block")"; } ;;
    prints) compare_output "$block" ;;
    "by hand") ;;
    *) die "block ${block##*/} does not say what it is: $(head -n 1 "$block")" ;;
  esac
}

install_heddle
split
cd "$work/project"
for is in "$work"/blocks/*.is; do follow "${is%.is}"; done
[[ ${HEDDLE_UPDATE_GOLDEN-} != 1 ]] || update_page
[[ $failed -eq 0 ]] || die "docs/tutorial.md is not what happens. If what happens is right, run
  HEDDLE_UPDATE_GOLDEN=1 tests/tutorial/check.sh BUILD_DIR WORK_DIR
and review the difference"
