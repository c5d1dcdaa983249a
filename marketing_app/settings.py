"""Every setting of the application, typed, from the environment.

The README lists them with their defaults; a test compares the two. A value that cannot be used stops the start
with its name and what was expected (`SettingsError`).
"""

import secrets
from pathlib import Path
from typing import Literal

from pydantic import (
    AnyHttpUrl,
    Field,
    PostgresDsn,
    SecretStr,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from .imports.addresses import parse_allowed

INSTANCE = Path(__file__).parent.parent / "instance"
SHORTEST_SECRET = 32


class SettingsError(Exception):
    """The environment holds values that cannot be used; the message names each of them."""


class Settings(BaseSettings):
    """What may be configured. Field names in capitals are the names of environment variables."""

    model_config = SettingsConfigDict(case_sensitive=False, extra="ignore", frozen=True)

    app_env: Literal["development", "production"] = "development"
    database_url: SecretStr | None = Field(None, description="PostgreSQL to use; without it an embedded one is started")
    secret_key: SecretStr | None = Field(None, description="signs sessions; made and kept in instance/ when not given")
    instance_path: Path = Field(INSTANCE, description="where all lives that the program writes")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    proxy_count: int = Field(0, ge=0, le=10, description="reverse proxies between a browser and the program")
    time_zone: str = Field(
        "Europe/Moscow", description="the bank's zone: its nights, its days, people without their own"
    )
    threads: int = Field(256, ge=4, le=2000, description="request threads: seven eighths of them for open streams")
    model_path: Path | None = Field(None, description="a GGUF file; without it the packaged Gemma 3 270M")
    model_vocabulary: Literal["cut", "whole"] = Field(
        "cut", description="whether the packaged model's vocabulary is cut to Russian and English"
    )
    model_context: int | None = Field(
        None, ge=512, le=2**20, description="tokens of context, shared by all texts in work; without it by the memory"
    )
    model_sequences: int | None = Field(
        None, ge=3, le=200, description="texts the model writes at a time; without it by the memory"
    )
    model_threads: int | None = Field(None, ge=1, le=512, description="processor threads for the model")
    llm_url: str | None = Field(None, description="an OpenAI-compatible server that has the model, with its /v1")
    llm_model: str | None = Field(None, description="the server's name of the model")
    llm_api_key: SecretStr | None = Field(None, description="the key that the server asks for")
    llm_api: Literal["chat", "completions"] = Field("chat", description="completions for a base model")
    llm_concurrency: int = Field(64, ge=1, le=2000, description="texts asked of the server at a time")
    hf_endpoint: str | None = Field(None, description="a mirror of the model hub, for `flask model pull`")
    hf_token: SecretStr | None = Field(None, description="a key for models whose licence is to be accepted first")
    worker: bool = Field(True, description="whether the web process works on campaigns too")
    max_upload_mb: int = Field(512, ge=1, le=4096, description="largest file, or rows of a query, in MiB")
    import_allowed_hosts: str | None = Field(None, description="databases that clients may be loaded from")
    import_max_rows: int = Field(2_000_000, ge=1, le=50_000_000, description="most rows of one source")
    import_query_seconds: int = Field(60, ge=1, le=3600, description="longest wait for a database's answer")
    bank_name: str = Field("", max_length=80, description="the bank's name, as its advertisements say it")
    sign_in_limit: str = Field("10 per 5 minutes", description="sign-in attempts for one address and account")
    secure_cookies: bool = Field(False, description="send cookies over HTTPS only")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("postgresql://", "postgresql+psycopg2://")):
            raise ValueError("expected postgresql://user:password@host:port/database")
        if value is not None and value.get_secret_value().startswith("postgresql://"):
            try:
                TypeAdapter(PostgresDsn).validate_python(value.get_secret_value())
            except ValidationError as error:
                raise ValueError("expected postgresql://user:password@host:port/database") from error
        return value

    @field_validator("llm_url", "hf_endpoint")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                TypeAdapter(AnyHttpUrl).validate_python(value)
            except ValidationError as error:
                raise ValueError("expected http(s)://host:port, with its path if it has one") from error
        return value

    @field_validator("import_allowed_hosts")
    @classmethod
    def _are_hosts(cls, value: str | None) -> str | None:
        try:
            parse_allowed(value)
        except ValueError as error:
            raise ValueError("expected hosts, host:port, networks, socket directories or *, with commas") from error
        return value

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        from babel.dates import get_timezone

        try:
            get_timezone(value)
        except LookupError as error:
            raise ValueError("expected a zone of the tz database such as 'Europe/Moscow'") from error
        return value

    @field_validator("sign_in_limit")
    @classmethod
    def _is_a_rate(cls, value: str) -> str:
        from limits import parse_many

        try:
            parse_many(value)
        except ValueError as error:
            raise ValueError("expected a rate such as '10 per 5 minutes'") from error
        return value

    @model_validator(mode="after")
    def _a_served_model_has_a_name(self) -> "Settings":
        if self.llm_url and not self.llm_model:
            raise ValueError("LLM_MODEL: LLM_URL needs the name that its server has for the model")
        return self

    @model_validator(mode="after")
    def _production_has_a_secret(self) -> "Settings":
        if self.app_env == "production":
            key = self.secret_key.get_secret_value() if self.secret_key else ""
            if len(key) < SHORTEST_SECRET:
                raise ValueError(f"SECRET_KEY: production needs a secret of at least {SHORTEST_SECRET} characters")
        return self

    @property
    def is_production(self) -> bool:
        return self.app_env == "production"


def load_settings() -> Settings:
    """Read the environment. Raises SettingsError with one line per wrong value, never with the value of a secret."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [_explain(problem["loc"], problem["msg"]) for problem in error.errors(include_input=False)]
        raise SettingsError("\n".join(lines)) from None


def session_secret(settings: Settings) -> str:
    """The key that signs sessions: the configured one, else one made on first start and kept in `instance/`."""
    if settings.secret_key:
        return settings.secret_key.get_secret_value()
    file = settings.instance_path / "secret_key"
    if not file.exists():
        settings.instance_path.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48))
    return file.read_text().strip()


def _explain(location: tuple[int | str, ...], message: str) -> str:
    name = str(location[0]).upper() + ": " if location else ""
    return f"{name}{message.removeprefix('Value error, ')}"
