"""A folder of postmortems: which files are read, what is made of them, what is written."""

from datetime import UTC, date, datetime, timedelta

import pytest

from adapters.errors import Missing, PreconditionFailed, Rejected, Unsupported
from adapters.files import LocalFiles
from adapters.postmortems import ADAPTER, PostmortemsSettings
from adapters.postmortems.connection import PostmortemsConnection
from adapters.postmortems.folder import Folder, matcher
from adapters.postmortems.reading import lines_of
from adapters.seams import Seams
from mappings.item import UNSET, Draft, Item, Patch, Ref
from mappings.naming import ending, is_change, names
from mappings.postmortems import read_clues
from mappings.problem import ProblemError
from mappings.profile import Profile
from mappings.vocabulary import Phase, Priority, Resolution

HEAD = "# Checkout was down\n\nIncident: INC-7\n\n## Summary\n\nAn hour.\n\n## Action items\n\n"
ISSUE = Ref("5", "acme/payments#5", "https://github.com/acme/payments/issues/5")
LINK = " ([#5](https://github.com/acme/payments/issues/5))"


class Clock:
    """An hour ahead of the files."""

    def now(self):
        return datetime.now(UTC) + timedelta(hours=1)

    def monotonic(self):
        return self.now().timestamp()

    def sleep(self, seconds):
        raise AssertionError("a folder is never waited for")


class Papers:
    def __init__(self, root):
        self.root = root
        self.profile = Profile(people={"maria": "maria-gh", "Devon Lee": "devon"})

    def write(self, text, name="2026-03-01-checkout.md"):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def open(self, **settings):
        table = PostmortemsSettings(path=self.root, **settings)
        return ADAPTER.connect("reviews", table, Seams(clock=Clock())).open("", self.profile)

    def read(self, project=None, **settings):
        (page,) = (project or self.open(**settings)).changed(None)
        return page

    def item(self, line, **settings):
        self.write(HEAD + line + "\n")
        (item,) = self.read(**settings).items
        return item


@pytest.fixture
def papers(tmp_path):
    (tmp_path / "postmortems").mkdir()
    return Papers(tmp_path / "postmortems")


def test_an_action_item_says_what_its_line_says(papers):
    item = papers.item("- [ ] [P1] Alert on a full pool - @maria-gh, due 2030-12-01 (PAY-9)")
    assert item.title == "Alert on a full pool"
    assert (item.phase, item.priority, item.owners) == (Phase.TODO, Priority.P1, ("maria",))
    assert item.due == date(2030, 12, 1)
    assert item.references == ("PAY-9",)
    assert read_clues(item.parent.id) == (("INC-7",), "2026-03-01-checkout.md")
    assert (item.severity, item.resolution) == (UNSET, UNSET)


def test_a_day_that_is_none_is_no_opinion_and_said(papers):
    item = papers.item("- [ ] Alert on a full pool - maria, due Q3")
    assert item.due is UNSET
    assert [one.code for one in item.notices] == ["E131"]


@pytest.mark.parametrize(
    ("incidents", "said"),
    [
        ("INC-7 and INC-8", {"E134"}),
        ("#12 and #13", {"E134"}),
        ("INC-7 (#12)", set()),
        ("INC-7", set()),
    ],
)
def test_a_postmortem_of_two_incidents_is_said(papers, incidents, said):
    papers.write(HEAD.replace("INC-7", incidents) + "- [ ] Alert on a full pool\n")
    (item,) = papers.read().items
    assert {one.code for one in item.notices} == said


def test_people_are_known_by_our_name_or_the_trackers(papers):
    assert papers.item("- [ ] Alert on it (owner: Devon Lee)").owners == ("Devon Lee",)
    assert papers.item("- [ ] Alert on it (owner: zoe)").owners is UNSET


def test_only_files_that_the_pattern_names_are_read(papers):
    for name in ("a.md", "old/b.md", "README.md", ".drafts/c.md"):
        papers.write(HEAD + "- [ ] Alert on a full pool\n", name)
    papers.write("no markdown", "notes.txt")
    assert {one.ref.key for one in papers.read().items} == {"a.md:11", "old/b.md:11"}
    assert {one.ref.key for one in papers.read(glob="*.md", skip=()).items} == {
        "README.md:11", "a.md:11", "old/b.md:11",
    }  # fmt: skip
    assert {one.ref.key for one in papers.read(glob="old/*.md").items} == {"old/b.md:11"}


@pytest.mark.parametrize(
    ("pattern", "path", "found"),
    [
        ("**/*.md", "a.md", True),
        ("**/*.md", "x/y/a.md", True),
        ("x/*.md", "x/y/a.md", False),
        ("postmortem-*.md", "x/postmortem-1.md", True),
        ("x/**", "x/y/a.md", True),
        ("a.md", "axmd", False),
        ("?.md", "ab.md", False),
    ],
)
def test_patterns(pattern, path, found):
    assert bool(matcher(pattern).fullmatch(path)) is found


