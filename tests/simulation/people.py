"""People (and another bot) who edit both sides, and a record of every word they wrote."""

import re
from dataclasses import dataclass

from mappings.frontmatter import parse
from mappings.github import IssueReader
from mappings.item import UNSET
from mappings.metis import read_document
from mappings.problem import ProblemError
from mappings.vocabulary import Field, Side
from sync.decide.tokens import token, tokens
from tests.simulation.files import SimFiles
from tests.simulation.server import BOT, SimGitHub
from tests.simulation.world import World

WATCHED = (Field.TITLE, Field.PHASE, Field.PRIORITY, Field.CATEGORY)
PHASES = ("backlog", "todo", "active", "blocked", "completed")
DOCUMENT = """---
id: x
level: task
title: "{title}"
short_code: "{code}"
created_at: 2026-03-01T12:{minute:02}:{second:02}.{serial:06}+00:00
updated_at: 2026-03-01T12:00:00.000000+00:00
parent:{space}
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

{body}
"""


@dataclass(frozen=True)
class Word:
    """One value a person wrote: where, in which item, which field, when."""

    side: Side
    item: str
    field: Field
    value: object
    at: int


class People:
    """Acts at random; watches what the machine does to what people wrote."""

    def __init__(self, world: World, server: SimGitHub, files: SimFiles, profile):
        self.world, self.server, self.files = world, server, files
        self.random = world.random
        self.read_issue = IssueReader(profile, "acme/payments")
        self.profile = profile
        self.serial = 0
        self.at = 0
        self.words: dict[tuple[Side, str, Field], Word] = {}
        self.held: dict[tuple[Side, str, Field], set] = {}
        self.overwritten: list[Word] = []
        self.closed_by_people: set = set()
        #: Side, item, and the mark of one that was made closed.
        self.closed_by_machine: list = []
        self.history: list = []
        self.cleared_by_people: list = []
        self.cleared_by_machine: list = []
        self.touched_outside: list = []
        self.away: list = []
        self.read: dict = {}
        self.recorded = set
        server.watchers.append(self.issue_changed)
        files.watchers.append(self.file_changed)

    # --- watching ----------------------------------------------------------------------------

    def document(self, data, path):
        if not data:
            return None
        if (data, path) not in self.read:
            try:
                parsed = parse(data.decode(), path)
                self.read[data, path] = read_document(parsed, path, self.profile)
            except (ProblemError, UnicodeDecodeError):
                self.read[data, path] = None
        return self.read[data, path]

    def issue_changed(self, number, before, after, by):
        old, new = self.read_issue(before) if before else None, self.read_issue(after)
        self.changed(Side.RIGHT, str(number), old, new, human=by != BOT)
        if old and by == BOT and old.text.strip() != new.text.strip():
            self.touched_outside.append((number, old.text, new.text))

    def file_changed(self, path, before, after, by):
        old, new = self.document(before, path), self.document(after, path)
        if new is None or by == "return":
            return
        self.changed(Side.LEFT, new.ref.id, old, new, human=by != "machine")
        if by == "machine" and before is not None and old is not None:
            self.check_lines(path, before, after)

    OWNED = re.compile(
        rb"^(updated_at: |title: |archived: "
        rb'|  - "#(phase/|bug|feature|tech-debt)|[-*] \[[ x]\] P\d)'
    )

    def check_lines(self, path, before, after):
        """Only the lines that are ours may differ."""
        old, new = set(before.splitlines()), set(after.splitlines())
        foreign = [line for line in old ^ new if not self.OWNED.match(line)]
        if foreign:
            self.touched_outside.append((path, foreign))

    def changed(self, side, item, old, new, *, human):
        self.at += 1
        said = tokens(new)
        before = tokens(old) if old else {}
        for field in WATCHED:
            value = said.get(field)
            key = (side, item, field)
            self.held.setdefault(key, set()).add((self.at, str(value)))
            if before.get(field) == value:
                continue
            said_now = (self.world.at, side, item, field, str(value), human)
            self.history.append(said_now)
            if value is None and old is not None:
                (self.cleared_by_people if human else self.cleared_by_machine).append(key)
            word = self.words.get(key)
            if human:
                self.words[key] = Word(side, item, field, value, self.at)
            elif word is not None and word.value == before.get(field):
                self.overwritten.append(word)
                del self.words[key]
        phase = said.get(Field.PHASE)
        if phase == "completed" and before.get(Field.PHASE) != "completed":
            if human:
                self.closed_by_people.add((side, item))
            else:
                self.closed_by_machine.append((side, item, "" if old else new.marker))

    # --- acting ------------------------------------------------------------------------------

    def act(self):
        """Perhaps somebody does something."""
        if self.world.calm or self.random.random() > self.world.rates.people:
            return
        self.random.choice(
            [
                self.edit_document,
                self.edit_document,
                self.edit_issue,
                self.edit_issue,
                self.write_document,
                self.open_issue,
                self.unusual,
            ]
        )()

    def write_document(self, phase=None):
        self.serial += 1
        code = f"PROJ-T-{self.serial:04}"
        while any(code in path for path in self.files.files):
            self.serial += 1
            code = f"PROJ-T-{self.serial:04}"
        title = self.title(f"Document {self.serial}")
        text = DOCUMENT.format(
            title=title,
            code=code,
            minute=self.serial // 60,
            second=self.serial % 60,
            serial=self.random.randint(0, 999_999),
            space=" ",
            phase=phase or self.random.choice(PHASES[:3]),
            category=self.random.choice(["bug", "feature", "tech-debt"]),
            body=self.random.choice(
                ["Call @maria about #12.", "Plain words.", "One\n\n- two\n- three"]
            ),
        )
        path = f"backlog/{code}.md"
        self.world.say(f"somebody writes {code} {title!r}")
        self.files.put(path, text.encode(), by="maria")

    def title(self, text):
        prefix = self.random.choice(["", "", "[P0] ", "[P1] ", "[SEV2] ", "[INCIDENT] "])
        odd = self.random.choice(["", "", " (again)", " – now", " 'x'"])
        return f"{prefix}{text}{odd}"

    def open_issue(self):
        number = self.server.number + 1
        title = self.title(self.random.choice([f"Issue {number}", f'Issue "{number}"']))
        labels = self.random.choice([(), ("bug",), ("P2",), ("phase: todo",)])
        self.world.say(f"somebody opens #{number} {title!r}")
        raw = self.server.open(title, "Words of a person.\n", labels)
        self.changed(Side.RIGHT, str(number), None, self.read_issue(raw), human=True)

    def some_document(self):
        names = [name for name in self.files.files if "/.pending" not in name]
        return self.random.choice(names) if names else None

    def edit_document(self, path=None):
        path = path or self.some_document()
        if path is None:
            return
        text = self.files.files[path].decode("utf-8", "replace")
        kind = self.random.choice(["title", "phase", "phase", "priority", "body"])
        fresh = self.edited(text, kind)
        if fresh != text:
            self.world.say(f"somebody edits the {kind} of {path}")
            self.files.put(path, fresh.encode(), by="maria")

    def edited(self, text, kind):
        if kind == "body":
            return text.rstrip("\n") + f"\n\nNote {self.random.randint(1, 999)}.\n"
        if kind == "phase":
            phase = self.random.choice(PHASES)
            return re.sub(r"#phase/\w+", f"#phase/{phase}", text, count=1)
        if kind == "priority":
            level = self.random.randint(0, 3)
            return re.sub(
                r'^title: "(\[P\d\] )?', f'title: "[P{level}] ', text, count=1, flags=re.MULTILINE
            )
        word = f"Title {self.random.randint(1, 9999)}"
        return re.sub(
            r'^(title: "(?:\[[A-Z0-9]+\] )*).*"$', rf'\1{word}"', text, count=1, flags=re.MULTILINE
        )

    def edit_issue(self):
        alive = [n for n, one in self.server.issues.items() if not one.fate]
        if not alive:
            return
        number = self.random.choice(alive)
        raw = self.server.issues[number].now
        kind = self.random.choice(["title", "state", "label", "priority", "body"])
        changes = self.issue_edit(raw, kind)
        if changes:
            self.world.say(f"somebody edits the {kind} of #{number}: {sorted(changes)}")
            self.server.edit(number, by="maria", **changes)

    def issue_edit(self, raw, kind):
        names = [label["name"] for label in raw["labels"]]
        if kind == "title":
            prefix = re.match(r"(?:\[[A-Z0-9]+\] )*", raw["title"])[0]
            return {"title": f"{prefix}Renamed {self.random.randint(1, 9999)}"}
        if kind == "state":
            if raw["state"] == "closed":
                return {"state": "open", "state_reason": None}
            reason = self.random.choice(["completed", "not_planned", "duplicate"])
            return {"state": "closed", "state_reason": reason}
        if kind == "label":
            rest = [name for name in names if not name.startswith("phase: ")]
            phase = self.random.choice(["backlog", "todo", "doing", "blocked"])
            return {"labels": [{"name": n} for n in [*rest, f"phase: {phase}"]]}
        if kind == "priority":
            rest = [name for name in names if not re.fullmatch(r"P\d", name)]
            level = f"P{self.random.randint(0, 3)}"
            title = re.sub(r"^((?:\[[A-Z0-9]+\] )*?)\[P\d\] ", rf"\1[{level}] ", raw["title"])
            return {"labels": [{"name": n} for n in [*rest, level]], "title": title}
        body = (raw["body"] or "").replace("\r\n", "\n").replace("\n", "\r\n")
        return {"body": f"Also {self.random.randint(1, 99)}.\r\n\r\n{body}"}

    def unusual(self):
        """What happens seldom: a file goes and comes back, breaks, an issue is moved or deleted."""
        path = self.some_document()
        # One that nobody has seen yet leaves its code free; Metis' own counter knows better.
        known = path and path.rsplit("/", 1)[-1].removesuffix(".md") in self.recorded()
        if known and self.world.chance("vanish"):
            self.away.append((path, self.files.take(path)))
            self.world.say(f"{path} is moved out of the folder")
        elif path and self.world.chance("broken_file"):
            data = self.files.files[path]
            self.away.append((path, data))
            self.world.say(f"{path} is broken by an editor")
            self.files.put(path, data.replace(b"level: task", b"level task"), by="maria")
        for fate in ("transfer", "deletion"):
            alive = [n for n, one in self.server.issues.items() if not one.fate]
            if alive and self.world.chance(fate):
                number = self.random.choice(alive)
                self.server.issues[number].fate = {"transfer": "moved", "deletion": "deleted"}[fate]
                self.world.say(f"#{number} is {self.server.issues[number].fate}")
        if self.world.chance("bot") and self.server.issues:
            number = self.random.choice(list(self.server.issues))
            raw = self.server.issues[number].now
            body = "\n".join(line.rstrip() for line in (raw["body"] or "").split("\n")) + "\n"
            self.server.edit(number, by="tidy-bot", body=body)

    def race(self, path):
        """Somebody saves just as the machine is about to replace."""
        self.edit_document(path)

    def bring_back(self):
        """Everything that was away returns; the last word of each file counts."""
        for path, data in reversed(self.away):
            if path not in self.files.files or b"level task" in self.files.files[path]:
                self.files.put(path, data, by="return")
        self.away.clear()


def value_of(item, field):
    """The comparable value of one field, or None."""
    raw = item.get(field)
    return None if raw is UNSET else token(field, raw)
