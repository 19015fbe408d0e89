#!/usr/bin/env bash
# Quality floors: the shipped cases through the shipped articles may not fall below tests/cases/floors.json.
cd "$(dirname "$0")/.." || exit 1
. scripts/common.sh
binary="${FIRSTLINE_BIN:-$CARGO_TARGET_DIR/debug/firstline}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cases=()
for language in en zh-Hans zh-Hant ru; do cases+=(--cases "tests/cases/$language.jsonl"); done
# A data folder of its own: no cache can hide a change.
"$binary" eval "${cases[@]}" --data "$work/with" --json >"$work/with.json"
"$binary" eval "${cases[@]}" --data "$work/without" --model none --json >"$work/without.json"
python3 scripts/floors.py tests/cases/floors.json "$work/with.json" "$work/without.json"
