"""The Metis adapter on real files: what it reads, the lines it changes, what it refuses."""

import shutil
import sqlite3
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.errors import Missing, PreconditionFailed, Rejected, Transient
from adapters.files import LocalFiles
from adapters.metis import MetisSettings
from adapters.metis.connection import MetisConnection
from mappings.item import Draft, Patch, Ref
from mappings.problem import ProblemError
from mappings.profile import Profile
from mappings.vocabulary import Category, Kind, Phase, Priority, Resolution, Severity

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "metis" / ".metis"


def read(project, cursor=None):
    (page,) = project.changed(cursor)
    return page


def only(project):
    (item,) = read(project).items
    return item


def changed_lines(before, after):
    old, new = before.splitlines(), after.splitlines()
    assert len(old) == len(new)
    return [b for a, b in zip(old, new, strict=True) if a != b]


def problem(project):
    page = read(project)
    assert page.items == ()
    (broken,) = page.broken
    return broken.problem


# --- reading --------------------------------------------------------------------------------


def test_a_task_is_read_with_its_prefix_category_and_phase(project, documents):
    documents.write(
        title="[P0] [SEV1] Payments fail",
        phase="active",
        path="backlog/bugs/PROJ-T-0001.md",
        tags=["bug", "gh/acme"],
    )
    item = only(project)
    assert (item.title, item.priority, item.severity) == (
        "Payments fail",
        Priority.P0,
        Severity.SEV1,
    )
    assert (item.phase, item.category, item.kind) == (Phase.DOING, Category.BUG, Kind.INCIDENT)
    assert item.body == "Some text."
    assert item.ref.birth == "2026-03-01T12:00:00.123456789+00:00"
    assert item.labels == {"gh/acme"}


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        ("discovery", Phase.BACKLOG),
        ("design", Phase.BACKLOG),
        ("ready", Phase.TODO),
        ("decompose", Phase.TODO),
        ("active", Phase.DOING),
        ("completed", Phase.COMPLETED),
    ],
)
def test_the_phases_of_an_initiative(project, documents, phase, expected):
    documents.write("PROJ-I-0001", phase=phase, level="initiative")
    item = only(project)
    assert (item.kind, item.phase) == (Kind.INITIATIVE, expected)


def test_the_initiative_of_a_task_is_its_directory_before_its_front_matter(project, documents):
    documents.write(path="initiatives/PROJ-I-0002/tasks/PROJ-T-0001.md", initiative="PROJ-I-0009")
    assert only(project).parent == Ref("PROJ-I-0002")


def test_a_parent_that_is_a_title_slug_is_no_parent(project, documents):
    documents.write(parent="some-title-slug")
    assert only(project).parent is None


def test_an_archived_unfinished_task_was_not_planned(project, documents):
    documents.write(phase="todo", archived="true")
    item = only(project)
    assert (item.phase, item.resolution) == (Phase.COMPLETED, Resolution.NOT_PLANNED)
    assert item.archived


def test_what_is_no_item_is_passed_over(project, documents):
    documents.write()
    documents.write("PROJ-A-0001", level="adr", phase="draft", path="adrs/PROJ-A-0001.md")
    for name in ("code-index.md", "templates/task/content.md", "notes.md"):
        file = documents.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("# just text\n")
    page = read(project)
    assert [item.ref.id for item in page.items] == ["PROJ-T-0001"]
    assert page.broken == ()


def test_a_fresh_template_has_no_content(project, documents):
    documents.write(
        body="*This template includes sections for various types of tasks.*\n\n"
        "## Objective **[REQUIRED]**\n\n{Clear statement}\n\n"
        "### Priority\n- [ ] P0 - Critical\n- [ ] P1 - High\n\n"
        "## Acceptance Criteria\n\n## Acceptance Criteria **[REQUIRED]**\n\n- [ ] {Requirement}\n"
    )
    assert only(project).body == ""


