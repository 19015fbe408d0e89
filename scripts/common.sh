# Sourced by the other scripts: where things lie, and how a step is announced. Needs bash 3.2 (macOS) or newer.
# shellcheck shell=bash

set -euo pipefail

# Downloads, tools and build output live outside the clone: a fresh clone starts warm, and `git clean` costs nothing.
FIRSTLINE_CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/firstline"
CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$FIRSTLINE_CACHE/target}"
case $CARGO_TARGET_DIR in /*) ;; *) CARGO_TARGET_DIR="$PWD/$CARGO_TARGET_DIR" ;; esac # Some steps change folder.
export CARGO_TARGET_DIR
# Tools that tests install stand last: what the developer has already is used.
export PATH="$PATH:$FIRSTLINE_CACHE/tools/bin"

# Fetches libtorch where it is missing, and tells cargo where it is.
use_libtorch() {
    scripts/fetch_libtorch.py
    set -a
    # shellcheck disable=SC1091
    . "$FIRSTLINE_CACHE/libtorch.env"
    set +a
}

# Clones share the target folder, and cargo does not see that a debug binary or a test reads files by its clone's path.
claim_target() {
    local owner="$CARGO_TARGET_DIR/firstline-clone"
    if [ "$(cat "$owner" 2>/dev/null || true)" != "$PWD" ]; then
        mkdir -p "$CARGO_TARGET_DIR"
        touch src/lib.rs src/main.rs tests/all.rs
        printf '%s\n' "$PWD" >"$owner"
    fi
}

# step TITLE COMMAND...   announces a step, runs it, says how long it took; a failure ends the script.
step() {
    local title=$1 began=$SECONDS code=0
    shift
    printf '\n=== %s\n' "$title"
    set +e
    (
        set -e # An `if "$@"` would switch this off inside functions, and a failure half-way would pass unseen.
        "$@"
    )
    code=$?
    set -e
    if [ "$code" -ne 0 ]; then
        printf -- '--- %s: FAILED (exit %s) after %s\n' "$title" "$code" "$(duration $((SECONDS - began)))"
        exit "$code"
    fi
    printf -- '--- %s: ok, %s\n' "$title" "$(duration $((SECONDS - began)))"
}

duration() { printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); }

# digest   one checksum for what comes in on stdin; macOS and Debian name the tool differently.
digest() {
    if command -v sha256sum >/dev/null; then sha256sum | cut -d' ' -f1; else shasum -a 256 | cut -d' ' -f1; fi
}

# npm_install   installs exactly what package-lock.json of the current folder says, and only when it changed.
npm_install() {
    local want
    want=$(digest <package-lock.json)
    if [ "$(cat node_modules/.firstline-lock 2>/dev/null || true)" != "$want" ]; then
        npm ci --no-audit --no-fund
        printf '%s\n' "$want" >node_modules/.firstline-lock
    fi
}

# find_chromium   the path of a browser for the tests, or nothing
find_chromium() {
    local candidate
    for candidate in "${CHROMIUM:-}" chromium chromium-browser google-chrome \
        /Applications/Chromium.app/Contents/MacOS/Chromium \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        if [ -n "$candidate" ] && command -v "$candidate" 2>/dev/null; then
            return
        fi
    done
}
