"""A project with one of everything, in words that a search finds again: what attacks are tried on.

The one place that knows how to make it. A test sees to it that no table stays empty, so that a new table takes its row
here.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, text

from marketing_app.campaigns.services import ClientChoice, Comparison, start_campaign
from marketing_app.client_imports import sources
from marketing_app.client_imports.columns import FIELD_PREFIX, ColumnPlan, NewField, Target
from marketing_app.client_imports.services import load_rows
from marketing_app.clients.services import conditions_of
from marketing_app.database import db
from marketing_app.models import (
    AuditEntry,
    BankText,
    Campaign,
    Client,
    ClientChange,
    ClientField,
    ClientImport,
    ClientSource,
    DraftState,
    ExampleChoice,
    ExampleUse,
    FieldType,
    ImportState,
    Message,
    MessageRole,
    ModelCalibration,
    Offer,
    OfferState,
    OptOut,
    OptOutList,
    OptOutSource,
    Project,
    ProjectInvitation,
    PromptVersion,
    Review,
    Role,
    Segment,
    Sensitivity,
    SourceKind,
    SourceState,
    TextRole,
    User,
    Verdict,
)
from marketing_app.privacy.services import opt_out, opt_out_list
from marketing_app.review import services as review
from tests.factories import (
    PROMPT,
    a_bank_text,
    a_benefit,
    a_campaign,
    a_field,
    a_product,
    a_project,
    a_rule_setting,
    an_ending,
    an_offer,
    between,
    saved,
)

CLIENTS = 10
"""Two of them opt out, and one has neither an offer nor an age that the segment asks for."""
SENSE = {"mean": -0.5, "weakest": [0, 3], "bars": [-1.0, -2.0], "is_by_person": False}


@dataclass(frozen=True)
class Words:
    """Texts of a project. Each begins with the mark of whoever may read it, and goes on with the same `payload`."""

    project: str
    payload: str = ""

    def own(self, what: str, longest: int = 200) -> str:
        """Of clients, texts, and all else that only members may read."""
        return self._marked(self.own_mark, what, longest)

    def secret(self, what: str) -> str:
        """A value of a secret field."""
        return self._marked(self.secret_mark, what, 200)

    def named(self, what: str) -> str:
        """Of the project itself, which administrators see too."""
        return self._marked(self.named_mark, what, 200)

    def known(self, what: str, longest: int = 200) -> str:
        """Of what belongs to the bank."""
        return self._marked(self.known_mark, what, longest)

    @property
    def own_mark(self) -> str:
        return f"qzo{self.project}"

    @property
    def secret_mark(self) -> str:
        return f"qzs{self.project}"

    @property
    def named_mark(self) -> str:
        return f"qzn{self.project}"

    @property
    def known_mark(self) -> str:
        return f"qzk{self.project}"

    def are_told(self, shown: str, to_administrator: bool = False) -> bool:
        """Whether something is shown that nobody but a member may see."""
        marks = [self.own_mark, self.secret_mark, *([] if to_administrator else [self.named_mark])]
        return any(mark in shown.lower() for mark in marks)

    def _marked(self, mark: str, what: str, longest: int) -> str:
        return " ".join(filter(None, (mark, self.payload, what)))[:longest]


@dataclass(frozen=True)
class FilledProject:
    """`numbers` are the ids of its things by the names that addresses have for them, `further` those of more things of
    the kind, in other states. `rows` are the ids of rows that the console shows, by its tables."""

    project: Project
    words: Words
    manager: User
    performer: User
    numbers: dict[str, Any]
    further: dict[str, list[int]]
    rows: dict[str, int]


def a_filled_project(words: Words, manager: User, performer: User) -> FilledProject:
    project = _project(words, manager, performer)
    field = _dictionary(project, words)
    load, clients = _clients(project, words, manager)
    source = _sources(project, words, performer)
    segment = _segment(project, words, manager)
    campaign, offers = _offers(project, words, manager, clients)
    _start_campaign(project, words, manager, segment)
    refused, of_list = _opt_outs(project, words, manager, clients)
    bank_text = _bank_text(project, words)
    channel = project.channels[0]
    numbers = {
        "project_id": project.id,
        "client_id": clients[0].id,
        "channel_id": channel.id,
        "campaign_id": campaign.id,
        "offer_id": offers[0].id,
        "draft_id": offers[0].messages[1].id,
        "source_id": source.id,
        "import_id": load.id,
        "field_id": field.id,
        "opt_out_id": refused.id,
        "list_id": of_list.id,
        "text_id": bank_text.id,
        "segment_id": segment.id,
        "user_id": performer.id,
        "name": "none.webp",
        "filename": "none.css",
        "export_type": "csv",
    }
    return FilledProject(project, words, manager, performer, numbers, _further(numbers), _rows_of_console(project))


def _further(numbers: dict[str, Any]) -> dict[str, list[int]]:
    kinds = {"client_id": Client, "campaign_id": Campaign, "offer_id": Offer, "import_id": ClientImport}
    kinds |= {"source_id": ClientSource, "field_id": ClientField}
    return {
        name: [
            number
            for number in db.session.scalars(db.select(kind.id).filter_by(project_id=numbers["project_id"]))
            if number != numbers[name]
        ]
        for name, kind in kinds.items()
    }


def _rows_of_console(project: Project) -> dict[str, int]:
    """One row of each table that the console shows."""
    rows = {
        "product": project.product_id,
        "benefit": project.product.benefits[0].id,
        "channel": project.channels[0].sale_channel_id,
        "user": project.members[-1].user_id,
        "project": project.id,
    }
    for name, model in (("opt_out", OptOut), ("opt_out_list", OptOutList)):
        rows[name] = db.session.scalars(db.select(model.id).filter_by(project_id=None).order_by(model.id)).all()[-1]
    return rows | {"audit": db.session.scalars(db.select(AuditEntry.id).order_by(AuditEntry.id)).all()[-1]}


def _project(words: Words, manager: User, performer: User) -> Project:
    product = a_product(
        name=words.known("product"),
        description=words.known("what is true of it"),
        link=f"https://bank.example/{words.known('', 80)}",
        full_cost=words.known("", 80),
    )
    project = a_project(
        manager, performer, product=product, name=words.named("project"), occasion=words.named("occasion")
    )
    chosen = project.channels[0]
    channel = chosen.channel
    channel.name, channel.description = words.known("channel"), words.known("channel's description")
    channel.max_length = None
    for number, prompt in ((2, words.own("prompt")), (3, f"{words.own_mark} {PROMPT}")):  # the newest can be used
        chosen.versions.append(PromptVersion(number=number, text=prompt, note=words.own("note"), author_id=manager.id))
    a_benefit(project, words.known("benefit"), between("age", "1", "99"), signs=[words.known("sign")])
    a_benefit(project, "удобный кешбэк")  # what is marked may not be said to clients
    an_ending(channel, words.known("ending"))
    a_rule_setting(channel, "channel.length", is_on=False)
    invited = f"{words.own_mark}@bank.example"
    saved(ProjectInvitation(project_id=project.id, email=invited, role=Role.PERFORMER, author_id=manager.id))
    saved(ModelCalibration(model_name=words.known("model"), source="here", language="ru"))
    db.session.refresh(project)
    return project


def _dictionary(project: Project, words: Words) -> ClientField:
    """One of its fields, of which it has one of every type."""
    bands = [{"upto": 50, "words": words.own("", 100)}, {"upto": None, "words": words.own("", 100)}]
    age = a_field(project, "age", label=words.own("age"), bands=bands, lowest="1", highest="100")
    a_field(project, "purpose", label=words.own("purpose"), type=FieldType.CODE, codes={"A": words.own("code")})
    a_field(
        project,
        "income",
        label=words.own("income"),
        type=FieldType.TEXT,
        sensitivity=Sensitivity.SECRET,
        is_in_prompt=False,
    )
    a_field(project, "notes", label=words.own("notes"), type=FieldType.TEXT, sensitivity=Sensitivity.OPEN)
    a_field(project, "joined", label=words.own("joined"), type=FieldType.DATE, sensitivity=Sensitivity.OPEN)
    return age


def _clients(project: Project, words: Words, manager: User) -> tuple[ClientImport, Sequence[Client]]:
    named = ["client_id", "email", "phone", "age", "purpose", "income", "notes", "joined", words.own("column", 120)]
    fields = [*map(FIELD_PREFIX.__add__, named[3:8])]
    targets = [Target.CLIENT_ID, Target.EMAIL, Target.PHONE, *fields, Target.NEW_FIELD]
    new = NewField(words.own("label"), FieldType.INTEGER, Sensitivity.OPEN, is_in_prompt=True)
    plan = [
        ColumnPlan(position, name, target, new if target == Target.NEW_FIELD else None)
        for position, (name, target) in enumerate(zip(named, targets, strict=True))
    ]
    rows = [(number + 2, _cells(words, number)) for number in range(CLIENTS)]
    bad = [*_cells(words, CLIENTS)[:8], words.own("no number")]
    load = load_rows(project, words.own("load"), [*rows, (CLIENTS + 2, bad)], plan, manager)
    db.session.commit()
    clients = db.session.scalars(db.select(Client).filter_by(project_id=project.id).order_by(Client.id)).all()
    _troubled_loads(project, words, manager, clients[0])
    return load, clients


def _cells(words: Words, number: int) -> list[str]:
    return [
        f"{words.own('', 110)} С{number}",  # a letter of another alphabet: compared in other letters than written
        f"{words.own_mark}{number}@clients.example",
        f"+7916{sum(map(ord, words.project)) % 1000:03}{number:04}",
        str(120 if number == CLIENTS - 3 else 30 + number),
        "A",
        words.secret("income"),
        words.own("notes"),
        "2024-05-06",
        "7",
    ]


def _troubled_loads(project: Project, words: Words, manager: User, client: Client) -> None:
    """One that changed a client, one that was interrupted, and one that failed."""
    later = saved(ClientImport(project_id=project.id, source=words.own("later load"), user_id=manager.id))
    saved(
        ClientChange(
            import_id=later.id,
            client_id=client.id,
            data={"notes": words.own("before"), "income": words.secret("before")},
            email=f"{words.own_mark}@clients.example",
            updated_at=client.updated_at,
        )
    )
    for state in (ImportState.INTERRUPTED, ImportState.FAILED):
        saved(
            ClientImport(
                project_id=project.id,
                source=words.own("load"),
                state=state,
                failure="UnknownHost",
                failure_detail={"host": words.own("host")},
            )
        )


def _sources(project: Project, words: Words, performer: User) -> ClientSource:
    """A file between its preview and its load; there is a database too that could not be read."""
    head = ["client_id", "age", words.own("column", 120), "income"]
    lines = [head, *([words.own("", 120), str(30 + n), words.own("cell"), words.secret("cell")] for n in range(3))]
    content = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    name = words.own("clients", 200) + ".csv"
    file = sources.keep_file(project, name, io.BytesIO(content.encode()), performer, sources.file_limits())
    db.session.commit()
    settings = {"host": words.own("host"), "port": 5432, "database": "d", "user": words.own("u"), "query": "SELECT 1"}
    saved(
        ClientSource(
            project_id=project.id,
            user_id=performer.id,
            kind=SourceKind.POSTGRESQL,
            name=words.own("database"),
            state=SourceState.FAILED,
            settings=settings,
            failure="UnknownHost",
            failure_detail={"host": words.own("host")},
        )
    )
    return file


def _segment(project: Project, words: Words, manager: User) -> Segment:
    conditions = [
        between("age", "1", "99"),
        {"subject": "data.notes", "operator": "contains", "values": [words.own_mark]},
    ]
    name = words.own("segment", 120)
    return saved(Segment(project_id=project.id, name=name, conditions=conditions, author_id=manager.id))


def _offers(
    project: Project, words: Words, manager: User, clients: Sequence[Client]
) -> tuple[Campaign, Sequence[Offer]]:
    """A finished campaign with offers in every state: the first waits for its review, the second is approved."""
    campaign = a_campaign(
        project,
        name=words.own("campaign"),
        finished_at=func.now(),
        benefit_id=project.product.benefits[0].id,
        offer_count=len(OfferState),
    )
    ready = {"text": words.own("offer"), "state": OfferState.READY, "written_at": func.now(), "verdict": Verdict.WARN}
    approved = ready | {"review": Review.APPROVED, "reviewed_at": func.now(), "reviewer_id": manager.id}
    person = {"text": words.own("offer"), "state": OfferState.NEEDS_PERSON, "verdict": Verdict.BLOCK}
    failed = {"state": OfferState.FAILED, "failure": "prompt_too_long", "failure_detail": {"tokens": 9, "limit": 5}}
    described = [
        ready,
        approved,
        ready,
        person,
        failed,
        {"state": OfferState.CANCELLED},
        {"state": OfferState.OPTED_OUT},
    ]
    offers = [
        an_offer(campaign, client, angle=words.known("benefit"), **values)
        for client, values in zip(clients, described, strict=False)
    ]
    for offer in offers[:4]:
        _conversation(offer, words, manager)
    by_hand = saved(
        Offer(
            project_id=project.id,
            project_channel_id=campaign.project_channel_id,
            prompt_version_id=campaign.prompt_version_id,
            client_id=clients[0].id,
            state=OfferState.WRITING,
        )
    )
    _being_written(by_hand, words)
    saved(ExampleChoice(offer_id=offers[1].id, project_channel_id=campaign.project_channel_id, use=ExampleUse.PINNED))
    db.session.refresh(manager)
    review.reject(offers[2], manager, offers[2].revision, words.own("reason"))
    db.session.commit()
    return campaign, offers


def _conversation(offer: Offer, words: Words, manager: User) -> None:
    """From a prompt on: a draft, a request, a draft that failed, a text of the bank, and a person's own text."""
    draft = {
        "role": MessageRole.DRAFT,
        "text": words.own("draft"),
        "prompt": words.own("exact prompt"),
        "drafts": [[words.own("one"), 5, -0.5], [words.own("another"), 5, -0.7]],
        "certainty": SENSE,
        "model_name": words.known("model"),
        "example_ids": [offer.id],
    }
    end = a_bank_text(words.known(f"end {offer.id}"), sale_channel_id=offer.project_channel.sale_channel_id)
    offer.messages = [
        Message(role=MessageRole.PROMPT, text=words.own("beginning"), author_id=manager.id, is_beginning=True),
        Message(**draft),
        Message(role=MessageRole.PROMPT, text=words.own("request"), author_id=manager.id),
        Message(**draft, state=DraftState.FAILED, failure="interrupted"),
        Message(role=MessageRole.BANK, text=words.own("finished"), finished_with_id=end.id),
        Message(role=MessageRole.EDIT, text=offer.text, author_id=manager.id),
    ]
    db.session.commit()
    offer.current_id = offer.messages[-1].id
    db.session.commit()