def test_the_heading_every_transition_adds_makes_no_difference(project, documents):
    documents.write(body="## Acceptance Criteria\n\n- [ ] It works\n")
    before = only(project).body
    documents.write(body="## Acceptance Criteria\n\n## Acceptance Criteria\n\n- [ ] It works")
    assert only(project).body == before


def test_a_ticked_priority_counts_where_the_title_says_none(project, documents):
    documents.write(body="### Priority\n- [ ] P0 - Critical\n- [x] P1 - High\n")
    assert only(project).priority is Priority.P1


def test_a_title_and_a_box_that_disagree_are_said(project, documents):
    documents.write(title="[P0] x", body="### Priority\n- [x] P1 - High\n")
    item = only(project)
    assert item.priority is Priority.P0
    assert [notice.code for notice in item.notices] == ["E130"]


def test_an_unchanged_workspace_gives_no_items_and_all_that_exist(project, documents):
    documents.write()
    documents.write("PROJ-T-0002")
    page = read(project)
    again = read(project, page.cursor)
    assert again.items == ()
    assert again.present == {"PROJ-T-0001", "PROJ-T-0002"}


def test_a_changed_document_is_read_again_and_a_deleted_one_is_not_present(project, documents):
    documents.write()
    gone = documents.write("PROJ-T-0002")
    cursor = read(project).cursor
    documents.write(title="Another title")
    gone.unlink()
    page = read(project, cursor)
    assert [item.title for item in page.items] == ["Another title"]
    assert page.present == {"PROJ-T-0001"}


def test_a_file_written_as_the_scan_began_is_read_again(documents, connect):
    project = connect()
    project._clock.at = project._clock.at.__class__.now(project._clock.at.tzinfo)
    documents.write()
    cursor = read(project).cursor
    assert len(read(project, cursor).items) == 1


# --- broken documents -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('title: "A task"', 'title: "Fix "foo" crash"', "E101"),
        ('title: "A task"', 'title: "A task"\ntitle: "B"', "E102"),
        ('title: "A task"', "title: 123", "E103"),
        ('title: "A task"\n', "", "E103"),
        ("updated_at: 2026-03-01T12:00:00Z", "updated_at: 2026-03-01", "E103"),
        ('short_code: "PROJ-T-0001"', 'short_code: "nonsense"', "E103"),
        ("---\n\n# A task", "\n\n# A task", "E104"),
        ("id: x", "id: &anchor x", "E105"),
        ("id: x", "id: caf\udce9", "E106"),
        ("Some text.", "a\0b", "E106"),
        ("Some text.", "x" * 1_100_000, "E107"),
        ("#phase/backlog", "#phase/doing", "E108"),
        ("#phase/backlog", "#phase/Todo", "E108"),
    ],
)
def test_a_broken_document_is_named_with_its_place_and_left_untouched(
    project, documents, old, new, code
):
    file = documents.write()
    text = file.read_text().replace(old, new, 1)
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    before = file.read_bytes()
    found = problem(project)
    assert found.code == code
    assert found.place.startswith("backlog/PROJ-T-0001.md")
    assert file.read_bytes() == before


def test_a_byte_order_mark_is_named(project, documents):
    file = documents.write()
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert problem(project).code == "E106"


def test_one_code_in_two_files_freezes_both_and_names_both(project, documents):
    documents.write()
    documents.write(path="backlog/bugs/PROJ-T-0001.md")
    found = problem(project)
    assert found.code == "E110"
    assert "backlog/PROJ-T-0001.md and backlog/bugs/PROJ-T-0001.md" in found.message


def test_a_frozen_code_is_free_again_when_one_file_goes(project, documents):
    documents.write()
    second = documents.write(path="backlog/bugs/PROJ-T-0001.md")
    cursor = read(project).cursor
    second.unlink()
    page = read(project, cursor)
    assert [item.ref.id for item in page.items] == ["PROJ-T-0001"]


