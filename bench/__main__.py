"""``make bench``: what a cycle costs, each figure a ratio or count measured in this run.

``python -m bench`` prints the table; with ``--write`` it goes into docs/performance.md, too.
"""

import argparse
import platform
import sys
from pathlib import Path

from bench import cycle, documents, github, gitlab, rules
from bench.figures import Figure, table

HEAD = """# Performance

Measured by `make bench` in one run on one machine ({where}); servers are the sandbox on loopback.
Counts and ratios carry over to other machines, seconds do not. Ratios compare with plain
`requests` and `json` reading the very same bytes in the same run.

"""


def main() -> int:
    """Run everything; the exit code is 1 if a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()
    figures: list[Figure] = []
    for part in (documents, rules, github, gitlab, cycle):
        for figure in part.measure():
            figures.append(figure)
            print(figure.line(), flush=True)
    if options.write:
        where = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
        page = HEAD.format(where=where) + table(figures)
        (Path(__file__).parent.parent / "docs" / "performance.md").write_text(page)
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
