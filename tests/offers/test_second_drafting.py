"""What failed in one round is said in the prompt of the next, in the language of the text."""

from marketing_app.checks.findings import ChannelFacts, Facts, ProductFacts
from marketing_app.llm.engine import Prompt
from marketing_app.llm.prompts import asked_again
from marketing_app.offers.checking import check_draft
from marketing_app.offers.drafting import request_of

CARD = Facts(ProductFacts("Дебетовая карта", "card", "Обслуживание бесплатно."), ChannelFacts("TMO", 60))
WRONG = "Здравствуйте! Вклад под 30% годовых ждёт вас, откройте его сегодня в приложении."


def test_a_request_says_what_to_mend_once_and_never_the_wrong_words() -> None:
    request = request_of(check_draft(WRONG, CARD), CARD)
    assert "числа из описания" in request and "назови продукт: Дебетовая карта" in request
    assert "не длиннее 60 знаков" in request
    assert "30" not in request


def test_a_base_model_reads_the_request_before_the_text_it_goes_on_with() -> None:
    prompt = Prompt("Примеры\n\nКлиент: ", "женщина\nТекст:", ("\n",))
    again = asked_again(prompt, WRONG, "короче", "ru", None)
    assert again.text == "Примеры\n\nКлиент: женщина\nПросьба: короче\nТекст:"
    assert (again.prefix, again.stop) == (prompt.prefix, prompt.stop)


def test_a_model_that_converses_reads_its_own_text_and_what_is_wrong_with_it() -> None:
    prompt = Prompt("", "", messages=({"role": "user", "content": "Напиши"},))
    again = asked_again(prompt, WRONG, "короче", "ru", None)
    assert [message["role"] for message in again.messages] == ["user", "assistant", "user"]
    assert WRONG in again.text and again.text.index(WRONG) < again.text.index("короче")
