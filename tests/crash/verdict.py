"""What is wrong with a world once nobody touches it any more. Nothing may be."""

import json
import os
import re
import sqlite3
import time
from collections import Counter, defaultdict
from contextlib import closing
from pathlib import Path

import requests

from mappings.frontmatter import decode, parse
from mappings.github import IssueReader
from mappings.markers import find_marker, read_marker
from mappings.metis import read_document
from mappings.problem import ProblemError
from sync.settings import load
from tests.crash.world import PROJECT, Edit, World

FIELDS = ("title", "phase", "resolution", "priority")
#: What may lie beside the settings; the lock stays on purpose.
KEPT = {"followthrough.toml", "token", "state.db", "state.db.key", "state.db.lock", "out"}

#: What an issue says of a field stands in these.
WRITTEN_BY = {"title": {"title"}, "phase": {"labels", "state"}, "priority": {"labels", "title"}}

NOTE = re.compile(r"<!-- followthrough:note:[^>]*-->")


def wrong(world: World) -> list[str]:
    """Every violation, in words."""
    state = State(world)
    documents, found = _documents(world, state)
    issues = _issues(world, state)
    found += _copies(world, documents, issues)
    found += _marks(state, documents, issues)
    found += _notes(world)
    found += state.unfinished()
    found += _disagreements(world, state, documents, issues)
    found += _lost(world, state, documents, issues)
    found += _litter(world)
    found += [f"the sandbox failed: {one}" for one in world.sandbox.failures]
    return found


class State:
    """The database and the key, as they lie there."""

    def __init__(self, world: World) -> None:
        self.key = (world.folder / "state.db.key").read_bytes().strip()
        self.profile = load(world.settings, {}).profiles["payments"]
        with closing(sqlite3.connect(world.database)) as connection:
            connection.row_factory = sqlite3.Row
            self.sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
            self.links = connection.execute("SELECT * FROM links").fetchall()
            self.journal = connection.execute("SELECT * FROM journal").fetchall()
            self.conflicts = connection.execute("SELECT * FROM conflicts").fetchall()
            self.aside = connection.execute("SELECT * FROM aside").fetchall()

    def unfinished(self) -> list[str]:
        """What the program left half done."""
        found = [] if self.sound == "ok" else [f"database: {self.sound}"]
        found += [
            f"link {one['id']} has one end: {one['left_id']} {one['right_id']}"
            for one in self.links
            if one["left_id"] is None or one["right_id"] is None
        ]
        found += [
            f"unfinished intent {one['op']}: {one['kind']} {one['item']}"
            for one in self.journal
            if one["state"] in {"pending", "unknown"}
        ]
        return found + [f"set aside: {one['id']} {one['problem']}" for one in self.aside]

    def on_record(self, field: str, value: str, link: int | None, names: set[str]) -> bool:
        """Whether the conflicts hold this value of this item."""
        for one in self.conflicts:
            held = {json.loads(raw) for raw in (one["left_value"], one["right_value"]) if raw}
            mine = one["link"] == link or one["item"] in names
            if mine and one["field"] == field and (value or None) in held:
                return True
        return False

    def open_fields(self, link: int) -> set[str]:
        """Fields whose conflict waits for a person."""
        return {one["field"] for one in self.conflicts
                if one["link"] == link and one["closed_at"] is None}  # fmt: skip


def _documents(world: World, state: State) -> tuple[dict, list[str]]:
    """Items by path and text, and every document that cannot be read."""
    read, found = {}, []
    for path, data in world.documents().items():
        name = str(path.relative_to(world.root))
        try:
            document = parse(decode(data, name), name)
            read[name] = (read_document(document, name, state.profile), data.decode())
        except (ProblemError, UnicodeDecodeError) as error:
            found.append(f"broken document {name}: {error}")
    codes = Counter(item.ref.id for item, _ in read.values())
    found += [f"two documents are {code}" for code, count in codes.items() if count > 1]
    return read, found


def _issues(world: World, state: State) -> list:
    """Items and bodies, as the tracker's interface tells them."""
    reader = IssueReader(state.profile, PROJECT)
    return [(reader(raw), raw["body"] or "") for raw in _listed(world, "issues", state="all")]


