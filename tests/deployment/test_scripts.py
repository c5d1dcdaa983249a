"""What start.sh says when something is missing, how the engine is compiled, and that npm's lock file names no host."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from marketing_app.assets import AssetError, copy_assets

ROOT = Path(__file__).parent.parent.parent
BASICS = ["bash", "dirname", "cat", "cksum", "df", "awk", "ls"]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """As much of a fresh clone as the first checks of start.sh read."""
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in ("start.sh", ".setup.sh", ".engine.cmake", "requirements.txt"):
        shutil.copy(ROOT / name, clone)
    shutil.copytree(ROOT / ".requirements", clone / ".requirements")
    return clone


def programs(directory: Path, *names: str) -> str:
    """A PATH that holds nothing but these programs."""
    directory.mkdir()
    for name in names:
        found = shutil.which(name)
        assert found, name
        (directory / name).symlink_to(found)
    return str(directory)


def start(clone: Path, path: str, **settings: str) -> subprocess.CompletedProcess[str]:
    bash = shutil.which("bash") or "bash"
    environment = {"PATH": path, "PORT": str(free_port()), **settings}
    return subprocess.run([bash, "start.sh"], cwd=clone, env=environment, capture_output=True, text=True, timeout=60)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def fake(directory: str, name: str, script: str) -> None:
    program = Path(directory) / name
    program.unlink(missing_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_a_taken_port_is_named_with_the_remedy(clone: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        result = start(clone, os.environ["PATH"], PORT=port)
    assert result.returncode == 1
    assert f"Port {port} is taken" in result.stderr
    assert "PORT=" in result.stderr.splitlines()[1]
    assert not (clone / ".venv").exists()


def test_a_missing_python_is_named_with_the_remedy(clone: Path, tmp_path: Path) -> None:
    result = start(clone, programs(tmp_path / "bin", *BASICS))
    assert result.returncode == 1
    assert "Python 3.11" in result.stderr
    assert "apt-get install python3" in result.stderr


def test_a_full_disk_is_named(clone: Path, tmp_path: Path) -> None:
    path = programs(tmp_path / "bin", *BASICS)
    fake(path, "python3", "exit 0")
    fake(path, "df", "echo head; echo disk 9 9 1048576 1 /")
    result = start(clone, path)
    assert result.returncode == 1
    assert "1 GB of disk are free" in result.stderr


@pytest.mark.parametrize(("present", "missing"), [([], "build-essential"), (["c++"], "install cmake")])
def test_a_missing_compiler_is_named_with_the_remedy(
    clone: Path, tmp_path: Path, present: list[str], missing: str
) -> None:
    path = programs(tmp_path / "bin", *BASICS)
    fake(path, "python3", "exit 0")
    for name in present:
        fake(path, name, "exit 0")
    (clone / ".venv/bin").mkdir(parents=True)
    fake(str(clone / ".venv/bin"), "python", "exit 0")
    result = start(clone, path)
    assert result.returncode == 1
    assert missing in result.stderr


ASKED = "-m marketing_app.llm instance/models"
ENGINE = """echo "$@" >>"$(dirname "$0")/asked"
for last; do true; done
[ -p "$last" ] && cat "$last" >"$(dirname "$0")/wanted"
case "$*" in
*--no-cache-dir*) touch "$(dirname "$0")/{works}" ;;
*marketing_app.llm*) [ -e "$(dirname "$0")/works" ] || kill -SEGV $$ ;;
esac"""


@pytest.mark.parametrize("works", ["works", "still-not"])
def test_an_engine_that_dies_on_this_processor_is_compiled_for_it(clone: Path, works: str) -> None:
    python = clone / ".venv/bin"
    python.mkdir(parents=True)
    fake(str(python), "python", ENGINE.format(works=works))
    script = ". ./.setup.sh; install_python_packages && install_python_packages"
    result = subprocess.run(["bash", "-c", script], cwd=clone, capture_output=True, text=True, timeout=60)
    asked = (python / "asked").read_text().splitlines()
    assert sum("--no-cache-dir" in line and "--require-hashes" in line for line in asked) == 1
    assert re.fullmatch(r"llama-cpp-python==\S+ \\\n +--hash=sha256:[0-9a-f]{64}\n", (python / "wanted").read_text())
    if works == "works":
        assert (result.returncode, asked[-1]) == (0, ASKED), "the second time nothing is left to do"
        assert "Segmentation" not in result.stderr
    else:
        assert result.returncode == 1
        assert "does not run on this processor" in result.stderr and ASKED in result.stderr


COMPILING = """echo "CMAKE_ARGS: $CMAKE_ARGS"
echo '  Running command Building wheel for llama-cpp-python'
echo '  [1/3] /usr/bin/c++ -c ggml.c'
echo '  [2/3] /usr/bin/c++ -c llama.cpp'
echo 'ggml.c:1: error: no such thing' >&2
exit {code}"""


def install(clone: Path, code: int, **how: Any) -> subprocess.CompletedProcess[str]:
    """`install_and_compile` of .setup.sh with a pip that compiles two files of three."""
    python = clone / ".venv/bin"
    python.mkdir(parents=True)
    fake(str(python), "python", COMPILING.format(code=code))
    script = ". ./.setup.sh; SECONDS_A_LINE=0; install_and_compile llama-cpp-python"
    environment = {**os.environ, "CMAKE_ARGS": "-DGGML_CUDA=ON"}
    how = {"stdout": subprocess.PIPE, **how}
    return subprocess.run(
        ["bash", "-c", script], cwd=clone, env=environment, stderr=subprocess.PIPE, text=True, timeout=60, **how
    )


def test_a_log_gets_lines_that_say_how_far_the_compiling_is(clone: Path) -> None:
    result = install(clone, code=0)
    assert (result.returncode, result.stderr) == (0, "")
    steps = re.findall(r"^  (\d of 3) steps of compiling the engine are done$", result.stdout, re.MULTILINE)
    assert steps == ["1 of 3", "2 of 3"]
    assert len(result.stdout.splitlines()) == 2, "the rest of pip's output is in the log"


def read_whole(terminal: int) -> str:
    """All that was written to a terminal, which tells its end by an error."""
    shown = b""
    with suppress(OSError):
        while some := os.read(terminal, 10_000):
            shown += some
    os.close(terminal)
    return shown.decode()


def test_a_terminal_gets_one_line_that_changes(clone: Path) -> None:
    ours, theirs = os.openpty()
    result = install(clone, code=0, stdout=theirs)
    os.close(theirs)
    shown = read_whole(ours)
    assert result.returncode == 0
    assert re.fullmatch(r"\r  1 of 3 [\w ]+ done\r  2 of 3 [\w ]+ done\r?\n", shown)


def test_compiling_that_fails_shows_the_end_of_the_log_and_where_it_is(clone: Path) -> None:
    result = install(clone, code=1)
    assert result.returncode == 1
    assert result.stderr.startswith("The last lines of .venv/pip.log:\n")
    assert result.stderr.endswith("ggml.c:1: error: no such thing\n")
    assert (clone / ".venv/pip.log").read_text() in result.stderr


def test_options_of_the_user_are_kept_beside_ours(clone: Path) -> None:
    install(clone, code=0)
    (options,) = re.findall("^CMAKE_ARGS: (.*)", (clone / ".venv/pip.log").read_text())
    assert shlex.split(options) == [f"-DCMAKE_PROJECT_llama_cpp_INCLUDE={clone}/.engine.cmake", "-DGGML_CUDA=ON"]


# As much of the build of llama-cpp-python and of llama.cpp as .engine.cmake changes, written as it is there.
OUTER = """cmake_minimum_required(VERSION 3.21)
project(llama_cpp)
option(LLAVA_BUILD "" ON)
set(LLAMA_BUILD_COMMON ON CACHE BOOL "" FORCE)
add_subdirectory(vendor)
message("LLAVA_BUILD=${LLAVA_BUILD}")"""
INNER = """cmake_minimum_required(VERSION 3.14...3.28)
project("llama.cpp" C CXX)
option(LLAMA_BUILD_COMMON "" ON)
message("LLAMA_BUILD_COMMON=${LLAMA_BUILD_COMMON}")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
add_library(ggml-cpu SHARED ops.cpp)
add_library(llama SHARED llama-sampler.cpp llama-quant.cpp models/gemma3.cpp models/llama.cpp)
set_target_properties(llama PROPERTIES UNITY_BUILD ON)
set_source_files_properties(llama-sampler.cpp llama-quant.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)"""
SOURCES = ("ops.cpp", "llama-sampler.cpp", "llama-quant.cpp", "models/gemma3.cpp", "models/llama.cpp")
OF_EVERY_TOKEN = tuple(
    f"llama-{name}.cpp" for name in ("batch", "context", "graph", "kv-cache", "kv-cache-iswa", "vocab")
)


def configured(directory: Path, processor: str, without: str = "") -> tuple[str, dict[str, list[str]]]:
    """What CMake says of such a build on this processor, and the compiler's arguments for each file."""
    (directory / "vendor/models").mkdir(parents=True)
    (directory / "CMakeLists.txt").write_text(OUTER)
    (directory / "vendor/CMakeLists.txt").write_text(INNER)
    for name in {*SOURCES, *OF_EVERY_TOKEN, "unicode.cpp"} - {without}:
        (directory / "vendor" / name).touch()
    (directory / "cpuinfo").write_text(processor)
    ours = (ROOT / ".engine.cmake").read_text().replace("/proc/cpuinfo", str(directory / "cpuinfo"))
    (directory / ".engine.cmake").write_text(ours)
    command = ["cmake", "-S", ".", "-B", "build", "-DCMAKE_BUILD_TYPE=Release"]
    command.append(f"-DCMAKE_PROJECT_llama_cpp_INCLUDE={directory}/.engine.cmake")
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    entries = json.loads((directory / "build/compile_commands.json").read_text())
    return done.stderr, {Path(entry["file"]).name: shlex.split(entry["command"]) for entry in entries}


