"""The exact prompt of an offer: a prompt text, its project, one client's data in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import current_app

from ..checks.findings import ChannelFacts, Facts, ProductFacts
from ..clients.conditions import OF_DATA, from_json
from ..database import db
from ..dictionary.words import FieldLike, long_words, words
from ..llm import prompts
from ..llm.certainty import Bars
from ..llm.engine import Engine, EngineError, Prompt
from ..llm.examples import Example, nearest_to_client
from ..llm.openings import openings
from ..llm.prompts import Turn
from ..llm.registry import model
from ..models import Client, ClientField, Project, ProjectSaleChannel, SaleChannel
from ..models import Product as ProductRow
from .endings import NOT_SETTLED, ChannelRules, room_for_text, rules_of
from .learning import learned_examples, open_fields
from .sense import bars_of


@dataclass(frozen=True)
class Frame:
    """What the prompts of all clients of a channel share. It needs no database any more, whoever's prompt is made.

    `channel` says to the model how long a text may be; `longest`, in characters, is what the channel takes with its
    ending. `asked_fields` are the keys of the fields that each benefit's conditions ask for, by the benefit's words.
    """

    product: prompts.Product
    channel: prompts.Channel
    occasion: str
    language: str
    fields: tuple[FieldLike, ...]
    link: str = ""
    other_products: tuple[str, ...] = ()
    bank: str = ""
    longest: int | None = None
    rules: ChannelRules = NOT_SETTLED
    examples: tuple[Example, ...] = ()
    bars: Bars | None = None
    asked_fields: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def ending(self) -> str:
        """What the channel adds to every text on this product; "" when it adds nothing."""
        return self.rules.ending or ""

    @property
    def facts(self) -> Facts:
        """What a text for any client may say."""
        return Facts(
            ProductFacts(self.product.name, self.product.kind, self.product.description, self.link),
            ChannelFacts(self.channel.key, self.longest, self.rules.settings, has_ending=self.rules.ending is not None),
            occasion=self.occasion,
            language=self.language,
            bank=self.bank,
            ending=self.ending,
            other_products=self.other_products,
            bars=self.bars,
        )

    @property
    def is_familiar(self) -> bool:
        """Whether the channel addresses its clients as "ты" (see checks.address)."""
        return "person.familiar" in self.rules.settings.switched_off

    def openings(self, benefit: str) -> tuple[str, ...]:
        """The ways in which a text of the channel may begin."""
        return openings(
            self.channel.key, self.product.name, benefit, self.language, bank=self.bank, is_familiar=self.is_familiar
        )

    def exact_prompt(
        self,
        text: str,
        data: Mapping[str, object] | None,
        turns: Sequence[Turn] = (),
        angle: str = "",
        variant: int = 0,
    ) -> Prompt:
        """What the model reads for this text and a client's data; without data, what it reads when nothing is known.

        Texts of different `variant` begin in different ways.
        """
        engine = _engine()
        prompt = prompts.compose(
            text,
            product=self.product,
            channel=self.channel,
            occasion=self.occasion,
            client=words(self.fields, data, self.language, self.asked_fields.get(angle, ())) if data else "",
            language=self.language,
            bank=self.bank,
            angle=angle,
            turns=turns,
            learned=self.examples,
            variant=variant,
            is_chat=engine is not None and engine.is_chat,
            chat_template=engine.chat_template if engine else None,
        )
        return self._without_polite_openings(prompt, angle) if self.is_familiar else prompt

    def _without_polite_openings(self, prompt: Prompt, benefit: str) -> Prompt:
        ours = ("", *self.openings(" ".join(benefit.split())))
        return replace(prompt, openings=tuple(each for each in prompt.openings if each in ours))

    def prompt_for(self, text: str, client: Client | None, turns: Sequence[Turn] = (), angle: str = "") -> Prompt:
        """The same for a client by hand, with the examples of the clients most like this one; without a client, what is
        read when nothing is known."""
        if client is None:
            return self.exact_prompt(text, None, turns, angle)
        told = words(open_fields(self.fields), client.data, self.language)
        frame = replace(self, examples=tuple(nearest_to_client(self.examples, told)))
        return frame.exact_prompt(text, client.data, turns, angle, client.id)


def frames_of(channels: Iterable[ProjectSaleChannel]) -> dict[int, Frame]:
    """Those of several channels of one project, by the channels' ids: what they share is read once."""
    several = {channel.id: channel for channel in channels}
    if not several:
        return {}
    project = next(iter(several.values())).project
    shared = _frame_of_project(project)
    rules = rules_of({each.sale_channel_id for each in several.values()}, project.product, shared.bank)
    return {number: _in_channel(shared, each.channel, rules[each.sale_channel_id]) for number, each in several.items()}


