#!/usr/bin/env bash
# Installs what the tests or the checks need and this machine lacks. Does nothing, at once, when
# everything is there.
#
#   bash scripts/setup.sh test    a C compiler (for go test -race), make, a Chromium, PostgreSQL,
#                                 pgbouncer, nginx, Redis, node and npm, the packages in tools/js
#   bash scripts/setup.sh lint    make, shellcheck, node and npm, the packages in tools/js
#
# Debian and Ubuntu are served through apt-get, with sudo when not root. Elsewhere it says what
# is missing.
set -euo pipefail

readonly NODE_MIN=18
readonly JS=tools/js # checkers of the browser's scripts, and what their tests load

# Where a browser may hide, by name; the browser tests look for the same ones.
readonly BROWSERS=(
  chromium chromium-browser google-chrome google-chrome-stable headless-shell headless_shell
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
)

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$@"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# A compiler without the C library's headers is of no use to cgo, so ask for both.
have_cc() { have gcc && echo '#include <stdlib.h>' | gcc -E -xc - >/dev/null 2>&1; }

# Ubuntu's chromium-browser is a stub that only asks for the snap: the browser has to answer.
have_browser() {
  local name
  for name in "${BROWSERS[@]}"; do
    if have "$name" && "$name" --version >/dev/null 2>&1; then return 0; fi
  done
  return 1
}

# The tests start servers of their own, from the packages' folders.
have_postgres() { have postgres || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }
have_pgbouncer() { have pgbouncer || [ -x /usr/sbin/pgbouncer ]; }
have_nginx() { have nginx || [ -x /usr/sbin/nginx ]; }
have_redis() { have redis-server; }

have_node() {
  have node && have npm && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge "$NODE_MIN" ]
}

need_go() {
  have go || die "Go is missing: install it from https://go.dev/dl/ and put it in PATH."
}

# missing_packages prints the Debian packages that a purpose still lacks.
missing_packages() {
  have make || echo make
  case $1 in
    test)
      have_cc || printf '%s\n' gcc libc6-dev
      have_pgbouncer || echo pgbouncer
      have ps || echo procps
      have_node || printf '%s\n' nodejs npm
      ;;
    lint)
      have shellcheck || echo shellcheck
      have_node || printf '%s\n' nodejs npm
      ;;
  esac
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    die "this needs root, and there is no sudo. As root, run: $*"
  fi
}

# can_apt explains itself where there is no apt-get to ask.
can_apt() {
  have apt-get || die "missing: $*. There is no apt-get here: install them by this system's own means, then try again."
}

refreshed=false
apt_refresh() {
  if ! $refreshed; then
    as_root apt-get update -q >&2 || die "apt-get update failed: look at the network and at /etc/apt/sources.list."
    refreshed=true
  fi
}

apt_install() {
  can_apt "$@"
  say "installing with apt-get: $*"
  apt_refresh
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >&2 ||
    die "apt-get could not install: $*. Install them by hand, then try again."
}

# install_postgres keeps Debian's packages from making a server of the machine's own, which nobody
# asked for: the tests need the programs alone.
install_postgres() {
  local conf=/etc/postgresql-common/createcluster.conf
  apt_install postgresql-common
  if ! grep -qs '^create_main_cluster' "$conf"; then
    echo 'create_main_cluster = false' | as_root tee -a "$conf" >/dev/null
  fi
  apt_install postgresql
}

# install_idle keeps Debian's packages from serving anything on this machine: the tests start their
# programs themselves, in folders of their own.
install_idle() {
  local package=$1 policy=/usr/sbin/policy-rc.d
  can_apt "$package"
  if [ -e "$policy" ]; then
    apt_install "$package"
  else
    (
      trap 'as_root rm -f "$policy"' EXIT
      printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
      as_root chmod 755 "$policy"
      apt_install "$package"
    )
  fi
  if [ -d /run/systemd/system ]; then as_root systemctl disable --quiet "$package.service"; fi
}

# js_packages is npm ci, only when the lock changed since the last one.
js_packages() {
  [ "$JS/node_modules/.package-lock.json" -nt "$JS/package-lock.json" ] && return
  npm --prefix "$JS" ci --no-audit --no-fund >&2 || die "npm ci in $JS failed: look at the network and at npm's registry setting."
}

# apt_offers reports whether the archive holds a real package of this name, not a way to a snap.
apt_offers() {
  local candidate
  candidate=$(LC_ALL=C apt-cache policy "$1" | awk '/Candidate:/ { print $2 }')
  case $candidate in
    '' | '(none)' | *snap*) return 1 ;;
  esac
}

install_chrome_deb() {
  local dir
  dir=$(mktemp -d)
  chmod 755 "$dir" # apt reads local files as its own user
  say "this Ubuntu has Chromium only as a snap, and no snaps: installing Google Chrome from dl.google.com"
  have curl || apt_install ca-certificates curl
  curl -fsSL --retry 3 -o "$dir/chrome.deb" \
    https://dl.google.com/linux/direct/google-chrome-stable_current_amd64.deb ||
    die "could not fetch Google Chrome: install a Chromium or Chrome by hand, then try again."
  apt_install "$dir/chrome.deb"
  rm -rf "$dir"
}

install_browser() {
  can_apt "Chromium or Google Chrome"
  apt_refresh
  if apt_offers chromium; then
    apt_install chromium
  elif have snap && snap list >/dev/null 2>&1; then
    say "installing with snap: chromium"
    as_root snap install chromium >&2
  elif [ "$(dpkg --print-architecture)" = amd64 ]; then
    install_chrome_deb
  fi
  have_browser || die "no working Chromium or Chrome: install one (its command must answer --version), then try again."
}

main() {
  cd "$(dirname "${BASH_SOURCE[0]}")/.."
  local purpose=${1:-} missing
  case $purpose in
    test | lint) ;;
    *) die "usage: bash scripts/setup.sh test|lint" ;;
  esac
  need_go
  mapfile -t missing < <(missing_packages "$purpose")
  if [ "${#missing[@]}" -gt 0 ]; then apt_install "${missing[@]}"; fi
  have_node || die "node is older than version $NODE_MIN: install a newer one from https://nodejs.org, then try again."
  if [ "$purpose" = test ]; then
    have_postgres || install_postgres
    have_nginx || install_idle nginx
    have_redis || install_idle redis-server
    have_browser || install_browser
  fi
  js_packages
}

main "$@"
