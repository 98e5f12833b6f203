#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# live_service_test.sh LIVE_SERVICE HEDDLE: the program takes its snapshot, and the command reads it.
set -euo pipefail

service=$1
heddle=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

says() {
  local text=$1 output
  shift
  output=$("$@" 2>&1) || { echo "$*: exit code $?: $output"; exit 1; }
  [[ $output == *"$text"* ]] || { echo "$*: no '$text' in: $output"; exit 1; }
}

served=$("$service")
[[ $served == *"snapshot: slow.heddle"* ]] || { echo "no snapshot: $served"; exit 1; }
# Whose snapshot it is depends on how busy the machine is.
[[ $served =~ request\ ([0-9]+)\ took ]] || { echo "no slow request: $served"; exit 1; }
slow="request ${BASH_REMATCH[1]}"
says "$slow  (1 of " "$heddle" show slow.heddle --flow "$slow"
says "await Pool::DelayAwaiter  main.cc" "$heddle" show slow.heddle --flow "$slow"
says "Service::Authenticate" "$heddle" stats slow.heddle
says "resourceSpans" "$heddle" export slow.heddle --format otlp
says "no red flags" "$heddle" check slow.heddle --long-step-ms 60000  # the machine may be busy
