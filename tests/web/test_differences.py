"""Two texts are compared by words, whatever they are, in bounded time."""

import random
import re
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.models import Message, MessageRole, Project, PromptVersion
from marketing_app.projects.forms import LONGEST_PROMPT
from marketing_app.review.forms import LONGEST_TEXT
from marketing_app.web.differences import MOST_COMPARED, Part, differences
from tests.effort import BOUNDED_SECONDS, seconds_of_work
from tests.factories import a_campaign, a_project, a_user, an_offer, saved
from tests.review.conftest import a_text

REPEATED = ("да " * 1_000, "да нет " * 450)
"""A difference that is cubic takes minutes for them."""


def a_random_text(length: int, words: str, seed: int) -> str:
    chance = random.Random(seed)
    return "".join(chance.choice(words) + chance.choice([" ", "  ", "\n", ", "]) for _ in range(length))[:length]


def marked(parts: list[Part]) -> list[str]:
    return [part.text for part in parts if part.differs]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        REPEATED,
        ("!" * LONGEST_PROMPT, "?!" * (LONGEST_PROMPT // 2)),
        ("а " * (LONGEST_PROMPT // 2), "а б " * (LONGEST_PROMPT // 4)),
        (a_random_text(LONGEST_PROMPT, "абв", 1), a_random_text(LONGEST_PROMPT, "абв", 2)),
        ("а" * LONGEST_PROMPT, "\n" * LONGEST_PROMPT),
        ("", "б " * LONGEST_PROMPT),
    ],
    ids=["one word", "marks", "one word twice", "random", "nothing alike", "empty"],
)
def test_no_two_texts_take_long(left: str, right: str) -> None:
    assert seconds_of_work(lambda: differences(left, right)) < BOUNDED_SECONDS


@pytest.mark.parametrize("seed", range(20))
def test_every_character_stays_and_the_same_words_are_left_over(seed: int) -> None:
    left, right = (a_random_text(120, "абвгд!", seed + shift) for shift in (0, 1000))
    ours, theirs = differences(left, right)
    assert ("".join(part.text for part in ours), "".join(part.text for part in theirs)) == (left, right)
    alike = [re.findall(r"\w|\S", "".join(part.text for part in parts if not part.differs)) for parts in (ours, theirs)]
    assert alike[0] == alike[1]


@pytest.mark.parametrize(
    ("left", "right", "ours", "theirs"),
    [
        ("Оформите вклад сегодня.", "Откройте вклад сегодня.", ["Оформите"], ["Откройте"]),
        ("Возьмите карту.", "Возьмите карту сегодня.", [], [" сегодня"]),
        ("один два три", "пять шесть семь", ["один два три"], ["пять шесть семь"]),
        ("Карта. Без платы", "Карта.\nБез платы", [" "], ["\n"]),
        ("Тот же текст.", "Тот же текст.", [], []),
    ],
)
def test_what_differs_is_marked_in_runs(left: str, right: str, ours: list[str], theirs: list[str]) -> None:
    assert tuple(map(marked, differences(left, right))) == (ours, theirs)


def test_texts_beyond_every_form_are_shown_plain() -> None:
    left, right = "а!" * MOST_COMPARED, "б"
    assert differences(left, right) == ([Part(left, differs=False)], [Part(right, differs=False)])


@pytest.fixture
def project(app: Flask, client: FlaskClient) -> Project:
    project = a_project(performer=a_user())
    client.sign_in(project.members[-1].user)
    return project


def test_a_reviewer_opens_a_text_that_somebody_filled_with_one_word(client: FlaskClient, project: Project) -> None:
    offer = a_text(a_campaign(project), "да нет " * (LONGEST_TEXT // 7))
    address = f"/projects/{project.id}/review/{offer.id}"
    text = "да " * (LONGEST_TEXT // 3)
    assert client.post(f"{address}/text", data={"revision": offer.revision, "text": text}).status_code == 303
    assert seconds_of_work(lambda: client.get(address)) < BOUNDED_SECONDS


def test_texts_and_prompts_of_one_word_are_compared(client: FlaskClient, project: Project) -> None:
    channel = project.channels[0]
    offer = an_offer(a_campaign(project))
    messages = [saved(Message(offer_id=offer.id, role=MessageRole.DRAFT, text=text)) for text in REPEATED]
    for number, text in enumerate(REPEATED, start=2):
        saved(PromptVersion(project_channel_id=channel.id, number=number, text=text))
    for page in (
        f"/projects/{project.id}/channels/{channel.id}/versions?left=2&right=3",
        f"/projects/{project.id}/offers/{offer.id}/compare?left={messages[0].id}&right={messages[1].id}",
    ):
        assert seconds_of_work(partial(client.get, page)) < BOUNDED_SECONDS
        assert "mark-differs" in client.get(page).text
