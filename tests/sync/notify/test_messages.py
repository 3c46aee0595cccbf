"""What is said: short, with an address, and harmless wherever it is read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.item import Ref
from sync.notify.choose import digest_due
from sync.notify.messages import LONGEST, alert, digest, plain, several
from sync.notify.settings import ChannelSettings
from sync.rules.model import Level


def test_an_alert_says_what_until_when_what_to_do_and_where(finding):
    message = alert(finding(evidence=("closed 2026-03-04 12:00 UTC",)))
    assert message.title == "due: postmortem-missing (payments)"
    assert message.body.splitlines() == [
        '"Incident 1" was closed and no postmortem belongs to it.',
        "closed 2026-03-04 12:00 UTC",
        "To be met by 2026-03-06 12:00 UTC.",
        "Write it.",
        "https://x.test/1",
    ]


def test_what_is_overdue_has_no_day_any_more(finding):
    assert "To be met" not in alert(finding(level=Level.OVERDUE)).body


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://x.test/1|click", "https://x.test/a b", "<!channel>", ""]
)
def test_only_an_address_that_can_be_followed_is_shown(finding, url):
    message = alert(replace(finding(), item=Ref("1", "x", url)))
    assert message.body.splitlines()[-1] == "Write it."
    assert alert(replace(finding(), item=None)).body.splitlines()[-1] == "Write it."


@pytest.mark.parametrize(
    "text",
    ["@here come", "<!channel> come", "<@U123>", "[x](https://evil.test)", "<https://a|b>",
     "a\nb\u202ec\x1b[31m"],
)  # fmt: skip
def test_people_s_text_calls_nobody_and_hides_nothing(finding, text):
    for message in (
        alert(finding(text=text, evidence=(text,))),
        several([finding(text=text)]),
        digest([finding(text=text)], datetime(2026, 3, 4, tzinfo=UTC)),
    ):
        for sign in ("@h", "@U", "<", "[x](", "\u202e", "\x1b"):
            assert sign not in message.title + message.body
        assert text not in message.body


@given(st.text())
def test_a_plain_text_is_short_and_stays_as_it_is(text):
    once = plain(text)
    assert plain(once).replace("\u200b", "") == once.replace("\u200b", "")
    assert len(once) <= LONGEST
    assert "\n" not in once


def channel(**keys):
    return ChannelSettings.model_validate({"url": {"env": "X"}, **keys})


@pytest.mark.parametrize(
    ("keys", "last", "now", "due"),
    [
        ({"digest": "daily"}, "2026-03-04T07:59", "2026-03-04T08:00", True),
        ({"digest": "daily"}, "2026-03-04T08:00", "2026-03-05T07:59", False),
        ({"digest": "daily"}, "2026-03-01T08:00", "2026-03-05T07:59", True),
        ({"digest": "daily", "at": "23:30"}, "2026-03-04T12:00", "2026-03-05T00:10", True),
        ({"digest": "weekly"}, "2026-03-02T08:00", "2026-03-09T07:59", False),
        ({"digest": "weekly"}, "2026-03-02T08:00", "2026-03-09T08:00", True),
        ({"digest": "weekly"}, "2026-03-02T07:00", "2026-03-04T00:00", True),
        ({"digest": "off"}, "2020-01-01T00:00", "2026-03-09T08:00", False),
    ],
)
def test_when_a_digest_is_due(keys, last, now, due):
    moments = [datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (last, now)]
    assert digest_due(channel(**keys), *moments) is due


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.integers(1, 500))  # noqa: DTZ001  made UTC below
def test_after_a_digest_none_is_due_at_once_and_one_is_within_its_rhythm(last, hours):
    last = last.replace(tzinfo=UTC)
    for rhythm, longest in (("daily", 24), ("weekly", 7 * 24)):
        settings = channel(digest=rhythm)
        assert not digest_due(settings, last, last)
        if hours >= longest:
            assert digest_due(settings, last, last + timedelta(hours=hours))


@pytest.mark.parametrize("wrong", ["8", "25:00", "noon", 8])
def test_a_wrong_hour_is_refused(wrong):
    with pytest.raises(ValueError, match="time of day"):
        channel(at=wrong)
