#!/usr/bin/env bash
# Pictures each state of the pages, in both themes and languages, narrow, wide and on a 4K screen.
#
#   bash scripts/screenshots.sh FOLDER            everything, into a folder
#   bash scripts/screenshots.sh FOLDER /details   only what matches, as go test -run has it
#   bash scripts/screenshots.sh --docs            the pictures of the README, into docs/images
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly DOCS=docs/images

# pictures runs the test that takes them: a folder, and which.
pictures() {
  RUPTURA_REQUIRE_SERVICES=1 RUPTURA_SCREENSHOTS=$1 \
    go test -count=1 -timeout 15m -run "^TestScreenshots\$$2" ./cmd/ruptura
}

# squeeze makes a picture small enough for a repository.
squeeze() {
  if command -v pngquant >/dev/null; then pngquant --force --skip-if-larger --output "$1" 128 "$1" || true; fi
  if command -v optipng >/dev/null; then optipng -quiet -o2 "$1"; fi
}

docs() {
  local dir
  dir=$(mktemp -d)
  pictures "$dir" '/wide-(light|dark)-pt/(products|done|details|projection|together-details)$'
  mv "$dir/products-wide-light-pt.png" "$DOCS/carteira.png"
  mv "$dir/details-wide-light-pt.png" "$DOCS/detalhes.png"
  mv "$dir/projection-wide-dark-pt.png" "$DOCS/projecao.png"
  mv "$dir/together-details-wide-light-pt.png" "$DOCS/conta.png"
  rm -r "$dir"
  local picture
  for picture in carteira detalhes projecao conta; do squeeze "$DOCS/$picture.png"; done
}

bash scripts/setup.sh test
case ${1:-} in
  --docs) docs ;;
  '' | -*) echo "usage: bash scripts/screenshots.sh FOLDER [WHICH] | --docs" >&2; exit 2 ;;
  *)
    mkdir -p "$1"
    pictures "$(realpath "$1")" "${2:-}"
    ;;
esac
