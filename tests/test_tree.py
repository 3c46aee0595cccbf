"""What is tracked: sources alone, that speak of nothing but the project, and no secrets."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: Suffixes of what tools make; none of it is kept.
MADE = re.compile(
    r"(^|/)(__pycache__|node_modules|build|dist|[^/]*\.egg-info)/"
    r"|\.(pyc|pyo|db|db-journal|db-wal|db-shm|key|whl|log|orig|rej|swp)$|(^|/)\.DS_Store$"
)
#: Folders of single machines, and places packages come from. Written so that this file passes.
MACHINE = re.compile(r"(?<![\w.])/(?:(?:work|root|tmp/ft)\b(?!\w)|(?:home|Users)/\w)")
REGISTRY = re.compile(
    r"\b(?:pypi\.org|pythonhosted\.org|registry\.npmjs\.(?:org|com)|npmjs\.com)\b"
)
#: Shapes of real credentials (docs.github.com, docs.gitlab.com, support.atlassian.com).
SECRET = re.compile(
    r"\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{50,}\b|\bglpat-[\w-]{20}\b"
    r"|\bATATT3x[\w=-]{50,}"
    r"|-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{100}"
)
LARGEST = 2**20


@pytest.fixture(scope="module")
def tracked():
    """Every tracked file by its name; those deleted and not yet committed are left out."""
    try:
        command = ["git", "-C", str(ROOT), "ls-files", "-z"]
        listed = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a clone: git does not know which files are tracked")
    names = filter(None, listed.split("\0"))
    return {name: ROOT / name for name in names if (ROOT / name).is_file()}


def found_in(tracked, pattern):
    """Where ``pattern`` stands in a text, as "file:line"."""
    for name, path in tracked.items():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        if name != "tests/test_tree.py":
            for match in pattern.finditer(text):
                yield f"{name}:{text.count(chr(10), 0, match.start()) + 1} {match[0][:40]}"


def test_nothing_that_a_tool_makes_is_tracked(tracked):
    assert [name for name in tracked if MADE.search(name)] == []


def test_no_file_is_large(tracked):
    sizes = {name: path.stat().st_size for name, path in tracked.items()}
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}


def test_no_path_of_a_single_machine(tracked):
    assert list(found_in(tracked, MACHINE)) == []


def test_no_package_registry(tracked):
    assert list(found_in(tracked, REGISTRY)) == []


def test_no_credential(tracked):
    # The Python sources of tests hold made-up ones, as bait; recordings may not.
    looked_at = {
        name: path
        for name, path in tracked.items()
        if not (name.startswith("tests/") and name.endswith(".py"))
    }
    assert list(found_in(looked_at, SECRET)) == []


def test_nothing_is_left_to_do_later(tracked):
    shipped = {name: path for name, path in tracked.items() if not name.startswith("tests/")}
    assert list(found_in(shipped, re.compile(r"#.*\b(?:TODO|FIXME|XXX)\b"))) == []


def test_no_merge_was_left_half_done(tracked):
    assert list(found_in(tracked, re.compile(r"^(?:<{7} |>{7} |={7}$)", re.MULTILINE))) == []


def test_scripts_can_be_run(tracked):
    for name, path in tracked.items():
        if path.read_bytes()[:2] == b"#!":
            assert path.stat().st_mode & 0o100, name


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ('path = "/' + 'work/main"', MACHINE),
        ("see /" + "root for more", MACHINE),
        ("/" + "home/ann/x", MACHINE),
        ("from https://pypi" + ".org/simple", REGISTRY),
        ("ghp_" + "a1" * 18, SECRET),
    ],
)
def test_the_patterns_find_what_they_are_for(text, pattern):
    assert pattern.search(text)


@pytest.mark.parametrize(
    "text", ["deploy/compose/" + "work/x", "a/" + "root/b", "the /" + "workspace", "/" + "rooted"]
)
def test_the_patterns_pass_what_only_looks_alike(text):
    assert not MACHINE.search(text)


def test_the_version_is_said_once_and_repeated_right(tracked):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    images = list(found_in(tracked, re.compile(r"image: followthrough:\S+")))
    assert images
    assert all(one.endswith(f":{version}") for one in images)
