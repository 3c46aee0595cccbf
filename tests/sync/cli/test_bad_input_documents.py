"""Documents that cannot be taken: each is named with file, line and remedy, and stops no other."""

import shutil

import pytest

BAD, GOOD = "PAY-T-0001", "Good one"
PLACE = f"backlog/{BAD}.md"


def text(old, new):
    """A change of the bad document's text."""
    return lambda file: file.write_text(file.read_text("utf-8").replace(old, new, 1), "utf-8")


def data(old, new):
    """A change of its bytes."""
    return lambda file: file.write_bytes(file.read_bytes().replace(old, new, 1))


def before(prefix):
    return lambda file: file.write_bytes(prefix + file.read_bytes())


BROKEN = {
    "E101 an open quotation": (
        text('title: "A task"', 'title: "A task'),
        f"E101 {PLACE}:4:8 quotes or backslashes inside a quoted value",
        "File left untouched; not synced.",
    ),
    "E101 a colon in a value": (
        text('title: "A task"', "title: bad: task"),
        f"E101 {PLACE}:4:8 front matter is not valid YAML (mapping values not allowed here).",
        "Put the value in quotes.",
    ),
    "E101 no key at all": (
        text("archived: false", "archived"),
        f"E101 {PLACE}:10 front matter is not valid YAML",
        "File left untouched; not synced.",
    ),
    "E102": (
        text("archived: false", 'archived: false\ntitle: "Another"'),
        f'E102 {PLACE}:11 key "title" also on line 4.',
        "Keep one.",
    ),
    "E103 a number for a title": (
        text('title: "A task"', "title: 12"),
        f"E103 {PLACE}:4 title must be text.",
        'Quote it: "12".',
    ),
    "E103 a day for a time": (
        text("created_at: 2026-03-01T12:00:00.000000+00:00", "created_at: 2026-03-01"),
        f"E103 {PLACE}:6 created_at must be a full time",
        "like 2026-03-01T12:00:00+00:00.",
    ),
    "E103 a missing key": (
        text("updated_at: 2026-03-01T12:00:00.000000+00:00\n", ""),
        f'E103 {PLACE} has no "updated_at"',
        "Add the line.",
    ),
    "E104 no end": (
        text("initiative_id: NULL\n---", "initiative_id: NULL\n"),
        f"E104 {PLACE} no closing '---' within 64 KiB.",
        "Put the line after the last key.",
    ),
    "E104 no beginning": (
        text("---\nid", "id"),
        f"E104 {PLACE}:1 does not begin with '---'.",
        "Put the line before the first key.",
    ),
    "E104 an empty file": (
        lambda file: file.write_bytes(b""),
        f"E104 {PLACE}:1 does not begin with '---'.",
        "Put the line before the first key.",
    ),
    "E105 an anchor": (
        text("blocked_by: []", "blocked_by: &none []"),
        f"E105 {PLACE}:9:13 YAML anchors and tags are not accepted here.",
        "Write the value out, or quote it.",
    ),
    "E105 a tag": (
        text('title: "A task"', 'title: !!str "A task"'),
        f"E105 {PLACE}:4:8 YAML anchors and tags are not accepted here.",
        "Write the value out, or quote it.",
    ),
    "E106 another encoding": (
        data(b"Some text.", "Café".encode("latin-1")),
        f"E106 {PLACE} byte 0xE9 at offset ",
        "Save the file as UTF-8.",
    ),
    "E106 a NUL byte": (
        data(b"Some text.", b"Some\0text."),
        f"E106 {PLACE} holds a NUL byte at offset ",
        "Take it out.",
    ),
    "E106 a byte order mark": (
        before(b"\xef\xbb\xbf"),
        f"E106 {PLACE} begins with a byte order mark.",
        "Save it as UTF-8 without one.",
    ),
    "E107": (
        data(b"Some text.", b"x" * (2 * 2**20)),
        f"E107 {PLACE} 2.0 MiB is over the 1 MiB limit.",
        "Make it smaller",
    ),
    "E108 a word that Metis does not know": (
        text("#phase/todo", "#phase/doing"),
        f'E108 {PLACE}:12 "#phase/doing" is no phase of Metis: it cannot see this task.',
        'Write "#phase/active".',
    ),
    "E108 no phase": (
        text('  - "#phase/todo"\n', ""),
        f"E108 {PLACE}:12 has no phase tag: it cannot see this task.",
        'Write "#phase/backlog".',
    ),
}


@pytest.mark.parametrize("row", sorted(BROKEN))
def test_a_broken_document_is_named_with_its_line_and_remedy_and_stops_no_other(ground, row):
    spoil, said, remedy = BROKEN[row]
    spoil(ground.write(1))
    ground.write(2, GOOD)
    before = ground.files()
    for command, code in (("plan", 0), ("sync", 0), ("status", 0), ("check", 1)):
        result = ground(command)
        assert result.exit_code == code
        (line,) = [one for one in result.stdout.splitlines() if said in one]
        assert remedy in line
    assert ground.titles == [GOOD]
    assert ground.files() == before


