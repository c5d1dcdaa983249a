"""What the documents tell people to run."""

from pathlib import Path
from sys import executable

import pytest

from tests.documentation.shallow_model import write_shallow_model
from tests.llm.published import published_model


@pytest.fixture(scope="session")
def shallow_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "shallow.gguf"
    write_shallow_model(published_model(), path)
    return path


LLAMA_SERVER = f"""#!{executable}
from argparse import ArgumentParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer()

    def answer(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{{"content": "Text."}}')

parser = ArgumentParser()
parser.add_argument("--port", type=int)
port = parser.parse_known_args()[0].port
ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


@pytest.fixture(scope="session")
def llama_server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stands for llama.cpp's server, which no package brings: it answers as that one does, without a model."""
    path = tmp_path_factory.mktemp("llama") / "llama-server"
    path.write_text(LLAMA_SERVER)
    path.chmod(0o755)
    return path