def _listed(world: World, path: str, **query: str) -> list:
    """Every row of a list of the tracker."""
    found, page = [], 1
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {world.sandbox.token}"
        while True:
            url = f"{world.sandbox.url}/repos/{PROJECT}/{path}"
            asked = {**query, "per_page": "100", "page": str(page)}
            rows = session.get(url, params=asked, timeout=10).json()
            found += rows
            if len(rows) < 100:
                return found
            page += 1


def _notes(world: World) -> list[str]:
    """Every rule has one note on an issue, however often the program was killed writing it."""
    marks = Counter(
        (raw["issue_url"].rsplit("/", 1)[1], mark)
        for raw in _listed(world, "issues/comments")
        for mark in NOTE.findall(raw["body"])
    )
    return [f"{count} notes {mark} on #{number}" for (number, mark), count in marks.items()
            if count > 1]  # fmt: skip


def _copies(world: World, documents: dict, issues: list) -> list[str]:
    """Every item stands in exactly one document and one issue."""
    found = []
    for word in world.words:
        left = [name for name, (_, text) in documents.items() if word in text]
        right = [item.ref.key for item, body in issues if word in body]
        for where, places in (("document", left), ("issue", right)):
            if len(places) > 1:
                found.append(f"duplicate: {word} is in {where}s {', '.join(places)}")
            if not places:
                found.append(f"missing: {word} is in no {where}")
    return found


def _marks(state: State, documents: dict, issues: list) -> list[str]:
    """No mark twice, and none whose other end is not there."""
    found = []
    codes = {item.ref.id for item, _ in documents.values()}
    numbers = {item.ref.id for item, _ in issues}
    for where, bodies, ends in (
        ("document", [(item.ref.id, text) for item, text in documents.values()], numbers),
        ("issue", [(item.ref.id, body) for item, body in issues], codes),
    ):
        seen: dict[str, list[str]] = defaultdict(list)
        for name, body in bodies:
            text = find_marker(body)
            marker = read_marker(text, state.key) if text else None
            if text and marker is None:
                found.append(f"{where} {name} bears a mark that is not ours")
            if marker:
                seen[marker.op].append(name)
                seen[f"of {marker.origin}"].append(name)
                if marker.origin not in ends:
                    found.append(f"orphan: {where} {name} belongs to {marker.origin}")
        found += [f"duplicate: {where}s {' and '.join(names)} bear one mark ({mark})"
                  for mark, names in seen.items() if len(names) > 1]  # fmt: skip
    return found


def _ends(state: State, documents: dict, issues: list):
    """The items of every whole link."""
    left = {item.ref.id: (item, text) for item, text in documents.values()}
    right = {item.ref.id: (item, body) for item, body in issues}
    for link in state.links:
        if link["left_id"] in left and link["right_id"] in right:
            yield link["id"], left[link["left_id"]], right[link["right_id"]]
        elif link["left_id"] and link["right_id"]:
            yield link["id"], None, None


def _disagreements(world: World, state: State, documents: dict, issues: list) -> list[str]:
    found = []
    for number, left, right in _ends(state, documents, issues):
        if left is None:
            found.append(f"link {number} names an item that is not there")
            continue
        undecided = state.open_fields(number)
        for field in FIELDS:
            one, other = getattr(left[0], field), getattr(right[0], field)
            names = f"{left[0].ref.id} and {right[0].ref.key}"
            if one != other and field not in undecided:
                # A document that was completed cannot say that it was not planned: that is noted.
                if field == "resolution" and state.on_record(field, other, number, {names}):
                    continue
                found.append(f"not in step: {field} of {names}: {one!r}, {other!r}")
    if len(state.links) != len(world.words):
        found.append(f"{len(state.links)} links for {len(world.words)} items")
    return found