@pytest.mark.parametrize(
    "row",
    ["E101 a colon in a value", "E104 an empty file", "E106 a NUL byte", "E107", "E108 no phase"],
)
def test_a_document_that_breaks_later_keeps_its_issue_and_is_followed_again_when_mended(
    ground, row
):
    spoil, said, _ = BROKEN[row]
    file = ground.write(1)
    assert ground("sync").exit_code == 0
    whole = file.read_bytes()
    spoil(file)
    ground.maria.edit(1, "Changed in the tracker")
    spoilt = file.read_bytes()
    result = ground("sync")
    assert said in result.stdout
    assert result.exit_code == 0
    assert file.read_bytes() == spoilt
    assert [one.closed_at for one in ground.issues.values()] == [None]
    file.write_bytes(whole)
    result = ground("sync")
    assert "waits" not in result.stdout
    assert 'title: "Changed in the tracker"' in file.read_text("utf-8")
    assert len(ground.issues) == 1


def test_one_short_code_in_two_files_freezes_both_until_one_is_changed(ground):
    file = ground.write(1, "A task")
    ground("sync")
    copy = ground.backlog / "copy.md"
    shutil.copy(file, copy)
    ground.edit(copy, "A task", "A copy")
    ground.maria.edit(1, "Changed in the tracker")
    before = ground.files()
    for command in ("plan", "sync"):
        result = ground(command)
        assert result.exit_code == 0
        assert (
            f"E110 {BAD} is in {PLACE} and backlog/copy.md. Both frozen until one is changed."
        ) in result.stdout
    assert ground.files() == before
    assert ground.titles == ["Changed in the tracker"]
    copy.unlink()
    assert ground("sync").exit_code == 0
    assert 'title: "Changed in the tracker"' in file.read_text("utf-8")


def test_a_changed_code_is_followed_by_the_documents_birth(ground):
    file = ground.write(1, "A task")
    ground("sync")
    ground.edit(file, f'short_code: "{BAD}"', 'short_code: "PAY-T-0009"')
    moved = file.rename(file.with_name("PAY-T-0009.md"))
    ground.maria.edit(1, "Changed in the tracker")
    assert ground("sync").exit_code == 0
    assert 'title: "Changed in the tracker"' in moved.read_text("utf-8")
    assert len(ground.issues) == 1


def test_a_code_that_names_another_document_is_not_taken_for_the_first_one(ground):
    ground.write(1, "A task")
    ground("sync")
    other = ground.write(1, "Quite another")
    ground.edit(other, "created_at: 2026-03-01", "created_at: 2026-03-02")
    before = ground.files()
    for command in ("plan", "sync"):
        result = ground(command)
        assert result.exit_code == 0
        assert f"E111 {BAD} now names another item than the one it is bound to." in result.stdout
        assert "Give the new one another code, or `unlink` it." in result.stdout
    assert ground.titles == ["A task"]
    assert ground.files() == before


@pytest.mark.parametrize("name", [f"{BAD}.md", "bugs"])
def test_nothing_is_read_through_a_link(ground, name):
    outside = ground.folder / "outside"
    outside.mkdir()
    secret = ground.write(1, "Out of the house")
    shutil.move(secret, outside / "document.md")
    target = outside / "document.md" if name.endswith(".md") else outside
    (ground.backlog / name).symlink_to(target)
    ground.write(2, GOOD)
    for command in ("plan", "sync"):
        result = ground(command)
        assert result.exit_code == 0
        said = f"E112 backlog/{name} is a link; documents are not read through links."
        assert f"{said} Put the file itself there, or take the link away." in result.stdout
    assert ground.titles == [GOOD]
    assert "Out of the house" in (outside / "document.md").read_text("utf-8")


def test_a_document_that_vanished_closes_nothing(ground):
    file = ground.write(1, "A task")
    ground("sync")
    kept = file.read_bytes()
    file.unlink()
    for command in ("plan", "sync"):
        result = ground(command)
        assert result.exit_code == 0
        said = f"E113 {BAD} is gone. Its issue is left open."
        assert f"{said} Restore the document, or `unlink` it." in result.stdout
    assert [one.closed_at for one in ground.issues.values()] == [None]
    file.write_bytes(kept)
    assert "waits" not in ground("sync").stdout
    assert len(ground.issues) == 1


def test_many_vanished_documents_halt_the_pair_and_close_nothing(ground):
    files = [ground.write(number, f"Task {number}") for number in range(1, 7)]
    ground("sync")
    kept = {file: file.read_bytes() for file in files[1:]}
    for file in kept:
        file.unlink()
    ground.maria.edit(1, "Changed in the tracker")
    before = ground.files()
    written = ground.written()
    for command in ("plan", "sync"):
        result = ground(command)
        assert result.exit_code == 3
        said = "E114 payments 5 of 6 items missing (limit 3). Sync halted; nothing was closed."
        assert f"{said} Restore the folder or the access." in result.stderr
    assert ground.written() == written
    assert ground.files() == before
    for file, held in kept.items():
        file.write_bytes(held)
    assert ground("sync").exit_code == 0
    assert 'title: "Changed in the tracker"' in files[0].read_text("utf-8")
    assert [one.closed_at for one in ground.issues.values()] == [None] * 6


def test_a_workspace_that_is_not_there_closes_nothing(ground):
    ground.write(1)
    ground("sync")
    away = ground.folder / "team" / ".metis"
    away.rename(ground.folder / "away")
    for command in ("plan", "sync"):
        result = ground(command)
        assert result.exit_code == 1
        assert f"E115 {away} is no Metis workspace." in result.stderr
        assert 'Give the folder that holds ".metis" as `path`' in result.stderr
    assert [one.closed_at for one in ground.issues.values()] == [None]
    (ground.folder / "away").rename(away)
    assert ground("sync").exit_code == 0
