"""The module-level model: one per process, loaded in the background, its state open to whoever asks."""

from collections.abc import Callable
from enum import StrEnum
from threading import Event, Lock, Thread

import structlog

from .engine import Engine, EngineError

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
        self._loading = State.LOADING
        self._loading_error: EngineError | None = None
        self._engine: Engine | None = None
        self._lock = Lock()
        self._thread: Thread | None = None
        self._settled = Event()

    def start(self, load: Callable[[], Engine]) -> None:
        """Begin to load, once; later calls change nothing."""
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._load, args=(load,), name="model-loading", daemon=True)
                self._thread.start()

    @property
    def state(self) -> State:
        return State.FAILED if self.reason else self._loading

    @property
    def reason(self) -> EngineError | None:
        """Why the model could not be loaded, or writes no more; None while all is well."""
        return self._engine.failure if self._engine is not None else self._loading_error

    def engine(self) -> Engine:
        """The loaded model. Raises ModelNotReady while it loads, or the error with which loading or writing ended."""
        reason = self.reason
        if self._engine is None or reason is not None:
            raise reason or ModelNotReady(State.LOADING)
        return self._engine

    def wait(self, timeout: float) -> bool:
        """Wait until loading ended, at most `timeout` seconds; whether the model is ready."""
        self._settled.wait(timeout)
        return self.state is State.READY

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()

    def _load(self, load: Callable[[], Engine]) -> None:
        try:
            self._engine = load()
            self._loading = State.READY
            log.info("model_ready", model=self._engine.card.name)
        except EngineError as error:
            self._fail(error)
        except Exception as error:
            log.exception("model_failed")
            self._fail(EngineError(type(error).__name__))
        finally:
            self._settled.set()

    def _fail(self, error: EngineError) -> None:
        self._loading_error = error
        log.error("model_failed", reason=str(error))


model = Registry()
