"""The demo plays to its end with the real program, and would say so if it did not."""

import pytest

from adapters.seams import Seams
from sync.demo import run_demo
from sync.demo.agreement import disagreements
from sync.demo.workspace import DOCUMENTS, heads


def test_the_demo_ends_in_step_and_leaves_nothing_behind(cli):
    result = cli.plain("demo")
    assert result.exit_code == 0
    assert "In step: every item has its counterpart, every field agrees," in result.stdout
    assert "+ create    documents  acme/payments#7 -> PAY-T-0007" in result.stdout
    assert "because phase: changed in the tracker" in result.stdout


def test_a_demo_that_is_kept_can_be_looked_at_afterwards(cli, tmp_path):
    folder = tmp_path / "kept"
    assert cli.plain("demo", "--keep", str(folder)).exit_code == 0
    found = {code: phase for code, phase, _ in heads(folder / "payments" / ".metis")}
    assert found["PAY-T-0001"] == "active"
    assert found["PAY-T-0002"] == "completed"
    assert found["PAY-T-0005"] == "backlog, archived"
    assert found["PAY-T-0007"] == "backlog"
    assert cli.plain("demo", "--keep", str(folder)).exit_code == 2


class Silent:
    def chapter(self, title):
        pass

    def says(self, text):
        pass

    def report(self, report):
        pass


@pytest.fixture
def played(tmp_path):
    """What ``disagreements`` says after somebody did something behind the program's back."""

    def playing(meddle):
        found = []

        def stay(demo):
            meddle(demo)
            found.extend(disagreements(demo.pair, demo.store))

        run_demo(tmp_path, Silent(), Seams(), stay=stay)
        return found

    return playing


def test_sides_in_step_have_no_disagreement(played):
    assert played(lambda demo: None) == []


def test_a_field_that_differs_is_seen(played):
    (said,) = played(lambda demo: demo.maria.rename(4, "Something else"))
    assert said.startswith("PAY-T-0004: title is Alert when")


def test_an_item_without_counterpart_is_seen(played):
    (said,) = played(lambda demo: demo.maria.open("A new one", ""))
    assert said == "issue 8 has no document"


def test_a_lost_document_is_seen(played):
    def lose(demo):
        (demo.root / DOCUMENTS[2].path).unlink()

    assert played(lose) == ["issue 3 has no document"]


def test_the_demos_documents_are_of_every_kind_a_team_has():
    phases = {one.phase for one in DOCUMENTS}
    assert {"backlog", "todo", "active", "completed"} <= phases
    assert len({one.category for one in DOCUMENTS if one.phase == "backlog"}) == 3
