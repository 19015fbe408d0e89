#!/usr/bin/env bash
# Everything that continuous integration checks, in the order in which mistakes are cheapest to hear about.
#
#   scripts/test.sh               all steps
#   scripts/test.sh fmt clippy    only these
cd "$(dirname "$0")/.." || exit 1
. scripts/common.sh

all_steps="tools web fmt web_tests deny clippy lexical build nextest hardship doc check floors browser emulator"

tools() { scripts/test_tools.sh; }

web() { scripts/web.sh; }

fmt() { cargo fmt --all --check; }

web_tests() {
    cd web
    npm run check
    npm test
}

# Advisories need the network and change without a commit, so they are no part of this.
deny() { cargo deny --locked --log-level error check bans licenses sources; }

clippy() { cargo clippy --locked --all-targets --features testkit -- -D warnings; }

# The binary without encoder, and without what only tests see: nothing may be dead or missing in it.
lexical() { cargo clippy --locked --no-default-features --lib --bins -- -D warnings; }

build() { cargo build --locked --features testkit --bins; }

nextest() { cargo nextest run --locked --features testkit; }

# What customers get holds no testkit, so it is killed too: a build for release, by the test that the step before has compiled.
hardship() {
    cargo build --release --locked
    FIRSTLINE_BINARY="$CARGO_TARGET_DIR/release/firstline" FIRSTLINE_KILLS="${FIRSTLINE_KILLS:-40}" \
        cargo nextest run --locked --features testkit --test all --no-capture hundreds_of_kills
}

doc() { cargo test --doc --locked --features testkit --quiet; }

# The shipped knowledge base is without findings.
check() { "$FIRSTLINE_BIN" check; }

# The figures of answering do not fall below what was reached.
floors() { scripts/floors.sh; }

browser() {
    CHROMIUM=$(find_chromium)
    export CHROMIUM
    if [ -z "$CHROMIUM" ]; then
        echo "No Chromium here; set CHROMIUM to a browser, or run scripts/test_tools.sh to install one." >&2
        [ "$(uname)" = Darwin ]
        return
    fi
    cd tests/browser
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm_install
    npx --no-install playwright test
}

# Telegram's protocol as others understand it.
emulator() {
    cd tests/emulator
    npm_install
    node --test
}

title_of() {
    case $1 in
    tools) echo "Tools that tests need" ;;
    web) echo "Web parts: build" ;;
    fmt) echo "Format" ;;
    web_tests) echo "Web parts: types and unit tests" ;;
    deny) echo "Licences and sources of dependencies" ;;
    clippy) echo "Clippy, everything" ;;
    lexical) echo "Clippy, the release binary without encoder" ;;
    build) echo "Build for tests" ;;
    nextest) echo "Tests" ;;
    hardship) echo "kill -9 under load, the release binary" ;;
    doc) echo "Examples in the documentation" ;;
    check) echo "firstline check on the shipped knowledge base" ;;
    floors) echo "Quality floors" ;;
    browser) echo "Tests in a browser" ;;
    emulator) echo "Telegram against an emulator by others" ;;
    esac
}

scripts/check_tools.sh
steps="${*:-$all_steps}"
for name in $steps; do
    if [ -z "$(title_of "$name")" ]; then
        echo "No step is called $name. There are: $all_steps" >&2
        exit 2
    fi
done
case " $steps " in
*" clippy "* | *" build "* | *" nextest "* | *" hardship "* | *" doc "*)
    use_libtorch
    claim_target
    scripts/fetch_model.py --check-shipped
    ;;
esac
export FIRSTLINE_BIN="${FIRSTLINE_BIN:-$CARGO_TARGET_DIR/debug/firstline}"

for name in $steps; do
    step "$(title_of "$name")" "$name"
done
printf '\nAll steps passed in %s.\n' "$(duration "$SECONDS")"
