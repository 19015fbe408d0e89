#!/usr/bin/env bash
# Builds the widget and the console into web/dist/, which cargo then builds into the binary. Idle when nothing changed.
. "$(dirname "$0")/common.sh"
cd "$(dirname "$0")/../web"

npm_install

# By content, not by time: a checkout of another branch and back touches every file and changes none.
sources=$(find . \( -name node_modules -o -name dist -o -name coverage \) -prune -o -type f -print |
    LC_ALL=C sort | tr '\n' '\0' | xargs -0 cksum | digest)
built=node_modules/.firstline-built
if [ -d dist/widget ] && [ -d dist/console ] && [ "$(cat "$built" 2>/dev/null || true)" = "$sources" ]; then
    echo "The web parts are up to date."
    exit 0
fi
rm -f "$built"
npm run build
printf '%s\n' "$sources" >"$built"