def test_nothing_is_read_through_links(papers, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text(HEAD + "- [ ] Tell nobody\n")
    (papers.root / "file.md").symlink_to(outside / "secret.md")
    (papers.root / "folder").symlink_to(outside)
    page = papers.read()
    assert page.items == ()
    assert {one.id: one.problem.code for one in page.broken} == {
        "file.md": "E112",
        "folder": "E112",
    }


def test_nothing_is_written_through_a_link_put_in_between(papers, tmp_path):
    path = papers.write(HEAD + "- [ ] Alert on a full pool\n", "2026/checkout.md")
    project = papers.open()
    (item,) = papers.read(project).items
    elsewhere = tmp_path / "elsewhere"
    path.parent.rename(elsewhere)
    path.parent.symlink_to(elsewhere)
    before = (elsewhere / "checkout.md").read_bytes()
    with pytest.raises((Rejected, Missing)):
        project.update(item.ref, Patch(phase=Phase.COMPLETED), None)
    with pytest.raises(Rejected):
        Folder(papers.root, LocalFiles()).write("2026/checkout.md", b"", before)
    with pytest.raises(Rejected):
        Folder(papers.root, LocalFiles()).write("../elsewhere/checkout.md", b"", before)
    assert (elsewhere / "checkout.md").read_bytes() == before


def test_a_folder_that_is_not_there_is_an_error_and_not_an_empty_one(papers):
    papers.root.rmdir()
    with pytest.raises(ProblemError, match="E115"):
        papers.read()


def test_a_template_and_an_empty_file_hold_nothing(papers):
    papers.write("", "empty.md")
    page = papers.read()
    assert page.items == ()
    assert [(one.id, one.problem.code) for one in page.broken] == [("empty.md", "E132")]


def test_a_box_inside_code_is_no_action(papers):
    text = "- [ ] Alert on a full pool\n\n```\n- [ ] not this\n```\n"
    papers.write(HEAD + text)
    assert [one.title for one in papers.read().items] == ["Alert on a full pool"]


def test_an_update_ticks_and_links_that_line_alone(papers):
    text = HEAD + "- [ ] Alert on a full pool\n- [ ] Size the pool\n"
    path = papers.write(text)
    project = papers.open()
    first, _ = papers.read(project).items
    stored = project.update(first.ref, Patch(phase=Phase.COMPLETED, origin=ISSUE), first.revision)
    line = f"- [x] Alert on a full pool{LINK}"
    assert path.read_text() == text.replace("- [ ] Alert on a full pool", line)
    assert (stored.ref, stored.phase) == (first.ref, Phase.COMPLETED)
    assert stored.references == (ISSUE.url,)
    assert stored.revision == project.fetch(first.ref).revision


def test_a_link_that_is_there_is_not_written_again(papers):
    path = papers.write(HEAD + "- [ ] Alert on a full pool (acme/payments#5)\n")
    project = papers.open()
    (item,) = papers.read(project).items
    stamp = path.stat().st_mtime_ns
    project.update(item.ref, Patch(origin=ISSUE), item.revision)
    assert path.stat().st_mtime_ns == stamp


def test_a_line_that_moved_since_is_read_again_first(papers):
    text = HEAD + "- [ ] Alert on a full pool\n"
    path = papers.write(text)
    project = papers.open()
    (item,) = papers.read(project).items
    papers.write(text.replace("- [ ]", "- [ ] Size the pool\n- [ ]"))
    before = path.read_bytes()
    with pytest.raises(PreconditionFailed):
        project.update(item.ref, Patch(phase=Phase.COMPLETED), item.revision)
    assert path.read_bytes() == before
    project.update(item.ref, Patch(phase=Phase.COMPLETED), None)
    assert "- [ ] Size the pool\n- [x] Alert on a full pool\n" in path.read_text()


def test_an_edit_between_reading_and_writing_is_not_overwritten(papers):
    class Edited(LocalFiles):
        def replace(self, path, data, expect, aside):
            path.write_bytes(path.read_bytes() + b"one more line\n")
            super().replace(path, data, expect, aside)

    path = papers.write(HEAD + "- [ ] Alert on a full pool\n")
    project = papers.open()
    project._reader.folder.files = Edited()
    (item,) = papers.read(project).items
    with pytest.raises(PreconditionFailed):
        project.update(item.ref, Patch(phase=Phase.COMPLETED), item.revision)
    assert path.read_text().endswith("- [ ] Alert on a full pool\none more line\n")
    assert list(papers.root.iterdir()) == [path]


def test_a_file_keeps_its_rights_and_line_ends(papers):
    text = (HEAD + "* [ ] Alert on a full pool\n* [x] Size the pool  \n").replace("\n", "\r\n")
    path = papers.write(text)
    path.chmod(0o640)
    project = papers.open()
    first, second = papers.read(project).items
    project.update(first.ref, Patch(phase=Phase.COMPLETED), None)
    project.update(second.ref, Patch(phase=Phase.TODO), None)
    changed = text.replace("* [ ] Alert", "* [x] Alert").replace("* [x] Size", "* [ ] Size")
    assert path.read_bytes() == changed.encode()
    assert path.stat().st_mode & 0o777 == 0o640


def test_an_unchanged_folder_is_not_read_again(papers):
    papers.write(HEAD + "- [ ] Alert on a full pool\n")
    first = papers.read()
    (second,) = papers.open().changed(first.cursor)
    assert second.items == ()
    assert second.present == first.present
    assert not second.sweep


def test_a_problem_is_said_in_every_reading_until_it_is_gone(papers):
    papers.write("", "empty.md")
    first = papers.read()
    (second,) = papers.open().changed(first.cursor)
    assert second.broken == first.broken
    papers.write(HEAD + "- [ ] Alert on a full pool\n", "empty.md")
    (third,) = papers.open().changed(second.cursor)
    assert third.broken == ()


def test_what_was_removed_is_told_once_and_what_is_gone_with_its_document_is_not(papers):
    papers.write(HEAD + "- [ ] Alert on a full pool\n- [ ] Size the pool\n")
    first = papers.read()
    papers.write(HEAD + "- [ ] Alert on a full pool\n")
    (second,) = papers.open().changed(first.cursor)
    assert second.removed == first.present - second.present
    (papers.root / "2026-03-01-checkout.md").unlink()
    (third,) = papers.open().changed(second.cursor)
    assert (third.present, third.removed) == (frozenset(), frozenset())


def test_documents_are_told_whole_with_the_refs_of_their_actions(papers):
    papers.write(HEAD + "- [ ] Alert on a full pool\n")
    papers.write(b"\xff\xfe", "broken.md")
    project = papers.open()
    (item,) = papers.read(project).items
    found = {one.place: one for one in project.documents()}
    assert found["2026-03-01-checkout.md"].actions == (item.ref,)
    assert found["2026-03-01-checkout.md"].reading.title
    assert found["broken.md"].reading is None
    assert found["broken.md"].problem.code == "E106"


def test_nothing_is_made_in_documents(papers):
    with pytest.raises(Unsupported):
        papers.open().create(Draft(title="Something"))


def test_a_document_holds_done_or_not_done():
    for phase, form in [(Phase.DOING, Phase.TODO), (Phase.COMPLETED, Phase.COMPLETED)]:
        item = Item(ref=Ref("1"), phase=phase, resolution=Resolution.DUPLICATE)
        found = papers_project().canonical(item)
        assert (found.phase, found.resolution) == (form, UNSET)


def papers_project():
    settings = PostmortemsSettings(path="nowhere")
    return ADAPTER.connect("reviews", settings, Seams()).open("", Profile())


@pytest.mark.parametrize("text", ["", "a", "a\nb", "a\r\nb\r\n", "a\rb\n\n", "\r\n\r"])
def test_lines_hold_every_byte(text):
    assert "".join(lines_of(text)) == text


@pytest.mark.parametrize(
    ("reference", "ref", "same"),
    [
        ("#5", ISSUE, True),
        ("acme/payments#5", ISSUE, True),
        ("ACME/Payments#5", ISSUE, True),
        ("acme/other#5", ISSUE, False),
        ("#15", ISSUE, False),
        ("https://github.com/acme/payments/issues/5/", ISSUE, True),
        ("https://github.com/acme/payments/issues/5#issuecomment-1", ISSUE, True),
        ("https://github.com/acme/payments/issues/51", ISSUE, False),
        ("https://github.com/acme/other/issues/5", ISSUE, False),
        ("PAY-5", Ref("10005", "PAY-5", "https://jira.example.com/browse/PAY-5"), True),
        ("#5", Ref("10005", "PAY-5"), False),
        ("#5", Ref("5", "5"), False),
        (
            "https://gitlab.com/acme/pay/-/work_items/5",
            Ref("5", "acme/pay#5", "https://gitlab.com/acme/pay/-/issues/5"),
            True,
        ),
    ],
)
def test_which_references_name_an_issue(reference, ref, same):
    assert names(reference, ref) is same
    if same:
        assert ref.key.endswith(ending(reference).upper()) or ref.url.endswith(ending(reference))


def test_a_change_of_code_is_no_issue():
    assert is_change("https://github.com/acme/payments/pull/5")
    assert is_change("https://gitlab.com/acme/pay/-/merge_requests/5")
    assert not is_change("https://github.com/acme/payments/issues/5")


def test_an_incident_given_by_settings_is_the_one_a_document_belongs_to(tmp_path):
    folder = tmp_path / "postmortems"
    folder.mkdir()
    (folder / "a.md").write_text(
        "# Payments down\n\nIncident: PAY-7\n\n## Summary\n\nNobody paid.\n"
    )
    connection = PostmortemsConnection(
        Folder(folder, LocalFiles()), Clock(), incidents={"a.md": "PAY-8"}
    )
    (document,) = connection.open("", Profile()).documents()
    assert document.reading.incidents == ("PAY-8",)
