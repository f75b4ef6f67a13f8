#!/bin/sh
# Builds {{name}}.wasm. README.md tells how to get the compiler; `lockgate` is in the PATH.
set -eu
cd "$(dirname "$0")"
SDK="${LOCKGATE_C_SDK:-{{sdk}}}"
ZIG="${ZIG:-toolchain/bin/python -m ziglang}"

$ZIG cc @"$SDK/flags" -I"$SDK/include" "$SDK"/src/*.c ./*.c -ffile-prefix-map="$PWD/=" -o core.wasm
lockgate component new core.wasm -o {{name}}.wasm