def test_a_link_is_never_followed(project, documents, tmp_path):
    (documents.root / "backlog" / "PROJ-T-0001.md").symlink_to("/etc/hostname")
    assert problem(project).code == "E112"


def test_a_folder_without_a_workspace_is_said_before_anything_else(connect, documents):
    project = connect()
    (documents.root / "config.toml").unlink()
    (documents.root / "backlog").rmdir()
    documents.root.rmdir()
    with pytest.raises(ProblemError, match="is no Metis workspace"):
        read(project)


def test_a_half_written_file_is_looked_at_again(connect, documents):
    file = documents.write()
    whole = file.read_bytes()

    class Truncating(LocalFiles):
        looks = 0

        def read(self, path):
            self.looks += 1
            return b"" if self.looks < 7 else whole

    assert len(read(connect(files=Truncating())).items) == 1


# --- writing --------------------------------------------------------------------------------


def test_a_phase_change_changes_two_lines(project, documents):
    file = documents.write(phase="todo")
    before = file.read_text()
    stored = project.update(Ref("PROJ-T-0001"), Patch(phase=Phase.DOING), only(project).revision)
    lines = changed_lines(before, file.read_text())
    assert len(lines) == 2
    assert lines[0].startswith("updated_at: ")
    assert lines[1] == '  - "#phase/active"'
    assert stored.phase is Phase.DOING


def test_every_legal_step_is_written(connect, documents):
    documents.write(phase="backlog")
    written = []

    class Watching(LocalFiles):
        def replace(self, path, data, expect, aside):
            written.append(next(x for x in data.decode().splitlines() if "#phase/" in x))
            super().replace(path, data, expect, aside)

    project = connect(files=Watching())
    item = only(project)
    assert project.route(item, Phase.COMPLETED) == (Phase.TODO, Phase.DOING, Phase.COMPLETED)
    project.update(item.ref, Patch(phase=Phase.COMPLETED, resolution=Resolution.DONE), None)
    assert [line.split("/")[1].strip('"') for line in written] == ["todo", "active", "completed"]


def test_doing_to_todo_goes_through_blocked(project, documents):
    documents.write(phase="active")
    assert project.route(only(project), Phase.TODO) == (Phase.BLOCKED, Phase.TODO)


def test_a_second_phase_tag_goes_when_the_phase_changes(project, documents):
    file = documents.write(phase="todo", tags=["phase/active", "bug"])
    assert only(project).phase is Phase.TODO
    project.update(Ref("PROJ-T-0001"), Patch(phase=Phase.DOING), None)
    assert file.read_text().count("#phase/") == 1


@pytest.mark.parametrize("title", ['He said "x"', "a\\b", "emoji 💥", "two\nlines", "x" * 300])
def test_hostile_titles_are_stored_as_canonical_said(project, documents, title):
    documents.write()
    item = only(project)
    stored = project.update(item.ref, Patch(title=title), item.revision)
    from dataclasses import replace

    assert stored.title == project.canonical(replace(item, title=title)).title
    assert '"' not in stored.title
    assert "\\" not in stored.title


def test_a_title_keeps_its_prefixes_and_other_lines_stay(project, documents):
    file = documents.write(title="[INCIDENT] [P1] Old")
    before = file.read_text()
    project.update(Ref("PROJ-T-0001"), Patch(title="New", priority=Priority.P0), None)
    assert changed_lines(before, file.read_text()) == ['title: "[INCIDENT] [P0] New"']


def test_a_priority_said_by_a_box_is_changed_there(project, documents):
    file = documents.write(body="### Priority\n- [ ] P0 - Critical\n- [x] P1 - High\n")
    before = file.read_text()
    stored = project.update(Ref("PROJ-T-0001"), Patch(priority=Priority.P0), None)
    assert stored.priority is Priority.P0
    assert changed_lines(before, file.read_text()) == ["- [x] P0 - Critical", "- [ ] P1 - High"]


