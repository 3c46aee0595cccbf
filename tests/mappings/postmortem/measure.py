"""Precision and recall of the postmortem reader per field, over the real documents beside the tree.

Rules were written with the even-numbered documents at hand; the odd-numbered ones tell how they
do on documents never met. Ambiguous documents and items have more than one right answer and are
left out. Run: ``make postmortems``; ``--errors`` says what differs.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter
from pathlib import Path

from mappings.postmortem.inline import norm
from mappings.postmortem.model import SECTION_NAMES
from mappings.postmortem.reading import read_postmortem
from mappings.vocabulary import parse_severity

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "postmortems"
ITEM_FIELDS = ("owner", "due", "priority", "done", "references")
FIELDS = ("action items", *ITEM_FIELDS, "severity", "sections", "date")


class Tally:
    """Hits, false finds and misses per field, and the lines that explain them."""

    def __init__(self):
        self.hits, self.false, self.missed = Counter(), Counter(), Counter()
        self.errors = []

    def one(self, field, where, wanted, found):
        """A single value: equal is a hit (also of nothing), else false or missed or both."""
        if wanted == found:
            self.hits[field] += 1
            return
        self.false[field] += bool(found)
        self.missed[field] += bool(wanted)
        self.errors.append(f"{where} {field}: wanted {wanted!r}, found {found!r}")

    def precision(self, field):
        return _share(self.hits[field], self.false[field])

    def recall(self, field):
        return _share(self.hits[field], self.missed[field])


def _share(hits, others):
    return hits / (hits + others) if hits + others else 1.0


def _key(text):
    return re.sub(r"\W", "", norm(text))


def measure(documents, folder=CORPUS):
    """The tally over these manifest entries."""
    tally = Tally()
    for one in documents:
        text = (folder / one["file"]).read_text("utf-8")
        # What a person would have: the real path, for the date and the word "template" in it.
        read = read_postmortem(text, name=one["path"])
        _items(tally, one, read)
        _document(tally, one, read)
    return tally


def _items(tally, one, read):
    left = list(read.actions)
    for wanted in one["expected"]["action_items"]:
        key = _key(wanted["text"])
        match = next(
            (item for item in left if key in _key(item.title) or _key(item.title) == key), None
        )
        if match is not None:
            left.remove(match)
        if wanted.get("ambiguous"):
            continue
        if match is None:
            tally.missed["action items"] += 1
            tally.errors.append(f"{one['id']} missed: {wanted['text']}")
            continue
        tally.hits["action items"] += 1
        where = f"{one['id']}:{match.line}"
        tally.one("owner", where, wanted["owner"] or "", match.owner)
        tally.one("due", where, wanted["due"] or "", match.due.isoformat() if match.due else "")
        tally.one("priority", where, wanted["priority"] or "", match.priority or "")
        tally.one("done", where, bool(wanted["done"]), bool(match.done))
        tally.one("references", where, sorted(wanted["issue_refs"]), sorted(match.references))
    for item in left:
        tally.false["action items"] += 1
        tally.errors.append(f"{one['id']}:{item.line} false: {item.title} ({item.confidence})")


def _document(tally, one, read):
    wanted = one["expected"]
    severity = parse_severity(wanted["severity"] or "")
    tally.one("severity", one["id"], severity or "", read.severity or "")
    tally.one(
        "date", one["id"], wanted["incident_date"] or "", read.day.isoformat() if read.day else ""
    )
    found = {SECTION_NAMES[section.kind] for section in read.sections}
    for name in set(SECTION_NAMES.values()) - set(wanted["sections_maybe"]):
        if name in wanted["sections"] or name in found:
            tally.one(
                "sections", one["id"], name * (name in wanted["sections"]), name * (name in found)
            )


def table(tallies):
    """One line per field: precision and recall of each column of documents."""
    heads = "".join(f"{name:>24}" for name in tallies)
    lines = [f"{'':14}{heads}", f"{'field':14}" + f"{'precision':>13}{'recall':>11}" * len(tallies)]
    for field in FIELDS:
        cells = (
            f"{one.precision(field):>13.3f}{one.recall(field):>11.3f}" for one in tallies.values()
        )
        lines.append(f"{field:14}" + "".join(cells))
    return "\n".join(lines)


def corpus():
    """The manifest's unambiguous documents; None where the corpus is not beside the tree."""
    manifest = CORPUS / "manifest.json"
    if not manifest.exists():
        return None
    return [one for one in json.loads(manifest.read_text("utf-8")) if not one.get("ambiguous")]


def speed(documents, number=1000):
    """Seconds for so many readings, the documents in turn: on the clock, and of the processor."""
    texts = [(one["path"], (CORPUS / one["file"]).read_text("utf-8")) for one in documents]
    began, worked = time.perf_counter(), time.process_time()
    for at in range(number):
        name, text = texts[at % len(texts)]
        read_postmortem(text, name=name)
    return time.perf_counter() - began, time.process_time() - worked


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--errors", action="store_true", help="say what differs")
    parser.add_argument(
        "--half", choices=("even", "odd"), help="say only what differs in this half"
    )
    chosen = parser.parse_args()
    documents = corpus()
    if documents is None:
        sys.exit("The documents are not beside the tree; nothing to measure.")
    even = [one for one in documents if int(one["id"]) % 2 == 0]
    odd = [one for one in documents if int(one["id"]) % 2]
    tallies = {
        f"even ({len(even)})": measure(even),
        f"odd ({len(odd)})": measure(odd),
        f"all ({len(documents)})": measure(documents),
    }
    print(table(tallies))
    templates = [one for one in documents if one["kind"] == "template"]
    print(f"\nitems out of {len(templates)} unfilled templates: {templates_read(documents)}")
    clock, processor = speed(documents)
    print(f"1000 documents read in {clock:.1f} s ({processor:.1f} s of the processor)")
    if chosen.errors:
        halves = {"even": even, "odd": odd}
        print("\n" + "\n".join(measure(halves.get(chosen.half, documents)).errors))


def templates_read(documents):
    """How many items come out of documents that nobody filled in."""
    templates = [one for one in documents if one["kind"] == "template"]
    return sum(
        len(read_postmortem((CORPUS / one["file"]).read_text("utf-8"), name=one["file"]).actions)
        for one in templates
    )


if __name__ == "__main__":
    main()
