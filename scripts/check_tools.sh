#!/usr/bin/env bash
# Says which tools a build needs and this machine lacks, each with the command that mends it. Silent when all are here.
set -euo pipefail
cd "$(dirname "$0")/.."

n_missing=0
missing() { # WHAT, MEND ON DEBIAN, MEND ON MACOS
    n_missing=$((n_missing + 1))
    printf 'Missing: %s\n' "$1" >&2
    if [ "$(uname)" = Darwin ]; then printf '  %s\n' "$3" >&2; else printf '  %s\n' "$2" >&2; fi
}

# at_least HAVE WANT   compares dotted versions
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$2" ]; }

rustup="curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh    (or: rustup update stable)"
rust=$(sed -n 's/^rust-version *= *"\(.*\)"/\1/p' Cargo.toml)
have_rust=$(rustc --version 2>/dev/null | cut -d' ' -f2 | cut -d- -f1 || true)
if ! command -v cargo >/dev/null || [ -z "$have_rust" ] || ! at_least "$have_rust" "$rust"; then
    missing "Rust $rust or newer (here: ${have_rust:-none})" "$rustup" "$rustup"
fi

if ! command -v c++ >/dev/null; then
    missing "a C++ compiler" "apt-get install g++" "xcode-select --install"
fi

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
    missing "Python 3.9 or newer, which fetches libtorch" "apt-get install python3 python3-pip" "brew install python"
fi

node=$(sed -n 's/.*"node": *">=\([0-9.]*\)".*/\1/p' web/package.json)
have_node=$(node --version 2>/dev/null | sed 's/^v//' || true)
if ! command -v npm >/dev/null || [ -z "$have_node" ] || ! at_least "$have_node" "$node"; then
    missing "Node.js $node or newer with npm (here: ${have_node:-none})" \
        "https://nodejs.org/en/download (Debian 12's own is too old)" "brew install node"
fi

[ "$n_missing" -eq 0 ]