def test_a_category_is_its_tag(project, documents):
    file = documents.write(tags=["bug"])
    before = file.read_text()
    stored = project.update(Ref("PROJ-T-0001"), Patch(category=Category.TECH_DEBT), None)
    assert stored.category is Category.TECH_DEBT
    assert changed_lines(before, file.read_text()) == ['  - "#tech-debt"']


def test_nothing_to_change_writes_nothing(project, documents):
    file = documents.write(phase="todo", title="[P0] x")
    stamp = file.stat().st_mtime_ns
    patch = Patch(title="x", priority=Priority.P0, phase=Phase.TODO)
    project.update(Ref("PROJ-T-0001"), patch, None)
    assert file.stat().st_mtime_ns == stamp


def test_windows_line_ends_stay(project, documents):
    file = documents.write(phase="todo")
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    project.update(Ref("PROJ-T-0001"), Patch(phase=Phase.DOING), None)
    data = file.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n")


def test_an_edit_since_it_was_read_is_not_overwritten(project, documents):
    file = documents.write(phase="todo")
    revision = only(project).revision
    documents.write(phase="todo", title="edited")
    with pytest.raises(PreconditionFailed):
        project.update(Ref("PROJ-T-0001"), Patch(phase=Phase.DOING), revision)
    assert "edited" in file.read_text()


def test_an_edit_between_reading_and_replacing_is_not_overwritten(connect, documents):
    file = documents.write(phase="todo")

    class Racing(LocalFiles):
        def replace(self, path, data, expect, aside):
            documents.write(phase="todo", title="edited meanwhile")
            super().replace(path, data, expect, aside)

    project = connect(files=Racing())
    with pytest.raises(PreconditionFailed):
        project.update(Ref("PROJ-T-0001"), Patch(phase=Phase.DOING), only(project).revision)
    assert "edited meanwhile" in file.read_text()
    assert list(documents.root.parent.glob(".followthrough*")) == []


def test_not_planned_archives_and_reopening_brings_it_back(project, documents):
    documents.write(phase="todo")
    patch = Patch(phase=Phase.COMPLETED, resolution=Resolution.NOT_PLANNED)
    stored = project.update(Ref("PROJ-T-0001"), patch, None)
    assert stored.ref.url == ".metis/archived/backlog/PROJ-T-0001.md"
    assert (stored.phase, stored.resolution) == (Phase.COMPLETED, Resolution.NOT_PLANNED)
    stored = project.update(Ref("PROJ-T-0001"), Patch(phase=Phase.DOING, resolution=None), None)
    assert stored.ref.url == ".metis/backlog/PROJ-T-0001.md"
    assert stored.phase is Phase.DOING


@pytest.mark.parametrize("resolution", [Resolution.NOT_PLANNED, Resolution.DUPLICATE])
def test_dropped_work_is_archived_and_walks_no_steps(connect, documents, resolution):
    documents.write(phase="backlog")
    project = connect()
    dropped = replace(only(project), resolution=resolution)
    assert project.route(dropped, Phase.COMPLETED) == (Phase.COMPLETED,)
    completing = connect(not_planned="complete")
    steps = (Phase.TODO, Phase.DOING, Phase.COMPLETED)
    assert completing.route(dropped, Phase.COMPLETED) == steps


def test_not_planned_can_be_set_to_complete_instead(connect, documents):
    documents.write(phase="todo")
    project = connect(not_planned="complete")
    patch = Patch(phase=Phase.COMPLETED, resolution=Resolution.NOT_PLANNED)
    stored = project.update(Ref("PROJ-T-0001"), patch, None)
    assert (stored.ref.url, stored.resolution) == (".metis/backlog/PROJ-T-0001.md", Resolution.DONE)


def test_reopening_edits_the_tag_unless_policy_only_reports(connect, documents):
    documents.write(phase="completed")
    project = connect()
    assert project.route(only(project), Phase.DOING) == (Phase.DOING,)
    strict = connect(reopen="report")
    with pytest.raises(Rejected, match=r'not reachable from "completed"'):
        strict.route(only(strict), Phase.DOING)


