#!/bin/sh
# Makes {{name}}.wasm.
set -eu
cd "$(dirname "$0")"
cargo build --profile guest --target wasm32-wasip2
cp "${CARGO_TARGET_DIR:-target}/wasm32-wasip2/guest/connector.wasm" {{name}}.wasm
