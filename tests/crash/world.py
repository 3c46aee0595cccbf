"""One world: a workspace, a tracker, the program's settings, and people who work on both sides.

Every item has a word of its own in its text, which both sides carry: by it items are told apart
whatever codes, numbers or marks they bear. Every value a person writes is kept in the ledger.
"""

import contextlib
import os
import re
import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from adapters.files import ChangedUnderUsError, LocalFiles
from adapters.sandbox import Limits, Sandbox
from adapters.sandbox.core.faults import Fault, Faults
from adapters.sandbox.core.log import RequestLog

PROJECT = "acme/payments"
SETTINGS = """\
[state]
url = "sqlite:///state.db"
[connections.docs]
adapter = "metis"
path = "team"
[connections.hub]
adapter = "github"
base_url = "{url}"
token = {{ file = "token" }}
in_flight = 1.0
find_lag = 1.0
[pairs.payments]
left = {{ connection = "docs" }}
right = {{ connection = "hub", project = "acme/payments" }}
profile = "github-labels"
interval = "0.2s"
urgent_interval = "0.2s"
idle_interval = "0.2s"
sweep = "{sweep}"
writes_per_hour = 1000000
filter = {{ history = "both" }}
{guard}
[daemon]
listen = ""
"""
ANY_SIZE = "guard = { creates = 1000, closes = 1000 }"
DOCUMENT = """\
---
id: {word}
level: task
title: "{title}"
short_code: "{code}"
created_at: {at}
updated_at: {at}
parent:{blank}
blocked_by: []
archived: false

tags:
  - "#task"
  - "#phase/{phase}"
  - "#{category}"


exit_criteria_met: false
initiative_id: NULL
---

# {title}

## Objective

What is to be done for {word}, and why it matters to those who pay.

## Status Updates

- begun
"""
FOLDERS = {"bug": "bugs", "feature": "features", "tech-debt": "tech-debt"}
#: Metis' word for each phase.
WORDS = {"backlog": "backlog", "todo": "todo", "doing": "active", "blocked": "blocked",
         "completed": "completed"}  # fmt: skip
PHASES = {word: phase for phase, word in WORDS.items()}
PRIORITIES = ("P0", "P1", "P2", "P3")
PREFIX = re.compile(r"\[(P[0-3])\] ")


@dataclass(frozen=True)
class Edit:
    """One value a person wrote. ``number`` orders all edits of a world; ``after``: how many
    requests the tracker had served before it.
    """

    number: int
    side: str
    word: str
    field: str
    value: str
    after: int


class Watched(RequestLog):
    """Tells of each request once it has been served, before its answer leaves."""

    def __init__(self, told) -> None:
        super().__init__()
        self.told = told

    def add(self, entry) -> None:
        super().add(entry)
        if entry.fault != "reset":
            self.told(entry.method, entry.path)


class Arrivals(Faults):
    """Tells of each request when it arrives; one that is not to be served is cut off."""

    def __init__(self, told) -> None:
        super().__init__()
        self.told = told

    def pick(self, method, path):
        return Fault(effect="reset") if self.told(method, path) else None


