#!/usr/bin/env bash
# Checks everything that can be checked without running the program, and goes on after a failure
# so that one run shows all there is. What it needs is installed first (scripts/setup.sh).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly STATIC=internal/web/static # where the browser's scripts live
readonly JS=tools/js                # the checkers of those scripts

failed=()

# step runs a named check, tells how long it took, and remembers its failure.
step() {
  local name=$1 start=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  if "$@"; then
    printf -- '-- %s: ok (%d s)\n' "$name" $((SECONDS - start))
  else
    printf -- '-- %s: FAILED (%d s)\n' "$name" $((SECONDS - start))
    failed+=("$name")
  fi
}

# The linter is built from source at the version that tools/go.mod pins, with checksums.
golangci() {
  go -C tools build -o "$PWD/bin/golangci-lint" github.com/golangci/golangci-lint/v2/cmd/golangci-lint &&
    bin/golangci-lint run ./...
}

shell_scripts() { shellcheck scripts/*.sh .ci/run; }

js_types() { "$JS/node_modules/.bin/tsc" --project "$JS/tsconfig.json"; }

js_rules() { "$JS/node_modules/.bin/eslint" --config "$JS/eslint.config.js" --max-warnings 0 "$STATIC"; }

bash scripts/setup.sh lint

step "go vet" go vet ./...
step "golangci-lint (with gofmt and goimports)" golangci
step "shellcheck" shell_scripts
step "JavaScript types (tsc)" js_types
step "JavaScript rules (eslint)" js_rules

if [ "${#failed[@]}" -gt 0 ]; then
  printf '\nfailed:\n'
  printf '  %s\n' "${failed[@]}"
  exit 1
fi
printf '\nall checks passed\n'
