"""Addresses that a page may lead to: what stands in a tracker or a document is nobody's promise."""

from typing import Final
from urllib.parse import quote, urlsplit

#: Everything that an address may hold and that means nothing in Markdown or HTML.
_PLAIN: Final = "/:?#@!$&*+,;=%~-._"


def web(url: str) -> str:
    """The address if it is one of the web (http, https), quoted; else ""."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return quote(url, safe=_PLAIN) if parts.scheme in {"http", "https"} and parts.netloc else ""
