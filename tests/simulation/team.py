"""People who write postmortems, tick boxes and work on the issues of their action items.

Every line carries a tag (``K7``) that nobody changes: it tells which line is which, whatever else
becomes of it.
"""

import re

from mappings.postmortem.reading import read_postmortem
from mappings.vocabulary import Field, Phase
from tests.simulation.papers import bare
from tests.simulation.people import People
from tests.simulation.server import BOT

WORDS = (
    "Alert {} when connections run dry {}",
    "Write {} a runbook for failing over the acquirer {}",
    "Teach {} new colleagues how dashboards are read {}",
    "Remove {} that retry loop from checkout {}",
    "Measure {} latency between both data centres {}",
    "Rotate {} certificates by a scheduled job {}",
    "Ask {} our bank about second endpoints {}",
    "Drop {} unused indexes of table orders {}",
    "Rehearse {} restoring yesterday's backup {}",
    "Buy {} more memory before Christmas {}",
    "Upgrade {} kernel on every gateway {}",
    "Invite {} support people to drills {}",
    "Split {} big queues into small ones {}",
    "Cache {} exchange rates locally {}",
    "Encrypt {} customer addresses at rest {}",
    "Throttle {} noisy partners politely {}",
    "Archive {} invoices older than ten years {}",
    "Draw {} a picture showing traffic flow {}",
    "Translate {} status page into Spanish {}",
    "Profile {} slow report queries {}",
    "Delete {} forgotten feature switches {}",
    "Mirror {} package downloads internally {}",
    "Name {} one person who decides rollbacks {}",
    "Shorten {} DNS lifetimes during moves {}",
    "Compress {} audit logs nightly {}",
    "Install {} spare switches upstairs {}",
    "Prove {} idempotency under replay {}",
    "Limit {} upload sizes sensibly {}",
    "Freeze {} deployments around holidays {}",
    "Count {} failed logins per minute {}",
)
ENDS = ("soon", "properly", "at last", "once more", "for good")
HEAD = """# Postmortem: outage {number}

**Incident:** {incident}
**Severity:** SEV1
**Date:** 2026-03-01

## Summary

The connection pool to the acquirer was exhausted and card payments failed for an hour.

## Root cause

A retry loop held connections while it waited.

## Action items

"""
TABLE = "| Action | Owner | Due | Status | Issue |\n|---|---|---|---|---|\n"
_TAG = re.compile(r"\bK\d+\b")
ISSUE = re.compile(r"/issues/(\d+)")


def lines_of(data, path):
    """The action items of a document by their tag; those of one tag are numbered."""
    found = {}
    reading = read_postmortem(data.decode("utf-8", "replace"), name=path)
    for one in reading.actions:
        tag = _TAG.search(one.title)
        if tag and one.certain:
            number = sum(key.partition(".")[0] == tag[0] for key in found)
            found[f"{tag[0]}.{number}" if number else tag[0]] = one
    return found


def values_of(action):
    """What a line says, field by field."""
    done = Phase.COMPLETED if action.done else Phase.TODO
    return {Field.PHASE: str(done), Field.TITLE: action.title, Field.PRIORITY: action.priority}


