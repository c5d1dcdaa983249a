"""Settings come from the environment; a wrong one stops the start with its name."""

import re
from pathlib import Path

import pytest

from marketing_app.settings import Settings, SettingsError, load_settings, session_secret


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "ninety"),
        ("PORT", "70000"),
        ("DATABASE_URL", "mysql://somewhere"),
        ("APP_ENV", "staging"),
        ("MODEL_CONTEXT", "12"),
        ("SIGN_IN_LIMIT", "often"),
        ("HF_ENDPOINT", "hub.bank.example"),
        ("LLM_URL", "model.bank.example/v1"),
        ("LLM_API", "grpc"),
        ("LLM_CONCURRENCY", "0"),
        ("IMPORT_ALLOWED_HOSTS", "warehouse, 10.0.0.0/99"),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load_settings()


@pytest.mark.parametrize("key", ["", "change-me"])
def test_production_refuses_a_missing_or_short_secret(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("APP_ENV", "production")
    monkeypatch.setenv("SECRET_KEY", key)
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        load_settings()


def test_a_model_server_needs_the_name_of_its_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_URL", "http://model.bank.example/v1")
    with pytest.raises(SettingsError, match="LLM_MODEL"):
        load_settings()
    monkeypatch.setenv("LLM_MODEL", "T-lite-it-1.0")
    assert load_settings().llm_url == "http://model.bank.example/v1"


def test_a_wrong_database_address_does_not_show_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://user:hunter2@host/base")
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert "hunter2" not in str(error.value)


def test_the_secret_is_made_once_and_kept_for_the_owner_only(tmp_path: Path) -> None:
    settings = Settings(instance_path=tmp_path, secret_key=None)
    first = session_secret(settings)
    assert len(first) >= 32 and session_secret(settings) == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_the_readme_lists_every_setting_with_its_default(root: Path) -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]*) \|", (root / "README.md").read_text(), re.MULTILINE))
    assert set(rows) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, str | int | bool):
            assert str(field.default).lower() in rows[name.upper()].lower(), name
