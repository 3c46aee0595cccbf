"""The lock files: every pin has hashes, names no place, and is what pyproject.toml asks for."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ASKED = {
    "requirements.lock": PROJECT["project"]["dependencies"]
    + PROJECT["project"]["optional-dependencies"]["postgresql"],
    "requirements-build.lock": PROJECT["dependency-groups"]["build"],
    "requirements-dev.lock": PROJECT["dependency-groups"]["dev"],
}


def pins(name):
    """Each pinned package: its version and how many hashes it has."""
    text = (ROOT / name).read_text("utf-8")
    found = {}
    for block in re.split(r"\n(?=[a-z0-9])", text, flags=re.IGNORECASE):
        match = re.match(r"([\w.-]+)==(\S+)", block)
        if match:
            found[canonicalize_name(match[1])] = (Version(match[2]), block.count("--hash=sha256:"))
    return found


@pytest.mark.parametrize("name", ASKED)
def test_every_pin_has_hashes(name):
    assert pins(name)
    assert [package for package, (_, hashes) in pins(name).items() if not hashes] == []


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_for_is_pinned_as_asked(name):
    pinned = pins(name)
    for requirement in map(Requirement, ASKED[name]):
        version, _ = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version, prereleases=True), requirement


@pytest.mark.parametrize("name", ASKED)
def test_no_lock_file_names_a_place(name):
    text = (ROOT / name).read_text("utf-8")
    assert not re.search(r"://|--index|--find-links|file:", text)


def test_the_lock_files_agree_with_each_other():
    versions = {}
    for name in ASKED:
        for package, (version, _) in pins(name).items():
            assert versions.setdefault(package, version) == version, f"{package} in {name}"
