#!/usr/bin/env bash
# Installs what the tests need and this machine lacks: cargo-nextest, cargo-deny, and a browser on Debian and Ubuntu.
cd "$(dirname "$0")/.." || exit 1
. scripts/common.sh

# cargo_tool NAME VERSION FLAGS...
cargo_tool() {
    local name=$1 version=$2
    shift 2
    if command -v "$name" >/dev/null; then
        return
    fi
    echo "Installing $name $version into $FIRSTLINE_CACHE/tools (once, some minutes)."
    # They are started a few times an hour: compiling them fast matters more than running them fast.
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_STRIP=symbols \
        CARGO_TARGET_DIR="$FIRSTLINE_CACHE/tools/target" \
        cargo install --quiet --locked --version "$version" --root "$FIRSTLINE_CACHE/tools" "$@" "$name"
}

cargo_tool cargo-nextest 0.9.151 --no-default-features --features default-no-update
cargo_tool cargo-deny 0.20.2
rm -rf "$FIRSTLINE_CACHE/tools/target"

if [ -z "$(find_chromium)" ]; then
    if [ "$(uname)" = Darwin ]; then
        echo "No Chromium here, so the browser tests are left out. To run them: brew install --cask chromium"
    elif ! command -v apt-get >/dev/null; then
        echo "The browser tests need Chromium; install it with this system's package manager." >&2
        exit 1
    else
        sudo=""
        [ "$(id -u)" -eq 0 ] || sudo="sudo -n"
        echo "Installing Chromium, and a font that has Chinese."
        if ! { $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null; }; then
            echo "The browser tests need Chromium: sudo apt-get install chromium fonts-noto-cjk" >&2
            exit 1
        fi
    fi
fi
