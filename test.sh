#!/usr/bin/env bash
# Sets up what is missing and runs every check. Arguments go to pytest: ./test.sh -k prompt
set -euo pipefail
cd "$(dirname "$0")"
. ./.setup.sh

install_python_packages
install_development_packages
install_assets
compile_translations

say "Style (ruff)"
.venv/bin/ruff check .
.venv/bin/ruff format --check .
say "Types (mypy, up to a minute)"
.venv/bin/mypy marketing_app
if ! [ -d node_modules/htmx.org ]; then
    npm_install
fi
say "Templates hold no idiom of htmx 2"
"$PYTHON" node_modules/htmx.org/dist/scripts/upgrade-check.py --no-color templates
say "Tests (several minutes; they load the real model)"
"$PYTHON" -m pytest "$@"
