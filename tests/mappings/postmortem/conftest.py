"""Documents as a person writes them, read."""

import textwrap

import pytest

from mappings.postmortem.reading import read_postmortem


@pytest.fixture
def read():
    """Reads an indented document; its first line is line 1."""

    def reading(text, name="2026-03-02-checkout.md"):
        return read_postmortem(textwrap.dedent(text).lstrip("\n"), name=name)

    return reading


@pytest.fixture
def actions(read):
    """The certain items of what stands under "Action items"."""

    def of(text, heading="Action items"):
        return read(f"# Outage\n\n## {heading}\n\n{textwrap.dedent(text).lstrip()}").actions

    return of
