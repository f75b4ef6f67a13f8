#!/bin/sh
# Builds {{name}}.wasm. README.md tells how to get the compiler; `lockgate` is in the PATH. `./build.sh test` runs the tests natively.
set -eu
cd "$(dirname "$0")"
# Where the library is: as the environment says, beside this file, or as `lockgate new` found it on this machine.
SDK="${LOCKGATE_C_SDK:-}"
[ -n "$SDK" ] || SDK="$(cat sdk-folder 2>/dev/null || echo sdk)"
ZIG="${ZIG:-toolchain/bin/python -m ziglang}"

if [ "${1:-}" = test ]; then
  $ZIG cc -std=c11 -g -Wall -Wextra -I"$SDK/include" "$SDK/src/lockgate.c" "$SDK/test/lockgate_test.c" ./*.c -o connector-tests
  exec ./connector-tests
fi
$ZIG cc @"$SDK/flags" -I"$SDK/include" "$SDK"/src/*.c connector.c -ffile-prefix-map="$PWD/=" -o core.wasm
lockgate component new core.wasm -o {{name}}.wasm