class Team(People):
    """What people do with postmortems, and what the machine does to them."""

    def __init__(self, world, server, files, profile):
        super().__init__(world, server, files, profile)
        self.tags = self.sheets = 0
        self.cut = []
        self.spoke = {}
        self.said = {}
        self.last = {}
        self.box_words = {}
        self.boxes_lost = []
        self.ticked = set()
        self.ticked_by_machine = []
        self.tag_of = {}
        self.made = {}
        self.known = {}
        self.moved_unnamed = set()

    def joined(self, papers):
        """There is a folder of postmortems."""
        self.papers = papers
        papers.watchers.append(self.paper_changed)
        papers.racing = self.edit_paper

    # --- watching ----------------------------------------------------------------------------

    def issue_changed(self, number, before, after, by):
        tag = _TAG.search(after["title"]) if before is None and by == BOT else None
        if tag:
            self.tag_of[number] = tag[0]
            self.made.setdefault(tag[0], []).append(number)
        super().issue_changed(number, before, after, by)

    def changed(self, side, item, old, new, *, human):
        super().changed(side, item, old, new, human=human)
        if human:
            for field in (Field.TITLE, Field.PRIORITY, Field.PHASE):
                if old is None or old.get(field) != new.get(field):
                    self.spoke[side, item, field] = self.at

    def sheet(self, data, path):
        if data is None:
            return {}
        if (data, path) not in self.known:
            self.known[data, path] = lines_of(data, path)
        return self.known[data, path]

    def paper_changed(self, path, before, after, by):
        self.at += 1
        old, new = self.sheet(before, path), self.sheet(after, path)
        machine = by == "machine"
        if machine:
            self.check_paper(path, before, after)
        for tag, action in new.items():
            now = values_of(action)
            was = values_of(old[tag]) if tag in old else self.last.get(tag, {})
            self.last[tag] = now
            for field, value in now.items():
                self.said.setdefault((tag, field), set()).add(str(value))
                if value != was.get(field) and not machine:
                    self.spoke[tag, field] = self.at
            if now[Field.PHASE] != was.get(Field.PHASE):
                self.box_moved(tag, now[Field.PHASE], machine=machine)

    def box_moved(self, tag, phase, *, machine):
        done = phase == Phase.COMPLETED
        if not machine:
            self.box_words[tag] = phase
            if done:
                self.ticked.add(tag)
            return
        if done:
            self.ticked_by_machine.append(tag)
        if self.box_words.pop(tag, phase) != phase:
            self.boxes_lost.append((tag, str(Phase.TODO if done else Phase.COMPLETED)))

    def check_paper(self, path, before, after):
        """Only boxes, states and links in lines of action items may differ."""
        old, new = before.decode().splitlines(), after.decode().splitlines()
        moved = [pair for pair in zip(old, new, strict=False) if pair[0] != pair[1]]
        odd = [pair for pair in moved if bare(pair[0]) != bare(pair[1]) or "K" not in pair[0]]
        if len(old) != len(new) or odd or len(moved) > 1:
            self.touched_outside.append((path, odd or moved))

    # --- acting ------------------------------------------------------------------------------

    def act(self):
        """Perhaps somebody does something."""
        if self.world.calm or self.random.random() > self.world.rates.people:
            return
        mine = [self.edit_paper] * 5 + [self.edit_issue] * 3
        if self.tags < len(WORDS) - 3:  # two lines must not say the same by chance
            mine.append(self.write_paper)
        self.random.choice([*mine, self.edit_document, self.open_issue, self.unusual_paper])()

    def line(self, shape="list"):
        """One more action item."""
        self.tags += 1
        tag, words = f"K{self.tags}", WORDS[self.tags % len(WORDS)]
        text = words.format(tag, self.random.choice(ENDS))
        level = self.random.choice(["", "", "[P1] ", "[P2] "])
        who, day = self.random.choice(["maria", "devon"]), self.random.randint(10, 28)
        done = self.random.random() < 0.15
        if shape == "table":
            state = "Done" if done else "Open"
            return f"| {level}{text} | {who} | 2030-11-{day} | {state} | |"
        return f"- [{'x' if done else ' '}] {level}{text} - @{who}, due 2030-11-{day}"

    def write_paper(self, lines=None):
        """One more postmortem."""
        self.sheets += 1
        shape = self.random.choice(["list", "list", "table"])
        if lines is None:
            lines = [self.line(shape) for _ in range(self.random.randint(1, 3))]
        else:
            shape = "list"
        path = f"2026-03-{self.sheets:02}-outage.md"
        incident = f"PROJ-T-{self.random.randint(1, 2):04}" if self.sheets > 1 else "PROJ-T-0001"
        head = HEAD.format(number=self.sheets, incident=incident)
        text = head + (TABLE if shape == "table" else "") + "\n".join(lines) + "\n"
        self.world.say(f"somebody writes {path}")
        self.papers.put(path, text.encode(), by="maria")
        return path

    def edit_paper(self, path=None):
        names = sorted(self.papers.files)
        path = path or (self.random.choice(names) if names else None)
        if path is None:
            return
        text = self.papers.files[path].decode()
        head, mark, rest = text.partition("## Action items\n\n")
        lines = rest.splitlines()
        kind = self.random.choice(
            ["box", "box", "words", "words", "level", "day", "add", "delete", "swap", "prose"]
        )
        at = [number for number, line in enumerate(lines) if _TAG.search(line)]
        if kind == "add" and self.tags < len(WORDS):
            lines.append(self.line("table" if TABLE[:8] in rest else "list"))
        elif kind == "prose":
            head += f"Note {self.random.randint(1, 999)}.\n\n"
        elif not at:
            return
        elif kind == "delete":
            self.cut.append((path, lines.pop(self.random.choice(at))))
        elif kind == "swap":
            one, two = self.random.choice(at), self.random.choice(at)
            lines[one], lines[two] = lines[two], lines[one]
        else:
            number = self.random.choice(at)
            lines[number] = self.other(lines[number], kind)
        fresh = head + mark + "\n".join(lines) + "\n"
        if fresh != text:
            self.world.say(f"somebody edits {path}: {kind}")
            self.papers.put(path, fresh.encode(), by="maria")

    def other(self, line, kind):
        """A line with something else in it."""
        if kind == "box":
            swap = {"[ ]": "[x]", "[x]": "[ ]", "| Open": "| Done", "| Done": "| Open"}
            found = next((one for one in swap if one in line), None)
            return line.replace(found, swap[found], 1) if found else line
        if kind == "words":
            end = next((one for one in ENDS if f" {one}" in line), None)
            return line.replace(f" {end}", f" {self.random.choice(ENDS)}", 1) if end else line
        if kind == "day":
            return re.sub(r"2030-11-\d\d", f"2030-11-{self.random.randint(10, 28)}", line, count=1)
        level = f"[P{self.random.randint(1, 3)}] "
        verb = next(one.partition(" ")[0] for one in WORDS if f"{one.partition(' ')[0]} K" in line)
        return re.sub(rf"(\[P\d\] )?{verb} K", f"{level}{verb} K", line, count=1)

    def unusual_paper(self):
        """What happens seldom: renamed, away for a while, a line that comes back, issues gone."""
        names = sorted(self.papers.files)
        if names and self.random.random() < 0.4:
            old = self.random.choice(names)
            new = f"renamed-{self.random.randint(1, 999)}-{old[-20:]}"
            if new not in self.papers.files:
                here = self.sheet(self.papers.files[old], old)
                self.moved_unnamed |= {tag for tag, one in here.items() if not one.references}
                self.papers.rename(old, new)
                self.world.say(f"{old} is renamed {new}")
        elif names and self.world.chance("vanish"):
            path = self.random.choice(names)
            self.away_papers().append((path, self.papers.take(path)))
            self.world.say(f"{path} is moved out of the folder")
        elif self.cut and self.random.random() < 0.5:
            path, line = self.cut.pop()
            if path in self.papers.files:
                text = self.papers.files[path].decode() + line + "\n"
                self.world.say(f"a line returns to {path}")
                self.papers.put(path, text.encode(), by="maria")
        else:
            self.unusual()

    def away_papers(self):
        """Postmortems that are out of the folder."""
        return self.__dict__.setdefault("gone_papers", [])

    def bring_back(self):
        super().bring_back()
        for path, data in reversed(self.away_papers()):
            if path not in self.papers.files:
                self.papers.put(path, data, by="return")
        self.away_papers().clear()

    def item(self, number):
        """An issue as the adapter reads it."""
        return self.read_issue(self.server.issues[number].now)
