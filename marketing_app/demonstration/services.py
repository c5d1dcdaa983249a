"""Puts the demonstration into the database, through the same services that people use."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import text

from ..accounts.services import create_user
from ..client_imports.columns import FIELD_PREFIX, ColumnPlan, Target
from ..client_imports.services import load_rows
from ..client_imports.trial import PASSWORD, USER
from ..clients.conditions import to_json
from ..database import db
from ..models import Benefit, ChannelEnding, Product, ProductKind, Project, Role, RuleSetting, SaleChannel, User
from ..projects.invitations import add_member
from ..projects.services import create_project
from ..text_bank.ours import add_our_texts
from .benefits import BENEFITS
from .catalogue import CHANNELS, PRODUCTS
from .clients import generate
from .endings import ENDINGS, FULL_COSTS, LIMITS

CLIENT_COUNT = 1_000
PRODUCT_KEY = "CC"
CHANNEL_KEYS = ("SMS", "PUSH", "EMAIL")
ID_COLUMN = "client_id"


@dataclass(frozen=True)
class Account:
    """Somebody of the invented bank. The password is no secret: production refuses the demonstration."""

    email: str
    name: str
    password: str
    is_administrator: bool = False


ADMINISTRATOR = Account("admin@severny-bereg.example", "Администратор", "demo-admin-2026", is_administrator=True)
MANAGER = Account("manager@severny-bereg.example", "Марина Управляющая", "demo-manager-2026")
PERFORMER = Account("performer@severny-bereg.example", "Пётр Исполнитель", "demo-performer-2026")
ACCOUNTS = (ADMINISTRATOR, MANAGER, PERFORMER)


def is_loaded() -> bool:
    return db.session.scalar(db.select(User.id).filter_by(email=ADMINISTRATOR.email)) is not None


def load_demonstration() -> bool:
    """Load all of it in one transaction; whether there was anything to do."""
    if is_loaded():
        admit_reader()  # a demonstration from before there was one
        return False
    for account in ACCOUNTS:
        create_user(account.email, account.name, account.password, is_administrator=account.is_administrator)
    add_catalogue()
    project = add_project()
    rows = list(generate(CLIENT_COUNT))
    load_into_project(project, rows)
    load_into_source_table(rows)
    admit_reader()
    return True


def add_catalogue() -> None:
    """Products and channels; those that a bank has under the same key stay as they are."""
    known = set(chain(db.session.scalars(db.select(Product.key)), db.session.scalars(db.select(SaleChannel.key))))
    for product in PRODUCTS:
        if product.key not in known:
            kind = ProductKind(product.kind)
            fields = {"key": product.key, "name": product.name, "description": product.description}
            full_cost = FULL_COSTS.get(product.key, "")
            benefits = benefits_of(product.key)
            db.session.add(Product(kind=kind, link=product.link, full_cost=full_cost, benefits=benefits, **fields))
    for channel in CHANNELS:
        if channel.key not in known:
            fields = {"key": channel.key, "name": channel.name, "description": channel.description}
            add_channel(SaleChannel(max_length=channel.max_length, **fields))
    db.session.flush()
    add_our_texts()


def benefits_of(product_key: str) -> list[Benefit]:
    return [
        Benefit(text=each.text, conditions=to_json(each.conditions), position=place)
        for place, each in enumerate(BENEFITS[product_key])
    ]


def add_channel(channel: SaleChannel) -> None:
    """With what it adds to its texts, and the rules that are other than usual there."""
    db.session.add(channel)
    for kind, words in ENDINGS.get(channel.key, {}).items():
        db.session.add(ChannelEnding(channel=channel, kind=ProductKind(kind), text=words))
    for rule, limit in LIMITS.get(channel.key, {}).items():
        db.session.add(RuleSetting(channel=channel, rule=rule, limit=limit))


def add_project() -> Project:
    manager = db.session.scalars(db.select(User).filter_by(email=MANAGER.email)).one()
    product = db.session.scalars(db.select(Product).filter_by(key=PRODUCT_KEY)).one()
    channels = db.session.scalars(db.select(SaleChannel).where(SaleChannel.key.in_(CHANNEL_KEYS))).all()
    project = create_project("Кредитная карта к осени", product, "Начало учебного года", "ru", channels, manager)
    performer = db.session.scalars(db.select(User).filter_by(email=PERFORMER.email)).one()
    add_member(project, performer, Role.PERFORMER)
    return project


def load_into_project(project: Project, rows: list[dict[str, object]]) -> None:
    manager = db.session.scalars(db.select(User).filter_by(email=MANAGER.email)).one()
    plan = [
        ColumnPlan(position, name, Target.CLIENT_ID if name == ID_COLUMN else FIELD_PREFIX + name)
        for position, name in enumerate(rows[0])
    ]
    load_rows(project, "demonstration", numbered(rows), plan, manager)


def numbered(rows: list[dict[str, object]]) -> Iterator[tuple[int, list[object]]]:
    """As a spreadsheet would give them: the header is row 1."""
    for number, row in enumerate(rows, start=2):
        yield number, list(row.values())


def load_into_source_table(rows: list[dict[str, object]]) -> None:
    """A table outside the studio's own schema, as a bank's warehouse would have it: all columns are text."""
    columns = ", ".join(f'"{name}" text' for name in rows[0])
    names = ", ".join(f'"{name}"' for name in rows[0])
    places = ", ".join(f":{name}" for name in rows[0])
    db.session.execute(text("CREATE SCHEMA IF NOT EXISTS demonstration"))
    db.session.execute(text("DROP TABLE IF EXISTS demonstration.clients"))
    db.session.execute(text(f"CREATE TABLE demonstration.clients ({columns})"))
    insert = text(f"INSERT INTO demonstration.clients ({names}) VALUES ({places})")  # noqa: S608 our own column names
    db.session.execute(insert, [{name: _written(value) for name, value in row.items()} for row in rows])


def admit_reader() -> None:
    """A user for the source table alone, to load it as any other database. Does nothing where our own user may not make
    users, or the table is not there."""
    may_make_users = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    is_there = "SELECT to_regclass('demonstration.clients') IS NOT NULL"
    if not (db.session.scalar(text(may_make_users)) and db.session.scalar(text(is_there))):
        return
    if not db.session.scalar(text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)"), {"name": USER}):
        db.session.execute(text(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'"))
    db.session.execute(text(f"GRANT USAGE ON SCHEMA demonstration TO {USER}"))
    db.session.execute(text(f"GRANT SELECT ON demonstration.clients TO {USER}"))


def _written(value: object) -> str | None:
    return None if value is None else str(value)
