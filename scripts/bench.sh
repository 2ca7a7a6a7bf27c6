#!/usr/bin/env bash
# Runs every benchmark of the project. Further arguments go to go test (-benchtime 5x, -count 3).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mapfile -t packages < <(
  git grep -l --untracked '^func Benchmark' -- '*_test.go' | xargs -r -n1 dirname | sort -u | sed 's|^|./|'
)
if [ "${#packages[@]}" -eq 0 ]; then
  echo "bench: no package has a benchmark" >&2
  exit 1
fi
exec go test -run '^$' -bench . -benchmem -timeout 30m "$@" "${packages[@]}"
