"""Whether a reference, as people write it, names one issue: an address, a key, or a number."""

import re
from typing import Final

from mappings.item import Ref

# What stands behind an issue's address and is no part of it.
_BEHIND: Final = re.compile(r"[?#].*\Z")
# GitLab shows one issue under both names.
_SAME_PLACE: Final = re.compile(r"/-/work_items/|/-/issues/|/work_items/|/issues/")
_CHANGE: Final = re.compile(r"/(?:pull|pulls|pull-requests|merge_requests|commit)/|\A!\d")
_NUMBER: Final = re.compile(r"#?(\d{1,9})\Z")


def is_change(reference: str) -> bool:
    """Whether a reference leads to a change of code (a pull request), which is no issue."""
    return bool(_CHANGE.search(reference))


def names(reference: str, ref: Ref) -> bool:
    """Whether ``reference`` names ``ref``: its address, its key, or ``#7`` in its own project."""
    said = reference.strip()
    if "://" in said:
        return bool(ref.url) and _address(said) == _address(ref.url)
    if ref.key and said.casefold() == ref.key.casefold():
        return True
    short = _NUMBER.match(said)
    if short is None or "#" not in said:
        return False
    return ref.key.rpartition("#")[2] == short[1] != ref.key


def ending(reference: str) -> str:
    """What the key or address of a named issue ends with: its number, or the key itself."""
    bare = _BEHIND.sub("", reference.strip()) if "://" in reference else reference.strip()
    return re.split(r"[/#]", bare.rstrip("/"))[-1]


def _address(url: str) -> str:
    bare = _BEHIND.sub("", url.strip()).rstrip("/").casefold()
    return _SAME_PLACE.sub("/issues/", bare.partition("://")[2])
