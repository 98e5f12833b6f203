#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run.sh WAY SOURCE_DIR BUILD_DIR WORK_DIR
#   Builds tests/consumer/project against heddle and runs it. WAY is how the project gets
#   heddle: package (an install tree made from BUILD_DIR), subdirectory or fetchcontent
#   (the checkout, SOURCE_DIR). Everything is written below WORK_DIR.
set -euo pipefail

way=$1 source_dir=$2 build_dir=$3 work_dir=$4

fail() {
  echo "consumer ($way): $*" >&2
  exit 1
}

# NAME of the cache of BUILD_DIR.
cached() {
  sed -n "s/^$1:[A-Z]*=//p" "$build_dir/CMakeCache.txt"
}

rm -rf "$work_dir"
mkdir -p "$work_dir"
heddle_dir=$source_dir
if [[ $way == package ]]; then
  heddle_dir=$work_dir/install
  cmake --install "$build_dir" --prefix "$heddle_dir" >"$work_dir/install.log"
fi

# What is tested is that it builds, so it is built as fast as can be, by the compiler that built
# heddle.
cmake -S "$source_dir/tests/consumer/project" -B "$work_dir/build" -G Ninja \
  -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DCMAKE_UNITY_BUILD=ON \
  -DCMAKE_CXX_COMPILER="$(cached CMAKE_CXX_COMPILER)" \
  -DCMAKE_CXX_COMPILER_LAUNCHER="$(cached HEDDLE_CCACHE | grep -v NOTFOUND || true)" \
  -DHEDDLE_WAY="$way" -DHEDDLE_DIR="$heddle_dir"
cmake --build "$work_dir/build"

for tracing in 1 0; do
  got=$("$work_dir/build/app_tracing_$tracing") || fail "app_tracing_$tracing failed: $got"
  [[ $got == "finished 42" ]] ||
    fail "app_tracing_$tracing printed '$got' in place of 'finished 42'"
done

if [[ -x $work_dir/build/app_guard ]]; then
  got=$("$work_dir/build/app_guard") || fail "app_guard failed: $got"
  [[ $got == "finished 60" ]] || fail "app_guard printed '$got' in place of 'finished 60'"
fi

if [[ $way == package ]]; then
  "$heddle_dir/bin/heddle" --help >/dev/null || fail "the installed heddle command does not run"
elif [[ -n $(find "$work_dir/build" -name 'heddle_test_support*') ]]; then
  fail "heddle's own tests are part of the consumer's build"
fi
echo "consumer ($way): ok"
