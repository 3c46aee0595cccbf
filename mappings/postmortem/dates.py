"""Days, times, lengths of time, and due dates as people write them. Nothing is guessed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final, TypeAlias

from mappings.postmortem.inline import norm

_NAMES: Final = (
    "january jan januar janvier janv enero ene janeiro gennaio januari stycznia января янв",
    "february feb februar fevrier fevr febrero fevereiro febbraio februari lutego февраля фев",
    "march mar marz marzo mars marco maart marca марта мар mrz",
    "april apr avril avr abril aprile kwietnia апреля апр abr",
    "may mai mayo maio maggio mei maja мая",
    "june jun juni juin junio junho giugno czerwca июня июн",
    "july jul juli juillet juil julio julho luglio lipca июля июл",
    "august aug aout agosto augustus sierpnia августа авг ago",
    "september sep sept septembre septiembre setembro settembre wrzesnia сентября сен",
    "october oct oktober okt octobre octubre outubro ottobre października октября окт out",
    "november nov novembre noviembre novembro listopada ноября ноя",
    "december dec dezember dez decembre diciembre dezembro dicembre grudnia декабря дек dic",
)
_MONTHS: Final = {name: at for at, names in enumerate(_NAMES, 1) for name in names.split()}
_WORD: Final = r"([A-Za-z\u00c0-\u024f\u0400-\u04ff]{3,12})\.?"
_DAY: Final = r"(\d{1,2})(?:st|nd|rd|th|er|\.|\u00ba)?"
#: The last day of a few, of which the first counts: "14-19 January", "January 14 to 19".
_TO: Final = r"(?:\s?(?:[-\u2013]|to|and|bis|au|al?)\s?\d{1,2}(?:st|nd|rd|th|\.)?(?!\d))?"
_PATTERNS: Final = (
    ("ymd", re.compile(r"(?<!\d)(?<!\d[.-])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\d])(?!-\d)")),
    ("cjk", re.compile(r"(?:(\d{4})\s*[年년]\s*)?(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")),
    ("dmony", re.compile(rf"(?<![\d:]){_DAY}{_TO}\s*(?:of |de |d['\u2019])?[-/\s]?{_WORD}(?:\s+de)?"
                         r"(?:[,/\s-]+(\d{4}))?(?!\w)")),
    ("mondy", re.compile(rf"(?<!\w){_WORD}\s+{_DAY}{_TO}"
                         r"(?:\s*,?\s+(\d{4})|\s*,\s*(\d{4}))?(?![\w:])")),
    ("num", re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)")),
)  # fmt: skip
#: Offsets of zones whose letters mean one thing in incident reports, in hours from UTC.
_ZONES: Final = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 1, "CET": 1, "WEST": 1, "CEST": 2, "EET": 2,
    "EEST": 3, "MSK": 3, "SGT": 8, "HKT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12,
    "NZDT": 13, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
_ZONE: Final = re.compile(
    rf"(?<![A-Za-z])(?:(?:UTC|GMT)?\s?([+\u2212-])(\d{{1,2}}):?(\d{{2}})?(?!\d)"
    rf"|({'|'.join(sorted(_ZONES, key=len, reverse=True))}))(?![A-Za-z])"
)
_CLOCK: Final = re.compile(
    r"(?<![\d:])(\d{1,2})(?:[:h](\d{2})(?::(\d{2}))?)\s*([AaPp]\.?[Mm]\b)?"
    r"|(?<![\d:])(\d{1,2})\s*([AaPp][Mm])\b"
)
_UNITS: Final = (
    (86400 * 7, r"weeks?|wks?|wochen?|semaines?|semanas?|settiman[ae]|weken|週間|周|주"),
    (86400, r"days?|d|tag(?:e|en)?|jours?|j|d[i\u00ed]as?|giorn[oi]|dag(?:en)?|日間?|天|일|дн\w*"),
    (
        3600,
        r"hours?|hrs?|h|stunden?|std|heures?|horas?|or[ae]|uur|uren|時間|小时|小時|시간|час\w*|ч",
    ),
    (60, r"minutes?|mins?|m|min|minuten?|minutos?|minut[oi]|分間?|分钟|分鐘|분|мин\w*"),
    (1, r"seconds?|secs?|s|sekunden?|segundos?|second[oi]|secondes?|秒間?|초|сек\w*"),
)
_NUMBERS: Final = (
    ("one", "a", "an", "eine", "einer", "einem", "un", "une", "una", "um", "uma"),
    ("two", "zwei", "deux", "dos"),
    ("three", "drei", "trois", "tres"),
    ("four", "vier", "quatre", "cuatro"),
    ("five", "f\u00fcnf", "cinq", "cinco"),
    ("six", "sechs", "seis"),
    ("seven", "sieben", "sept"),
    ("eight", "acht", "huit"),
    ("nine", "neun"),
    ("ten", "zehn", "dix", "diez"),
    ("eleven", "elf"),
    ("twelve", "zw\u00f6lf", "douze"),
)
_WRITTEN: Final = {word: value for value, words in enumerate(_NUMBERS, 1) for word in words}
_ASCII_END: Final = r"(?![A-Za-z])"
_UNIT: Final = "|".join(f"(?P<u{seconds}>(?:{names}){_ASCII_END})" for seconds, names in _UNITS)
_WORDED: Final = "|".join(_WRITTEN)
_AMOUNT: Final = re.compile(
    rf"(?<![\w.:-])(\d{{1,4}}(?:[.,]\d{{1,2}})?|(?:{_WORDED})(?=[\s-]))[\s-]?(?:{_UNIT})",
    re.IGNORECASE,
)
_JOINED: Final = re.compile(
    rf"(\d{{1,3}})\s?h(?:ours?|rs?)?\s?(\d{{1,2}})\s?(?:m(?:in(?:utes?|s)?)?)?{_ASCII_END}",
    re.IGNORECASE,
)
_HMS: Final = re.compile(r"(?<![\d:])(\d{1,3}):(\d{2}):(\d{2})(?![\d:])")
_BETWEEN: Final = re.compile(r"[\s,]*(?:and|und|et|y|e|en|と)?[\s,]*", re.IGNORECASE)
_LOOSE_DUE: Final = re.compile(
    r"(?:(?:by|before|end of|early|mid|late|next|this|in|within|the|of|ende|fin de|fin|bis|d[ae]"
    r"|le)\s+)*"
    r"(?:q[1-4](?:[\s/-]*(?:20)?\d{2})?|(?:20)\d{2}[\s/-]*q[1-4]|h[12](?:[\s/-]*20\d{2})?"
    r"|t[1-4]\s20\d{2}"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|montag|dienstag|mittwoch"
    r"|donnerstag"
    r"|freitag|lundi|mardi|mercredi|jeudi|vendredi|lunes|martes|viernes|today|tomorrow|eod|eow|eom"
    r"|eoq|eoy"
    r"|asap|immediately|(?:next |this |current |end of |the )*(?:week|sprint|month|quarter|year"
    r"|iteration|release)"
    r"|\d+\s*(?:days?|weeks?|months?|sprints?|business days?|hours?|tage?|wochen?|jours?|semaines?"
    r"|d\u00edas?)"
    r"|sprint \d+|(?:kw|cw|week)\s?\d{1,2}|ongoing|来週|今週|今月|来月|今月末|月末|年内|下周|本周"
    r"|下月"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?:,?\s+20\d{2})?|20\d{2}-\d{2})"
    r"(?:\s*(?:-|\u2013|to|/)\s*(?:q[1-4]|h[12]|[a-z]+)?[\s/-]*(?:20\d{2})?)?[\s.]*",
    re.IGNORECASE,
)

#: A label or heading of a language that writes the day first.
_NOT_ENGLISH: Final = re.compile(
    r"^\W*(?:\d+\W+)?(?:fecha|data|datum|дата|resumen|resumo|résumé|zusammenfassung|riepilogo"
    r"|краткое описание|impacto|auswirkung(?:en)?|влияние|chronologie|cronolog[ií]a"
    r"|linha do tempo|l[ií]nea de tiempo|durée|dauer|durata|duraci[oó]n|duração)\b",
    re.IGNORECASE | re.MULTILINE,
)

Order: TypeAlias = str  # "dmy", "mdy", or "" while nothing tells


@dataclass(frozen=True, slots=True)
class Found:
    """A day found in a text, and where."""

    start: int
    end: int
    day: date


def order_of(text: str) -> Order:
    """How a document writes numeric days: told by those that can be read one way only, else by
    those it also names in another form, else by its labels, for English alone has both orders.
    """
    firsts = lasts = 0
    numbers = list(_PATTERNS[-1][1].finditer(text))
    for one in numbers:
        firsts += int(one[1]) > 12 or one[2] == "."  # noqa: PLR2004  months
        lasts += int(one[3]) > 12  # noqa: PLR2004  months
    if not firsts and not lasts and numbers:
        named = {one.day for one in days_in(text)}
        firsts = sum(_numeric(one, "dmy") in named for one in numbers if one[1] != one[3])
        lasts = sum(_numeric(one, "mdy") in named for one in numbers if one[1] != one[3])
        if not firsts and not lasts:
            firsts = int(_NOT_ENGLISH.search(text) is not None)
    return "dmy" if firsts and not lasts else "mdy" if lasts and not firsts else ""


def days_in(text: str, order: Order = "", near: date | None = None) -> Iterator[Found]:
    """Every day named in a text. A day without a year is the first one not long before ``near``."""
    found: list[Found] = []
    for style, pattern in _PATTERNS:
        for one in pattern.finditer(text) if any(map(str.isdigit, text)) else ():
            day = _day(style, one, order, near)
            if day and not any(one.start() < had.end and had.start < one.end() for had in found):
                found.append(Found(one.start(), one.end(), day))
    yield from sorted(found, key=lambda one: one.start)


def day_in(text: str, order: Order = "", near: date | None = None) -> date | None:
    """The first day named in a text."""
    return next((one.day for one in days_in(text, order, near)), None)


def _day(style: str, one: re.Match[str], order: Order, near: date | None) -> date | None:
    if style == "ymd":
        return _real(int(one[1]), int(one[3]), int(one[4]))
    if style == "cjk":
        return _dated(one[1], int(one[2]), int(one[3]), near)
    if style == "num":
        return _numeric(one, order)
    word, day = (one[2], one[1]) if style == "dmony" else (one[1], one[2])
    year = one[3] or (one[4] if style == "mondy" else None)
    month = _MONTHS.get(norm(word))
    return _dated(year, month, int(day), near) if month else None


def _numeric(one: re.Match[str], order: Order) -> date | None:
    first, second, year = int(one[1]), int(one[3]), int(one[4])
    if one[2] == "." or first > 12:  # noqa: PLR2004  months
        order = "dmy"
    elif second > 12 or first == second:  # noqa: PLR2004  months
        order = "mdy"
    if order == "dmy":
        return _real(year, second, first)
    return _real(year, first, second) if order == "mdy" else None


def _dated(year: str | None, month: int, day: int, near: date | None) -> date | None:
    if year:
        return _real(int(year), month, day)
    if near is None:
        return None
    this = _real(near.year, month, day)
    return this if this and this >= near - timedelta(days=31) else _real(near.year + 1, month, day)


def _real(year: int, month: int, day: int) -> date | None:
    if not 1970 <= year <= 2200:  # noqa: PLR2004  what incidents can be dated with
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def loosely_due(text: str) -> bool:
    """Whether a text says when, without naming a day: "Q3", "next sprint", "end of May"."""
    return len(text) <= 60 and _LOOSE_DUE.fullmatch(text.strip()) is not None  # noqa: PLR2004  chars


def span_in(text: str) -> timedelta | None:
    """The first length of time in a text: "1h50m", "5 hours 26 minutes", "約 2 時間"."""
    joined = _JOINED.search(text)
    first = _AMOUNT.search(text)
    clock = _HMS.search(text)
    if joined and (first is None or joined.start() <= first.start()):
        return timedelta(hours=int(joined[1]), minutes=int(joined[2]))
    if first is None:
        return (
            timedelta(hours=int(clock[1]), minutes=int(clock[2]), seconds=int(clock[3]))
            if clock
            else None
        )
    total = 0.0
    while first:
        total += _seconds(first)
        gap = _BETWEEN.match(text, first.end())
        first = _AMOUNT.match(text, gap.end() if gap else first.end())
    return timedelta(seconds=round(total))


def _seconds(one: re.Match[str]) -> float:
    amount = _WRITTEN.get(one[1].lower())
    value = float(amount) if amount is not None else float(one[1].replace(",", "."))
    unit = next(seconds for seconds, _ in _UNITS if one[f"u{seconds}"])
    return value * unit


def zone_in(text: str) -> timezone | None:
    """The first time zone named in a text whose letters or offset tell it."""
    for one in _ZONE.finditer(text):
        if one[4]:
            return timezone(timedelta(hours=_ZONES[one[4]]))
        if one[3] or "UTC" in one[0] or "GMT" in one[0]:
            sign = 1 if one[1] == "+" else -1
            hours, minutes = int(one[2]), int(one[3] or 0)
            if hours <= 14 and minutes < 60:  # noqa: PLR2004  the widest zone, an hour
                return timezone(sign * timedelta(hours=hours, minutes=minutes))
    return None


def moments_in(text: str, zone: timezone | None, day: date | None, order: Order) -> list[datetime]:
    """The times in a text, in UTC: none without a zone, and without a day none either."""
    zone = zone_in(_CLOCK.sub(" ", text)) or zone_in(text) or zone
    days = list(days_in(text, order, day))
    found = []
    for one in _CLOCK.finditer(text):
        before = [each.day for each in days if each.start <= one.start()]
        on = before[-1] if before else days[0].day if days else day
        moment = _moment(one, on, zone) if zone and on else None
        if moment:
            found.append(moment)
    return found


def _moment(one: re.Match[str], on: date, zone: timezone) -> datetime | None:
    hour, half = int(one[1] or one[5]), (one[4] or one[6] or "").lower()[:1]
    minute, second = int(one[2] or 0), int(one[3] or 0)
    if half:
        if not 1 <= hour <= 12:  # noqa: PLR2004  a clock face
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        at = datetime(on.year, on.month, on.day, hour, minute, second, tzinfo=zone)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
