#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# crawl_live_test.sh CRAWL_LIVE HEDDLE: the crawler finds its pages in real time, and the command says
# what its tasks waited for.
set -euo pipefail

crawl=$1
heddle=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

crawled=$("$crawl")
[[ $crawled == *"http://b.test/offers"*"5 pages; snapshot: crawl.heddle" ]] ||
  { echo "other pages: $crawled"; exit 1; }
shown=$("$heddle" show crawl.heddle --all)
for text in 'a permit of Semaphore frontier' 'join Any#' 'visited {url: "http://b.test/"}'; do
  [[ $shown == *"$text"* ]] || { echo "no '$text' in: $shown"; exit 1; }
done
