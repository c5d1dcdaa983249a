#!/usr/bin/env bash
# Sets up what is missing and serves Marketing Studio; README.md lists the settings.
set -euo pipefail
cd "$(dirname "$0")"
. ./.setup.sh

PORT=${PORT:-8000}
if (: <>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; then
    fail "Port $PORT is taken by another program." "Choose another one: PORT=8001 ./start.sh"
fi

install_python_packages
install_assets
compile_translations
# Of no concern here: the embedded database keeps its files in instance/.
export PYTHONWARNINGS="ignore:XDG_RUNTIME_DIR is not set"
exec "$PYTHON" -m marketing_app.serve
