"""Which section is which, which are empty, and which documents nobody has filled in."""

import pytest

from mappings.postmortem.model import SectionKind
from mappings.postmortem.reading import read_postmortem
from mappings.postmortem.words import kinds_of


@pytest.mark.parametrize(
    ("heading", "kinds"),
    [
        ("Summary", "summary"),
        ("1. Executive summary", "summary"),
        (":warning: Impact", "impact"),
        ("Timeline (times in UTC)", "timeline"),
        ("Timeline summary", "timeline"),
        ("Root Cause(s)", "root-cause"),
        ("5 Whys", "root-cause"),
        ("Root cause and contributing factors", "root-cause contributing-factors"),
        ("Contributing Factor(s)", "contributing-factors"),
        ("✅ Action items", "actions"),
        ("Corrective and preventative measures", "actions prevention"),
        ("What are we doing about it?", "actions"),
        ("Lessons learnt", "lessons"),
        ("What didn't go so well?", "lessons"),
        ("How do we prevent this from happening again?", "prevention"),
        ("Actions taken during the incident", ""),
        ("12:30 Root cause found", ""),
        ("Supporting information", ""),
        ("Zusammenfassung", "summary"),
        ("Auswirkungen auf Kunden", "impact"),
        ("Maßnahmen", "actions"),
        ("Grundursache", "root-cause"),
        ("Résumé", "summary"),
        ("Éléments d\u2019action", "actions"),
        ("Leçons apprises", "lessons"),
        ("Cronología", "timeline"),
        ("Causa raíz", "root-cause"),
        ("Próximos pasos", "actions"),
        ("Lições aprendidas", "lessons"),
        ("アクションアイテム", "actions"),
        ("再発防止策", "actions prevention"),
        ("根本原因分析", "root-cause"),
        ("タイムライン", "timeline"),
        ("经验教训", "lessons"),
        ("근본 원인", "root-cause"),
        ("Хронология событий", "timeline"),
    ],
)
def test_what_a_heading_heads(heading, kinds):
    assert set(kinds_of(heading)) == {SectionKind(one) for one in kinds.split()}


def test_sections_have_their_lines_and_reach_over_their_subsections():
    reading = read_postmortem(
        "# X\n\n## Summary\n\nShort.\n\n## Lessons\n\n### Luck\n\nWe were lucky.\n\n## Impact\n"
    )
    told = [(one.kind, one.line, one.end_line, one.template) for one in reading.sections]
    assert told == [
        ("summary", 3, 6, False),
        ("lessons", 7, 12, False),
        ("impact", 13, 14, True),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "TBD",
        "*Describe the impact on users.*",
        "<!-- who was affected? -->",
        "> What was the impact of the incident?",
        "[Describe the impact here]",
        "What was the impact?",
        "{{ impact }}",
        "- \n- ",
        "| Metric | Value |\n|--|--|\n| | |",
        "Lorem ipsum dolor sit amet",
    ],
)
def test_a_section_that_is_still_a_template(content):
    told = "# Shop down\n\n## Summary\n\nThe disk was full.\n\nWe freed it."
    text = f"{told}\n\n## Impact\n\n{content}\n"
    assert [(one.kind, one.template) for one in read_postmortem(text).sections] == [
        ("summary", False),
        ("impact", True),
    ]


TEMPLATES = {
    "headings alone": "# Title\n## Summary\n## Impact\n## Root cause\n## Action items\n",
    "prompts": (
        "# Postmortem: [incident title]\n**Date:** YYYY-MM-DD\n**Severity:** SEV1 | SEV2\n"
        "## Summary\n*What happened?*\n## Impact\nDescribe the impact on users.\n"
        "## Timeline\n| Time | Event |\n|--|--|\n| HH:MM | Event |\n"
        "## Action items\n- [ ] Action 1 — @owner\n- [ ] [Action] (owner, due)\n"
    ),
    "an issue form": (
        "---\nname: Postmortem\nabout: Report an outage\nlabels: postmortem\n---\n## Summary\n"
        "## Steps to close\n- [ ] Is somebody assigned?\n- [ ] Add a description\n"
    ),
    "a form with an example": (
        "# Postmortem template\n## Summary\nLorem ipsum dolor\n"
        "## Actions\n| Action | Owner | Due |\n|--|--|--|\n| Example: add a test | <owner> | "
        "YYYY-MM-DD |\n"
    ),
    "french": (
        "# Modèle de rapport\n## Sommaire\n*...*\n## Causes\n*Quelles sont les causes de "
        "l'incident ?*\n"
        "## Mesures\n| Mesure | Responsable |\n|--|--|\n| Corriger [le problème] | |\n"
    ),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_comes_out_of_a_template(name):
    reading = read_postmortem(TEMPLATES[name])
    assert reading.template
    assert (reading.actions, reading.uncertain) == ((), ())
    assert [one.code for one in reading.problems] == ["E132"]
    assert all(one.template for one in reading.sections)


def test_a_name_that_says_template_is_enough():
    text = "# Shop down\n\n## Actions\n\n- Rotate the logs\n"
    assert read_postmortem(text, name="docs/postmortem-template.md").template
    assert read_postmortem(text, name="templates/pm.md").template
    assert not read_postmortem(text, name="shop.md").template


def test_a_filled_document_with_prompts_left_in_is_none():
    reading = read_postmortem(
        "# Shop down\n## Summary\n*Describe what happened.*\n\nThe disk was full of old logs.\n"
        "## Impact\n*Who was affected?*\n\nNobody could pay for an hour.\n"
        "## Actions\nEvery action needs an issue.\n\n- [ ] Rotate the logs\n"
    )
    assert not reading.template
    assert [one.title for one in reading.actions] == ["Rotate the logs"]


@pytest.mark.parametrize("text", ["", "  \n\n", "\ufeff"])
def test_an_empty_document_says_nothing(text):
    reading = read_postmortem(text, name="x.md")
    assert reading.template
    assert [(one.code, one.place) for one in reading.problems] == [("E132", "x.md")]


def test_a_document_that_is_too_long_is_not_read():
    reading = read_postmortem("# X\n\n- a\n" * 700_000, name="x.md")
    assert [one.code for one in reading.problems] == ["E107"]
    assert not reading.actions