def test_a_folder_behind_a_link_is_not_read_and_that_is_said(project, documents, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (documents.root / "backlog" / "bugs").symlink_to(tmp_path / "elsewhere")
    said = problem(project)
    assert (said.code, said.place) == ("E112", "backlog/bugs")
    assert "take the link away" in said.remedy


def test_a_document_that_lost_its_front_matter_is_broken_and_not_gone(project, documents):
    file = documents.write()
    text = file.read_text()
    file.write_text(text.replace("---\n", "", 1))
    said = problem(project)
    assert (said.code, said.place) == ("E104", "backlog/PROJ-T-0001.md:1")
    assert read(project).present == {"PROJ-T-0001"}
    (documents.root / "backlog" / "README.md").write_text("No document.\n")
    file.unlink()
    assert read(project).broken == ()


def test_only_what_is_done_can_be_asked_for_when_an_issue_is_reopened():
    assert MetisSettings(path="docs", reopen="report").reopen == "report"
    with pytest.raises(ValidationError, match="'edit' or 'report'"):
        MetisSettings(path="docs", reopen="follow-up")


@pytest.mark.parametrize("name", ["index.lock", "MERGE_HEAD", "CHERRY_PICK_HEAD"])
def test_nothing_is_read_or_written_while_git_is_at_work(project, documents, name):
    documents.write()
    git = documents.root.parent / ".git"
    git.mkdir()
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / name).write_text("")
    with pytest.raises(Transient, match="git is at work"):
        read(project)


def test_a_full_disk_changes_nothing(connect, documents):
    file = documents.write(phase="todo")
    before = file.read_bytes()

    class Full(LocalFiles):
        def replace(self, path, data, expect, aside):
            raise OSError(28, "No space left on device")

    with pytest.raises(Transient, match="E304"):
        connect(files=Full()).update(Ref("PROJ-T-0001"), Patch(phase=Phase.DOING), None)
    assert file.read_bytes() == before


# --- creation -------------------------------------------------------------------------------


def draft(**values):
    plain = {
        "title": "New",
        "phase": Phase.BACKLOG,
        "text": "From the tracker.",
        "marker": "<!-- m -->",
    }
    return Draft(**(plain | values))


def test_an_imported_issue_becomes_a_document_in_its_categorys_folder(project, documents):
    documents.write("PROJ-T-0007")
    stored = project.create(draft(title='[x] "New"', priority=Priority.P0, category=Category.BUG))
    assert stored.ref.id == "PROJ-T-0008"
    assert stored.ref.url == ".metis/backlog/bugs/PROJ-T-0008.md"
    text = (documents.root / "backlog/bugs/PROJ-T-0008.md").read_text()
    assert "title: \"[P0] [x] 'New'\"" in text
    assert text.endswith("From the tracker.\n\n<!-- m -->\n")
    assert stored.priority is Priority.P0


def test_codes_of_archived_and_broken_documents_are_not_used_again(project, documents):
    documents.write("PROJ-T-0005", archived="true", path="archived/backlog/PROJ-T-0005.md")
    (documents.root / "backlog" / "PROJ-T-0009.md").write_text("---\nbroken")
    assert project.create(draft()).ref.id == "PROJ-T-0010"


def test_metis_own_counter_is_raised(project, documents):
    with sqlite3.connect(documents.root / "metis.db") as db:
        db.execute("CREATE TABLE configuration (key TEXT PRIMARY KEY, value TEXT, updated_at REAL)")
        db.execute("INSERT INTO configuration VALUES ('short_code_counter_task', '41', 0)")
    db.close()
    assert project.create(draft()).ref.id == "PROJ-T-0042"
    with sqlite3.connect(documents.root / "metis.db") as db:
        assert db.execute("SELECT value FROM configuration").fetchone() == ("42",)
    db.close()


