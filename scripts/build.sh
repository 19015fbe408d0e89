#!/usr/bin/env bash
# Everything from a fresh clone to the release binary; quick when nothing changed. LEXICAL=1 leaves the encoder out.
cd "$(dirname "$0")/.." || exit 1
. scripts/common.sh

scripts/check_tools.sh
features=""
if [ "${LEXICAL:-}" = 1 ]; then
    features="--no-default-features"
else
    use_libtorch
    claim_target
    scripts/fetch_model.py --check-shipped
fi
scripts/web.sh
[ -d "$CARGO_TARGET_DIR/release" ] || echo "Compiling. The first time takes about 20 minutes on two cores, afterwards seconds."
# shellcheck disable=SC2086
cargo build --release --locked $features
