#!/usr/bin/env bash
# Measures which statements the tests run, each package's tests counting for every package, and
# writes coverage/index.html.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mkdir -p coverage
go test -timeout 10m -coverpkg=./... -coverprofile=coverage/all.out ./...
go tool cover -html=coverage/all.out -o coverage/index.html
go tool cover -func=coverage/all.out | tail -n 1
echo "line by line: coverage/index.html"
