"""Who led an incident, however a text says it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.postmortem.lead import commander_in
from mappings.postmortem.reading import read_postmortem


@pytest.mark.parametrize(
    "text",
    [
        "Incident commander: @ana",
        "**Incident Commander:** ana",
        "- **IC**: @ana",
        "* Commander: [@ana](https://github.com/ana)",
        "| Field | Value |\n|---|---|\n| Incident commander | @ana |",
        "**Date:** 2026-03-01 | **IC:** ana | **Severity:** SEV1",
        "### Incident commander\n\n@ana\n\n### Impact\n\nAll of it",
        "---\nincident_commander: ana\n---\n# Outage",
        "---\nlead: 'ana'\n---\n# Outage",
        "Incident commander: TBD\n\nIncident manager: ana",
        "Einsatzleitung: ana",
        "インシデントコマンダー: ana",
        "# Outage\r\n\r\nCommander: ana\r\n",
        "Pilote de l'incident : ana",
        "Responsable del incidente: ana",
        "Responsável pelo incidente: ana",
        "## IC\n\n- ana",
        "指揮官: ana",
    ],
)
def test_a_labelled_line_names_the_commander(text):
    assert commander_in(text) == "ana"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Incident commander: TBD",
        "Incident commander: <name>",
        "Incident commander:",
        "### Incident commander\n\n_No response_\n",
        "### Incident commander\n\n### Impact\n\nana was asleep",
        "> Incident commander: @ana",
        "```\nIncident commander: @ana\n```",
        "The incident commander was asleep.",
        "Lead: ana",
        "| Action | Incident commander |\n|---|---|\n| page | ana |",
        "Basic: ana",
    ],
)
def test_what_names_nobody_names_nobody(text):
    assert commander_in(text) == ""


def test_the_reading_of_a_postmortem_holds_it():
    text = "# Outage of 2026-03-01\n\nIncident commander: @ana\n\n## Summary\n\nIt broke at noon.\n"
    assert read_postmortem(text).commander == "ana"


@given(st.text(st.sampled_from("Incident commander: @ana\n|#>`-*_ ic"), max_size=80))
def test_no_text_is_too_odd(text):
    assert isinstance(commander_in(text), str)