def test_an_incident_without_a_telling_prefix_gets_one(project, documents):
    assert project.create(draft(kind=Kind.INCIDENT)).kind is Kind.INCIDENT
    assert 'title: "[INCIDENT] New"' in (documents.root / "backlog/PROJ-T-0001.md").read_text()


def test_a_document_is_found_again_by_its_marker(project, documents):
    from mappings.markers import Marker, write_marker

    marker = write_marker(Marker(op="a" * 32, instance="b" * 8, origin="12"), b"k")
    stored = project.create(draft(marker=marker))
    found = project.find(marker, project._clock.now(), "")
    assert [item.ref.id for item in found.items] == [stored.ref.id]
    assert found.conclusive
    assert stored.marker == marker
    assert stored.body == "From the tracker."


def test_a_document_that_is_gone_is_missing_not_deleted(project, documents):
    with pytest.raises(Missing):
        project.fetch(Ref("PROJ-T-0001"))


# --- branches -------------------------------------------------------------------------------


@pytest.fixture
def repository(documents):
    root = documents.root.parent

    def git(*arguments):
        command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments]
        subprocess.run(command, cwd=root, check=True, capture_output=True)

    documents.write(phase="todo")
    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "documents")
    return git


def test_on_main_the_working_tree_is_read(project, documents, repository):
    documents.write(phase="active")
    assert only(project).phase is Phase.DOING


def test_off_main_the_committed_tree_is_read_and_changes_go_to_pending(
    project, documents, repository
):
    repository("checkout", "-b", "fix/x")
    file = documents.write(phase="completed")
    item = only(project)
    assert item.phase is Phase.TODO
    stored = project.update(item.ref, Patch(phase=Phase.DOING), item.revision)
    assert stored.phase is Phase.DOING
    assert "#phase/completed" in file.read_text()
    assert "#phase/active" in (documents.root / ".pending/backlog/PROJ-T-0001.md").read_text()
    assert only(project).phase is Phase.DOING


def test_a_tombstone_hides_a_document_off_main(project, documents, repository):
    repository("checkout", "--detach")
    folder = documents.root / ".pending" / "backlog"
    folder.mkdir(parents=True)
    (folder / "PROJ-T-0001.md.deleted").write_text("")
    assert read(project).items == ()


def test_pending_documents_on_main_pause_the_workspace(project, documents, repository):
    documents.write(path=".pending/backlog/PROJ-T-0001.md")
    with pytest.raises(Transient, match="metis flush"):
        read(project)


# --- the corpus -----------------------------------------------------------------------------


@pytest.fixture
def corpus(tmp_path, project):
    """The real documents, copied, with a project over them."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus of real Metis documents is not beside this checkout")
    root = tmp_path / "corpus" / ".metis"
    shutil.copytree(CORPUS, root, copy_function=shutil.copyfile)
    connection = MetisConnection(root, project._clock, LocalFiles())
    return root, connection.open("", Profile())


def test_every_real_document_reads_and_nothing_is_broken(corpus):
    _, project = corpus
    page = read(project)
    assert len(page.items) > 100
    assert page.broken == ()


def test_every_real_document_survives_an_empty_change_byte_for_byte(corpus):
    root, project = corpus
    before = {path: path.read_bytes() for path in root.rglob("*.md")}
    for item in read(project).items:
        project.update(item.ref, Patch(title=item.title, phase=item.phase), item.revision)
    assert {path: path.read_bytes() for path in root.rglob("*.md")} == before


def test_every_real_open_document_changes_phase_in_two_lines(corpus):
    root, project = corpus
    for item in read(project).items:
        if item.phase is Phase.COMPLETED:
            continue
        file = root.parent / item.ref.url
        (step, *_) = project.route(item, Phase.COMPLETED)
        before = file.read_text()
        project.update(item.ref, Patch(phase=step), item.revision)
        assert len(changed_lines(before, file.read_text())) == 2
