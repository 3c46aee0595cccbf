"""Postmortems that are kept elsewhere, as an issue's text and comments mention them."""

import re
from collections.abc import Iterator
from typing import Final

from sync.rules.model import PostmortemFacts

_LINK: Final = re.compile(
    r"\[(?P<text>[^\]\n]*)\]\((?P<target>[^)\s]+)\)|(?P<bare>https?://[^\s<>)\]\"']+)"
)
_REVIEW: Final = re.compile(
    r"post[-_ ]?mortem|incident[-_ ](?:review|report|retro)|retrospective|\bRCA\b|root[-_ ]cause",
    re.IGNORECASE,
)
_HEADING: Final = re.compile(
    r"^[\W_]*(?:post[- ]?mortem|incident (?:review|report)|retrospective|RCA)\W*$|"
    r"^[\W_]*(?:post[- ]?mortem|incident (?:review|report)|retrospective|RCA)\W{0,4}:",
    re.IGNORECASE,
)


def linked_postmortems(text: str) -> Iterator[PostmortemFacts]:
    """Postmortems that a text links to: a link that is called one, or stands behind the word."""
    heading = False
    for line in text.splitlines():
        announced = heading or bool(_HEADING.match(line))
        for match in _LINK.finditer(line):
            target = match["target"] or match["bare"]
            if announced or _REVIEW.search(match["text"] or "") or _REVIEW.search(target):
                yield PostmortemFacts(name=match["text"] or target, url=target, linked_only=True)
        if line.strip():
            heading = bool(_HEADING.match(line)) and not _LINK.search(line)
