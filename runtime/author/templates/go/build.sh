#!/bin/sh
# Makes build/{{name}}.wasm. What Go keeps goes where GOPATH and GOCACHE say.
set -e
cd "$(dirname "$0")"
mkdir -p build
GOOS=wasip1 GOARCH=wasm go build -trimpath -buildmode=c-shared -ldflags="-w -checklinkname=0" -o build/core.wasm .
lockgate component new build/core.wasm -o build/{{name}}.wasm --manifest manifest.toml
