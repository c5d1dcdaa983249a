"""What the script that runs the image does at the program's pages still fits them."""

from pathlib import Path

from marketing_app.demonstration.services import PERFORMER
from tests.deployment.image.visitor import Visitor, the_one
from tests.deployment.test_start import Program
from tests.llm.model_servers import ScriptedServer, writing

TEXT = "Вам подойдёт кредитная карта: обслуживание бесплатно. Оставьте заявку на карту в приложении."


def test_somebody_signs_in_and_has_an_offer_written(tmp_path: Path) -> None:
    tmp_path.parent.chmod(0o755)  # the embedded PostgreSQL of root runs as another user
    with (
        ScriptedServer(writing(TEXT)) as server,
        Program(tmp_path / "instance", server.url) as program,
    ):
        program.wait_until_ready()
        visitor = Visitor(f"http://127.0.0.1:{program.port}")
        home = visitor.sign_in(PERFORMER)
        offer = visitor.write_offer(the_one(r'href="(/projects/\d+)', home))
        assert visitor.text_of(offer).endswith("заявку на карту в приложении.")
