"""`flask model`: which models there are, getting one, and whether the chosen one works."""

import shlex
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import force_locale

from ..llm.cards import without_credentials
from ..llm.engine import EngineError
from ..llm.files import check_model_file
from ..settings import Settings
from .services import KnownModel, known_models, models_directory
from .wording import refusal

if TYPE_CHECKING:
    from .trial import Trial

MEBIBYTE = 2**20
HOW_TO_GET_ONE = """\
No other model is here. Any GGUF file serves: name one by MODEL_PATH, or get one from a model hub:
  flask --app marketing_app model pull OWNER/MODEL-GGUF MODEL-Q4_K_M.gguf"""

NO_BARS = "this model does not tell sense from disorder, or its server does not say: the rule language.sense is off"

model_group = AppGroup("model", help="The language model: its file, and whether it works.")


@model_group.command("list")
def list_models() -> None:
    """Show the models that are here; * marks the one that the settings name."""
    settings = _settings()
    if settings.llm_url:
        click.echo(f"* {settings.llm_model} of the server {without_credentials(settings.llm_url)} (LLM_URL)")
    known = list(known_models(settings))
    for each in known:
        click.echo(_line(each))
    if len(known) < 2:
        click.echo(HOW_TO_GET_ONE)


@model_group.command("pull")
@click.argument("repository", metavar="REPO")
@click.argument("file")
@click.option("--revision", default="main", show_default=True, help="A branch, a tag or a commit of the repository.")
def pull(repository: str, file: str, revision: str) -> None:
    """Get FILE of the repository REPO from the model hub, or go on getting it.

    HF_ENDPOINT names a mirror of the hub, HF_TOKEN a key for models whose licence is to be accepted first.
    """
    from ..llm.hub import Hub, HubError, must_fit

    settings = _settings()
    directory = models_directory(settings)
    hub = Hub(settings.hf_endpoint, settings.hf_token.get_secret_value() if settings.hf_token else None)
    try:
        parts = hub.find(repository, file, revision)
        must_fit(parts, directory)
        for part in parts:
            come = part.size_bytes - part.missing_bytes(directory)
            click.echo(
                f"{part.name}: {_mebibytes(part.size_bytes)}" + (f", {_mebibytes(come)} are here" if come else "")
            )
            hub.download(part, directory)
    except HubError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Here and whole: the SHA-256 is the hub's (commit {parts[0].revision}). To use it:")
    click.echo(f"  export MODEL_PATH={shlex.quote(str(parts[0].target(directory)))}")
    click.echo("  flask --app marketing_app model check")


@model_group.command("cut")
@click.argument("file", type=click.Path(path_type=Path))
def cut(file: Path) -> None:
    """Make a smaller FILE: a GGUF model without the tokens that offers in Russian and English never use.

    Says what that brings: sizes, and how fast both write the same offer.
    """
    from ..llm.cutting import cut_vocabulary, digest_of
    from ..llm.vocabulary import cut_path

    try:
        check_model_file(file)
        digest = digest_of(file)
        made = cut_vocabulary(file, cut_path(models_directory(_settings()), file.name, digest), digest)
        click.echo(f"Tokens    {made.tokens_before:,} before, {made.tokens:,} now")
        click.echo(f"Size      {_mebibytes(made.bytes_before)} before, {_mebibytes(made.bytes)} now")
        click.echo(f"Head      {made.head_share:.0%} of the weights before belong to the vocabulary")
        for name, path in (("Before", file), ("Now", made.path)):
            click.echo(f"{name:<9} {_speed(path):.1f} tokens per second")
    except EngineError as error:
        raise click.ClickException(str(error)) from error
    click.echo("To use it:")
    click.echo(f"  export MODEL_PATH={shlex.quote(str(made.path))}")


@model_group.command("calibrate")
def calibrate() -> None:
    """Measure how sure the model of the settings has to be of its words, and keep it.

    It is done by itself, once for each model; this does it again.
    """
    from .calibration import calibrate as measure
    from .services import load_engine

    try:
        engine = load_engine(_settings())
        with closing(engine):
            bars = measure(engine)
    except EngineError as error:
        with force_locale("en"):
            raise click.ClickException(refusal(error)) from error
    for language, found in bars.items():
        said = f"asked again below {found.upper:.2f}, never sent below {found.lower:.2f}" if found else NO_BARS
        click.echo(f"{language}  {said}")


@model_group.command("check")
def check() -> None:
    """Load the model that the settings name and let it write one offer."""
    from .trial import try_model

    click.echo(f"Loading {_named(_settings())}")
    try:
        trial = try_model(_settings())
    except EngineError as error:
        with force_locale("en"):
            raise click.ClickException(refusal(error)) from error
    except MemoryError as error:
        raise click.ClickException(
            "There is not enough memory. Choose a smaller model, or a smaller MODEL_CONTEXT."
        ) from error
    for line in _report(trial):
        click.echo(line)
    if not trial.text:
        raise click.ClickException("The model loads but writes nothing: choose another one.")


def _settings() -> Settings:
    settings: Settings = current_app.config["STUDIO"]
    return settings


def _speed(path: Path) -> float:
    """Tokens a second of the drafts of one offer."""
    from .trial import try_model

    return try_model(_settings().model_copy(update={"model_path": path, "llm_url": None})).tokens_per_second


def _named(settings: Settings) -> str:
    if settings.llm_url:
        return f"{settings.llm_model} of the server of LLM_URL"
    return str(settings.model_path or "the packaged model")


def _line(known: KnownModel) -> str:
    mark = "*" if known.is_chosen else " "
    if known.file is None:
        return f"{mark} {known.fault:>58}  {known.path}"
    file = known.file
    kind = " ".join(filter(None, (file.architecture, file.parameters, file.quantisation)))
    return (
        f"{mark} {_mebibytes(file.size_bytes):>10}  {kind:<28}  {file.licence or 'licence unknown':<15}  {known.path}"
    )


def _report(trial: "Trial") -> list[str]:
    card = trial.card
    sizes = [f"{card.parameter_count / 1e6:,.0f} M parameters"] if card.parameter_count else []
    sizes += [_mebibytes(card.size_bytes)] if card.size_bytes else []
    sizes += [f"context of {card.context_tokens:,} tokens"] if card.context_tokens else []
    sizes += [f"{card.sequence_count} texts at a time"] if card.sequence_count else []
    prompt = f"{trial.prompt_tokens:,} tokens, " if trial.prompt_tokens else ""  # not every server tells
    return [
        f"Model     {card.name} ({card.source}): {', '.join(sizes)}",
        f"Loaded    in {trial.load_seconds:.1f} s",
        f"Text      {trial.text}",
        f"Prompt    {prompt}the first word after {trial.first_word_seconds:.1f} s",
        f"Written   {trial.draft_count} drafts, {trial.token_count} tokens in {trial.writing_seconds:.1f} s: "
        f"{trial.tokens_per_second:.1f} tokens per second",
        f"Memory    {_mebibytes(trial.memory_bytes)} in this process",
    ]


def _mebibytes(count: int) -> str:
    return f"{count / MEBIBYTE:,.0f} MiB"
