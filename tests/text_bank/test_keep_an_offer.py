"""What an approved offer tells of its client goes to no other client through the text bank."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import BankText, OfferState, Review, Verdict
from tests.factories import a_campaign, a_client, a_field, a_project, a_user, an_offer


@pytest.mark.parametrize(("text", "words"), [("Учителю: {}", "Учителю"), ("{}", "")])
def test_a_text_goes_into_the_bank_only_where_it_tells_nothing_of_its_client(
    client: FlaskClient, text: str, words: str
) -> None:
    manager = a_user(language="en")
    client.sign_in(manager)  # type: ignore[attr-defined]
    project = a_project(manager)
    a_field(project, "job", label="должность", type="text")
    person = a_client(project, job="учитель")
    offer = an_offer(
        a_campaign(project),
        person,
        text=text.format("оформите карту в мобильном приложении."),
        state=OfferState.READY,
        verdict=Verdict.CLEAN,
        review=Review.APPROVED,
        reviewed_at=datetime.now(UTC),
        written_at=datetime.now(UTC),
    )
    answer = client.post(f"/projects/{project.id}/offers/{offer.id}/text-bank", follow_redirects=True)
    assert bool(db.session.scalar(db.select(BankText.id))) is not bool(words)
    assert (f"“{words}” may tell something of its client" in answer.get_data(as_text=True)) is bool(words)
