"""Models that converse are asked as their makers want it, whatever a conversation went through."""

from datetime import datetime
from pathlib import Path

import pytest
from jinja2 import Environment

from marketing_app.llm.chat_templates import ChatTemplate, TemplateRefused
from marketing_app.llm.engine import Options, Prompt
from marketing_app.llm.local import LocalEngine
from marketing_app.llm.native import Cell, Context
from marketing_app.llm.prompts import Turn, asked_again, compose
from tests.llm.chat_models import ANSWER_BEGINS, MISTRAL_7B, PUBLISHED, REFUSING
from tests.llm.small_models import write_model
from tests.llm.test_prompts import CARD, SMS, learned

FAILED_DRAFT = [Turn("user", "Короче"), Turn("user", "Теплее")]
"""The draft between the two has no text."""
CONVERSATIONS = {
    "first": [],
    "change": [Turn("draft", "Первый текст."), Turn("user", "Короче")],
    "after a failed draft": FAILED_DRAFT,
    "after failures and drafts": [*FAILED_DRAFT, Turn("draft", "Раз."), Turn("draft", "Два."), *FAILED_DRAFT],
}


def asked(template: ChatTemplate | None, turns: list[Turn], client: str = "любит театр") -> Prompt:
    return compose(
        "Напиши {channel} о продукте {product}. Клиент: {client}",
        product=CARD,
        channel=SMS,
        occasion="",
        client=client,
        language="ru",
        turns=turns,
        learned=[learned("Карта ждёт вас.")],
        is_chat=True,
        chat_template=template,
    )


@pytest.mark.parametrize("turns", CONVERSATIONS.values(), ids=CONVERSATIONS)
@pytest.mark.parametrize("model", PUBLISHED)
def test_a_published_template_takes_every_conversation(model: str, turns: list[Turn]) -> None:
    made = asked(PUBLISHED[model], turns)
    told = ("Ты пишешь предложения", "Карта ждёт вас.", "любит театр", *(turn.text for turn in turns))
    assert [words for words in told if words not in made.text] == []
    assert made.text.endswith(ANSWER_BEGINS[model])
    assert "театр" not in made.prefix and made.prefix == asked(PUBLISHED[model], turns, "любит спорт").prefix


@pytest.mark.parametrize("turns", CONVERSATIONS.values(), ids=CONVERSATIONS)
@pytest.mark.parametrize("model", PUBLISHED)
def test_a_published_template_takes_a_request_for_another_text(model: str, turns: list[Turn]) -> None:
    again = asked_again(asked(PUBLISHED[model], turns), "Возьмите карту.", "иначе", "ru", PUBLISHED[model])
    assert "Возьмите карту." in again.text and again.text.endswith(ANSWER_BEGINS[model])
    assert again.text.index("Возьмите карту.") < again.text.index("иначе")


@pytest.mark.parametrize("model", PUBLISHED)
def test_a_text_begins_once_and_as_the_tokenizer_has_it(model: str) -> None:
    beginning = PUBLISHED[model].beginning
    text = asked(PUBLISHED[model], []).text
    assert text.startswith(beginning) and (not beginning or text.count(beginning) == 1)


def test_servers_are_sent_turns_that_alternate() -> None:
    """They fill the same templates."""
    sent = asked(None, CONVERSATIONS["after failures and drafts"]).messages
    roles = [message["role"] for message in sent]
    assert roles == ["system", *["user", "assistant"] * 2, "user"]
    assert "любит театр" in sent[3]["content"] and sent[-1]["content"] == "Короче\n\nТеплее"


def test_a_template_knows_the_day() -> None:
    assert f"Today: {datetime.now():%d %b %Y}" in asked(PUBLISHED["Llama 3"], []).text


@pytest.mark.parametrize(
    "source",
    [
        REFUSING,
        "{% for m in messages %}{{ m.content + 1 }}{% endfor %}",
        "{% if %}",
        "{{ messages[0].content }}",
        "{{ messages.__class__.__mro__ }}",
    ],
    ids=["raises", "breaks", "is no template", "leaves out the request", "reaches out"],
)
def test_a_template_that_refuses_says_so(source: str) -> None:
    with pytest.raises(TemplateRefused):
        asked(ChatTemplate(source), [])


def test_a_template_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_ = Environment.compile
    monkeypatch.setattr(
        Environment,
        "compile",
        lambda self, source, *rest, **more: (compiled.append(source), compile_(self, source, *rest, **more))[1],
    )
    template = ChatTemplate(f"{MISTRAL_7B}{{# used here only #}}")
    for client in ("любит театр", "любит спорт", "любит чай"):
        made = asked(template, [], client)
        asked_again(made, "Раз.", "иначе", "ru", template)
    assert len(compiled) == 1


@pytest.mark.parametrize("source", [MISTRAL_7B, MISTRAL_7B.replace("{{ bos_token }}", "")], ids=["by it", "by us"])
def test_a_models_text_begins_with_its_first_token(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the template writes it or leaves it to the tokenizer."""
    path = write_model(tmp_path / "chat.gguf", ["Оформите карту"], merges=False, context=4096, chat_template=source)
    engine = LocalEngine(path, context=4096, sequences=3, threads=1)
    cells: list[Cell] = []
    decode = Context.decode
    monkeypatch.setattr(Context, "decode", lambda self, asked: (cells.extend(asked), decode(self, asked)))
    engine.submit(asked(engine.chat_template, []), Options(max_tokens=1)).result()
    engine.close()
    beginning = [cell for cell in cells if cell.token == 1]
    assert [cell.position for cell in beginning] == [0]