@dataclass
class World:
    """Everything of one world. ``history`` is what happened, line by line, for people; ``unseen``
    what the verdict found lost between the last look at an issue and the write to it.
    """

    folder: Path
    random: Random
    guard: str = ANY_SIZE
    edits: list[Edit] = field(default_factory=list)
    history: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    lines: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    unseen: list[str] = field(default_factory=list)
    on_arrival: object = None
    on_served: object = None

    def __post_init__(self) -> None:
        self.root = self.folder / "team" / ".metis"
        self.desk = self.folder / "desk"
        self._files = LocalFiles()
        #: Values each side of each item showed since the last run that ended by itself.
        self._shown: dict[tuple[str, str, str], list[tuple[int, str]]] = defaultdict(list)
        for folder in (self.root, self.desk):
            folder.mkdir(parents=True)
        config = '[project]\nprefix = "PAY"\n[flight_levels]\ninitiatives_enabled = true\n'
        (self.root / "config.toml").write_text(config)
        (self.folder / "token").touch(0o600)
        (self.folder / "token").write_text("sandbox-token")
        self.sandbox = Sandbox("github", projects=[PROJECT], limits=Limits(primary=None))
        self.sandbox.service.log = Watched(self._served)
        self.sandbox.service.faults = Arrivals(self._arrived)
        first = self.root / "backlog" / "PAY-T-5000.md"
        first.parent.mkdir()
        word = self._word()
        first.write_text(_document(word, f"Work {word}", "PAY-T-5000", "todo", "bug"))
        self._written("left", word, title=f"Work {word}", phase="todo", priority="")
        sweep = self.random.choice(("1d", "1s"))
        text = SETTINGS.format(url=self.sandbox.url, sweep=sweep, guard=self.guard)
        self.settings.write_text(text)
        self.sandbox.start()

    @property
    def settings(self) -> Path:
        return self.folder / "followthrough.toml"

    @property
    def database(self) -> Path:
        return self.folder / "state.db"

    def close(self) -> None:
        self.sandbox.stop()
        shutil.rmtree(self.folder)

    def say(self, text: str) -> None:
        self.history.append(f"{len(self.history):4} {text}")

    def _arrived(self, method, path):
        told = self.on_arrival
        return told(method, path) if told else False

    def _served(self, method, path):
        told = self.on_served
        if told:
            told(method, path)

    # --- where things are --------------------------------------------------------------------

    def documents(self) -> dict[Path, bytes]:
        """Every document, as it is right now."""
        found = {}
        for path in sorted(self.root.rglob("*.md")):
            with contextlib.suppress(FileNotFoundError):
                found[path] = path.read_bytes()
        return found

    def document(self, word: str) -> tuple[Path, str] | None:
        """The document of one item, if it has one already."""
        for path, data in self.documents().items():
            if word.encode() in data:
                return path, data.decode()
        return None

    def issues(self) -> list:
        """Every issue in the tracker."""
        with self.sandbox.lock:
            return list(self.sandbox.state.repository(PROJECT).issues.values())

    def issue(self, word: str):
        """The issue of one item, if it has one already."""
        return next((one for one in self.issues() if word in (one.body or "")), None)

    # --- people ------------------------------------------------------------------------------

    def new_document(self) -> None:
        """Somebody writes a document, as Metis does: whole, under the next free code."""
        word, random = self._word(), self.random
        # People number from below, the program goes on from the highest number there is: here
        # nobody takes a number that somebody else is just taking.
        code = f"PAY-T-{len(self.words):04}"
        phase, category = random.choice(list(WORDS)), random.choice(list(FOLDERS))
        priority = random.choice((*PRIORITIES, ""))
        text = f"Work {word}"
        self._written("left", word, title=text, phase=phase, priority=priority)
        title = f"[{priority}] {text}" if priority else text
        path = self.root / "backlog" / FOLDERS[category] / f"{code}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.desk / f"{code}.md"
        fresh.write_text(_document(word, title, code, phase, category))
        os.link(fresh, path)
        fresh.unlink()
        self.say(f"document {code} {word}: {title!r} {phase}")

    def new_issue(self) -> None:
        """Somebody opens an issue by hand."""
        word, random = self._word(), self.random
        phase = random.choice(("backlog", "todo", "doing", "blocked"))
        priority = random.choice((*PRIORITIES, ""))
        text = f"Reported {word}"
        labels = ["phase: " + phase, "bug", *([priority] if priority else [])]
        with self.sandbox.lock:
            known = {one.lower() for one in self._labels()}
            person = self.sandbox.person("maria")
            for label in labels:
                if label.lower() not in known:
                    person.add_label(label)
            self._written("right", word, title=text, phase=phase, priority=priority)
            made = person.open(text, f"It happened to {word} again.\n\nPlease look.", labels)
        self.say(f"issue #{made.number} {word}: {text!r} {phase} {priority}")

    def edit(self) -> None:
        """Somebody changes one thing of one item on one side."""
        word, side = self.random.choice(self.words), self.random.choice(("left", "right"))
        what = self.random.choice(("title", "title", "phase", "phase", "priority", "text"))
        if side == "left":
            self._edit_document(word, what)
        else:
            self.edit_issue(word, what)

    def _edit_document(self, word: str, what: str) -> None:
        for _ in range(20):
            found = self.document(word)
            if found is None:
                return
            path, text = found
            changed, value = self._changed_document(word, text, what)
            if changed == text:
                return
            try:
                self._files.replace(path, changed.encode(), text.encode(), self.desk)
            except (ChangedUnderUsError, FileNotFoundError):
                continue
            if what != "text":
                self._written("left", word, **{what: value})
            self.say(f"{path.stem} {word}: {what} = {value!r}")
            return

    def _changed_document(self, word: str, text: str, what: str) -> tuple[str, str]:
        raw = re.search(r'^title: "(.*)"$', text, re.MULTILINE)[1]
        prefix = match[0] if (match := PREFIX.match(raw)) else ""
        if what == "title":
            value = f"Work {word} turn {len(self.edits)}"
            return text.replace(f'title: "{raw}"', f'title: "{prefix}{value}"', 1), value
        if what == "priority":
            now = match[1] if match else ""
            value = self._fresh("left", word, what, now, PRIORITIES)
            rest = raw.removeprefix(prefix)
            return text.replace(f'title: "{raw}"', f'title: "[{value}] {rest}"', 1), value
        if what == "phase":
            if "\narchived: true" in text:
                return text, ""
            tag = re.search(r"#phase/(\w+)", text)[1]
            value = self._fresh("left", word, what, PHASES[tag], tuple(WORDS))
            changed = text.replace(f"#phase/{tag}", f"#phase/{WORDS[value]}", 1)
            return re.sub(r"updated_at: .*", f"updated_at: {_stamp()}", changed, count=1), value
        note = f"- note {word} {len(self.history)}"
        self.lines[word].append(note)
        return f"{text}{note}\n", note

    def edit_issue(self, word: str, what: str) -> None:
        with self.sandbox.lock:
            issue = self.issue(word)
            if issue is None:
                return
            person, number = self.sandbox.person("maria"), issue.number
            labels = {self._label(one) for one in issue.labels}
            value = ""
            if what == "title":
                prefix = match[0] if (match := PREFIX.match(issue.title)) else ""
                value = f"Reported {word} turn {len(self.edits)}"
                person.edit(number, title=prefix + value)
            elif what == "priority":
                now = next((one for one in PRIORITIES if one in labels), "")
                value = self._fresh("right", word, what, now, PRIORITIES)
                if value == now:
                    return
                self._put_label(person, number, value, remove=[now] if now else [])
            elif what == "phase":
                value = self._issue_phase(person, issue, labels)
                if not value:
                    return
            else:
                value = f"Said of {word} {len(self.history)}."
                body = issue.body.replace("\r\n", "\n")
                person.edit(number, body=f"{value}\n\n{body}")
                self.lines[word].append(value)
            if what != "text":
                self._written("right", word, **{what: value})
        self.say(f"#{number} {word}: {what} = {value!r}")

    def _issue_phase(self, person, issue, labels: set[str]) -> str:
        label = next((one for one in labels if one.startswith("phase: ")), "")
        now = "completed" if issue.state == "closed" else label.removeprefix("phase: ") or "backlog"
        value = self._fresh("right", issue_word(issue, self.words), "phase", now, tuple(WORDS))
        if value == now:
            return ""
        if value == "completed":
            person.close(issue.number, self.random.choice(("completed", "not_planned")))
        else:
            if issue.state == "closed":
                person.reopen(issue.number)
            self._put_label(person, issue.number, f"phase: {value}", [label] if label else [])
        return value

    def _put_label(self, person, number: int, name: str, remove: list[str]) -> None:
        if name.lower() not in {one.lower() for one in self._labels()}:
            person.add_label(name)
        person.label(number, add=[name], remove=remove)

    def _labels(self) -> list[str]:
        return [one.name for one in self.sandbox.state.repository(PROJECT).labels.all()]

    def _label(self, number: int) -> str:
        return self.sandbox.state.repository(PROJECT).label_name(number)

    # --- the ledger --------------------------------------------------------------------------

    def settled(self, before: int) -> None:
        """A run that began after edit ``before`` ended by itself: it saw all that was there."""
        for key, shown in self._shown.items():
            self._shown[key] = [one for one in shown if one[0] >= before]

    def _fresh(self, side: str, word: str, what: str, now: str, values: tuple[str, ...]) -> str:
        """Another value, none that this side showed since the program last looked in earnest.

        One who changes a thing and changes it back before anybody looks has changed nothing.
        """
        key = (side, word, what)
        taken = {value for _, value in self._shown[key]} | {now}
        free = [value for value in values if value not in taken]
        value = self.random.choice(free) if free else now
        self._shown[key] += [(len(self.edits), now), (len(self.edits), value)]
        return value

    def _written(self, side: str, word: str, **values: str) -> None:
        for name, value in values.items():
            after = self.sandbox.requests.total
            self.edits.append(Edit(len(self.edits), side, word, name, value, after))

    def _word(self) -> str:
        self.words.append(f"w{len(self.words):04}x")
        return self.words[-1]


def _document(word: str, title: str, code: str, phase: str, category: str) -> str:
    return DOCUMENT.format(
        word=word, title=title, code=code, at=_stamp(), blank=" ",
        phase=WORDS[phase], category=category,
    )  # fmt: skip


def issue_word(issue, words: list[str]) -> str:
    """The item an issue is."""
    return next(word for word in words if word in (issue.body or ""))


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
