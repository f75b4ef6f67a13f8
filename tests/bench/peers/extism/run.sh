#!/usr/bin/env bash
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$HERE/../shared/peer.sh"

VERSION=$(sed -n 's/^extism = { version = "=\([^"]*\)".*/\1/p' "$HERE/host/Cargo.toml")
export EXTISM_VERSION=$VERSION CARGO_TARGET_DIR=$WORK/cargo
notice "building extism $VERSION (the first time takes minutes)"
(
  cd "$HERE"
  # A core module: a component is nothing Extism can load.
  if ! rustup target list --installed | grep -qx wasm32-unknown-unknown; then rustup target add wasm32-unknown-unknown >&2; fi
  nice -n 10 cargo rustc --quiet --locked --package lockgate-peer-extism-plugin --target wasm32-unknown-unknown --profile plugin \
    -- -C link-arg=--initial-memory=1048576 -C link-arg=-zstack-size=65536 >&2
  nice -n 10 cargo build --quiet --locked --package lockgate-peer-extism --release >&2
) || absent "cargo could not build it"
"$CARGO_TARGET_DIR/release/lockgate-peer-extism" "$CARGO_TARGET_DIR/wasm32-unknown-unknown/plugin/plugin.wasm" "$TASKS"
