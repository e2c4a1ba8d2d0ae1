#!/bin/sh
# bootstrap.sh demo|test|test-postgres|conformance|faults|random|bench|lab [argument…]: sets up what is missing on this machine, then runs it with the project's
# own Node.js. Does nothing but run it when all is there.
set -eu
cd "$(dirname "$0")/.."

say() { echo "bootstrap: $*" >&2; }
fail() {
  say "$1"
  say "$2"
  exit 1
}

install_node_modules() {
  # npm writes this file last, so that it tells both that an installation is complete and how old it is.
  installed=node_modules/.package-lock.json
  if [ -x node_modules/.bin/node ] && [ -e "$installed" ] && [ -z "$(find package-lock.json -newer "$installed")" ]; then
    return 0
  fi
  say "installing the project's Node.js packages (npm ci)…"
  npm ci --no-audit --no-fund --loglevel=error >&2 ||
    fail "npm ci failed." "Check the connection to the npm registry, then run this again."
}

install_debian_packages() {
  wanted=$(grep -v '^#' scripts/debian-packages.txt)
  missing=
  for package in $wanted; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  say "installing Debian packages:$missing"
  apt="env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300"
  log=$(mktemp)
  # shellcheck disable=SC2086
  if ! { $apt update && $apt install --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    fail "apt could not install$missing." "See apt's message above (all of it: $log); with a working mirror in /etc/apt, run this again."
  fi
  rm -f "$log"
}

[ "$(id -u)" = 0 ] || fail "this needs root: it runs containers, checkpoints processes and starts machines." "Run it as root on a test machine."
# shellcheck source=/dev/null
distribution=$(. /etc/os-release 2>/dev/null && echo "${ID:-}") || distribution=
[ "$distribution" = debian ] || fail "this machine runs '${distribution:-an unknown system}', not Debian." "Use a Debian 12 machine."

install_node_modules
install_debian_packages

command=${1:-}
[ $# -eq 0 ] || shift
node=node_modules/.bin/node
case $command in
  demo) exec "$node" demo/demo.ts "$@" ;;
  lab) exec "$node" lab/main.ts "$@" ;;
  conformance) exec "$node" conformance/main.ts "$@" ;;
  faults) exec "$node" faults/main.ts "$@" ;;
  random) exec "$node" random/main.ts "$@" ;;
  bench) exec "$node" bench/main.ts "$@" ;;
  test-postgres) exec "$node" --test --test-reporter=spec test/slow/move-postgres.ts ;;
  test)
    if [ $# -eq 0 ]; then
      node_modules/.bin/biome check . >&2 || fail "the formatter or the linter found something." "See above; \`npm run format\` mends the format."
      node_modules/.bin/tsc --noEmit >&2 || fail "the type checker found something." "See above."
      exec "$node" test/run-all.ts
    fi
    exec "$node" --test --test-concurrency=1 --test-timeout=360000 --test-reporter=spec --test-global-setup=test/global-setup.ts "$@"
    ;;
  *) fail "unknown command '$command'." "Usage: bootstrap.sh demo|test|test-postgres|conformance|faults|random|bench|lab [argument…]" ;;
esac