def _being_written(offer: Offer, words: Words) -> None:
    """A draft of which some words came; its process seems to live, so that it is not closed as abandoned."""
    alive = func.now() + text("interval '1 day'")
    offer.messages = [
        Message(role=MessageRole.DRAFT, text=words.own("so far"), state=DraftState.WRITING, touched_at=alive)
    ]
    db.session.commit()


def _start_campaign(project: Project, words: Words, manager: User, segment: Segment) -> None:
    """Its offers wait, each with a job in the queue."""
    newest, before, _first = project.channels[0].versions
    start_campaign(
        project.channels[0],
        newest,
        ClientChoice(conditions=conditions_of(segment), segment=segment.name),
        name=words.own("started campaign"),
        drafts=1,
        seed=1,
        author=manager,
        comparison=Comparison(before, 50),
    )
    db.session.commit()


def _opt_outs(project: Project, words: Words, manager: User, clients: Sequence[Client]) -> tuple[OptOut, OptOutList]:
    """Of the project and of the whole bank, by hand and as a list each; those of the project."""
    for reached, say, names in (
        (project, words.own, [client.identity for client in clients[-2:]]),
        (None, words.known, [words.known("by hand", 120), words.known("listed", 120)]),
    ):
        opt_out(reached, names[:1], OptOutSource.HAND, say("note"), manager)
        opt_out_list(reached, names[1:], OptOutSource.FILE, say("note of a list"), manager)
    db.session.commit()
    of_project = db.select(OptOut).filter_by(project_id=project.id, list_id=None)
    lists = db.select(OptOutList).filter_by(project_id=project.id)
    return db.session.scalars(of_project).one(), db.session.scalars(lists).one()


def _bank_text(project: Project, words: Words) -> BankText:
    """One without braces, which can be saved again, beside others."""
    a_bank_text(words.known("whole text"), role=TextRole.WHOLE, product_id=project.product_id)
    saved_again: BankText = a_bank_text(f"{words.known_mark}: оформите в приложении.", language="en")
    return saved_again
