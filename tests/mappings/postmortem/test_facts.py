"""What a document says of the incident, in whichever place and language."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mappings.postmortem.reading import read_postmortem


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("**Severity:** SEV-1", "SEV1"),
        ("Severity: sev 2", "SEV2"),
        ("Severity: P0", "SEV1"),
        ("Severity: Major (High impact)", "SEV2"),
        ("Severity: low", "SEV4"),
        ("| Field | Value |\n|--|--|\n| Severity | SEV3 |", "SEV3"),
        ("| Severity | Date |\n|--|--|\n| Critical | 2026-01-01 |", "SEV1"),
        ("## Severity\n\nSEV2, as checkout was down", "SEV2"),
        ("- **Sev**: 3\n- x", "SEV3"),
        ("Severity: SEV1 / SEV2 / SEV3", None),
        ("Severity: [ ] SEV1 [x] SEV2", "SEV2"),
        ("Severity: [ ] SEV1 [ ] SEV2", None),
        ("Severity: TBD", None),
        ("Priority: P1", "SEV2"),
        ("The severity was clear to all of us.", None),
        ("**Schweregrad:** Kritisch", "SEV1"),
        ("**重大度**\uff1aSEV-3", "SEV3"),
        ("**Gravité :** majeure", "SEV2"),
        ("- 重大度: 高", "SEV2"),
    ],
)
def test_the_severity(text, severity):
    reading = read_postmortem(f"# Shop down\n\n{text}\n\nThe disk was full of old logs.\n")
    assert reading.severity == severity


@pytest.mark.parametrize("title", ["[SEV1] Shop down", "[P0] Shop down", "SEV-1: shop down"])
def test_the_severity_of_the_title(title):
    assert read_postmortem(f"# {title}\n\nThe disk was full of old logs.\n").severity == "SEV1"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("# Shop down\n**Date:** 2 March 2026", ""),
        ("# Shop down\nDate: March 2nd, 2026", ""),
        ("# Shop down, 2026-03-02", ""),
        ("# Shop down\n| Date | Lead |\n|--|--|\n| 02.03.2026 | ana |", ""),
        ("---\ndate: 2026-03-02\n---\n# Shop down", ""),
        ("# Shop down", "2026-03-02-shop.md"),
        ("# Shop down", "reviews/2026-03/shop-2026-03-02.md"),
        ("# Shop down\nLast modified: 2026-04-09\n## Summary\nOn March 2, 2026 it broke.", ""),
        ("# 2026年3月2日の障害", ""),
        ("# Shop down\n**Date:** YYYY-MM-DD", "2026-03-02.md"),
    ],
)
def test_the_day(head, name):
    text = f"{head}\n\nThe disk was full of old logs.\n"
    assert read_postmortem(text, name=name).day == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("**Duration:** 1h50m", timedelta(hours=1, minutes=50)),
        ("Duration: 5 hours and 26 minutes", timedelta(hours=5, minutes=26)),
        ("Time to resolve: 0h 43m", timedelta(minutes=43)),
        ("Dauer: 2 Stunden 15 Minuten", timedelta(hours=2, minutes=15)),
        ("影響時間: 約 2 時間", timedelta(hours=2)),
        ("Duration: 01:30:00", timedelta(hours=1, minutes=30)),
        ("Downtime: an hour", timedelta(hours=1)),
        ("## Summary\nThe shop was unavailable for about 45 minutes.", timedelta(minutes=45)),
        ("## Summary\nWe saw a 7 minute outage of the shop.", timedelta(minutes=7)),
        ("## Summary\nThe shop was down for at most 3 hours.", None),
        ("## Summary\nThe cache keeps entries for 10 minutes.", None),
        ("Duration: TBD", None),
    ],
)
def test_the_duration(text, duration):
    assert read_postmortem(f"# Shop down\n\n{text}\n\nThe disk was full.\n").duration == duration


def test_when_it_began_and_ended_in_utc():
    reading = read_postmortem(
        "# Shop down\n"
        "- Started: 2026-03-02 09:15 CET\n"
        "- Resolved: 2026-03-02 11:00 CET\n"
        "\nThe disk was full.\n"
    )
    assert reading.started == datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
    assert reading.resolved == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert reading.duration == timedelta(hours=1, minutes=45)


def test_times_without_a_zone_are_not_guessed():
    reading = read_postmortem("# Shop down\nStarted: 2026-03-02 09:15\n\nThe disk was full.\n")
    assert (reading.started, reading.day) == (None, date(2026, 3, 2))


def test_the_zone_that_the_timeline_states_holds_for_all_times():
    reading = read_postmortem(
        "# Shop down\nDate: 2026-03-02\nStart: 9:15 PM\nEnd: 22:00\n\n"
        "## Timeline\nAll times in PST.\n\n- 21:15 alarm\n"
    )
    assert reading.started == datetime(2026, 3, 3, 5, 15, tzinfo=UTC)
    assert reading.duration == timedelta(minutes=45)


def test_a_period_with_both_times():
    reading = read_postmortem(
        "# X\n| 項目 | 値 |\n|--|--|\n| 影響期間 | 2026-03-23 19:25 JST 〜 21:27 JST |\n"
    )
    assert reading.started == datetime(2026, 3, 23, 10, 25, tzinfo=UTC)
    assert reading.resolved == datetime(2026, 3, 23, 12, 27, tzinfo=UTC)


def test_the_services():
    text = "# X\n**Affected services:** checkout, `payments-api` and search\n\nThe disk was full.\n"
    assert read_postmortem(text).services == ("checkout", "payments-api", "search")
    text = "---\nservices: [checkout, search]\n---\n# X\n\nThe disk was full.\n"
    assert read_postmortem(text).services == ("checkout", "search")


@pytest.mark.parametrize(
    ("head", "name", "incidents"),
    [
        ("---\nincident: acme/web#12\n---\n# X", "", ("acme/web#12",)),
        ("# X\n**Incident:** INC-7", "", ("INC-7",)),
        ("# X\n**Incident:** PAY-T-0012", "", ("PAY-T-0012",)),
        ("# X\nIncident: #12, #13", "", ("#12", "#13")),
        ("# X (incident #465)", "", ("#465",)),
        ("# INC-42: X", "", ("INC-42",)),
        ("# X\nIssue: https://github.com/acme/web/issues/9", "", ("https://github.com/acme/web/issues/9",)),
        ("# X", "reviews/inc-42-shop.md", ("INC-42",)),
        ("# X", "PM-2026-001.md", ()),
        ("# X", "06-nov-2022-halt.md", ()),
        ("# Incident 2026-01-09: X", "", ()),
        ("# X\n**Incident:** INC-XXX", "", ()),
    ],
)  # fmt: skip
def test_the_incidents_it_belongs_to(head, name, incidents):
    reading = read_postmortem(f"{head}\n\nThe disk was full.\n", name=name)
    assert reading.incidents == incidents
    assert reading.incident == (incidents[0] if incidents else "")


def test_the_root_cause_is_plain_text():
    reading = read_postmortem("# X\n## Root cause\n\nThe `disk` was **full**.\n\n- Logs grew\n")
    assert reading.root_cause == "The disk was full.\nLogs grew"
    assert read_postmortem("# X\n\n**Root cause:** a full disk\n").root_cause == "a full disk"


@pytest.mark.parametrize(
    ("sentence", "blamed"),
    [
        ("Priya Nair forgot to renew it.", True),
        ("Priya failed to renew it.", True),
        ("The outage was caused by @bo, who deployed.", True),
        ("It was Priya's mistake.", True),
        ("Sam Lee was careless.", True),
        ("Redis failed to start.", False),
        ("The outage was caused by Kubernetes.", False),
        ("It was not Priya's mistake.", False),
        ("Priya rolled it back.", False),
        ("The engineer was not warned.", False),
    ],
)
def test_a_person_named_as_the_cause(sentence, blamed):
    text = (
        f"# X\nIncident commander: Priya Nair\n\n## Root cause\n\nThe disk was full. {sentence}\n"
    )
    assert read_postmortem(text).blames == (((6, sentence),) if blamed else ())


def test_a_timeline_may_say_who_did_what():
    text = "# X\nLead: Priya\n\n## Timeline\n- 09:00 Priya failed to reach the host\n"
    assert read_postmortem(text).blames == ()


def test_waivers_come_with_their_lines():
    reading = read_postmortem(
        "# X\n\nThe disk was full.\n\nwaive: no-preventive-action until 2026-12-31 because so\n"
    )
    waiver = reading.waivers[0]
    assert (waiver.line, waiver.rule, waiver.reason) == (5, "no-preventive-action", "so")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("**Date range:** 2026-03-02 to 2026-03-04", "2026-03-02"),
        ("**Fecha y hora:** 03/04/2026 14:00", "2026-04-03"),
        ("## 22/Mar/2026", "2026-03-22"),
        ("Date: 04-03-2026\n\nIt began on 4 March 2026.", "2026-03-04"),
        ("Date: 04-03-2026\n\nIt began on April 3, 2026.", "2026-04-03"),
    ],
)
def test_days_in_orders_and_forms_that_the_document_itself_explains(read, text, day):
    assert (
        read(f"# Shop closed\n\n{text}\n\nNobody could buy.\n", name="shop.md").day.isoformat()
        == day
    )


def test_a_day_that_can_be_read_two_ways_is_not_guessed(read):
    assert (
        read("# Shop closed\n\nDate: 04/03/2026\n\nNobody could buy.\n", name="shop.md").day is None
    )


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("### Severity: medium", "SEV3"),
        ("## Severity\n\n**Critical** - a major part of the shop was closed", "SEV1"),
        ("## Severity\n\n**High** and so on, " + "told at great length " * 12, "SEV2"),
        ("Severity: none, a minor wording aside, a major one not", ""),
        ("Severity: not critical, nobody was woken", ""),
    ],
)
def test_a_severity_told_at_length_or_in_a_heading(read, text, severity):
    found = read(f"# Shop closed\n\n{text}\n\n## Impact\n\nNobody could buy.\n")
    assert (found.severity or "") == severity


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Date: January 14-19, 2026", "2026-01-14"),
        ("Date: 14 to 19 January 2026", "2026-01-14"),
        ("Datum: 14.-19. Januar 2026", "2026-01-14"),
    ],
)
def test_of_several_days_the_first_counts(read, text, day):
    assert read(f"# Shop closed\n\n{text}\n", name="2026-01-20-shop.md").day.isoformat() == day


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("**Gravité** : modérée", "SEV3"),
        ("Gravità: moderata", "SEV3"),
        ("Gravidade: alto", "SEV2"),
        ("Критичность: высокая", "SEV2"),
        ("Серьёзность: критическая", "SEV1"),
    ],
)
def test_severities_in_the_endings_of_other_languages(read, text, severity):
    assert read(f"# Boutique\n\n{text}\n\nText.\n").severity == severity


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("INC-2026-003", "INC-2026-003"),
        ("INC-2026-05-03 (SEV2)", "INC-2026-05-03"),
        ("IR-20260503-1", "IR-20260503-1"),
        ("INC0012345", "INC0012345"),
        ("INC-YYYY-NNN", None),
        ("2026-05-03", None),
        ("CVE-2026-1234", None),
    ],
)
def test_a_number_the_team_gave_the_incident_itself(read, said, number):
    for text in (f"# Queue stall\n\n**Incident ID:** {said}\n", f"# {said}: queue stall\n"):
        found = read(f"{text}\n## Impact\n\nOrders waited.\n")
        assert found.incidents == ((number,) if number else ())


@pytest.mark.parametrize(
    ("name", "incidents"),
    [
        ("inc-2026-003-queue-stall.md", ("INC-2026-003",)),
        ("pay-12-queue-stall.md", ("PAY-12",)),
        ("2026-05-03-pay-12.md", ("PAY-12",)),
        ("incident-2026-05-03-queue-stall.md", ()),
        ("2026-05-03-shop-answers-503.md", ()),
    ],
)
def test_the_name_of_the_file_tells_the_incident_where_nothing_else_does(name, incidents):
    text = "# Queue stall\n\n## Impact\n\nOrders waited.\n"
    assert read_postmortem(text, name=name).incidents == incidents
