#!/usr/bin/env bash
# Figures of the whole release server: time to ready (first and warm), questions over HTTP one at a time and by 32 callers,
# the share spent outside the encoder's forward pass, and memory before and after 10,000 questions.
#
#   make build && benches/load/run.sh            needs wrk (apt-get install wrk), curl, python3
cd "$(dirname "$0")/../.." || exit 1
. scripts/common.sh
binary="${FIRSTLINE_BIN:-$CARGO_TARGET_DIR/release/firstline}"
address=127.0.0.1:18080
work=$(mktemp -d)
server=
stop() { [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; server=; } || true; }
trap 'stop; rm -rf "$work"' EXIT

start() {
    local began
    began=$(date +%s%N)
    FIRSTLINE_LOG=warn "$binary" serve --data "$work/data" --listen "$address" &
    server=$!
    for _ in $(seq 1 1200); do
        kill -0 "$server" 2>/dev/null || { echo "the server ended" >&2; exit 1; }
        if curl --silent --fail --output /dev/null "http://$address/readyz"; then
            echo "$1 start, ready after $((($(date +%s%N) - began) / 1000000)) ms"
            return
        fi
        sleep 0.02
    done
    echo "not ready after 24 s and more" >&2
    exit 1
}

memory() { awk '/VmRSS/ { printf "%s: %.0f MiB resident\n", "'"$1"'", $2 / 1024 }' "/proc/$server/status"; }

counter() { curl --silent "http://$address/metrics" | awk -v name="$1" '$1 == name { print $2 }'; }

load() {
    echo "--- $1 callers, $2"
    wrk --threads 1 --connections "$1" --duration "$2" --timeout 10s --latency --script benches/load/ask.lua "http://$address" |
        grep -E '50%|99%|Requests/sec|Non-2xx|Socket errors' || true
}

start first
stop
start warm
memory "after start"
load 1 15s
load 32 15s
python3 benches/load/ask.py "http://$address" 10000
memory "after 10,000 more questions"
