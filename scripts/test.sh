#!/usr/bin/env bash
# Runs every test, with the race detector, on whatever machine has Go and git: what else is
# needed is installed first (scripts/setup.sh says what).
#
#   bash scripts/test.sh                        everything
#   bash scripts/test.sh -v ./internal/atp      these arguments for go test instead of ./...
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash scripts/setup.sh test

export CGO_ENABLED=1              # the race detector needs it
export RUPTURA_REQUIRE_SERVICES=1 # a test that finds no browser or PostgreSQL fails instead of skipping

if [ "$#" -eq 0 ]; then
  # What measures memory measures nothing under the race detector, and skips there.
  go test -timeout 10m -run '^TestMillionRowsInLittleMemory$' ./internal/importer
  set -- ./...
fi
# Tests that may run beside others (browser, processes) wait more than they work: four share two processors well.
exec go test -race -timeout 14m -parallel 4 "$@"