def _lost(world: World, state: State, documents: dict, issues: list) -> list[str]:
    """A value a person wrote is there, was replaced by a person, or is on record."""
    found = []
    ends = {word: (number, left, right)
            for number, left, right in _ends(state, documents, issues) if left
            for word in world.words if word in left[1]}  # fmt: skip
    last = {(one.word, one.field): one.number for one in world.edits}
    for one in world.edits:
        if last[one.word, one.field] > one.number or one.word not in ends:
            continue
        number, (left, _), (right, _) = ends[one.word]
        final = {getattr(left, one.field) or "", getattr(right, one.field) or ""}
        names = {left.ref.id, right.ref.key}
        if one.value in final or state.on_record(one.field, one.value, number, names):
            continue
        told = (
            f"lost: {one.field} of {one.word} was set to {one.value!r} ({one.side}); "
            f"it is {final} ({left.ref.id}, {right.ref.key})"
        )
        (world.unseen if _in_between(world, one, right.ref.id) else found).append(told)
    for word, lines in world.lines.items():
        _, left, right = ends.get(word, (0, ("", ""), ("", "")))
        found += [f"lost: {line!r} of {word}" for line in lines
                  if line not in left[1] and line not in right[1]]  # fmt: skip
    return found


def _in_between(world: World, edit: Edit, number: str) -> bool:
    """Whether somebody edited an issue after the look at it and before the write that came next.

    No tracker can refuse such a write (docs/reliability.md). Nothing else may have come between
    the two, and the write must be one of that very field.
    """
    log = world.sandbox.requests
    here = edit.after - (log.total - len(log))
    if edit.side != "right" or not 0 < here < len(log):
        return False
    look, write = log[here - 1], log[here]
    looked = look.method == "GET" and look.path.endswith(f"/issues/{number}")
    if not looked or (write.method, write.path) != ("PATCH", look.path):
        return False
    return bool(WRITTEN_BY[edit.field] & set(write.json()))


def _litter(world: World) -> list[str]:
    """Files that nobody knows."""
    found = [f"left behind: {path.name}" for path in world.folder.iterdir()
             if path.is_file() and path.name not in KEPT]  # fmt: skip
    return found + [
        f"left behind: {path.relative_to(world.folder)}"
        for path in (world.folder / "team").rglob("*")
        if path.is_file() and path.suffix != ".md" and path.name != "config.toml"
    ]


def age_litter(world: World) -> int:
    """Let hours pass for temporary files of killed runs; returns how many there are.

    The program takes away its own once no process can be using them any more.
    """
    old, count = time.time() - 86_400, 0
    for path in (world.folder / "team").rglob("*.tmp"):
        os.utime(path, (old, old))
        count += 1
    return count


def unsettled(database: Path) -> bool:
    """Whether an intent is open: its outcome is still to be seen."""
    with closing(sqlite3.connect(database)) as connection:
        query = "SELECT count(*) FROM journal WHERE state IN ('pending', 'unknown')"
        return connection.execute(query).fetchone()[0] > 0


def struck(database: Path, copy: Path, served: set[str], files: set[str]) -> str:
    """Where a kill struck, told by the journal. The copy is read: the next run mends the rest.

    ``served``: bodies and paths of writes that reached the tracker in this run; ``files``: texts
    of documents that were changed in it.
    """
    if not database.exists():
        return "before intent"
    for suffix in ("", "-journal", "-wal"):
        source = database.with_name(database.name + suffix)
        target = copy.with_name(copy.name + suffix)
        target.unlink(missing_ok=True)
        if source.exists():
            target.write_bytes(source.read_bytes())
    try:
        with closing(sqlite3.connect(copy)) as connection:
            run = connection.execute("SELECT max(id) FROM runs").fetchone()[0]
            rows = connection.execute(
                "SELECT op, kind, side, target_id, state, item FROM journal WHERE run = ?", (run,)
            ).fetchall()
    except sqlite3.OperationalError:
        return "before intent"
    for op, kind, side, target, state, item in rows:
        if state == "pending":
            sign = {"create": op, "prepare": item}.get(kind) or f"/issues/{target} "
            if side == "left" and kind == "update":
                sign = f'short_code: "{target}"'
            there = any(sign in one for one in (files if side == "left" else served))
            return "between request and outcome" if there else "between intent and request"
    return "after" if rows else "before intent"
