"""Documentation that cannot lie: held to the program, page by page."""

import ast
import importlib.util
import re
import shlex
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import typer.main

from adapters.registry import installed
from sync.cli import app
from sync.cli.exits import Exit
from sync.daemon.metrics import Metrics
from sync.settings import load

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
DEPLOY = [path for path in sorted((ROOT / "deploy").rglob("*")) if path.is_file()]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
TOP = typer.main.get_command(app).commands
#: Every command by its words: a group's as "postmortem read".
COMMANDS = {
    words: command
    for name, one in TOP.items()
    for words, command in (
        [(f"{name} {inner}", each) for inner, each in one.commands.items()]
        if hasattr(one, "commands")
        else [(name, one)]
    )
}


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def read(path):
    return path.read_text("utf-8")


def generator():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- the reference ----------------------------------------------------------------------------


def test_the_generated_pages_are_current():
    stale = [name_of(path) for path, text in generator().pages().items() if read(path) != text]
    assert stale == [], "run `make docs`"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_described(name):
    page = read(ROOT / "docs/reference/commands.md")
    section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)[1]
    for parameter in COMMANDS[name].params:
        if parameter.name != "help":
            shown = parameter.opts if parameter.param_type_name == "option" else [
                parameter.name.upper()
            ]  # fmt: skip
            for one in shown:
                row = re.search(rf"^\|.*`{re.escape(one)}`.*\| (\S.*) \|$", section, re.MULTILINE)
                assert row, f"{name} {one}"


def test_every_measure_is_described():
    page = read(ROOT / "docs/reference/metrics.md")
    for family in Metrics().registry.collect():
        assert f"`{family.name}" in page


def test_every_exit_code_is_described():
    page = read(ROOT / "docs/reference/exit-codes.md")
    rows = re.findall(r"^\| (\d+) \| (\w+) \|", page, re.MULTILINE)
    assert {(int(code), name) for code, name in rows} == {
        (one.value, one.name.lower()) for one in Exit
    }
    in_readme = re.findall(r"^\| (\d) \|", read(ROOT / "README.md"), re.MULTILINE)
    assert [int(code) for code in in_readme] == [one.value for one in Exit]


def test_every_error_code_is_described_and_no_other():
    page = read(ROOT / "docs/errors.md")
    described = re.findall(r"^\| (E\d{3}) \|", page, re.MULTILINE)
    assert described == sorted(set(described))
    assert set(described) == set(codes_in_code())


