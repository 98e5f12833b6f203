#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run.sh BUILD_DIR: lets parsers that are not ours read what heddle exports. They come from npm,
# as package-lock.json says, and lie below BUILD_DIR. Exit code 0: all of them could.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[[ $# -eq 1 && -x $1/tools/heddle ]] || {
  echo "usage: run.sh BUILD_DIR, where heddle and heddle_interop_recordings are built" >&2
  exit 2
}
build=$(cd "$1" && pwd)
work=$build/interop
samples=$work/samples
protos=$work/node_modules/@opentelemetry/otlp-proto-exporter-base/build/protos
heddle=$build/tools/heddle

for program in node npm dot protoc; do
  command -v "$program" >/dev/null || {
    echo "run.sh: $program is not installed; on Debian:" \
      "apt-get install nodejs npm graphviz protobuf-compiler" >&2
    exit 2
  }
done

# install: the packages of the lock file, once.
install() {
  mkdir -p "$work"
  cmp -s "$here/package-lock.json" "$work/node_modules/.heddle-lock" && return
  cp "$here/package.json" "$here/package-lock.json" "$work/"
  (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  cp "$here/package-lock.json" "$work/node_modules/.heddle-lock"
}

# convert RECORDING: into all formats, beside it.
convert() {
  local recording=$1 name=${1%.heddle}
  "$heddle" export "$recording" --format chrome -o "$name.chrome.json"
  "$heddle" export "$recording" --format otlp -o "$name.otlp.json"
  "$heddle" graph "$recording" --all -o "$name.dot"
  "$heddle" graph "$recording" --all -o "$name.mmd"
  "$heddle" view "$recording" -o "$name.html" >/dev/null
}

install
rm -rf "$samples"
mkdir -p "$samples"
"$build/tests/interop/heddle_interop_recordings" "$samples"
for recording in "$samples"/*.heddle; do convert "$recording"; done
protoc -I "$protos" --include_imports --descriptor_set_out="$samples/otlp.descriptors" \
  opentelemetry/proto/collector/trace/v1/trace_service.proto

cp "$here"/*.js "$work/"
cd "$work"
HEDDLE_INTEROP_DIR=$samples node --test --test-reporter=dot ./*.test.js
