"""Run an adapter's conformance tests: ``python -m adapters.conformance NAME [pytest's options]``.

NAME is an installed adapter whose package names its tests, a file of tests, or a module.
"""

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

from adapters.conformance import standard_tests

#: Where a package names the module of its adapter's conformance tests, by the adapter's name.
GROUP: Final = "followthrough.conformance"


def registered() -> dict[str, str]:
    """The module of conformance tests that each installed adapter's package names."""
    return {point.name: point.module for point in entry_points(group=GROUP)}


def target(name: str, named: Mapping[str, str]) -> list[str]:
    """What pytest is told to run: the tests of an adapter, a file, or a module."""
    if name in named:
        return ["--pyargs", named[name]]
    if Path(name.partition("::")[0]).exists():
        return [name]
    return ["--pyargs", name]


def run(name: str, options: Sequence[str] = ()) -> int:
    """Run the tests in a process of their own; pytest's exit code (0 when all passed).

    Of their own, because pytest must be there first for a failed assertion to show its values.
    """
    return subprocess.call([sys.executable, "-m", "pytest", *target(name, registered()), *options])


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    about = __doc__ or ""
    parser = argparse.ArgumentParser(prog="adapters.conformance", description=about)
    parser.add_argument("name", nargs="?", help="an adapter, a file of tests, or a module")
    parser.add_argument("--list", action="store_true", help="list the tests and run none")
    chosen, options = parser.parse_known_args(arguments)
    if chosen.list:
        sys.stdout.write("".join(f"{name}\n" for name in sorted(standard_tests())))
        return 0
    if chosen.name is None:
        parser.error("name an adapter, a file of tests, or a module")
    return run(chosen.name, options)


if __name__ == "__main__":
    sys.exit(main())
