"""Logging: one set-up for our events and for the libraries' own, with secrets taken out at the end.

Redaction works on the finished line, tracebacks and libraries' messages included, so nothing that
is written here has to remember it. Times are UTC.
"""

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import IO, Final, Literal, TypeAlias
from urllib.parse import quote, unquote

import structlog
from pydantic import SecretStr

Format: TypeAlias = Literal["auto", "lines", "json"]
Level: TypeAlias = Literal["debug", "info", "warning", "error"]

HIDDEN: Final = "[secret]"
#: Shorter values occur in ordinary words by chance.
SHORTEST_SECRET: Final = 6
#: What tokens of the trackers look like, and the places where credentials travel:
#: docs.github.com "token formats", docs.gitlab.com "token prefixes", Atlassian API tokens.
_SHAPES: Final = (
    re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-|ATATT|ATCTT)[A-Za-z0-9_=.-]{6,}"),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
    re.compile(
        r"((?:authorization|private-token|proxy-authorization)['\"]?\s*[:=]\s*['\"]?)"
        r"((?:bearer|basic|token)\s+)?[^\s'\",;}]+",
        re.IGNORECASE,
    ),
)
#: A letter beside a digit, or a capital behind a small letter: not a word that people write.
_MADE: Final = re.compile(r"[A-Za-z]\d|\d[A-Za-z]|[a-z][A-Z]")
#: Libraries that say more than anybody asked for.
_CHATTY: Final = ("urllib3", "github", "alembic", "sqlalchemy", "werkzeug")


class Redactor:
    """Takes secrets out of text: those it was told, and anything shaped like one."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def learn(self, secrets: Iterable[SecretStr | str]) -> None:
        """Remember values that must never be written, also as JSON, repr or a URL spell them."""
        for secret in secrets:
            value = secret.get_secret_value() if isinstance(secret, SecretStr) else secret
            for part in (value, *_credentials(value)):
                if len(part) >= SHORTEST_SECRET:
                    spelled = {part, repr(part)[1:-1], quote(part, safe="")}
                    self._known |= spelled | {json.dumps(one)[1:-1] for one in spelled}

    def clean(self, text: str) -> str:
        """The text without any secret."""
        for value in sorted(self._known, key=len, reverse=True):
            text = text.replace(value, HIDDEN)
        bare, address, header = _SHAPES
        text = address.sub(HIDDEN, bare.sub(HIDDEN, text))
        return header.sub(rf"\g<1>{HIDDEN}", text)


def _credentials(value: str) -> list[str]:
    """The parts of an address that are secrets by themselves: its password, and whatever in it
    looks made rather than written. Libraries name parts of an address without the rest.
    """
    scheme, found, rest = value.partition("://")
    if not (found and scheme.isalnum()):
        return []
    user, at, _ = rest.rpartition("@")
    password = user.partition(":")[2] if at else ""
    parts = [unquote(part) for part in re.split(r"[/@:?&=#]", rest)]
    return [password, *(part for part in parts if _MADE.search(part) and "." not in part)]


class _CleanFormatter(structlog.stdlib.ProcessorFormatter):
    """The last step before the stream."""

    def __init__(self, redactor: Redactor, *, as_json: bool, colours: bool) -> None:
        last: structlog.typing.Processor
        if as_json:
            last = structlog.processors.JSONRenderer(ensure_ascii=False)
        else:
            last = structlog.dev.ConsoleRenderer(
                colors=colours, exception_formatter=structlog.dev.plain_traceback
            )
        steps: list[structlog.typing.Processor] = [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta
        ]
        if as_json:
            steps.append(structlog.processors.format_exc_info)
        super().__init__(processors=[*steps, last], foreign_pre_chain=_shared())
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """One record as text, clean."""
        return self._redactor.clean(super().format(record))


def set_up(
    redactor: Redactor,
    *,
    form: Format = "auto",
    level: Level = "info",
    stream: IO[str] | None = None,
) -> None:
    """Send every log of this process to ``stream`` (standard error), clean and in one form.

    ``auto`` means lines; a container asks for ``json`` by FOLLOWTHROUGH_LOG_FORMAT.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    colours = form != "json" and stream.isatty()
    handler.setFormatter(_CleanFormatter(redactor, as_json=form == "json", colours=colours))
    root = logging.getLogger()
    for old in list(root.handlers):
        if isinstance(old.formatter, _CleanFormatter):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def tear_down() -> None:
    """Take our handler away again; the process goes on without it (tests, embedding)."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler.formatter, _CleanFormatter):
            root.removeHandler(handler)
            root.setLevel(logging.WARNING)
    structlog.reset_defaults()


def keep_traceback(redactor: Redactor, folder: Path, text: str, now: datetime) -> Path:
    """Write one traceback, clean, into a new file that only its owner may read; returns the file.

    Raises OSError where ``folder`` cannot be written.
    """
    file = folder / f"followthrough-error-{now:%Y%m%dT%H%M%SZ}.txt"
    file.touch(mode=0o600)
    with file.open("a", encoding="utf-8") as stream:
        stream.write(redactor.clean(text))
    return file


def _shared() -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
