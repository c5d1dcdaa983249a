"""Servers of a model for tests: a real llama_cpp.server, and one that answers what a test wants it to."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.llm.published import published_model

STARTING_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LlamaServer:
    """`python -m llama_cpp.server` with the packaged model; `options` are its own: n_ctx=512."""

    def __init__(self, log: Path, port: int | None = None, **options: Any) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}/v1"
        # Otherwise each waiting text would end the one in work, and every prompt token would cost scores of all words.
        options = {"logits_all": False, "interrupt_requests": False, "n_ctx": 512, "n_threads": 1, **options}
        self._arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        self._key = options.get("api_key", "")
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        self.begin()
        self.wait()
        return self

    def begin(self) -> None:
        model = ["--model", str(published_model()), "--model_alias", "gemma", "--port", str(self.port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "llama_cpp.server", *model, *self._arguments], stdout=log, stderr=log
            )

    def wait(self) -> None:
        question = Request(f"{self.url}/models", headers={"Authorization": f"Bearer {self._key}"})
        for _ in range(STARTING_SECONDS * 10):
            try:
                urlopen(question, timeout=5).close()
                return
            except (URLError, ConnectionError):
                assert self._process is not None and self._process.poll() is None, self._log.read_text()[-2000:]
                time.sleep(0.1)
        raise TimeoutError(self._log.read_text()[-2000:])

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait(30)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()


Answer = Callable[["Handler", dict[str, Any]], None]


class ScriptedServer:
    """An OpenAI-compatible server whose answers are given: the first to the first question, the last to all others.

    `questions` are those it got, `times` when.
    """

    def __init__(self, *answers: Answer, models: list[dict[str, Any]] | None = None, port: int = 0) -> None:
        self.answers = list(answers)
        self.models = models or []
        self.questions: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.closing = Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._http.daemon_threads = True
        self._http.script = self  # type: ignore[attr-defined]
        self.port = self._http.server_port
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def script(self) -> ScriptedServer:
        script: ScriptedServer = self.server.script  # type: ignore[attr-defined]
        return script

    def do_GET(self) -> None:
        self.say(200, {"object": "list", "data": self.script.models})

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        number = len(self.script.questions)
        self.script.questions.append(question)
        self.script.times.append(time.monotonic())
        answers = self.script.answers
        answers[min(number, len(answers) - 1)](self, question)

    def say(self, status: int, body: dict[str, Any], **headers: str) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def stream(self, parts: Iterator[dict[str, Any]]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for part in parts:
            self.wfile.write(f"data: {json.dumps(part)}\n\n".encode())
            self.wfile.flush()
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


def refusing(status: int, message: str = "no", **headers: str) -> Answer:
    """An answer with an error of vLLM's form."""
    return lambda handler, question: handler.say(
        status, {"error": {"message": message, "type": "BadRequestError", "param": None, "code": status}}, **headers
    )


def writing(*pieces: str, is_whole: bool = True) -> Answer:
    """A streamed text as vLLM sends it: pieces with the log-probability -0.5 each, the reason of its end, the usage."""

    def answer(handler: Handler, question: dict[str, Any]) -> None:
        handler.stream(_chunks(question, pieces, is_whole))

    return answer


def after(seconds: float, answer: Answer) -> Answer:
    """The answer after a while; none, and a cut connection, when the server is closed meanwhile."""

    def late(handler: Handler, question: dict[str, Any]) -> None:
        if handler.script.closing.wait(seconds):
            handler.close_connection = True
        else:
            answer(handler, question)

    return late


def silent(handler: Handler, question: dict[str, Any]) -> None:
    """No answer until the server is closed."""
    handler.script.closing.wait(30)
    handler.close_connection = True


def _chunks(question: dict[str, Any], pieces: tuple[str, ...], is_whole: bool) -> Iterator[dict[str, Any]]:
    is_chat = "messages" in question
    kind = "chat.completion.chunk" if is_chat else "text_completion"
    head = {"id": "1", "object": kind, "created": 1, "model": question["model"]}

    def choice(text: str, reason: str | None) -> dict[str, Any]:
        said = {"delta": {"content": text}} if is_chat else {"text": text}
        told = {"content": [{"token": text, "logprob": -0.5}]} if is_chat else {"token_logprobs": [-0.5]}
        logprobs = told if question.get("logprobs") and text else None
        return {**head, "choices": [{"index": 0, **said, "logprobs": logprobs, "finish_reason": reason}]}

    yield from (choice(piece, None) for piece in pieces)
    if is_whole:
        yield choice("", "stop")
        usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
        yield {**head, "choices": [], "usage": usage}
