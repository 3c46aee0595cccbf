"""Postmortems that cannot be taken, or only in part: named, and none stops another."""

import pytest

POSTMORTEM = """\
---
title: Payments down
incident: acme/payments#1
---

# Payments down

## Action items

- [ ] Alert on errors — @ann (due 2026-06-01)
- [ ] Double the pool
"""
DOWN = POSTMORTEM.encode()


@pytest.fixture
def reviews(ground):
    """An incident with its issue, and a folder of postmortems."""
    ground.reviews = ground.folder / "reviews"
    ground.reviews.mkdir()
    ground.change(
        "[pairs.payments]",
        '[connections.reviews]\nadapter = "postmortems"\npath = "reviews"\n\n[pairs.payments]\n'
        'postmortems = "reviews"\npeople = { ann = "maria" }',
    )
    ground.write(1, "[P0] Payments down")
    assert ground("sync").exit_code == 0
    return ground


def test_a_good_one_becomes_issues_with_its_owner_and_its_day(reviews):
    (reviews.reviews / "down.md").write_bytes(DOWN)
    assert reviews("sync").exit_code == 0
    assert reviews.titles[1:] == ["Alert on errors", "Double the pool"]
    assert list(reviews.issues[2].assignees) == ["maria"]


BROKEN = {
    "E106 another encoding": (DOWN + "Café".encode("latin-1"), "E106 bad.md byte 0xE9 at offset "),
    "E106 a NUL byte": (DOWN + b"\0", "E106 bad.md holds a NUL byte at offset "),
    "E106 a byte order mark": (
        b"\xef\xbb\xbf" + DOWN,
        "E106 bad.md begins with a byte order mark.",
    ),
    "E107": (DOWN + b"x" * 2**21, "E107 bad.md 2 MiB is over the 1 MiB limit."),
    "E132": (b"", "E132 bad.md is empty, or a template that nobody filled in;"),
}


@pytest.mark.parametrize("row", sorted(BROKEN))
def test_one_that_cannot_be_read_is_named_and_stops_no_other(reviews, row):
    data, said = BROKEN[row]
    bad = reviews.reviews / "bad.md"
    bad.write_bytes(data)
    (reviews.reviews / "good.md").write_bytes(DOWN)
    for command in ("plan", "sync"):
        result = reviews(command)
        assert result.exit_code == 0
        (line,) = [one for one in result.stdout.splitlines() if said in one]
        assert line.startswith("  . waits     documents  bad.md: ")
        assert line.rpartition(". ")[2].endswith((".", "`."))
    assert reviews.titles[1:] == ["Alert on errors", "Double the pool"]
    assert bad.read_bytes() == data


def test_nothing_is_read_through_a_link(reviews):
    outside = reviews.folder / "outside.md"
    outside.write_bytes(DOWN)
    (reviews.reviews / "down.md").symlink_to(outside)
    for command in ("plan", "sync"):
        result = reviews(command)
        assert result.exit_code == 0
        said = "E112 down.md is a link; documents are not read through links."
        assert f"{said} Put the file itself there, or take the link away." in result.stdout
    assert len(reviews.issues) == 1
    assert outside.read_bytes() == DOWN


NOTED = {
    "E121": ("@ann", "@zoe", 'E121 down.md:10 nobody is mapped for "zoe".', "[pairs.NAME.people]"),
    "E131": (
        "2026-06-01",
        "Q3",
        'E131 down.md:10 "Q3" is no day; no due date is set.',
        "YYYY-MM-DD",
    ),
}


@pytest.mark.parametrize("row", sorted(NOTED))
def test_what_cannot_be_carried_over_is_named_with_its_line_and_the_rest_is(reviews, row):
    old, new, said, remedy = NOTED[row]
    (reviews.reviews / "down.md").write_text(POSTMORTEM.replace(old, new), "utf-8")
    for command in ("plan", "sync"):
        result = reviews(command)
        assert result.exit_code == 0
        (line,) = [one for one in result.stdout.splitlines() if said in one]
        assert remedy in line
    assert reviews.titles[1:] == ["Alert on errors", "Double the pool"]


def test_front_matter_without_an_end_hides_no_action_item(reviews):
    text = POSTMORTEM.replace("acme/payments#1\n---\n", "acme/payments#1\n")
    (reviews.reviews / "down.md").write_text(text, "utf-8")
    assert reviews("sync").exit_code == 0
    assert reviews.titles[1:] == ["Alert on errors", "Double the pool"]


def test_a_folder_that_is_not_there_is_named_and_takes_nothing_back(reviews):
    (reviews.reviews / "down.md").write_bytes(DOWN)
    reviews("sync")
    written = reviews.written()
    reviews.reviews.rename(reviews.folder / "away")
    for command in ("plan", "sync"):
        result = reviews(command)
        assert result.exit_code == 1
        assert str(reviews.reviews) in result.stderr
    assert reviews.written() == written
    assert [one.closed_at for one in reviews.issues.values()] == [None] * 3