def frame_of(project_channel: ProjectSaleChannel) -> Frame:
    return frames_of([project_channel])[project_channel.id]


def writing_frame_of(project_channel: ProjectSaleChannel) -> Frame:
    """With what only writing needs: the examples that the channel's approved offers give, the bars of the model, the
    fields that tell why a benefit suits a client."""
    frame = frame_of(project_channel)
    learned = learned_examples(project_channel, frame.product, frame.fields, frame.facts)
    engine = _engine()
    bars = bars_of(engine.card, frame.language) if engine else None
    asked = _asked_fields(project_channel.project.product)
    return replace(frame, examples=learned, bars=bars, asked_fields=asked)


def _asked_fields(product: ProductRow) -> dict[str, frozenset[str]]:
    """Benefits may have the same words for different clients; their fields are joined then."""
    asked: dict[str, frozenset[str]] = {}
    for benefit in product.benefits:
        keys = {each.subject.removeprefix(OF_DATA) for each in from_json(benefit.conditions)}
        asked[benefit.text] = asked.get(benefit.text, frozenset()) | keys
    return asked


def _frame_of_project(project: Project) -> Frame:
    return Frame(
        product=product_of(project.product),
        channel=prompts.Channel("", "", "", None),
        occasion=project.occasion,
        language=project.language,
        fields=fields_of(project),
        link=project.product.link,
        other_products=tuple(db.session.scalars(db.select(ProductRow.name).where(ProductRow.id != project.product_id))),
        bank=bank_name(),
    )


def _in_channel(frame: Frame, channel: SaleChannel, rules: ChannelRules) -> Frame:
    room = channel_of(channel, rules.ending or "")
    return replace(frame, channel=room, longest=channel.max_length, rules=rules)


def exact_prompt(
    project_channel: ProjectSaleChannel, text: str, client: Client | None, turns: Sequence[Turn] = (), angle: str = ""
) -> Prompt:
    """What the model reads for this text and client; without a client, what it reads when nothing is known."""
    return writing_frame_of(project_channel).prompt_for(text, client, turns, angle)


def first_prompt(project: Project, channel: SaleChannel) -> str:
    """The text that a channel's prompt begins with."""
    ending = rules_of({channel.id}, project.product, bank_name())[channel.id].ending or ""
    described = channel_of(channel, ending)
    return prompts.default_prompt(product_of(project.product), described, project.occasion, project.language)


def bank_name() -> str:
    """As the bank's advertisements say it; "" where nobody set it."""
    return str(current_app.config["STUDIO"].bank_name)


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


def tokens_saved(frame: Frame, client: Client | None) -> int | None:
    """By how many tokens a client's words are shorter than the same said field by field; None where nobody counts."""
    engine = _engine()
    if engine is None or client is None:
        return None
    short = engine.count_tokens(words(frame.fields, client.data, frame.language))
    long = engine.count_tokens(long_words(frame.fields, client.data, frame.language))
    return None if short is None or long is None else long - short


def product_of(product: ProductRow) -> prompts.Product:
    return prompts.Product(product.name, product.kind.value, product.description)


def channel_of(channel: SaleChannel, ending: str = "") -> prompts.Channel:
    """As a prompt speaks of it: a text leaves room for what the channel adds."""
    return prompts.Channel(channel.key, channel.name, channel.description, room_for_text(channel.max_length, ending))


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