def optimization(arguments: list[str]) -> str:
    return [argument for argument in arguments if argument.startswith("-O")][-1]


def test_the_engine_is_compiled_without_what_python_does_not_load(tmp_path: Path) -> None:
    said, _ = configured(tmp_path, "flags : avx2")
    assert "LLAVA_BUILD=OFF" in said and "LLAMA_BUILD_COMMON=OFF" in said


def test_what_runs_for_every_token_is_compiled_with_full_optimization(tmp_path: Path) -> None:
    _, files = configured(tmp_path, "flags : avx2")
    assert {name: optimization(arguments) for name, arguments in files.items()} == {
        "ops.cpp": "-O3",
        "llama-sampler.cpp": "-O3",
        "llama-quant.cpp": "-O1",
        "unity_0_cxx.cxx": "-O1",
    }


def test_a_new_version_that_renames_such_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"llama-vocab\.cpp\s+is gone"):
        configured(tmp_path, "flags : avx2", without="llama-vocab.cpp")


@pytest.mark.parametrize(("flags", "left_out"), [("avx2", False), ("avx2 amx_bf16 amx_tile amx_int8", True)])
def test_code_for_the_matrix_unit_is_left_out(tmp_path: Path, flags: str, left_out: bool) -> None:
    _, files = configured(tmp_path, f"flags : {flags}")
    assert all(("-mno-amx-tile" in arguments) == left_out for arguments in files.values())


def test_the_scripts_are_valid_and_executable() -> None:
    for name in ("start.sh", "test.sh", ".ci/run", ".requirements/pin"):
        assert os.access(ROOT / name, os.X_OK), name
        subprocess.run(["bash", "-n", str(ROOT / name)], check=True)


def test_the_lock_file_names_no_registry() -> None:
    assert not re.search(r'"resolved"', (ROOT / "package-lock.json").read_text())


def test_assets_of_another_version_are_refused(tmp_path: Path) -> None:
    shutil.copy(ROOT / "package.json", tmp_path)
    with pytest.raises(AssetError, match="npm ci"):
        copy_assets(tmp_path)
