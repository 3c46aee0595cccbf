"""What stands within a line: markup taken off, links and emphasis found."""

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

#: Longest text looked at; nobody writes a line like that, and every pattern stays quick.
LONGEST: Final = 4000

_LINK: Final = re.compile(
    r"!?\[((?:[^\[\]]|\[[^\[\]]{0,200}\]){0,500})\]"
    r"\(\s*<?([^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)*)>?(?:\s+\"[^\"]*\"|\s+'[^']*')?\s*\)"
)
_NAMED: Final = re.compile(r"\[([^\[\]]{1,300})\](?:\[([^\[\]]{0,300})\])?")
_DEFINITION: Final = re.compile(r"^ {0,3}\[([^\[\]\n]{1,300})\]:[ \t]*<?([^\s<>]+)>?", re.MULTILINE)
_ANGLE: Final = re.compile(r"<((?:https?|mailto):[^<>\s]+)>")
_BARE: Final = re.compile(r"https?://[^\s<>()\[\]|\"'`]+(?:\([^\s<>()]*\)[^\s<>()\[\]|\"'`]*)*")
_CODE: Final = re.compile(r"(`{1,3})(?!`)(.{1,1000}?)(?<!`)\1(?!`)", re.DOTALL)
#: Where a piece of code stood while emphasis around it is taken off.
_KEPT: Final = re.compile(r"\x00(\d+)\x00")
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAGS: Final = re.compile(
    r"</?(?:a|abbr|b|big|br|code|del|details|div|em|font|h[1-6]|hr|i|img|ins|kbd|li|mark|ol|p|pre|s"
    r"|small|span|strike|strong|sub|summary|sup|table|tbody|td|th|thead|tr|u|ul|var|time)"
    r"(?:\s[^<>]{0,500})?/?>",
    re.IGNORECASE,
)
_STARS: Final = re.compile(r"(\*{1,3})(?=\S)([^*]{1,1000}?)(?<=\S)\1")
_UNDERS: Final = re.compile(r"(?<![\w\\])(_{1,3})(?=[^\s_])([^_]{1,1000}?)(?<=[^\s_])\1(?!\w)")
_STRUCK: Final = re.compile(r"~~(?=\S)(.{1,1000}?)(?<=\S)~~", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_SHORTCODE: Final = re.compile(r":([a-z][a-z0-9_+-]{1,40}):")
_BLANKS: Final = re.compile(r"\s+")
_MARKUP: Final = re.compile(r"[\[*_`<~\\&:]")
_COMBINING: Final = re.compile("[\u0300-\u036f]")
_APOSTROPHE: Final = re.compile("['\u2019\u2018\u02bc`]")
_NO_WORD: Final = re.compile(r"[^\w#]+|_+")
#: The emoji that say something of an item, by the names they have in chat and on GitHub.
_EMOJI: Final = {
    "white_check_mark": "\u2705",
    "heavy_check_mark": "\u2714",
    "check": "\u2714",
    "ballot_box_with_check": "\u2611",
    "done": "\u2705",
    "x": "\u274c",
    "construction": "\U0001f6a7",
    "hourglass": "\u23f3",
}
_WHOLLY_STRUCK: Final = re.compile(r"\s*(?:\[[ xX]\]\s*)?~~[^~]+~~[\s.]*")
_BOLD: Final = re.compile(r"\s*(\*\*|__)(?=\S)([^*\n]{1,150}?)(?<=\S)\1[\s:\uff1a.]*")
_LABEL: Final = re.compile(
    r"\s*(?:(\*\*|__)\s*([^*_\n]{1,60}?)\s*(?:[:\uff1a]\s*\1|\1\s*(?:[:\uff1a]"
    r"|(?=\s*[-\u2013\u2014]\s)"
    r"\s*[-\u2013\u2014]))|([^\W\d][^:\uff1a\n*`|.!?]{0,40}?)\s*(?:[:\uff1a](?=\s|\Z)|\uff1a))\s*"
)


def definitions(text: str) -> dict[str, str]:
    """Addresses by the names that ``[text][name]`` uses, in lower case."""
    if "]:" not in text:
        return {}
    return {one[1].casefold(): one[2] for one in _DEFINITION.finditer(text)}


def plain(text: str, named: Mapping[str, str] | None = None) -> str:
    """The text as it is read, on one line: markup off, links by their words."""
    text = text[:LONGEST]
    if not named or "[" not in text:
        return _plain(text)
    return _plain(_NAMED.sub(lambda one: _worded(one, named), _unlinked(text)))


# Each text of a document is looked at several times; what is remembered is about one document.
@lru_cache(maxsize=512)
def _plain(text: str) -> str:
    if not _MARKUP.search(text):
        return _BLANKS.sub(" ", text).strip()
    text = _unlinked(text)
    codes: list[str] = []

    def kept(code: re.Match[str]) -> str:
        codes.append(code[2])
        return f"\x00{len(codes) - 1}\x00"

    text = _CODE.sub(kept, text.replace("\x00", " ")) if "`" in text else text
    text = _unmarked(text)
    text = _KEPT.sub(lambda one: codes[int(one[1])], text) if codes else text
    return _BLANKS.sub(" ", text).strip()


def _unlinked(text: str) -> str:
    if "<!--" in text:
        text = _COMMENT.sub(" ", text)
    return _LINK.sub(r"\1", text) if "](" in text else text


def _worded(link: re.Match[str], named: Mapping[str, str]) -> str:
    name = (link[2] or link[1]).casefold()
    return link[1] if name in named else link[0]


def _unmarked(text: str) -> str:
    if "<" in text:
        text = _TAGS.sub(" ", _ANGLE.sub(r"\1", text))
    for _ in range(2):  # bold within italics, and the reverse
        if "*" in text:
            text = _STARS.sub(r"\2", text)
        if "_" in text:
            text = _UNDERS.sub(r"\2", text)
    if "~~" in text:
        text = _STRUCK.sub(r"\1", text)
    if "\\" in text:
        text = _ESCAPED.sub(r"\1", text)
    if "&" in text:
        text = html.unescape(text)
    return _SHORTCODE.sub(_shown, text) if ":" in text else text


def _shown(code: re.Match[str]) -> str:
    return _EMOJI.get(code[1], " " if "_" in code[1] else code[0])


def addresses(text: str, named: Mapping[str, str] | None = None) -> Iterator[str]:
    """The addresses a text links to, in their order, each once."""
    text = text[:LONGEST]
    found: dict[int, str] = {}
    if "](" in text:
        found.update((one.start(), one[2]) for one in _LINK.finditer(text))
    if named and "[" in text:
        for one in _NAMED.finditer(text):
            address = named.get((one[2] or one[1]).casefold())
            if address:
                found.setdefault(one.start(), address)
    if "://" in text:
        for one in _BARE.finditer(text):
            found.setdefault(one.start(), one[0].rstrip(".,;:!?*_"))
    yield from dict.fromkeys(found[at] for at in sorted(found))


def struck(text: str) -> bool:
    """Whether all of a text is crossed out."""
    return "~~" in text and _WHOLLY_STRUCK.fullmatch(text[:LONGEST]) is not None


def bold(text: str) -> str:
    """The words of a text that is bold as a whole; "" for any other."""
    match = _BOLD.fullmatch(text) if text[:3].strip()[:1] in {"*", "_"} else None
    return match[2].strip() if match else ""


def label(text: str) -> tuple[str, str, bool] | None:
    """``**Word:** rest`` or ``Word: rest`` as (word, rest, whether bold); None for others."""
    match = _LABEL.match(text)
    if match is None:
        return None
    word = match[2] if match[1] else match[3]
    return word.strip(" :\uff1a"), text[match.end() :].strip(), bool(match[1])


@lru_cache(maxsize=1024)
def norm(text: str) -> str:
    """Words for comparing: no accents, lower case, no punctuation; ``#`` stays."""
    text = _APOSTROPHE.sub("", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = _COMBINING.sub("", unicodedata.normalize("NFD", text))
        text = unicodedata.normalize("NFC", text)
    return _NO_WORD.sub(" ", text.casefold()).strip()
