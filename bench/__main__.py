"""``make bench``: what a cycle costs, each figure a ratio or count measured in this run.

``python -m bench`` measures everything and prints a line for each figure; with names of parts
(``python -m bench github engine``) only those. With ``--write`` it all goes into
docs/performance.md, too. The exit code is 1 if a figure is missed.
"""

import argparse
import platform
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from bench import budget, cycle, documents, engine, github, gitlab, jira, postmortems, rules
from bench.engine import Hour
from bench.figures import Figure, tables

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
_HEAD = """# Performance

Measured by one run of `make bench` on {where}; servers are the sandbox on
loopback. Counts of requests are taken where they arrive and carry over to other machines, as ratios
do; seconds do not. Ratios compare with plain `requests` and `json` reading the very same bytes in
the same run, by the processor time of the thread that reads.

To repeat it: `make bench`. `make bench ARGS=--write` puts its figures onto this page,
`make bench ARGS=engine` measures one part of it. It ends with 1 if a bar is missed.

"""
_NOTES = {
    "An idle cycle": """One settings file with a pair for each project, all over one connection, run
by the daemon, whose pairs are all due at once; and the hour that follows, when each is due at its
own time. Nothing changes on either side.
""",
    "One write": """A document is changed or added, and the daemon carries that over. No tracker can
be told to write only if nothing changed, so each change is preceded by one look at the issue as it
is now: **one write is one request and one look**. What Jira does not answer with is read back and
counted as part of the write; a phase is a transition, and where a new issue has to be moved that is
a write of its own. What is asked of the project (may everybody read it, which labels and statuses
are there) is asked once for all writes of a cycle.
""",
}


def main() -> int:
    """Measure; the exit code is 1 if a figure is missed."""
    hours: list[Hour] = []
    parts: dict[str, Callable[[], Iterable[Figure]]] = {
        "documents": documents.measure,
        "github": github.measure,
        "gitlab": gitlab.measure,
        "engine": lambda: engine.measure(hours=hours),
        "jira": jira.measure,
        "cycle": cycle.measure,
        "rules": rules.measure,
        "postmortems": postmortems.measure,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *parts], help="measure only these")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()
    if options.write and options.parts:
        parser.error("the page is written whole")
    figures: list[Figure] = []
    for name in options.parts or parts:
        for figure in parts[name]():
            figures.append(figure)
            print(figure.line(), flush=True)
    if options.write:
        PAGE.write_text(page(figures, hours))
    return 0 if all(figure.met for figure in figures) else 1


def page(figures: Iterable[Figure], hours: list[Hour]) -> str:
    """docs/performance.md. The machine is named by its platform, and no more."""
    where = f"{platform.system()} {platform.machine()} with Python {platform.python_version()}"
    return _HEAD.format(where=where) + tables(figures, _NOTES) + "\n" + budget.section(hours)


if __name__ == "__main__":
    sys.exit(main())
