"""An offer by hand says the benefit that suits its client."""

from flask import Flask

from marketing_app.llm.registry import Registry
from marketing_app.models import Benefit
from marketing_app.offers.checking import facts_of_offer
from marketing_app.offers.services import begin_offer
from tests.factories import a_client, a_project, saved


def test_the_model_reads_the_benefit_and_the_checks_look_for_it(app: Flask, loaded_model: Registry) -> None:
    project = a_project()
    saved(Benefit(product_id=project.product_id, text="удобное приложение", signs=["приложени*"]))
    draft, prompt = begin_offer(project.channels[0], a_client(project), "Напиши", project.members[0].user)
    assert "Главное: удобное приложение" in prompt.text
    assert draft.offer.angle == "удобное приложение"
    assert facts_of_offer(draft.offer).angle.signs == ("приложени*",)
