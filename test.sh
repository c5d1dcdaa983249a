#!/usr/bin/env bash
# Sets up what is missing and runs every check. Arguments go to pytest: ./test.sh -k prompt
set -euo pipefail
cd "$(dirname "$0")"
. ./.setup.sh

RESULTS=.venv/.checks
export STUDIO_TEST_STARTER=$$  # the tests end when this script is killed

set_up() {
    install_python_packages
    install_development_packages
    install_assets
    compile_translations
    [ -d node_modules/htmx.org ] || npm_install
}

# check NAME COMMAND...: run it, keep its output, and note how long it took and whether it passed
check() {
    local name=$1 begun=$SECONDS result=passed
    shift
    "$@" >"$RESULTS/$name.log" 2>&1 || result=failed
    echo "$name $((SECONDS - begun)) $result" >>"$RESULTS/parts"
}

style() {
    .venv/bin/ruff check . && .venv/bin/ruff format --check . && no_idiom_of_htmx_2
}

no_idiom_of_htmx_2() {
    "$PYTHON" node_modules/htmx.org/dist/scripts/upgrade-check.py --no-color templates
}

# show_log NAME: the output of a check that did not pass
show_log() {
    grep -q "^$1 .* passed" "$RESULTS/parts" || { say "$1" && cat "$RESULTS/$1.log"; }
}

set_up
rm -rf "$RESULTS"
mkdir "$RESULTS"
echo "set-up $SECONDS passed" >"$RESULTS/parts"

say "Tests (a quarter of an hour; they load the real model), and beside them style (ruff, htmx) and types (mypy)"
{
    check style style
    check types .venv/bin/mypy marketing_app benchmarks
} &
begun=$SECONDS
tests=passed
"$PYTHON" -m pytest "$@" || tests=failed
echo "tests $((SECONDS - begun)) $tests" >>"$RESULTS/parts"
wait

show_log style
show_log types
say "How long each part took"
while read -r name seconds result; do
    printf '  %-8s %5d s  %s\n' "$name" "$seconds" "$result"
done <"$RESULTS/parts"
[ "$(grep -c ' passed$' "$RESULTS/parts")" = 4 ]
