"""The exact prompt of an offer: a prompt text, its project, one client's data in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..database import db
from ..dictionary.words import FieldLike, words
from ..llm import prompts
from ..llm.engine import Engine, EngineError, Prompt
from ..llm.prompts import Turn
from ..llm.registry import model
from ..models import Client, ClientField, Project, ProjectSaleChannel, SaleChannel
from ..models import Product as ProductRow


@dataclass(frozen=True)
class Frame:
    """What the prompts of all clients of a channel share. It needs no database any more, whoever's prompt is made."""

    product: prompts.Product
    channel: prompts.Channel
    occasion: str
    language: str
    fields: tuple[FieldLike, ...]
    link: str = ""
    other_products: tuple[str, ...] = ()

    def exact_prompt(
        self, text: str, data: Mapping[str, object] | None, turns: Sequence[Turn] = (), angle: str = ""
    ) -> Prompt:
        """What the model reads for this text and a client's data; without data, what it reads when nothing is known."""
        engine = _engine()
        return prompts.compose(
            text,
            product=self.product,
            channel=self.channel,
            occasion=self.occasion,
            client=words(self.fields, data, self.language) if data else "",
            language=self.language,
            angle=angle,
            turns=turns,
            is_chat=engine is not None and engine.is_chat,
            chat_template=engine.chat_template if engine else None,
        )


def frames_of(channels: Iterable[ProjectSaleChannel]) -> dict[int, Frame]:
    """Those of several channels of one project, by the channels' ids: what they share is read once."""
    frames: dict[int, Frame] = {}
    for channel in channels:
        if channel.id not in frames:
            first = next(iter(frames.values()), None)
            frames[channel.id] = replace(first, channel=channel_of(channel.channel)) if first else frame_of(channel)
    return frames


def frame_of(project_channel: ProjectSaleChannel) -> Frame:
    project = project_channel.project
    return Frame(
        product_of(project.product),
        channel_of(project_channel.channel),
        project.occasion,
        project.language,
        fields_of(project),
        project.product.link,
        tuple(db.session.scalars(db.select(ProductRow.name).where(ProductRow.id != project.product_id))),
    )


def exact_prompt(
    project_channel: ProjectSaleChannel, text: str, client: Client | None, turns: Sequence[Turn] = ()
) -> Prompt:
    """What the model reads for this text and client; without a client, what it reads when nothing is known."""
    return frame_of(project_channel).exact_prompt(text, client.data if client else None, turns)


def client_words(project: Project, client: Client) -> str:
    """A client's data as the prompt has it: in words, without what is empty or secret."""
    return words(fields_of(project), client.data, project.language)


def fields_of(project: Project) -> tuple[FieldLike, ...]:
    """The project's dictionary in its order, as plain rows: they outlive the session."""
    query = db.select(
        ClientField.key,
        ClientField.label,
        ClientField.type,
        ClientField.codes,
        ClientField.bands,
        ClientField.sensitivity,
        ClientField.is_in_prompt,
    ).filter_by(project_id=project.id)
    rows: Iterable[Any] = db.session.execute(query.order_by(ClientField.position, ClientField.id))
    return tuple(rows)


def count_tokens(prompt: Prompt) -> tuple[int, int] | None:
    """The prompt's tokens and the context's; None while there is no model, and where its server does not tell."""
    engine = _engine()
    tokens = engine.count_tokens(prompt.text) if engine else None
    if engine is None or tokens is None or not engine.card.context_tokens:
        return None
    return tokens, engine.card.context_tokens


def product_of(product: ProductRow) -> prompts.Product:
    return prompts.Product(product.name, product.kind.value, product.description)


def channel_of(channel: SaleChannel) -> prompts.Channel:
    return prompts.Channel(channel.key, channel.name, channel.description, channel.max_length)


def _engine() -> Engine | None:
    try:
        return model.engine()
    except EngineError:
        return None


def variable_values(project_channel: ProjectSaleChannel, client: Client | None) -> dict[str, str]:
    """What each variable of a prompt stands for now; the client's is that of an example, empty when there is none."""
    project = project_channel.project
    return {
        "product": f"{project.product.name}. {project.product.description}",
        "channel": f"{project_channel.channel.name}. {project_channel.channel.description}",
        "occasion": project.occasion,
        "client": client_words(project, client) if client else "",
    }
