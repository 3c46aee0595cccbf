"""The shipped profile that the benchmarks use."""

import tomllib
from pathlib import Path

import mappings
from mappings.profile import Profile


def labels(name: str = "github-labels") -> Profile:
    path = Path(mappings.__file__).parent / "profiles" / f"{name}.toml"
    return Profile(**tomllib.loads(path.read_text()))
