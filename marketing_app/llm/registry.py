"""The module-level model: one per process, loaded in the background, its state open to whoever asks."""

from enum import StrEnum
from pathlib import Path
from threading import Event, Lock, Thread

import structlog

from .engine import Engine, EngineError
from .local import LocalEngine, default_model_path

log = structlog.get_logger()


class State(StrEnum):
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


class ModelNotReady(EngineError):
    """The model is still loading."""

    def __init__(self, state: State) -> None:
        super().__init__(f"the model is {state.value}")
        self.state = state


class Registry:
    """Holds the process's model and knows how its loading went."""

    def __init__(self) -> None:
        self.state = State.LOADING
        self.reason: EngineError | None = None
        self._engine: Engine | None = None
        self._lock = Lock()
        self._thread: Thread | None = None
        self._settled = Event()

    @property
    def model_name(self) -> str:
        return self._engine.model_name if self._engine else ""

    def start(self, path: Path | None, context_size: int, threads: int | None) -> None:
        """Begin to load, once; later calls change nothing. Without a path the packaged model is loaded."""
        with self._lock:
            if self._thread is None:
                arguments = (path, context_size, threads)
                self._thread = Thread(target=self._load, args=arguments, name="model-loading", daemon=True)
                self._thread.start()

    def engine(self) -> Engine:
        """The loaded model. Raises ModelNotReady while it loads, or the error with which loading failed."""
        if self._engine is not None:
            return self._engine
        raise self.reason or ModelNotReady(self.state)

    def wait(self, timeout: float) -> bool:
        """Wait until loading ended, at most `timeout` seconds; whether the model is ready."""
        self._settled.wait(timeout)
        return self.state is State.READY

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()

    def _load(self, path: Path | None, context_size: int, threads: int | None) -> None:
        try:
            self._engine = LocalEngine(path or default_model_path(), context_size, threads)
            self.state = State.READY
            log.info("model_ready", model=self._engine.model_name)
        except EngineError as error:
            self._fail(error)
        except Exception as error:
            log.exception("model_failed")
            self._fail(EngineError(type(error).__name__))
        finally:
            self._settled.set()

    def _fail(self, error: EngineError) -> None:
        self.reason = error
        self.state = State.FAILED
        log.error("model_failed", reason=str(error))


model = Registry()
