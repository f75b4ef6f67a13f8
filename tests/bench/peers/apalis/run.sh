#!/usr/bin/env bash
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$HERE/../shared/peer.sh"

export CARGO_TARGET_DIR=$WORK/cargo
APALIS_VERSION=$(sed -n 's/^apalis-sqlite = "=\(.*\)"/\1/p' "$HERE/Cargo.toml")
export APALIS_VERSION
notice "building apalis-sqlite $APALIS_VERSION (the first time takes minutes)"
(cd "$HERE" && nice -n 10 cargo build --quiet --locked --release >&2) || absent "cargo could not build it"

rm -rf "$WORK/data"
mkdir "$WORK/data"
trap 'rm -rf "$WORK/data"' EXIT
"$CARGO_TARGET_DIR/release/lockgate-peer-apalis" "$WORK/data" "$TASKS"