def codes_in_code():
    """Every code a Problem is made with, wherever it stands; bounds of ranges are none."""
    for folder in ("sync", "adapters", "mappings"):
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(read(path))
            compared = {
                id(side)
                for node in ast.walk(tree)
                if isinstance(node, ast.Compare)
                for side in (node.left, *node.comparators)
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    match = re.match(r"(E\d{3})(?: |$)", node.value)
                    if match and id(node) not in compared:
                        yield match[1]


# --- what pages say ---------------------------------------------------------------------------


def slug(heading):
    """The anchor GitHub gives a heading."""
    plain = re.sub(r"[`*_\[\]]|\(.*?\)", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def anchors(path):
    text = FENCE.sub("", read(path))
    return {slug(line) for line in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", read(page))):
        if not target.startswith(("http://", "https://", "mailto:")):
            file, _, anchor = target.partition("#")
            there = (page.parent / file).resolve() if file else page
            assert there.exists(), target
            assert not anchor or anchor in anchors(there), target


def test_every_page_can_be_reached_from_the_readme():
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in seen and page.suffix == ".md":
            seen.add(page)
            links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", read(page))
            waiting += [(page.parent / one).resolve() for one in links]
    assert {name_of(one) for one in PAGES} - {name_of(one) for one in seen} == set()


def calls(text):
    """Every call of the program in a text: the words behind `followthrough`."""
    text = text.replace("\\\n", " ")
    for line in re.findall(r"(?:^|[`$ /=])followthrough ((?:[a-z-]).*)$", text, re.MULTILINE):
        call = re.split(r"`|\s#|\s&&|\s\||  |;", line)[0].replace("…", "X")
        try:
            words = shlex.split(call)
        except ValueError:
            continue
        quoted = f"`followthrough {call}`" in text and re.fullmatch(r"[a-z]+", words[0])
        if len(words) > 1 and hasattr(TOP.get(words[0]), "commands"):
            words = [" ".join(words[:2]), *words[2:]]
        if words[0] in COMMANDS or quoted:
            yield words


def wrong_in(words):
    """What the program would not understand of a call."""
    command, *rest = words
    if command not in COMMANDS:
        return f"no command {command}"
    known = {name for one in COMMANDS[command].params for name in (*one.opts, *one.secondary_opts)}
    options = [word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)]
    return next((f"{command} has no {one}" for one in options if one not in {*known, "--help"}), "")


@pytest.mark.parametrize("page", [*PAGES, *DEPLOY, ROOT / "config.example.toml"], ids=name_of)
def test_every_call_that_is_shown_is_understood(page):
    assert [wrong_in(words) for words in calls(read(page)) if wrong_in(words)] == []


def test_every_call_that_the_program_advises_is_understood():
    wrong = []
    for path in (ROOT / "sync").rglob("*.py"):
        for node in ast.walk(ast.parse(read(path))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found = map(wrong_in, calls(node.value))
                wrong += [f"{name_of(path)}:{node.lineno} {one}" for one in found if one]
    assert wrong == []


def test_calls_are_found_where_they_stand():
    text = (
        "Run `followthrough plan --pair x` or\n"
        "FOLLOWTHROUGH_CONFIG=a followthrough run -c b  # stays\n"
        "ExecStart=/opt/bin/followthrough sync --bad\n"
        "`followthrough nonsense`"
    )
    found = list(calls(text))
    assert found == [
        ["plan", "--pair", "x"],
        ["run", "-c", "b"],
        ["sync", "--bad"],
        ["nonsense"],
    ]
    assert [bool(wrong_in(words)) for words in found] == [False, False, True, True]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_make_target_that_is_shown_exists(page):
    targets = set(re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE))
    shown = re.findall(r"(?:^|`)make ([a-z]+)", read(page), re.MULTILINE)
    assert set(shown) <= targets


def settings_blocks():
    for page in PAGES:
        for number, match in enumerate(FENCE.finditer(read(page))):
            # Scripts of faults are read where the sandbox is tested.
            others = match[2].startswith("[project") or "[[fault]]" in match[2]
            if match[1] == "toml" and not others:
                yield pytest.param(match[2], id=f"{name_of(page)}-{number}")


@pytest.mark.parametrize("block", list(settings_blocks()))
def test_every_setting_that_is_shown_is_accepted(block, tmp_path):
    whole = merged(
        {
            "connections": {
                "docs": {"adapter": "metis", "path": "."},
                "tracker": {"adapter": "github", "token": {"env": "TOKEN"}},
            },
            "pairs": {
                "payments": {
                    "left": {"connection": "docs"},
                    "right": {"connection": "tracker", "project": "acme/payments"},
                    "profile": "github-labels",
                }
            },
        },
        tomllib.loads(block),
    )
    if {"app", "service_account"} & set(whole["connections"]["tracker"]):
        del whole["connections"]["tracker"]["token"]
    file = tmp_path / "followthrough.toml"
    file.write_text("\n".join(toml(whole)))
    load(file, {}, secrets=False)


def merged(under, over):
    """``over`` laid upon ``under``, table by table; a secret is one value."""
    both = dict(under)
    for key, value in over.items():
        table = isinstance(value, dict) and isinstance(both.get(key), dict) and key != "token"
        both[key] = merged(both[key], value) if table else value
    return both


def toml(table, path=()):
    """A document of tables, texts, numbers and truths as TOML."""
    if path:
        yield "[" + ".".join(path) + "]"
    for key, value in table.items():
        if not isinstance(value, dict):
            yield f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}"
    for key, value in table.items():
        if isinstance(value, dict):
            yield from toml(value, (*path, key))


def test_every_adapter_of_ours_has_its_page():
    for name, adapter in installed().items():
        if type(adapter).__module__.startswith("adapters."):
            # The one in memory is there to be copied.
            page = "write-an-adapter" if name == "memory" else name
            assert f"adapters/{name}" in read(ROOT / f"docs/how-to/{page}.md") or (
                f"adapters.md#{name}" in read(ROOT / f"docs/how-to/{page}.md")
            )


def python_blocks():
    for page in PAGES:
        for number, match in enumerate(FENCE.finditer(read(page))):
            if match[1] == "python":
                yield pytest.param(match[2], id=f"{name_of(page)}-{number}")


@pytest.mark.parametrize("block", list(python_blocks()))
def test_every_piece_of_python_that_is_shown_runs(block):
    exec(compile(block, "a page", "exec"), {"__name__": "shown"})


#: The words of the project; a page that needs another word defines it here first.
WORDS = [
    "item", "kind", "phase", "resolution", "priority", "severity", "category", "adapter",
    "connection", "project", "pair", "link", "baseline", "snapshot", "cursor", "sweep", "plan",
    "operation", "conflict", "intent", "marker", "run", "rule", "finding", "waiver", "profile",
    "guard", "authority", "journal",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_the_glossary_defines_it_once(word):
    page = read(ROOT / "docs/glossary.md").lower()
    found = re.findall(rf"^- \*\*{word}\*\*", page, re.MULTILINE)
    assert len(found) == 1


@pytest.mark.parametrize("image", sorted((ROOT / "docs/images").iterdir()), ids=name_of)
def test_every_picture_is_shown_says_what_it_shows_and_loads_nothing(image):
    tree = ET.parse(image).getroot()
    space = "{http://www.w3.org/2000/svg}"
    assert tree.find(f"{space}title").text
    assert tree.find(f"{space}desc").text
    assert not [one for one in tree.iter() if one.tag in {f"{space}image", f"{space}script"}]
    assert not re.search(r"(?:href|src)=|@import|https?://(?!www\.w3\.org/2000/svg)", read(image))
    assert any(image.name in read(page) for page in PAGES)
