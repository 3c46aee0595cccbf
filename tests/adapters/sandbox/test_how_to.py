"""The page on rehearsing failures says what there is, and its scripts can be read."""

import re
from pathlib import Path
from typing import get_args

from adapters.sandbox.core.faults import Effect, Fault, read_script

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "rehearse-failures.md").read_text("utf-8")


def test_every_script_on_the_page_can_be_read():
    scripts = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert [len(read_script(text, "page").fault) for text in scripts] == [1, 4]


def test_every_effect_and_every_key_is_on_the_page():
    effects = re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)
    assert set(get_args(Effect)) == set(effects) & set(get_args(Effect))
    missing = [name for name in Fault.model_fields if f"`{name}" not in PAGE]
    assert missing == []
