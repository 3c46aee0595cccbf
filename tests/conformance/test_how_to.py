"""docs/how-to/write-an-adapter.md shows the adapter in memory as it is."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/write-an-adapter.md").read_text("utf-8")
BLOCKS = re.findall(r"^```py\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
FILES = [*(ROOT / "adapters/memory").glob("*.py"), ROOT / "tests/conformance/test_memory.py"]


def test_the_page_shows_pieces_of_the_adapter():
    assert len(BLOCKS) > 3


@pytest.mark.parametrize("block", BLOCKS)
def test_every_piece_stands_in_the_source_word_for_word(block):
    assert any(block in path.read_text("utf-8") for path in FILES), block
